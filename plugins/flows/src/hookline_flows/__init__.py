"""flows: guided conversations, declared in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hookline.phrases import Needed
from hookline.plugin import Plugin

from . import checking, loading, needs
from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import metadata


def check(_config: Config, folder: Path) -> list[str]:
    """What is wrong with the flows in the tenant's folder."""
    return checking.check(loading.read(folder))


def phrases(_config: Config, folder: Path) -> Iterator[Needed]:
    """The phrases that they name."""
    return needs.needed(loading.read(folder))


def files(_config: Config, _folder: Path) -> tuple[str, ...]:
    """Those flows."""
    return (f"{loading.FOLDER}/*.yaml",)


plugin = Plugin(
    "flows",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_flows.migrations",
    check=check,
    phrases=phrases,
    files=files,
)
