"""`hookline ingest`: through the server that holds the data folder, or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .folder import take_in

if TYPE_CHECKING:
    from hookline.tenant import Tenant


async def ingest_paths(tenant: Tenant, params: Mapping[str, Any], progress: Callable[[Mapping[str, Any]], None]) -> Any:
    """The command `rag.ingest`: `paths` of this machine, into `namespace`."""
    paths = [Path(path) for path in params["paths"]]
    return await take_in(tenant, paths, progress, namespace=str(params.get("namespace") or ""))


@click.command()
def ingest() -> None:
    """Placeholder"""
