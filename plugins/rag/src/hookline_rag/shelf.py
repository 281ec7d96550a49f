"""The indexes of a tenant in this process: loaded, brought up to the database's revision, swapped, saved."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog

from .disk import Disk, Unusable
from .index import Floats, Ref, Row, Snapshot, changed, empty
from .lexicon import NEVER, Lexicon
from .vocabulary import sound

if TYPE_CHECKING:
    from hookline.compute import Compute

    from .store import Store

log = structlog.get_logger("hookline.rag")
_BATCH = 20_000  # chunks that go into an index at once, or as many as one document has
_VERSIONS = 500  # documents that are read at once on the way there


class Shelf:
    """One namespace's index: `snapshot` is what to search now, replaced whole, never changed."""

    def __init__(self, namespace: str, folder: Path | None, compute: Compute) -> None:
        self.namespace = namespace
        self.snapshot: Snapshot | None = None
        self._disk = Disk(folder, namespace) if folder is not None else None
        self._compute = compute
        self._lexicon: Lexicon | None = None
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def at(
        self, revision: int, embedder: str, dimension: int, store: Store, *, patience: float | None = None
    ) -> Snapshot:
        """A snapshot that is at least at the revision, made with the embedder.

        With `patience` (seconds) an older one of the same embedder is given where the newer takes longer; what is
        deleted by then is not found all the same, because its chunks are looked up in the database.
        """
        while True:
            now = self.snapshot
            usable = now is not None and now.embedder == embedder
            if now is not None and usable and now.revision >= revision:
                return now
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = asyncio.create_task(self._refresh(embedder, dimension, store))
            task = self._refreshing
            if now is not None and usable and patience is not None:
                done, _ = await asyncio.wait({task}, timeout=patience)
                if not done:
                    return now
            await asyncio.shield(task)

    async def _refresh(self, embedder: str, dimension: int, store: Store) -> None:
        async with self._lock:
            self.snapshot = await self._newer(self.snapshot, embedder, dimension, store)

    async def forget(self) -> None:
        """Take what is saved from the disk; the next look makes it anew.  What is in memory is searched until then."""
        if self._disk is not None:
            await self._compute.batch(self._disk.clear)

    async def _newer(self, old: Snapshot | None, embedder: str, dimension: int, store: Store) -> Snapshot:
        if old is not None and self._lexicon is not None and old.embedder == embedder:
            base = old, self._lexicon
        else:
            base = await self._compute.batch(self._load, embedder, dimension)
        try:
            new, lexicon = await self._follow(*base, embedder, store)
        except (RuntimeError, ValueError, OSError) as error:
            # What FAISS and tantivy raise.  The lexicon may be a step ahead now: begin again from the database.
            log.warning("index made anew", namespace=self.namespace, reason=f"{type(error).__name__}: {error}")
            base = await self._compute.batch(self._anew, embedder, dimension)
            new, lexicon = await self._follow(*base, embedder, store)
        self._lexicon = lexicon
        return new

    def _load(self, embedder: str, dimension: int) -> tuple[Snapshot, Lexicon]:
        if self._disk is not None:
            try:
                return self._disk.load(embedder)
            except Unusable as reason:
                log.info("index made from the database", namespace=self.namespace, reason=str(reason))
        return self._anew(embedder, dimension)

    def _anew(self, embedder: str, dimension: int) -> tuple[Snapshot, Lexicon]:
        lexicon = Lexicon(self._disk.fresh_words() if self._disk is not None else None)
        return empty(lexicon, embedder, dimension), lexicon

    async def _follow(
        self, old: Snapshot, lexicon: Lexicon, embedder: str, store: Store
    ) -> tuple[Snapshot, Lexicon]:  # fmt: skip
        revision, purged, live = await store.live(self.namespace)
        if NEVER < lexicon.since < purged:
            # tantivy keeps the words of what is deleted from it: only a lexicon written afterwards is free of them.
            old, lexicon = await self._compute.batch(self._anew, old.embedder, old.dimension)
            sound.cache_clear()  # remembers single words
        removed = old.versions - live
        wanted = sorted(live - old.versions)
        if not removed and not wanted and revision == old.revision:
            return old, lexicon
        if lexicon.since == NEVER:
            lexicon.since = revision
        new, at = old, 0
        while at < len(wanted) or new is old:
            # Some at a time: the texts of a large index need not be in memory all at once.
            added: list[Row] = []
            while at < len(wanted) and len(added) < _BATCH:
                added += await self._rows(store, embedder, wanted[at : at + _VERSIONS])
                at += _VERSIONS
            new = await self._compute.batch(_changed, new, lexicon, removed, added, revision)
            removed = frozenset()
        if self._disk is not None:
            try:
                await self._compute.batch(self._disk.save, new, lexicon)
            except OSError as error:
                log.warning("index not saved", namespace=self.namespace, reason=str(error))
        return new, lexicon

    async def _rows(self, store: Store, embedder: str, versions: Any) -> list[Row]:
        rows = await store.chunks_of(versions)
        vectors = await store.vectors(embedder, {row.hash for row in rows}) if embedder else {}
        return [_row(row, vectors) for row in rows]

    async def rebuild(self, embedder: str, dimension: int, store: Store) -> None:
        """Make the index anew from the database; the old one is searched until it is there."""
        async with self._lock:
            base = await self._compute.batch(self._anew, embedder, dimension)
            self.snapshot, self._lexicon = await self._follow(*base, embedder, store)

    async def close(self) -> None:
        """Forget the index; what is on disk stays."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})
        self.snapshot = None
        self._lexicon = None


def _changed(old: Snapshot, lexicon: Lexicon, removed: Any, added: Sequence[Row], revision: int) -> Snapshot:
    return changed(old, lexicon, removed=removed, added=added, revision=revision)


def _row(row: Any, vectors: dict[str, bytes]) -> Row:
    ref = Ref(row.document, row.version, row.n)
    return Row(ref, row.head, row.text, row.language, _floats(vectors.get(row.hash)))


def _floats(value: bytes | None) -> Floats | None:
    return None if value is None else np.frombuffer(value, "<f4")


class Shelves:
    """All indexes of a tenant; kept over reloads of its config."""

    def __init__(self, folder: Path | None, compute: Compute) -> None:
        self._folder = folder
        self._compute = compute
        self._shelves: dict[str, Shelf] = {}
        self.failure = ""

    def shelf(self, namespace: str) -> Shelf:
        """The namespace's index."""
        if namespace not in self._shelves:
            # A folder's name by its digest: a namespace may hold what a file system does not take.
            name = hashlib.sha256(namespace.encode()).hexdigest()[:16]
            folder = None if self._folder is None else self._folder / "index" / name
            self._shelves[namespace] = Shelf(namespace, folder, self._compute)
        return self._shelves[namespace]

    async def close(self) -> None:
        """Close all of them."""
        for shelf in self._shelves.values():
            await shelf.close()
