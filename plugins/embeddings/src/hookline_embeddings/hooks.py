"""The hooks of this plugin: registered here, done in `service` and `cli`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from .cache import cache_folder
from .cli import model
from .embedder import Vectors
from .registry import Surroundings
from .service import Embeddings

if TYPE_CHECKING:
    import click

    from hookline.tenant import Tenant

    from .onnx_engine import LoadedModels


class TenantHooks:
    """One for each snapshot of each tenant's config; `models` are the process's."""

    serves: Mapping[str, tuple[str, ...]]

    def __init__(self, tenant: Tenant, models: LoadedModels) -> None:
        config = tenant.config
        cache = Path(config.cache).expanduser() if config.cache else cache_folder()
        self.service = Embeddings(config, Surroundings(models, tenant.compute, tenant.clock, tenant.log, cache))
        self.serves = dict.fromkeys(("embed", "describe_embedder", "count_tokens"), self.service.names)

    @hookimpl
    async def start(self) -> None:
        """Open the embedders."""
        await self.service.start()

    @hookimpl
    async def stop(self) -> None:
        """Close the embedders."""
        await self.service.stop()

    @hookimpl
    async def embed(self, name: str, texts: Sequence[str], query: bool) -> Vectors:
        """Vectors from the embedder of that config name."""
        return await self.service.embed(name, texts, query)

    @hookimpl
    async def describe_embedder(self, name: str) -> Mapping[str, Any]:
        """What the embedder of that config name is."""
        return await self.service.describe(name)

    @hookimpl
    async def count_tokens(self, name: str, texts: Sequence[str]) -> Sequence[int]:
        """How many tokens the embedder of that config name makes of each text."""
        return await self.service.count(name, texts)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The state of each embedder."""
        return await self.service.health()


class ProcessHooks:
    """The command `hookline model`."""

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline model fetch` and `hookline model status`."""
        cli.add_command(model)
