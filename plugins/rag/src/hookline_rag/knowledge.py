"""A tenant's documents on their way in and out: read, taken in and waited for, deleted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline.db import ConstraintViolated
from hookline.errors import BadRequest

from .errors import DocumentNotFound
from .ingestion import TOPIC, Ingestion, apart, from_text, read
from .loading import Loading, loading, schema_path
from .store import NOBODY, By, Given, Put, Store

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config
    from .indexes import Indexes

_SHORT = 50_000  # characters
_PAGE = 500
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
        """The documents in a file, read in another process; its loader says where they go (see `loading`).

        Raises a `DocumentError`, `ConfigError` for a metadata schema that can't be used.
        """
        config, compute = self._config, self._tenant.compute
        told = Loading()
        if config.loaders or config.metadata_schema:
            path = key.partition(":")[2] or name
            schema = schema_path(self._tenant.folder, config.metadata_schema)
            told = await compute.batch(loading, config.loaders, schema, path, config.namespace)
        loader = told.loader
        if loader is not None and loader.category:
            meta = {"category": loader.category, **meta}
        outlines = await read(compute, config, name, data, rules=told.rules, meta=meta)
        found = await compute.batch(apart, outlines, key=key, source=name, meta=meta)
        about = {"tags": sorted(loader.tags)} if loader is not None and loader.tags else {}
        return [attrs.evolve(one, namespace=told.namespace, about={**one.about, **about}) for one in found]

    async def text(self, content: str, *, title: str, meta: Mapping[str, Any], source: str = "") -> Given:
        """A document given as text; the same title is the same document.  Raises a `DocumentError`."""
        # Short texts take less than the way to another process.
        lane = self._tenant.compute.batch if len(content) < _SHORT else self._tenant.compute.process
        return await lane(from_text, content, title=title, meta=meta, source=source, most=self._config.max_file_bytes)

    async def ingest(
        self,
        documents: Sequence[Given],
        *,
        namespace: str = "",
        wait: float | None = None,
        by: By = NOBODY,
    ) -> Ingested:
        """Store documents durably and wait until they are live, at most `wait` seconds (default: `wait_seconds`).

        After the wait the jobs go on; what is not live then is simply not in `live` yet.
        """
        where = checked_namespace(namespace or self._config.namespace)
        own = {one.namespace for one in documents if one.namespace} if not namespace else set()
        if not own:
            puts, jobs = await self._ingestion.submit(where, documents, by)
            if by.who and not by.run:
                counts = {what: sum(put.what == what for put in puts) for what in ("new", "changed", "unchanged")}
                await self._tenant.audit(by.who, "knowledge.ingest", where, counts)
            return await self._settled(where, puts, jobs, wait)
        # Those that say where they go are stored there; what became of them is told in the order they were given in.
        told: dict[str, Ingested] = {}
        for space in sorted({one.namespace or where for one in documents}):
            part = [one for one in documents if (one.namespace or where) == space]
            told[space] = await self.ingest(part, namespace=checked_namespace(space), wait=wait, by=by)
        following = {space: iter(one.puts) for space, one in told.items()}
        return Ingested(
            [next(following[one.namespace or where]) for one in documents],
            frozenset().union(*(one.live for one in told.values())),
            {ident: error for one in told.values() for ident, error in one.errors.items()},
        )

    async def _settled(self, where: str, puts: Sequence[Put], jobs: Sequence[int], wait: float | None) -> Ingested:
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

    def known_as(self, given: Given, ident: str, about: Mapping[str, Any]) -> Given:
        """The document with what is said about it; with an `ident` of the caller's that is what makes it the same."""
        key = f"id:{ident}" if ident else given.key
        return attrs.evolve(given, key=key, about={**given.about, **about})

    async def identify(self, ident: str) -> str:
        """The id of the document that has this id, or was given under this one by its caller."""
        if await self._store.document(ident) is not None:
            return ident
        return await self._store.by_key(f"id:{ident}") or ident

    async def page(self, asked: Mapping[str, str]) -> tuple[Sequence[Any], str | None]:
        """Documents as a query asks for them, and where the next page begins.

        `after`, `limit` (1 to 500, default 100), `namespace`, `status`, `tag`, `text`.  Raises `BadRequest`.
        """
        try:
            limit = int(asked.get("limit", "100"))
        except ValueError:
            limit = 0
        if not 1 <= limit <= _PAGE:
            raise BadRequest(f"limit must be a number from 1 to {_PAGE}", "limit")
        rows = await self._store.documents(
            asked.get("namespace", ""), after=asked.get("after", ""), limit=limit, status=asked.get("status", ""),
            tag=asked.get("tag", ""), text=asked.get("text", ""), now=self._tenant.clock.now(),
            default=self._config.refresh_seconds,
        )  # fmt: skip
        return rows, rows[-1].id if len(rows) == limit else None

    async def restore(self, ident: str, number: int, *, by: By, wait: float | None = None) -> Ingested:
        """Bring back an earlier version's content as the newest version, and wait as `ingest` does.

        The present version answers until the restored one is complete.  Raises `DocumentNotFound`.
        """
        row = await self.document(ident)
        put = await self._store.restore(ident, number, self._tenant.clock.now(), by)
        if put is None:
            raise DocumentNotFound(f"document {ident!r} has no version {number} any more")
        self._tenant.log.info("version restored", document=ident, version=number, by=by.who)
        await self._tenant.audit(by.who, "knowledge.restore", ident, {"version": number, "namespace": row.namespace})
        jobs = [] if put.live else [await self._ingestion.job([(put.id, put.newest)])]
        return await self._settled(row.namespace, [put], jobs, wait)

    async def change(self, ident: str, about: Mapping[str, Any], *, by: By) -> Any:
        """Set a document's tags, validity, owner, age or namespace; returns its row.  Raises `DocumentNotFound`,
        `BadRequest`."""
        row = await self.document(ident)
        try:
            await self._store.change(ident, about, self._tenant.clock.now())
        except ConstraintViolated:
            raise BadRequest(
                f"namespace {about.get('namespace')!r} has a document with this one's key already; delete one of them",
                "namespace",
            ) from None
        self._tenant.log.info("document changed", document=ident, what=sorted(about), by=by.who)
        await self._tenant.audit(by.who, "knowledge.change", ident, {"set": sorted(about), "namespace": row.namespace})
        for namespace in {row.namespace, about.get("namespace", row.namespace)}:
            await self._indexes.soon(namespace)
            self._tell(namespace)
        return await self.document(ident)

    async def document(self, ident: str) -> Any:
        """The document's row.  Raises `DocumentNotFound`."""
        row = await self._store.document(ident)
        if row is None:
            raise DocumentNotFound(f"there is no document {ident!r}")
        return row

    async def cancel(self, ident: str, *, by: By) -> str:
        """Take back what of a document is not live yet: "gone", "kept" (its live version answers on), or "live" where
        there was nothing to take back.  Raises `DocumentNotFound`."""
        row = await self.document(ident)
        what = await self._store.cancel(ident, self._tenant.clock.now())
        if what is None:
            raise DocumentNotFound(f"there is no document {ident!r}")
        if what != "live":
            self._tenant.log.info("ingestion cancelled", document=ident, by=by.who)
            await self._gone(row.namespace)
        return what

    async def delete(self, ident: str, *, by: By = NOBODY) -> None:
        """Remove a document before this returns: rows, what is saved of the index, and what the files hold of it still.

        Raises `DocumentNotFound`.
        """
        row = await self.document(ident)
        if not await self._store.delete(ident):
            raise DocumentNotFound(f"there is no document {ident!r}")
        self._tenant.log.info("document deleted", document=ident, by=by.who)
        await self._tenant.audit(by.who, "knowledge.delete", ident, {"namespace": row.namespace})
        await self._gone(row.namespace)

    async def _gone(self, namespace: str) -> None:
        shelf = (await self._indexes.shelves()).shelf(namespace)
        await shelf.forget()
        await self._tenant.db.scrub()
        await self._indexes.soon(namespace)
        self._tell(namespace)

    def _tell(self, namespace: str) -> None:
        """Have other processes, and the pages, look at what changed."""
        self._tenant.live.publish(self._tenant.name, TOPIC, "namespace", {"namespace": namespace})

    async def stats(self) -> dict[str, Any]:
        """Documents by status, live chunks and vectors by namespace."""
        documents, chunks = await self._store.counts()
        told: dict[str, dict[str, Any]] = {}
        for name in sorted({self._config.namespace, *self._config.searched, *await self._store.namespaces()}):
            told[name] = {"documents": 0, "chunks": chunks.get(name, 0), "vectors": 0, "status": {}}
        for row in documents:
            entry = told.setdefault(row.namespace, {"documents": 0, "chunks": 0, "vectors": 0, "status": {}})
            entry["documents"] += row.n
            entry["status"][row.status] = row.n
        shelves = await self._indexes.shelves()
        for name, entry in told.items():
            snapshot = shelves.shelf(name).snapshot
            if snapshot is not None:
                entry |= {"vectors": len(snapshot) - snapshot.missing if snapshot.dense else 0,
                          "embedder": snapshot.embedder, "dimension": snapshot.dimension}  # fmt: skip
        return {"namespaces": told, "documents": sum(one["documents"] for one in told.values()),
                "vectors": sum(one["vectors"] for one in told.values())}  # fmt: skip


def checked_namespace(name: str) -> str:
    """The name, if it can be a namespace's.  Raises `BadRequest`."""
    if not _NAMESPACE.fullmatch(name):
        raise BadRequest(
            f"namespace {name!r} can't be one: small letters, digits, - and _, at most 64 of them", "namespace"
        )
    return name
