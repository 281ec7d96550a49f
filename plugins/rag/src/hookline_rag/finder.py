"""From a question to passages: search, fetch what is still true, weigh the evidence, look twice where in doubt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import structlog

from hookline.errors import ServiceError

from .candidates import WHOLE, Candidate, Fits, Found, alike, fitting, passage, weighed
from .chunk import SEPARATOR
from .confidence import DOUBT, closer, confidence, is_calibrated, strangeness
from .embedder import NONE, Described, Embedder
from .evidence import Weights, chosen_again, weigh
from .followup import leans, resolve
from .index import Floats, Ref, Snapshot
from .parts import questions
from .prepare import Prepared, prepare
from .question import Question, understand
from .rerank import EVIDENCE, CrossEncoder
from .search import Hit, Share, by_words, fuse, weight
from .terms import spans

if TYPE_CHECKING:
    from hookline.compute import Compute

    from .config import Config
    from .shelf import Shelves
    from .store import Store

log = structlog.get_logger("hookline.rag")

_SECOND_LOOK = 3  # passages whose sentences are embedded at most, where they are as good as the best
_CLEAR = 0.8  # from here on the words have chosen the sentences well
_SURE = 0.9  # confidences above it say nothing about which is the better
_CLOSE = 0.03  # a fused score so near to the best is as good
_MOST_SENTENCES = 16
_MOST_STRANGE = 6  # words of a question that it is read without, to see what they are about
_PATIENCE = 1.5  # seconds that a second look may take
_STALE = 0.25  # seconds that a question waits for an index that is being changed
_SPARE = 2  # hits beyond those wanted, in place of near duplicates
_DEEP = 400  # hits that are looked through where a filter leaves only some

__all__ = ["Candidate", "Finder", "Found", "passage"]


Revision = Callable[[str], Awaitable[int]]


@attrs.frozen
class _Read:
    """What one namespace makes of the question, and the positions that its words find with their BM25."""

    question: Question
    weights: Weights
    lexical: Mapping[int, float]


@attrs.frozen
class _Looked:
    """What one namespace gave."""

    question: Question
    weights: Weights
    hits: Sequence[Hit]


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
        *,
        reranker: CrossEncoder | None = None,
        clock: Any = time,
        patience: float = _PATIENCE,
    ) -> None:
        self._config = config
        self._store = store
        self._shelves = shelves
        self._embedder = embedder
        self._compute = compute
        self._doubt = doubt
        self._reranker = reranker
        self._clock = clock
        self._patience = patience

    async def find(
        self,
        text: str,
        *,
        namespace: str = "",
        namespaces: Sequence[str] = (),
        language: str = "",
        limit: int = 0,
        mode: str | None = None,
        rerank: str | None = None,
        tags: Sequence[str] | None = None,
        revision: Revision | None = None,
    ) -> Found:
        """Look for passages that answer; several questions in one message are looked for one by one.

        `namespaces` are searched together, the most important first (default: the config's).  `mode` "dense" or
        "lexical" looks with one side alone.  `rerank` is as in the config, which is the default; "" is none.  Of
        `tags` (default: the config's) a document has to have one.  `revision` tells that of a namespace (default: the
        database does).

        Raises what the index or the database raises; without the embedder it goes on with words alone.
        """
        where = tuple(namespaces) or ((namespace,) if namespace else self._config.searched)
        second = self._config.rerank if rerank is None and mode is None else rerank or ""
        filters = tuple(self._config.tags if tags is None else tags)
        asked = prepare(text)
        several = _several(asked) if mode is None else [asked]
        found = await asyncio.gather(
            *(
                self._one(one, where, language, limit, mode, second, filters, revision or self._store.revision)
                for one in several
            )
        )
        return found[0] if len(found) == 1 else _together(found, limit or self._config.passages)

    async def _one(
        self,
        asked: Prepared,
        where: tuple[str, ...],
        language: str,
        limit: int,
        mode: str | None,
        second: str,
        tags: tuple[str, ...],
        revision: Revision,
    ) -> Found:
        clock = _Clock()
        described = await self._describe()
        share = self._share(understand(asked, hint=language), described, mode)
        wanted = limit or self._config.passages
        depth = max(wanted, self._config.rerank_depth) if second else wanted
        most = _DEEP if tags else depth + _SPARE
        embedding = asyncio.create_task(self._embed(asked.text)) if share.dense > 0 else None
        try:
            snapshots = await asyncio.gather(*(self._snapshot(one, described, revision) for one in where))
            clock.lap("index")
            # Words are looked up while the question is embedded.
            read = await self._compute.run(_by_words, snapshots, asked, language, most, self._config.spelling)
            clock.lap("words")
            vector = await embedding if embedding is not None else None
            clock.lap("embed")
        finally:
            if embedding is not None:
                embedding.cancel()
        if vector is None:
            share = Share(0.0)
        vectors = share.dense >= self._config.dense_weight > 0
        known = vectors and is_calibrated(described.id)
        fits = fitting(self._clock.time() if self._clock is time else self._clock.now(), tags)
        looked = await self._compute.run(_fused, snapshots, read, vector, share, most)
        clock.lap("search")
        rows = await self._rows(looked, fits, depth + _SPARE, most)
        clock.lap("fetch")
        room = 0 if limit or second or len(where) > 1 else self._config.context_chars
        # Who asks for so many wants to see them all; an answer needs nothing said twice.
        same = 2.0 if limit else self._config.same_share
        found = await self._compute.run(_weigh, looked, rows, vectors, known, same, room, asked.asked)
        if known and vector is not None:
            await self._look_again(found, vector, asked.text)
        if second:
            found = await self._rerank(found, looked[0].question, second)
        clock.lap("weigh")
        return Found(looked[0].question, found[:wanted], share, clock.ms, where)

    async def _rows(self, looked: Sequence[_Looked], fits: Fits, wanted: int, most: int) -> dict[Ref, Any]:
        """The rows of the best hits that may answer now; where some may not, those after them are asked for."""
        rows: dict[Ref, Any] = {}
        for one in looked:
            kept = 0
            for at in range(0, min(len(one.hits), most), wanted):
                fetched = await self._store.chunks([hit.ref for hit in one.hits[at : at + wanted]])
                fitting_rows = {ref: row for ref, row in fetched.items() if fits(row)}
                rows |= fitting_rows
                kept += len(fitting_rows)
                if kept >= wanted:
                    break
        return rows

    async def _describe(self) -> Described:
        try:
            return await self._embedder.describe()
        except ServiceError as error:
            log.warning("embedder not available, searching by words", reason=str(error))
            known = self._shelves.shelf(self._config.namespace).snapshot
            return Described(known.embedder, known.dimension, ()) if known is not None else NONE

    async def _embed(self, text: str) -> Floats | None:
        try:
            vectors = await self._embedder.embed([text], query=True)
            return np.asarray(vectors[0], np.float32)
        except ServiceError as error:
            log.warning("embedder not available, searching by words", reason=str(error))
            return None

    async def _snapshot(self, namespace: str, described: Described, revision: Revision) -> Snapshot:
        newest = await revision(namespace)
        return await self._shelves.shelf(namespace).at(
            newest, described.id, described.dimension, self._store, patience=_STALE
        )

    def _share(self, question: Question, described: Described, mode: str | None) -> Share:
        if mode is not None:
            return Share({"dense": 1.0, "lexical": 0.0}[mode], 0.0)
        return weight(question, described.id, described.languages, dense=self._config.dense_weight)

    async def _look_again(self, found: list[Candidate], vector: Floats, asked: str) -> None:
        """Compare single sentences and headings where passages as a whole leave doubt; that also finds the better sentence.

        In doubt is a passage that may answer or not, one that lacks a word of the question, and a best one that others
        equal.
        """
        best = found[:_SECOND_LOOK]
        close = [one for one in best if best[0].hit.score - one.hit.score < _CLOSE]
        low, high = self._doubt
        unsure = [one for one in best if low < one.confidence < high or one.evidence.strange]
        looked = [
            one
            for one in best
            if (one in unsure or (len(close) > 1 and one in close)) and 0 < len(one.evidence.spans) <= _MOST_SENTENCES
        ]
        try:
            async with asyncio.timeout(self._patience):
                without = await self._without(asked, looked)
                for one in looked:
                    await self._compare(one, vector, without, close)
        except TimeoutError:
            return  # the machine is busy: the first look has to do
        except ServiceError as error:
            log.warning("embedder not available, no second look", reason=str(error))
            return
        _nearest_first([one for one in close if "sentence" in one.values and one.confidence > _SURE])

    async def _without(self, asked: str, looked: Sequence[Candidate]) -> Mapping[str, Floats]:
        """For each word that a passage lacks, the vector of the question without it."""
        strange = list(dict.fromkeys(word for one in looked for word, _ in one.evidence.strange))[:_MOST_STRANGE]
        told = {word: _less(asked, word) for word in strange}
        texts = [text for text in told.values() if text]
        if not texts:
            return {}
        vectors = iter(np.asarray(await self._embedder.embed(texts, query=True), np.float32))
        return {word: next(vectors) for word, text in told.items() if text}

    async def _compare(
        self, one: Candidate, vector: Floats, without: Mapping[str, Floats], close: Sequence[Candidate]
    ) -> None:
        texts = [one.row.text[a - one.row.start : b - one.row.start] for a, b in one.evidence.spans]
        heads = [part for part in one.row.head.split(SEPARATOR) if part]
        vectors = await self._embedder.sentences(one.row.hash, [*texts, *heads])
        cosines = vectors @ vector
        told, above = cosines[: len(texts)], cosines[len(texts) :]
        clear = one.confidence >= _CLEAR
        one.values = closer(one.values, float(told.max()), float(above.max()) if heads else 0.0)
        if strange := one.evidence.strange:
            nearest = vectors[: len(texts)]
            nearer = [
                float(told.max() - (nearest @ without[word]).max()) if word in without else 0.0 for word, _ in strange
            ]
            one.values = strangeness(one.values, strange, nearer)
        one.confidence = confidence(one.values)
        if one.row.kind not in WHOLE and (not clear or len(close) > 1):
            one.evidence = chosen_again(one.evidence, one.row.text, one.row.start, told.tolist())

    async def _rerank(self, found: list[Candidate], question: Question, second: str) -> list[Candidate]:
        if second == EVIDENCE or self._reranker is None:
            return sorted(found, key=lambda one: -one.confidence)
        texts = [f"{one.row.head}\n{one.row.text}" if one.row.head else one.row.text for one in found]
        scores = await self._compute.run(self._reranker.scores, question.text, texts)
        for one, score in zip(found, scores.tolist(), strict=True):
            one.reranked = score
        return sorted(found, key=lambda one: -(one.reranked or 0.0))


def _less(text: str, word: str) -> str:
    """A text without a folded word; "" where nothing else is in it."""
    rest, last = [], 0
    for one, start, end in spans(text):
        if one == word:
            rest.append(text[last:start])
            last = end
    left = " ".join("".join([*rest, text[last:]]).split())
    return left if spans(left) else ""


def _nearest_first(found: Sequence[Candidate]) -> None:
    """Of passages that all hold the question's words, the one that is nearest in meaning gets the highest confidence."""
    near = sorted(found, key=lambda one: -(one.values["sentence"] + one.values["cosine"]))
    for one, sure in zip(near, sorted((one.confidence for one in found), reverse=True), strict=True):
        one.confidence = sure


class _Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.ms: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.ms[name] = round((now - self._last) * 1000, 3)
        self._last = now


def _several(asked: Prepared) -> list[Prepared]:
    """The questions of a message; what a later one leaves out ("and when is it due?") comes from the first."""
    told = questions(asked)
    if len(told) == 1:
        return [asked]
    first = told[0]
    return [prepare(one if at == 0 or not leans(one) else resolve(one, first)) for at, one in enumerate(told)]


def _by_words(snapshots: Sequence[Snapshot], asked: Prepared, language: str, limit: int, spelling: bool) -> list[_Read]:
    """Look the words up in each namespace; how rare one is counts over all of them.  CPU work: run it in a thread."""
    questions = [
        understand(asked, one.words.languages, hint=language, index=one.words if spelling else None)
        for one in snapshots
    ]
    count = sum(len(one) for one in snapshots)

    def frequency(forms: frozenset[str]) -> int:
        return sum(one.words.frequency(forms) for one in snapshots)

    return [
        _Read(question, weigh(question, count, frequency), by_words(one, question, limit))
        for one, question in zip(snapshots, questions, strict=True)
    ]


def _fused(
    snapshots: Sequence[Snapshot], read: Sequence[_Read], vector: Floats | None, share: Share, limit: int
) -> list[_Looked]:
    """Each namespace's hits, by words and vectors together.  CPU work: run it in a thread."""
    return [
        _Looked(
            mine.question,
            mine.weights,
            fuse(one, mine.lexical, vector, share=share, limit=limit, total=mine.weights.total),
        )
        for one, mine in zip(snapshots, read, strict=True)
    ]


def _weigh(
    looked: Sequence[_Looked], rows: dict[Ref, Any], vectors: bool, known: bool, same: float, room: int, asked: str
) -> list[Candidate]:
    """The candidates of all namespaces: in the order of the search, or of several by how sure each is."""
    every = [
        candidate
        for one in looked
        for candidate in weighed(
            one.weights,
            one.hits,
            rows,
            vectors=vectors,
            known=known,
            same=same,
            room=room,
            asked=asked,
            script=one.question.script,
            language=one.question.language,
        )
    ]
    return every if len(looked) == 1 else _unlike(sorted(every, key=lambda one: -one.confidence), same)


def _unlike(found: Sequence[Candidate], same: float) -> list[Candidate]:
    kept: list[Candidate] = []
    for one in found:
        if all(alike(one.bag, other.bag) < same for other in kept):
            kept.append(one)
    return kept


def _together(found: Sequence[Found], wanted: int) -> Found:
    """The parts' candidates in turn, the best of each first; a passage is given once, to the part it serves best."""
    best: dict[Ref, tuple[int, Candidate]] = {}
    for at, one in enumerate(found):
        for candidate in one.candidates:
            candidate.part = at
            known = best.get(candidate.hit.ref)
            if known is None or candidate.confidence > known[1].confidence:
                best[candidate.hit.ref] = (at, candidate)
    for one in found:
        for c in one.candidates:
            kept = best[c.hit.ref][1]
            if kept is not c:
                kept.also += ((c.part, c.evidence.start, c.evidence.end, c.confidence),)
    rows = [[c for c in one.candidates if best[c.hit.ref][1] is c] for one in found]
    merged = [c for turn in zip_longest(*rows) for c in turn if c is not None]
    ms = {name: max(one.ms[name] for one in found) for name in found[0].ms}
    questions = tuple(one.question for one in found)
    most = max(wanted, len(found))
    return Found(found[0].question, merged[:most], found[0].share, ms, found[0].namespaces, questions)
