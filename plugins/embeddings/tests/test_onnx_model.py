"""The built graph against BERT's arithmetic in float."""

from __future__ import annotations

import math

import numpy as np
import onnxruntime
import pytest

from hookline_embeddings.onnx_model import build

erf = np.vectorize(math.erf)


def norm(x, weights, name):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def dense(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def reference(weights, ids, heads):
    """BERT for one text, in float64, mean pooled, of length 1."""
    tokens, width = len(ids), weights["embeddings.word_embeddings.weight"].shape[1]
    x = weights["embeddings.word_embeddings.weight"][ids].astype(np.float64)
    x += weights["embeddings.position_embeddings.weight"][:tokens]
    x += weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, weights, "embeddings.LayerNorm")
    for layer in range(2):
        name = f"encoder.layer.{layer}"
        q, k, v = (
            dense(x, weights, f"{name}.attention.self.{part}").reshape(tokens, heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = np.exp(q @ k.transpose(0, 2, 1) / math.sqrt(width // heads))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        attended = dense(mixed.transpose(1, 0, 2).reshape(tokens, width), weights, f"{name}.attention.output.dense")
        x = norm(x + attended, weights, f"{name}.attention.output.LayerNorm")
        middle = dense(x, weights, f"{name}.intermediate.dense")
        middle = middle * 0.5 * (1 + erf(middle / math.sqrt(2)))
        x = norm(x + dense(middle, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")
    pooled = x.mean(0)
    return pooled / np.linalg.norm(pooled)


def session(graph):
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


def run(opened, rows):
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)], mask[i, : len(row)] = row, 1
    return opened.run(None, {"input_ids": ids, "attention_mask": mask})[0]


ROWS = [[2, 4, 5, 6, 7, 3], [2, 8, 3], [2, 12, 9, 11, 10, 6, 7, 1, 4, 5, 3]]


def test_the_int8_graph_agrees_with_the_float_arithmetic(small_weights):
    vectors = run(session(build(small_weights, heads=2)), ROWS)

    for vector, row in zip(vectors, ROWS, strict=True):
        assert vector @ reference(small_weights, row, heads=2) > 0.995
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_a_text_alone_and_in_a_batch_has_the_same_vector(small_weights):
    opened = session(build(small_weights, heads=2))

    together = run(opened, ROWS)

    for vector, row in zip(together, ROWS, strict=True):
        np.testing.assert_allclose(run(opened, [row])[0], vector, atol=1e-5)


def test_the_same_weights_give_the_same_bytes(small_weights):
    assert build(small_weights, heads=2) == build(dict(reversed(small_weights.items())), heads=2)


def test_a_missing_weight_is_named(small_weights):
    lacking = {n: w for n, w in small_weights.items() if n != "encoder.layer.1.output.dense.bias"}

    with pytest.raises(KeyError, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        build(lacking, heads=2)
