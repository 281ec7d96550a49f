"""llm: answers from a language model, grounded in the passages that were retrieved, streamed and cited."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import TenantHooks

plugin = Plugin("llm", hooks=TenantHooks, config=Config)
