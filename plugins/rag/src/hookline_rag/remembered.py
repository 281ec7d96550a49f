"""What was found for the questions asked last, so that the same one again costs no embedding and no search.

An entry belongs to a question with all that decides what it finds, at one revision of the documents: with any change
of a document, and when one becomes valid by its date, all entries are dropped.  It holds no text of a document: places, scores and spans alone.  The rows are
read anew each time, so what is deleted or no longer valid is never shown from here.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import msgspec

from .candidates import Candidate, Found, fitting

if TYPE_CHECKING:
    from hookline.clock import Clock

    from .shelf import Shelves
    from .store import Store

KEPT = 60.0  # seconds: a busy moment's second-best is not kept for long
_ENTRY, _CANDIDATE, _SPAN, _LETTER = 4000, 1200, 200, 8  # bytes, rather too many than too few


@attrs.frozen
class Asked:
    """A question with all that decides what it finds, besides the documents and the tenant's config."""

    text: str
    namespaces: tuple[str, ...]
    language: str
    embedder: str

    @property
    def key(self) -> bytes:
        """A digest: what customers write is not kept as a key."""
        return hashlib.blake2b(msgspec.msgpack.encode(attrs.astuple(self)), digest_size=16).digest()


@attrs.frozen
class _Entry:
    found: Found
    at: float
    size: int


class Remembered:
    """The results of one snapshot of one tenant's config, at most `most` bytes of them; 0 remembers nothing."""

    def __init__(self, store: Store, clock: Clock, most: int) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._revisions: dict[str, int] = {}
        self._begins: dict[str, float] = {}  # by namespace, when the next document becomes valid
        self.size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, asked: Asked) -> bool:
        return asked.key in self._entries

    async def revisions(self, namespaces: Sequence[str]) -> dict[str, int]:
        """The documents' revisions now; where one has changed, or a document has become valid, everything is dropped."""
        now = {name: await self._store.revision(name) for name in namespaces}
        moment = self._clock.now()
        for name, revision in now.items():
            if self._revisions.get(name) != revision or moment >= self._begins[name]:
                begins = await self._store.begins(name, moment)
                if name in self._revisions:
                    self.forget()
                self._revisions[name], self._begins[name] = revision, begins
        return now

    def forget(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self.size = 0

    async def get(self, asked: Asked, tags: Sequence[str]) -> Found | None:
        """What the question found, its rows read anew; None where that is not known, or not true any more."""
        entry = self._entries.get(asked.key)
        if entry is None:
            return None
        now = self._clock.now()
        if not 0 <= now - entry.at <= KEPT:
            self._drop(asked.key)
            return None
        candidates = entry.found.candidates
        rows = await self._store.chunks([one.hit.ref for one in candidates])
        fits = fitting(now, tags)
        if any(one.hit.ref not in rows or not fits(rows[one.hit.ref]) for one in candidates):
            self._drop(asked.key)
            return None
        if asked.key in self._entries:
            self._entries.move_to_end(asked.key)
        alive = [attrs.evolve(one, row=rows[one.hit.ref], values=dict(one.values)) for one in candidates]
        return attrs.evolve(entry.found, candidates=alive, ms={"remembered": 0.0})

    def put(self, asked: Asked, revisions: dict[str, int], found: Found) -> None:
        """Remember what was found; nothing where a document has changed since `revisions`."""
        if any(self._revisions.get(name) != revision for name, revision in revisions.items()):
            return
        bare = [attrs.evolve(one, row=None, values=dict(one.values), bag=frozenset()) for one in found.candidates]
        size = _ENTRY + _LETTER * len(asked.text) + sum(_size(one) for one in bare)
        if size > self._most:
            return
        self._drop(asked.key)
        self._entries[asked.key] = _Entry(attrs.evolve(found, candidates=bare), self._clock.now(), size)
        self.size += size
        while self.size > self._most:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size


def _size(candidate: Candidate) -> int:
    return _CANDIDATE + _SPAN * len(candidate.evidence.spans)


def ready(shelves: Shelves, revisions: dict[str, int]) -> bool:
    """Whether the indexes are at these revisions: what an older one finds is not remembered."""
    snapshots = {name: shelves.shelf(name).snapshot for name in revisions}
    return all(found is not None and found.revision >= revisions[name] for name, found in snapshots.items())
