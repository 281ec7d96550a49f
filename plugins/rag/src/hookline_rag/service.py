"""What rag does for one snapshot of one tenant's config; knows nothing of hooks or HTTP."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import BadRequest, HooklineError
from hookline.message import Passage, Reply
from hookline.tenant import ResourceKey

from .context import context
from .embedder import Embedder
from .errors import DocumentNotFound
from .extractive import answer
from .finder import Finder, Found, passage
from .greeting import is_small_talk
from .ingestion import Ingestion, apart, from_text, read
from .links import link
from .shelf import Shelves
from .store import Given, Put, Store

if TYPE_CHECKING:
    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

_SHELVES = ResourceKey[Shelves]("shelves")
_LINKS = "links"
_SHORT = 50_000  # characters
_START = 30.0  # seconds
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@attrs.frozen
class Ingested:
    """What became of documents that were given: `puts` in their order, `live` the ids that answer now."""

    puts: Sequence[Put]
    live: frozenset[str]
    errors: Mapping[str, str]


class Service:
    """Finds, answers, takes documents in and out."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.store = Store(tenant.db)
        self.embedder = Embedder(tenant, self.config.embedder)
        self.ingestion = Ingestion(tenant, self.config, self.store, self.embedder)
        self._secret = ""

    # -- a tenant's life -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Load the indexes, note what they lack, and go on with what a crash left unfinished.

        An index that has to be made anew and takes long is finished beside the turns, which go on without it.
        """
        await self.ingestion.resume()
        try:
            async with asyncio.timeout(_START):
                for namespace in {*await self.store.namespaces(), self.config.namespace}:
                    await self.refresh(namespace)
        except TimeoutError:
            self.tenant.log.warning("the index takes long and is made beside the turns", seconds=_START)

    async def shelves(self) -> Shelves:
        """The tenant's indexes in this process."""

        async def make() -> Shelves:
            return Shelves(self.tenant.data, self.tenant.compute)

        return await self.tenant.keep(_SHELVES, make)

    async def refresh(self, namespace: str) -> None:
        """Bring the namespace's index up to the database; failures are noted for the health check.

        An index that lacks vectors (the embedder was changed) is searched by words until a job has made them.
        """
        shelves = await self.shelves()
        try:
            described = await self.embedder.describe()
            revision = await self.store.revision(namespace)
            snapshot = await shelves.shelf(namespace).at(revision, described.id, described.dimension, self.store)
            shelves.failure = ""
        except HooklineError as error:
            self.tenant.log.warning("index not available", namespace=namespace, reason=str(error))
            shelves.failure = str(error)
            return
        if snapshot.missing and described.id:
            await self.tenant.submit(
                "embed", {"namespace": namespace}, key=f"{namespace}:{described.id}:{snapshot.revision}", delay=1.0
            )

    async def health(self) -> Mapping[str, Any]:
        """The vector store's state, for `/health`."""
        shelves = await self.shelves()
        snapshot = shelves.shelf(self.config.namespace).snapshot
        if shelves.failure or snapshot is None:
            return {"vector_store": {"status": "down", "detail": shelves.failure or "not loaded"}}
        told = {"chunks": len(snapshot), "documents": len(snapshot.versions), "embedder": snapshot.embedder}
        if snapshot.missing:
            detail = f"{snapshot.missing} chunks have no vector yet and are found by their words alone"
            return {"vector_store": {"status": "degraded", "detail": detail, **told}}
        return {"vector_store": {"status": "ok", **told}}

    # -- a turn ------------------------------------------------------------------------------------------------------

    async def find(
        self, text: str, *, namespace: str = "", language: str = "", limit: int = 0, mode: str | None = None
    ) -> Found:
        """Look for passages (see `Finder.find`); what fails is noted for the health check and raised."""
        shelves = await self.shelves()
        finder = Finder(self.config, self.store, shelves, self.embedder, self.tenant.compute)
        try:
            found = await finder.find(text, namespace=namespace, language=language, limit=limit, mode=mode)
        except Exception as error:
            shelves.failure = f"{type(error).__name__}: {error}"
            raise
        shelves.failure = ""
        return found

    async def retrieve(self, text: str, language: str) -> list[Passage]:
        """The passages for a message, best first, within `context_chars`; none for a greeting."""
        if not text.strip() or is_small_talk(text):
            return []
        found = await self.find(text, language=language.split("-", maxsplit=1)[0])
        secret = await self._link_secret()
        until = int(self.tenant.clock.now() + self.config.link_seconds)
        passages = []
        for one in found.candidates:
            row = one.row
            url = link(secret, self.tenant.name, row.document, row.version, until)
            passages.append(passage(one, url))
        return context(passages, self.config.context_chars)

    async def respond(self, text: str, language: str, passages: Sequence[Passage]) -> Reply | None:
        """The extractive answer.

        None where the index is down: then the next plugin, or the tenant's apology, is more honest than "I don't
        know".
        """
        if is_small_talk(text):
            return Reply(self.tenant.settings.text("greeting", language))
        reply = await answer(passages, self.store.span, least=self.config.min_confidence)
        if reply is not None:
            return reply
        if not passages and (await self.shelves()).failure:
            return None
        best = max((one.confidence for one in passages), default=0.0)
        return Reply(self.tenant.settings.text("unknown", language), confidence=round(best, 4), answered=False)

    async def work(self, turn: Turn, job: Job) -> None:
        """A durable job: `ingest` documents, bring the `index` up to date, `embed` what lacks a vector."""
        if job.kind == "ingest":
            last = job.attempt >= self.tenant.settings.turns.attempts
            documents = [(str(ident), int(number)) for ident, number in job.payload["documents"]]
            await self.ingestion.run(turn, documents, last=last)
        elif job.kind == "index":
            await self.refresh(str(job.payload["namespace"]))
        elif job.kind == "embed":
            namespace = str(job.payload["namespace"])
            if await self.ingestion.embed_again(namespace):
                await self.rebuild(namespace)

    async def rebuild(self, namespace: str) -> None:
        """Make the namespace's index anew from the database."""
        described = await self.embedder.describe()
        shelf = (await self.shelves()).shelf(namespace)
        await shelf.rebuild(described.id, described.dimension, self.store)

    async def _link_secret(self) -> str:
        if not self._secret:
            self._secret = await self.store.secret(_LINKS)
        return self._secret

    async def link_secret(self) -> str:
        """What the tenant's links are signed with."""
        return await self._link_secret()

    # -- documents -----------------------------------------------------------------------------------------------------

    async def files(self, name: str, data: bytes, *, key: str, meta: Mapping[str, Any]) -> list[Given]:
        """The documents in a file, read in another process.  Raises a `DocumentError`."""
        outlines = await read(self.tenant.compute, self.config, name, data)
        return await self.tenant.compute.batch(apart, outlines, key=key, source=name, meta=meta)

    async def text(self, content: str, *, title: str, meta: Mapping[str, Any], source: str = "") -> Given:
        """A document given as text; the same title is the same document.  Raises a `DocumentError`."""
        # Short texts take less than the way to another process.
        lane = self.tenant.compute.batch if len(content) < _SHORT else self.tenant.compute.process
        return await lane(from_text, content, title=title, meta=meta, source=source, most=self.config.max_file_bytes)

    async def ingest(self, documents: Sequence[Given], *, namespace: str = "", wait: float | None = None) -> Ingested:
        """Store documents durably and wait until they are live, at most `wait` seconds (default: `wait_seconds`).

        After the wait the jobs go on; what is not live then is simply not in `live` yet.
        """
        where = namespace or self.config.namespace
        if not _NAMESPACE.fullmatch(where):
            raise BadRequest(
                f"namespace {where!r} can't be one: small letters, digits, - and _, at most 64 of them", "namespace"
            )
        puts, jobs = await self.ingestion.submit(where, documents)
        seconds = self.config.wait_seconds if wait is None else wait
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        for job in jobs:
            if await self.tenant.wait(job, max(0.0, until - loop.time())) is None:
                break
        live, errors = set(), {}
        for put in puts:
            row = await self.store.document(put.id)
            if row is not None and row.version >= put.newest:
                live.add(put.id)
            elif row is not None and row.status == "failed":
                errors[put.id] = row.error
        if live:
            await self.refresh(where)
        return Ingested(puts, frozenset(live), errors)

    async def delete(self, ident: str) -> None:
        """Remove a document from database, index and answers before this returns.  Raises `DocumentNotFound`."""
        row = await self.store.document(ident)
        if row is None or not await self.store.delete(ident):
            raise DocumentNotFound(f"there is no document {ident!r}")
        await self.refresh(row.namespace)
