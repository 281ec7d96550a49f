"""nlu: what the customer wants and which facts the message holds: intents, entities, sentiment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hookline.plugin import Plugin

from . import entities, intents
from .config import Config
from .hooks import ProcessHooks, TenantHooks


def check(config: Config, folder: Path) -> Iterator[str]:
    """What is wrong with the files in the tenant's folder."""
    yield from intents.check(config, folder)
    yield from entities.check(config, folder)


def files(config: Config, folder: Path) -> Iterator[str]:
    """Those files."""
    yield config.intents or intents.DEFAULT
    yield from entities.files(config, folder)


plugin = Plugin("nlu", hooks=TenantHooks, config=Config, process=ProcessHooks, check=check, files=files)
