"""guardrails: refuses attacks on the bot, keeps orders in documents from models, and holds back what must not be said."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import TenantHooks

plugin = Plugin("guardrails", hooks=TenantHooks, config=Config)
