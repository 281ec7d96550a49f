"""language: which language a customer writes, held through the conversation; translation by a model, where turned on."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks

plugin = Plugin("language", hooks=TenantHooks, config=Config, process=ProcessHooks)
