"""scoring: leads that sales trusts: points by a tenant's rules with their reasons, leads' lives, and the way to the CRM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import metadata


def _check(config: Config, folder: Path) -> Iterable[str]:
    from .rulefile import check  # YAML is read when a tenant is loaded, not whenever the command line starts

    return check(config, folder)


def _files(config: Config, _folder: Path) -> tuple[str, ...]:
    return (config.rules,) if config.rules else ()


plugin = Plugin(
    "scoring",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_scoring.migrations",
    check=_check,
    files=_files,
)
