"""From a question to passages: search, fetch what is still true, weigh the evidence, look twice where in doubt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import structlog

from hookline.errors import ServiceError
from hookline.message import Passage

from .confidence import DOUBT, confidence, features, is_calibrated
from .embedder import NONE, Described, Embedder
from .evidence import Evidence, Weights, chosen_again, examine, weigh
from .index import Floats, Snapshot
from .question import Question, understand
from .search import Hit, by_words, fuse, weight
from .terms import words

if TYPE_CHECKING:
    from hookline.compute import Compute

    from .config import Config
    from .shelf import Shelves
    from .store import Store

log = structlog.get_logger("hookline.rag")

_SECOND_LOOK = 1  # passages whose sentences are embedded when in doubt: a few milliseconds each
_MOST_SENTENCES = 16
_PATIENCE = 0.3  # seconds that a second look may take
_STALE = 0.25  # seconds that a question waits for an index that is being changed
_SPARE = 2  # hits beyond those wanted, in place of near duplicates
_SAME = 0.9  # share of words from which two passages say the same
WHOLE = ("record", "row", "code")


@attrs.define
class Candidate:
    """A hit with its row and what speaks for it."""

    hit: Hit
    row: Any
    evidence: Evidence
    values: dict[str, float]
    confidence: float


@attrs.frozen
class Found:
    """What a question found, best first; `ms` are the times of the steps."""

    question: Question
    candidates: Sequence[Candidate]
    dense_weight: float
    ms: Mapping[str, float]


class Finder:
    """Finds passages in one tenant's documents."""

    def __init__(
        self,
        config: Config,
        store: Store,
        shelves: Shelves,
        embedder: Embedder,
        compute: Compute,
        doubt: tuple[float, float] = DOUBT,
    ) -> None:
        self._config = config
        self._store = store
        self._shelves = shelves
        self._embedder = embedder
        self._compute = compute
        self._doubt = doubt

    async def find(
        self, text: str, *, namespace: str = "", language: str = "", limit: int = 0, mode: str | None = None
    ) -> Found:
        """Look for passages that answer.  `mode` "dense" or "lexical" looks with one side alone.

        Raises what the index or the database raises; without the embedder it goes on with words alone.
        """
        clock = _Clock()
        described = await self._describe()
        share = self._share(understand(text, hint=language), described, mode)
        embedding = asyncio.create_task(self._embed(text)) if share > 0 else None
        try:
            snapshot = await self._snapshot(namespace or self._config.namespace, described)
            clock.lap("index")
            question, weights, lexical = await self._compute.run(_by_words, snapshot, text, language)
            clock.lap("words")
            vector = await embedding if embedding is not None else None
            clock.lap("embed")
        finally:
            if embedding is not None:
                embedding.cancel()
        if vector is None:
            share = 0.0
        wanted = limit or self._config.passages
        hits = await self._compute.run(fuse, snapshot, lexical, vector, dense_weight=share, limit=wanted + _SPARE)
        clock.lap("search")
        rows = await self._store.chunks([hit.ref for hit in hits])
        clock.lap("fetch")
        reads = share >= self._config.dense_weight > 0 and is_calibrated(described.id)
        room = 0 if limit else self._config.context_chars
        found = await self._compute.run(_weigh_all, weights, hits, rows, reads, room)
        if reads and vector is not None:
            await self._look_again(found, vector)
        clock.lap("weigh")
        return Found(question, found[:wanted], share, clock.ms)

    async def _describe(self) -> Described:
        try:
            return await self._embedder.describe()
        except ServiceError as error:
            log.warning("embedder not available, searching by words", reason=str(error))
            known = self._shelves.shelf(self._config.namespace).snapshot
            return Described(known.embedder, known.dimension, ()) if known is not None else NONE

    async def _embed(self, text: str) -> Floats | None:
        try:
            vectors = await self._embedder.embed([" ".join(text.split())], query=True)
            return np.asarray(vectors[0], np.float32)
        except ServiceError as error:
            log.warning("embedder not available, searching by words", reason=str(error))
            return None

    async def _snapshot(self, namespace: str, described: Described) -> Snapshot:
        revision = await self._store.revision(namespace)
        return await self._shelves.shelf(namespace).at(
            revision, described.id, described.dimension, self._store, patience=_STALE
        )

    def _share(self, question: Question, described: Described, mode: str | None) -> float:
        if mode is not None:
            return {"dense": 1.0, "lexical": 0.0}[mode]
        return weight(question, described.id, described.languages, dense=self._config.dense_weight)

    async def _look_again(self, found: list[Candidate], vector: Floats) -> None:
        """Compare single sentences where the passage as a whole leaves doubt; that also finds the better sentence."""
        for one in found[:_SECOND_LOOK]:
            if not self._doubt[0] < one.confidence < self._doubt[1] or len(one.evidence.spans) > _MOST_SENTENCES:
                continue
            texts = [one.row.text[a - one.row.start : b - one.row.start] for a, b in one.evidence.spans]
            try:
                async with asyncio.timeout(_PATIENCE):
                    cosines = (await self._embedder.sentences(one.row.hash, texts)) @ vector
            except TimeoutError:
                return  # the machine is busy: the first look has to do
            except ServiceError as error:
                log.warning("embedder not available, no second look", reason=str(error))
                return
            best = float(cosines.max())
            one.values |= {"sentence": best, "sentence_high": max(0.0, best - 0.5)}
            one.confidence = confidence(one.values)
            if one.row.kind not in WHOLE:
                one.evidence = chosen_again(one.evidence, one.row.text, one.row.start, cosines.tolist())


class _Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.ms: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.ms[name] = round((now - self._last) * 1000, 3)
        self._last = now


def _by_words(snapshot: Snapshot, text: str, language: str) -> tuple[Question, Weights, dict[int, float]]:
    question = understand(text, snapshot.words.languages, hint=language)
    return question, weigh(question, len(snapshot), snapshot.words.frequency), by_words(snapshot, question)


def _weigh_all(
    weights: Weights, hits: Sequence[Hit], rows: Mapping[Any, Any], reads: bool, room: int
) -> list[Candidate]:
    """The evidence of each hit that is still there and says something new, as far as they fit into `room` (0: all)."""
    found: list[Candidate] = []
    bags: list[set[str]] = []
    used = 0
    for hit in hits:
        row = rows.get(hit.ref)
        if row is None:
            continue
        bag = set(words(row.text))
        if any(len(bag & other) >= _SAME * len(bag | other) for other in bags):
            continue
        bags.append(bag)
        evidence = examine(weights, row.text, row.start, row.answer, row.head, row.language, whole=row.kind in WHOLE)
        values = features(evidence, weights, lexical=hit.lexical, cosine=(hit.dense or 0.0) if reads else None)
        found.append(Candidate(hit, row, evidence, values, confidence(values)))
        used += len(row.text)
        if room and used > room:
            break
    return found


def passage(one: Candidate, url: str) -> Passage:
    """A candidate as the turn carries it; `meta["answer"]` are the document offsets of the sentences that answer."""
    row, evidence = one.row, one.evidence
    meta = {
        **row.meta, "kind": row.kind, "n": row.n, "heading": row.head, "language": row.language,
        "answer": [evidence.start, evidence.end],
    }  # fmt: skip
    return Passage(
        row.document, row.version, row.start, row.end, row.text, row.title, url, row.source, row.namespace,
        one.hit.score, one.hit.dense, one.hit.lexical, one.confidence, meta,
    )  # fmt: skip
