"""Searching with raw libraries: an embedder and a flat FAISS index, with nothing around them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

HASHED = 1024


def embedder(model: Path | None) -> tuple[int, Callable[[str], Any]]:
    """The dimension and the vector of a text: by the model in the folder, or by hashing words where there is none."""
    if model is None:
        return HASHED, hashed
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model / "model.onnx"), options, providers=["CPUExecutionProvider"])

    def embed(text: str) -> Any:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        return session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]

    return len(embed("dimension")), embed


def hashed(text: str) -> Any:
    """Counts of the words' checksums."""
    slots = [zlib.crc32(word.encode()) % HASHED for word in text.lower().split()]
    vector = np.bincount(slots, minlength=HASHED).astype(np.float32)
    return vector / max(1.0, float(np.linalg.norm(vector)))


def search(model: Path | None, count: int) -> Callable[[str], Any]:
    """The nearest twenty of so many vectors to a text."""
    faiss.omp_set_num_threads(1)
    dimension, embed = embedder(model)
    vectors = np.random.default_rng(7).standard_normal((count, dimension), np.float32)
    faiss.normalize_L2(vectors)
    index = faiss.IndexFlatIP(dimension)
    index.add(vectors)
    return lambda text: index.search(embed(text)[None].astype(np.float32), 20)
