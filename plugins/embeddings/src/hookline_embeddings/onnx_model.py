"""Builds the ONNX graph of a BERT sentence encoder from its weights, in int8.

Weights of the linear layers are int8 with one scale per output channel, the word embeddings int8 with one scale per
word.  Activations are quantised to uint8 while the model runs, with one scale per *token*: the usual one scale per
tensor makes a text's vector depend on which texts share its batch (cosine 0.98 measured; here they are equal) and is
less exact.  Weights take seven of the eight bits: processors without VNNI add two products in sixteen bits, where
255 × 127 × 2 does not fit, and the same model would give other vectors there.  Only standard operators are used, so
any ONNX runtime runs it; the same weights give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
IR_VERSION = 10
EPSILON = 1e-12  # of the layer normalisations, as in BERT
MASKED = -1e9  # added to the attention scores of padding
LARGEST = 127  # of an int8
LARGEST_FACTOR = 64  # of one that is multiplied in int8: 255 × 64 × 2 fits into sixteen bits
SMALLEST_SCALE = 1e-9  # a row of zeros must not divide by zero

Weights = Mapping[str, NDArray[Any]]


def build(weights: Weights, heads: int) -> bytes:
    """Return the model as ONNX bytes.

    Inputs: `input_ids` and `attention_mask`, int64 of shape (batch, tokens).  Output: `sentence_embedding`, float32
    of shape (batch, width), mean pooled over the mask, each row of length 1.  `weights` are named as in Hugging
    Face's BertModel; a missing one raises KeyError.
    """
    return _Graph(weights, heads).serialise()


class _Graph:
    """Nodes and constants while they are collected."""

    def __init__(self, weights: Weights, heads: int) -> None:
        self._weights = weights
        self._heads = heads
        self._width = int(weights["embeddings.word_embeddings.weight"].shape[1])
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def serialise(self) -> bytes:
        hidden = self._embeddings()
        bias = self._attention_bias()
        for layer in range(self._layers()):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        self._pool(hidden)
        ints, floats = TensorProto.INT64, TensorProto.FLOAT
        graph = helper.make_graph(
            self._nodes,
            "sentence-encoder",
            [helper.make_tensor_value_info(n, ints, ["batch", "tokens"]) for n in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("sentence_embedding", floats, ["batch", self._width])],
            list(self._constants.values()),
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="hookline"
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    # -- the parts of the model --------------------------------------------------------------------------------------

    def _layers(self) -> int:
        return len({n.split(".")[2] for n in self._weights if n.startswith("encoder.layer.")})

    def _embeddings(self) -> str:
        words, scales = _quantise(self._weights["embeddings.word_embeddings.weight"], LARGEST)
        table = self._constant("words", words)
        scale = self._constant("words.scale", scales[:, None])
        rows = self._node("Cast", self._node("Gather", table, "input_ids"), to=TensorProto.FLOAT)
        found = self._node("Mul", rows, self._node("Gather", scale, "input_ids"))
        length = self._node("Shape", "input_ids", start=1, end=2)
        table = self._constant("positions", self._weights["embeddings.position_embeddings.weight"])
        zero = self._ints("zero", 0)
        positions = self._node("Slice", table, zero, length, zero)
        # One sentence alone is always of segment 0.
        segment = self._constant("segment", self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._norm(self._node("Add", self._node("Add", found, positions), segment), "embeddings.LayerNorm")

    def _attention_bias(self) -> str:
        mask = self._node("Cast", "attention_mask", to=TensorProto.FLOAT)
        mask = self._node("Unsqueeze", mask, self._ints("axes.heads", 1, 2))
        return self._node("Mul", self._node("Sub", self._float("one", 1.0), mask), self._float("masked", MASKED))

    def _layer(self, hidden: str, bias: str, name: str) -> str:
        attended = self._dense(self._attention(hidden, bias, name), f"{name}.attention.output.dense")
        hidden = self._norm(self._node("Add", hidden, attended), f"{name}.attention.output.LayerNorm")
        wide = self._node("Gelu", self._dense(hidden, f"{name}.intermediate.dense"))
        narrow = self._dense(wide, f"{name}.output.dense")
        return self._norm(self._node("Add", hidden, narrow), f"{name}.output.LayerNorm")

    def _attention(self, hidden: str, bias: str, name: str) -> str:
        size = self._width // self._heads
        split_shape = self._ints("shape.heads", 0, 0, self._heads, size)
        # One product for all three: the input is quantised once.
        together = self._dense(hidden, *(f"{name}.attention.self.{part}" for part in ("query", "key", "value")))
        parts = [f"{name}.{part}" for part in ("q", "k", "v")]
        self._nodes.append(helper.make_node("Split", [together], parts, axis=-1, num_outputs=3))
        query, key, value = (self._node("Reshape", part, split_shape) for part in parts)
        query = self._node("Transpose", query, perm=[0, 2, 1, 3])
        key = self._node("Transpose", key, perm=[0, 2, 3, 1])
        scores = self._node("Mul", self._node("MatMul", query, key), self._float("scale", 1 / math.sqrt(size)))
        shares = self._node("Softmax", self._node("Add", scores, bias), axis=-1)
        mixed = self._node("MatMul", shares, self._node("Transpose", value, perm=[0, 2, 1, 3]))
        joined = self._node("Transpose", mixed, perm=[0, 2, 1, 3])
        return self._node("Reshape", joined, self._ints("shape.joined", 0, 0, self._width))

    def _pool(self, hidden: str) -> None:
        mask = self._node("Cast", "attention_mask", to=TensorProto.FLOAT)
        over_tokens = self._ints("axis.tokens", 1)
        weighed = self._node("Mul", hidden, self._node("Unsqueeze", mask, self._ints("axis.width", 2)))
        # The length of the vector is made 1 below, so the sum does as well as the mean.
        total = self._node("ReduceSum", weighed, over_tokens, keepdims=0)
        length = self._node("ReduceL2", total, over_tokens, keepdims=1)
        self._nodes.append(helper.make_node("Div", [total, length], ["sentence_embedding"]))

    def _norm(self, x: str, name: str) -> str:
        gain = self._constant(f"{name}.weight", self._weights[f"{name}.weight"])
        shift = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        return self._node("LayerNormalization", x, gain, shift, axis=-1, epsilon=EPSILON)

    def _dense(self, x: str, *names: str) -> str:
        """x·Wᵀ + b in int8, the named layers side by side; x is (batch, tokens, n)."""
        kernel = np.concatenate([self._weights[f"{n}.weight"] for n in names])
        shift = np.concatenate([self._weights[f"{n}.bias"] for n in names])
        quantised, scales = _quantise(kernel, LARGEST_FACTOR)
        wide, deep = kernel.shape
        flat = self._node("Reshape", x, self._ints(f"flat.{deep}", -1, deep))
        largest = self._node("ReduceMax", self._node("Abs", flat), self._ints("axis.last", -1), keepdims=1)
        per_token = self._node("Mul", largest, self._float("per127", 1 / 127))
        per_token = self._node("Max", per_token, self._float("smallest", SMALLEST_SCALE))
        row_scales = self._node("Squeeze", per_token, self._ints("axis.last", -1))
        middle = self._constant("middle", np.array(128, np.uint8))
        middles = self._node("Expand", middle, self._node("Shape", row_scales))
        rows = self._node("QuantizeLinear", flat, row_scales, middles, axis=0)
        product = self._node("MatMulInteger", rows, self._constant(f"{names[0]}.weight", quantised.T), middle)
        product = self._node("Mul", self._node("Cast", product, to=TensorProto.FLOAT), per_token)
        product = self._node("Mul", product, self._constant(f"{names[0]}.scale", scales))
        product = self._node("Add", product, self._constant(f"{names[0]}.bias", shift))
        shape = self._node("Concat", self._node("Shape", "input_ids"), self._ints(f"wide.{wide}", wide), axis=0)
        return self._node("Reshape", product, shape)

    # -- nodes and constants -----------------------------------------------------------------------------------------

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _ints(self, name: str, *values: int) -> str:
        return self._constant(name, np.array(values, np.int64))

    def _float(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, np.float32))


def _quantise(matrix: NDArray[Any], largest: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 values, no larger than `largest`, and one scale per row, so that values × scale is the matrix."""
    scales = np.maximum(np.abs(matrix).max(axis=1) / largest, SMALLEST_SCALE).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales
