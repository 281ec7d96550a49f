"""Vectors of texts, by config name: MiniLM on onnxruntime, feature hashing, or an Ollama server."""

from __future__ import annotations

import functools

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .onnx_engine import LoadedModels

# The loaded models belong to the process: all tenants' hooks are made with the same ones.
plugin = Plugin(
    "embeddings",
    hooks=functools.partial(TenantHooks, models=LoadedModels()),
    config=Config,
    process=ProcessHooks,
)
