"""llm: answers from a language model, grounded in the passages that were retrieved, streamed and cited."""

from __future__ import annotations

from pathlib import Path

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import metadata
from .packs import check


def files(_config: Config, _folder: Path) -> tuple[str, ...]:
    """The tenant's prompts."""
    return ("prompts/*.md",)


plugin = Plugin(
    "llm",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_llm.migrations",
    check=check,
    files=files,
)
