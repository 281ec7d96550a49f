"""Documents on their way in: read, stored, and made live by a durable job; the old version serves until then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import numpy as np

from .chunk import SEPARATOR, chunks
from .errors import BrokenDocument, DocumentError
from .extract import extract, try_extract
from .outline import Block, Outline
from .script import language_of
from .store import BUMP, DROP_OLD_CHUNKS, DROP_ORPHAN_VERSIONS, GO_LIVE, STATUS, Given, Put, Store, drop_vectors

if TYPE_CHECKING:
    from hookline.compute import Compute
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config
    from .embedder import Embedder

_TOGETHER = 64  # documents a job, texts a call of the embedder
_IN_PROCESS = 200_000  # characters from which cutting a text is worth another process
_MOST_HEAD = 200
_MARKS = ("# ", "## ", "### ", "| ", "```")  # that a text without a file name is Markdown
_MOMENT = 2.0  # seconds


def given(outline: Outline, *, key: str, source: str = "", meta: Mapping[str, Any] | None = None) -> Given:
    """An outline as the store takes it; the content's hash covers all that a reader would see change."""
    blocks = [[block.kind, block.start, block.end, block.level, block.answer] for block in outline.blocks]
    told = {**outline.meta, **(meta or {})}
    digest = hashlib.sha256(msgspec.json.encode([outline.title, source, outline.text, blocks, told], order="sorted"))
    return Given(key, outline.title, outline.text, blocks, digest.hexdigest(), source, told)


def from_text(content: str, *, title: str, meta: Mapping[str, Any], source: str, most: int) -> Given:
    """A document given as text, as the store takes it.  Raises a `DocumentError`."""
    kind = "md" if any(line.startswith(_MARKS) for line in content.splitlines()) else "txt"
    outline = extract(title or "the document", content.encode("utf-8", "replace"), kind=kind, max_bytes=most)[0]
    name = title or outline.title
    key = f"text:{title}" if title else f"text:{outline.text[:200]}"
    return given(attrs.evolve(outline, title=name), key=key, source=source or name, meta=meta)


def apart(outlines: Sequence[Outline], *, key: str, source: str, meta: Mapping[str, Any]) -> list[Given]:
    """A file's documents, as the store takes them; those of a file with several are told apart by their titles."""
    many = len(outlines) > 1
    found: dict[str, Given] = {}
    for at, outline in enumerate(outlines):
        own = f"{key}#{outline.title or at}" if many else key
        if own in found:
            own = f"{own}#{at}"
        found[own] = given(outline, key=own, source=source, meta=meta)
    return list(found.values())


async def read(compute: Compute, config: Config, name: str, data: bytes) -> list[Outline]:
    """The documents in a file, read in another process.  Raises a `DocumentError`."""
    if len(data) > config.max_file_bytes:
        return extract(name, data, max_bytes=config.max_file_bytes)  # raises, without a copy to another process
    try:
        outcome = await compute.process(try_extract, name, data, config.max_file_bytes, config.parse_seconds)
    except BrokenExecutor:
        raise BrokenDocument(name, "made its reader crash", "save it in another format") from None
    if isinstance(outcome, DocumentError):
        raise outcome
    return outcome


def cut(
    title: str, text: str, blocks: Sequence[Sequence[Any]], max_tokens: int, language: str = ""
) -> list[dict[str, Any]]:
    """A version's chunks as rows, without document and version.  Pure and slow: for another process or thread."""
    rows = []
    own = language or language_of(text)
    for one in chunks(text, [Block(*block) for block in blocks], max_tokens=max_tokens):
        body = text[one.start : one.end]
        head = one.head if one.kind == "record" else _head(title, one.head)
        quoted = text[one.answer : one.end]
        rows.append(
            {
                "n": one.n, "kind": one.kind, "start": one.start, "end": one.end, "answer": one.answer, "head": head,
                "text": body, "language": language_of(body) or own, "hash": _digest(f"{head}\n{quoted}"),
            }
        )  # fmt: skip
    return rows


