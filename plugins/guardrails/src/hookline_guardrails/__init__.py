"""guardrails: refuses attacks on the bot, keeps orders in documents from models, and holds back what must not be said."""

from __future__ import annotations

from pathlib import Path

from hookline.plugin import Plugin

from .config import Config
from .hooks import TenantHooks


def files(_config: Config, _folder: Path) -> tuple[str, ...]:
    """The tenant's prompts, which no reply may repeat."""
    return ("prompts/**/*.md",)


plugin = Plugin("guardrails", hooks=TenantHooks, config=Config, files=files)
