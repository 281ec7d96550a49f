"""A tenant's documents on their way in and out: read, taken in and waited for, deleted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import BadRequest

from .errors import DocumentNotFound
from .ingestion import Ingestion, apart, from_text, read
from .store import Given, Put, Store

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config
    from .indexes import Indexes

_SHORT = 50_000  # characters
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@attrs.frozen
class Ingested:
    """What became of documents that were given: `puts` in their order, `live` the ids that answer now."""

    puts: Sequence[Put]
    live: frozenset[str]
    errors: Mapping[str, str]


class Knowledge:
    """The documents of one tenant, for one snapshot of its config."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, ingestion: Ingestion, indexes: Indexes) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._ingestion = ingestion
        self._indexes = indexes

    async def files(self, name: str, data: bytes, *, key: str, meta: Mapping[str, Any]) -> list[Given]:
        """The documents in a file, read in another process.  Raises a `DocumentError`."""
        outlines = await read(self._tenant.compute, self._config, name, data)
        return await self._tenant.compute.batch(apart, outlines, key=key, source=name, meta=meta)

    async def text(self, content: str, *, title: str, meta: Mapping[str, Any], source: str = "") -> Given:
        """A document given as text; the same title is the same document.  Raises a `DocumentError`."""
        # Short texts take less than the way to another process.
        lane = self._tenant.compute.batch if len(content) < _SHORT else self._tenant.compute.process
        return await lane(from_text, content, title=title, meta=meta, source=source, most=self._config.max_file_bytes)

    async def ingest(self, documents: Sequence[Given], *, namespace: str = "", wait: float | None = None) -> Ingested:
        """Store documents durably and wait until they are live, at most `wait` seconds (default: `wait_seconds`).

        After the wait the jobs go on; what is not live then is simply not in `live` yet.
        """
        where = namespace or self._config.namespace
        if not _NAMESPACE.fullmatch(where):
            raise BadRequest(
                f"namespace {where!r} can't be one: small letters, digits, - and _, at most 64 of them", "namespace"
            )
        puts, jobs = await self._ingestion.submit(where, documents)
        seconds = self._config.wait_seconds if wait is None else wait
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        for job in jobs:
            if await self._tenant.wait(job, max(0.0, until - loop.time())) is None:
                break
        live, errors = set(), {}
        for put in puts:
            row = await self._store.document(put.id)
            if row is not None and row.version >= put.newest:
                live.add(put.id)
            elif row is not None and row.status == "failed":
                errors[put.id] = row.error
        if live:
            await self._indexes.refresh(where)
        return Ingested(puts, frozenset(live), errors)

    async def delete(self, ident: str) -> None:
        """Remove a document from database, index and answers before this returns.  Raises `DocumentNotFound`."""
        row = await self._store.document(ident)
        if row is None or not await self._store.delete(ident):
            raise DocumentNotFound(f"there is no document {ident!r}")
        await self._indexes.refresh(row.namespace)