def _head(title: str, path: str) -> str:
    parts = [part for part in path.split(SEPARATOR) if part and part.casefold() != title.casefold()]
    return SEPARATOR.join([title, *parts] if title else parts)[-_MOST_HEAD:]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def embedded_texts(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What is embedded for the rows, by hash: each chunk with its heading before it.

    Headings embedded by themselves, and the best of both taken, found less on paragraphs and on FAQs when measured.
    """
    texts: dict[str, str] = {}
    for row in rows:
        quoted = row["text"][row["answer"] - row["start"] :]
        texts[row["hash"]] = f"{row['head']}\n{quoted}" if row["head"] else quoted
    return texts


class Ingestion:
    """Brings documents into one tenant's store, and makes them live."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, embedder: Embedder) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._embedder = embedder

    async def submit(self, where: str, documents: Sequence[Given]) -> tuple[list[Put], list[int]]:
        """Store the documents durably, and have jobs make them live; returns what became of each, and the jobs."""
        done: list[Put] = []
        jobs: list[int] = []
        for at in range(0, len(documents), _TOGETHER):
            puts = await self._store.put(where, documents[at : at + _TOGETHER], self._tenant.clock.now())
            done += puts
            waiting = [(put.id, put.newest) for put in puts if not put.live]
            if waiting:
                jobs.append(await self._job(waiting))
        return done, jobs

    async def _job(self, waiting: Sequence[tuple[str, int]], *, delay: float = 0.0) -> int:
        payload = {"documents": [list(one) for one in waiting]}
        return await self._tenant.submit("ingest", payload, delay=delay)

    async def resume(self) -> None:
        """Have jobs for the documents that a crash left between being stored and being given one."""
        rows = [(row.id, row.newest) for row in await self._store.unfinished()]
        for at in range(0, len(rows), _TOGETHER):
            await self._job(rows[at : at + _TOGETHER], delay=1.0)

    async def run(self, turn: Turn, documents: Sequence[tuple[str, int]], *, last: bool) -> None:
        """The job: cut, embed, and at the turn's commit make live.

        What is embedded stays embedded if this is run again.  `last` says that there will be no other try: then
        a failure is noted with the documents instead of raised.
        """
        rows: dict[tuple[str, int], Any] = {}
        for ident, number in documents:
            known = await self._store.document(ident)
            if known is None or known.version >= number:
                continue
            row = await self._store.version(ident, number)
            if row is not None:
                rows[(ident, number)] = (known, row)
        old = {one for known, _ in rows.values() if known.version for one in await self._store.hashes(known.id)}
        try:
            await self._prepare({key: row for key, (_, row) in rows.items()})
        except Exception as error:
            if not last:
                raise
            for ident, number in rows:
                self._status(turn.write, ident, number, "failed", str(error))
            return
        spaces = set()
        for (ident, number), (known, row) in rows.items():
            turn.write(GO_LIVE, {
                "p_id": ident, "p_version": number, "p_title": row.title, "p_source": row.source, "p_meta": row.meta,
                "p_now": self._tenant.clock.now(),
            })  # fmt: skip
            turn.write(DROP_OLD_CHUNKS, {"p_id": ident, "p_version": number})
            turn.write(DROP_ORPHAN_VERSIONS, {"p_id": ident})
            spaces.add(known.namespace)
        for statement in drop_vectors(old):
            turn.write(statement)
        for space in sorted(spaces):
            turn.write(BUMP, {"p_name": space})
            # One job for all that goes live in a moment: whoever waits for a document brings the index up himself.
            moment = int(self._tenant.clock.now() // _MOMENT)
            turn.job("index", {"namespace": space}, key=f"{space}:{moment}", delay=_MOMENT)

    def _status(self, write: Callable[..., None], ident: str, number: int, status: str, error: str = "") -> None:
        now = self._tenant.clock.now()
        write(STATUS, {"p_id": ident, "p_newest": number, "p_status": status, "p_error": error, "p_now": now})

    async def _prepare(self, versions: Mapping[tuple[str, int], Any]) -> None:
        """Write the chunks and the vectors of versions that are not live yet; nobody sees them before they are."""
        texts: dict[str, str] = {}
        for (ident, number), row in versions.items():
            params = {"p_id": ident, "p_newest": number, "p_status": "embedding", "p_error": "",
                      "p_now": self._tenant.clock.now()}  # fmt: skip
            await self._tenant.db.write((STATUS, params))
            language = str(row.meta.get("language", ""))[:2]
            lane = self._tenant.compute.process if len(row.text) > _IN_PROCESS else self._tenant.compute.batch
            cuts = await lane(cut, row.title, row.text, row.blocks, self._config.chunk_tokens, language)
            await self._store.write_chunks(ident, number, cuts)
            texts |= embedded_texts(cuts)
        await self.embed(texts)

    async def embed(self, texts: Mapping[str, str]) -> None:
        """Make and store the vectors that are missing, those of like length together."""
        described = await self._embedder.describe()
        if not described.id:
            return
        missing = sorted(await self._store.missing(described.id, texts), key=lambda one: len(texts[one]))
        for at in range(0, len(missing), _TOGETHER):
            part = missing[at : at + _TOGETHER]
            vectors = await self._embedder.embed([texts[one] for one in part], query=False)
            packed = {one: np.asarray(row, "<f4").tobytes() for one, row in zip(part, vectors, strict=True)}
            await self._store.write_vectors(described.id, packed)

    async def embed_again(self, where: str) -> int:
        """Make the vectors that a namespace lacks, as after a change of embedder; returns how many were missing."""
        described = await self._embedder.describe()
        if not described.id:
            return 0
        _, live = await self._store.live(where)
        rows = [attrs_of(row) for row in await self._store.chunks_of(live)]
        texts = embedded_texts(rows)
        missing = await self._store.missing(described.id, texts)
        await self.embed({key: texts[key] for key in missing})
        return len(missing)


def attrs_of(row: Any) -> dict[str, Any]:
    """A chunk's row as the mapping that `embedded_texts` takes."""
    return {name: getattr(row, name) for name in ("text", "start", "answer", "head", "hash")}
