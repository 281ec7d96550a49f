"""handoff: people take conversations over from the bot, and give them back."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .deskmodels import ALL_TABLES
from .hooks import ProcessHooks, TenantHooks

plugin = Plugin(
    "handoff",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=ALL_TABLES,
    migrations="hookline_handoff.migrations",
)
