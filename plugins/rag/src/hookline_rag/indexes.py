"""The tenant's indexes as the plugin's parts use them: brought up to the database, made anew, and their health."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.errors import HooklineError
from hookline.tenant import ResourceKey

from .ingestion import TOPIC
from .shelf import Shelves

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config
    from .embedder import Embedder
    from .store import Store

_SHELVES = ResourceKey[Shelves]("shelves")
_WATCH = ResourceKey["Watch"]("watch")
_START = 30.0  # seconds
_SOON = 0.5  # seconds


class Watch:
    """Brings indexes up to date when another process tells of a change: no file of this one keeps what was deleted."""

    def __init__(self, indexes: Indexes, tenant: Tenant) -> None:
        self.indexes = indexes
        self._tenant = tenant
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async with self._tenant.live.subscribe(self._tenant.name, TOPIC) as events:
            async for event in events:
                try:
                    if event.kind == "namespace":
                        await self.indexes.refresh(str(event.data["namespace"]))
                    elif event.kind == "lost":
                        await self.indexes.load()
                except Exception:  # whatever it was (disk, FAISS, database): the next change is to be seen all the same
                    self._tenant.log.exception("the index could not follow a change of another process")

    async def close(self) -> None:
        """Look no more."""
        self._task.cancel()
        await asyncio.wait({self._task})


class Indexes:
    """The indexes of one tenant in this process, for one snapshot of its config."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, embedder: Embedder) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._embedder = embedder
        self._refreshing: set[asyncio.Task[None]] = set()

    async def shelves(self) -> Shelves:
        """The indexes themselves, which outlive reloads."""

        async def make() -> Shelves:
            return Shelves(self._tenant.data, self._tenant.compute)

        return await self._tenant.keep(_SHELVES, make)

    async def load(self) -> None:
        """Load all of them, and note what they lack.

        An index that has to be made anew and takes long is finished beside the turns, which go on without it.
        """
        watch = await self._tenant.keep(_WATCH, self._watch)
        watch.indexes = self
        try:
            async with asyncio.timeout(_START):
                for namespace in {*await self._store.namespaces(), self._config.namespace}:
                    await self.refresh(namespace)
        except TimeoutError:
            self._tenant.log.warning("the index takes long and is made beside the turns", seconds=_START)

    async def refresh(self, namespace: str) -> None:
        """Bring the namespace's index up to the database; failures are noted for the health check.

        An index that lacks vectors (the embedder was changed) is searched by words until a job has made them.
        """
        shelves = await self.shelves()
        try:
            described = await self._embedder.describe()
            revision = await self._store.revision(namespace)
            snapshot = await shelves.shelf(namespace).at(revision, described.id, described.dimension, self._store)
            shelves.failure = ""
        except HooklineError as error:
            self._tenant.log.warning("index not available", namespace=namespace, reason=str(error))
            shelves.failure = str(error)
            return
        if snapshot.missing and described.id:
            await self._tenant.submit(
                "embed", {"namespace": namespace}, key=f"{namespace}:{described.id}:{snapshot.revision}", delay=1.0
            )

    async def _watch(self) -> Watch:
        return Watch(self, self._tenant)

    async def soon(self, namespace: str) -> None:
        """Bring the index up to the database; what takes long goes on beside the caller."""
        task = asyncio.create_task(self.refresh(namespace))
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)
        await asyncio.wait({task}, timeout=_SOON)

    async def rebuild(self, namespace: str) -> None:
        """Make the namespace's index anew from the database."""
        described = await self._embedder.describe()
        shelf = (await self.shelves()).shelf(namespace)
        await shelf.rebuild(described.id, described.dimension, self._store)

    async def health(self) -> Mapping[str, Any]:
        """The vector store's state, for `/health`."""
        shelves = await self.shelves()
        snapshot = shelves.shelf(self._config.namespace).snapshot
        if shelves.failure or snapshot is None:
            return {"vector_store": {"status": "down", "detail": shelves.failure or "not loaded"}}
        told = {"chunks": len(snapshot), "documents": len(snapshot.versions), "embedder": snapshot.embedder}
        if snapshot.missing:
            detail = f"{snapshot.missing} chunks have no vector yet and are found by their words alone"
            return {"vector_store": {"status": "degraded", "detail": detail, **told}}
        return {"vector_store": {"status": "ok", **told}}
