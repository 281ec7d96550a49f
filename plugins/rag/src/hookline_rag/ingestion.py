"""Documents on their way in: read, stored, and made live by a durable job; the old version serves until then."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import numpy as np

from .chunkstore import drop_vectors
from .cut import cut_counted
from .errors import BrokenDocument, DocumentError
from .extract import extract, try_extract
from .outline import Outline
from .store import (
    BUMP,
    DROP_OLD_CHUNKS,
    DROP_OLD_VERSIONS,
    DROP_ORPHAN_VERSIONS,
    GO_LIVE,
    NOBODY,
    STATUS,
    By,
    Given,
    Put,
    Store,
)
from .tokens import fair

if TYPE_CHECKING:
    from hookline.compute import Compute
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config
    from .embedder import Embedder
    from .schema import Rules

TOPIC = "knowledge"  # of the live events: `document` {id, status, done, total}, `run`, `namespace`
UNTITLED = "The document"  # what a text without a title is called; it says nothing, and is no heading of its chunks
_TOGETHER = 64  # documents a job, texts a call of the embedder
_PORTION = 500_000  # characters a job, as far as documents are not larger by themselves
_MARKS = ("# ", "## ", "### ", "| ", "```")  # that a text without a file name is Markdown
_MOMENT = 2.0  # seconds


Note = Callable[[Sequence[str] | set[str]], Awaitable[bool]]


def given(outline: Outline, *, key: str, source: str = "", meta: Mapping[str, Any] | None = None) -> Given:
    """An outline as the store takes it; the content's hash covers all that a reader would see change."""
    blocks = [[block.kind, block.start, block.end, block.level, block.answer] for block in outline.blocks]
    told = {**outline.meta, **(meta or {})}
    digest = hashlib.sha256(msgspec.json.encode([outline.title, source, outline.text, blocks, told], order="sorted"))
    return Given(key, outline.title, outline.text, blocks, digest.hexdigest(), source, told)


def from_text(content: str, *, title: str, meta: Mapping[str, Any], source: str, most: int) -> Given:
    """A document given as text, as the store takes it.  Raises a `DocumentError`."""
    kind = "md" if any(line.startswith(_MARKS) for line in content.splitlines()) else "txt"
    outline = extract(title or UNTITLED, content.encode("utf-8", "replace"), kind=kind, max_bytes=most)[0]
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


async def read(
    compute: Compute, config: Config, name: str, data: bytes, *, rules: Rules | None = None,
    meta: Mapping[str, Any] | None = None,
) -> list[Outline]:  # fmt: skip
    """The documents in a file, read in another process; `rules` are checked, with `meta` as what is known already.

    Raises a `DocumentError`.
    """
    if len(data) > config.max_file_bytes:
        return extract(name, data, max_bytes=config.max_file_bytes)  # raises, without a copy to another process
    try:
        outcome = await compute.process(
            try_extract, name, data, config.max_file_bytes, config.parse_seconds, rules=rules, meta=meta
        )
    except BrokenExecutor:
        raise BrokenDocument(name, "made its reader crash", "save it in another format") from None
    if isinstance(outcome, DocumentError):
        raise outcome
    return outcome


def embedded_texts(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What is embedded for the rows, by hash: each chunk with its heading before it.

    Headings embedded by themselves, and the best of both taken, found less on paragraphs and on FAQs when measured.
    """
    texts: dict[str, str] = {}
    for row in rows:
        quoted = row["text"][row["answer"] - row["start"] :]
        texts[row["hash"]] = f"{row['head']}\n{quoted}" if row["head"] else quoted
    return texts


def _portions(documents: Sequence[Given]) -> Iterator[list[Given]]:
    part: list[Given] = []
    size = 0
    for one in documents:
        if part and (len(part) >= _TOGETHER or size + len(one.text) > _PORTION):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.text)
    if part:
        yield part


class Ingestion:
    """Brings documents into one tenant's store, and makes them live."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, embedder: Embedder) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._embedder = embedder

    async def submit(
        self, where: str, documents: Sequence[Given], by: By = NOBODY
    ) -> tuple[list[Put], list[int]]:  # fmt: skip
        """Store the documents durably, and have jobs make them live; returns what became of each, and the jobs."""
        done: list[Put] = []
        jobs: list[int] = []
        for part in _portions(documents):
            puts = await self._store.put(where, part, self._tenant.clock.now(), by)
            done += puts
            waiting = [(put.id, put.newest) for put in puts if not put.live]
            if waiting:
                jobs.append(await self.job(waiting))
        return done, jobs

    async def job(self, waiting: Sequence[tuple[str, int]], *, delay: float = 0.0) -> int:
        """Have a job make these versions live; returns its inbox id."""
        payload = {"documents": [list(one) for one in waiting]}
        return await self._tenant.submit("ingest", payload, delay=delay)

    async def resume(self) -> None:
        """Have jobs for the documents that a crash left between being stored and being given one."""
        rows = [(row.id, row.newest) for row in await self._store.unfinished()]
        for at in range(0, len(rows), _TOGETHER):
            await self.job(rows[at : at + _TOGETHER], delay=1.0)

    async def run(self, turn: Turn, documents: Sequence[tuple[str, int]], *, last: bool) -> None:
        """The job: cut, embed, and at the turn's commit make live.

        What is embedded stays embedded if this is run again.  `last` says that there will be no other try: then
        a failure is noted with the documents instead of raised.
        """
        rows: dict[tuple[str, int], Any] = {}
        spaces: dict[str, str] = {}
        for ident, number in documents:
            known = await self._store.document(ident)
            if known is None or known.version >= number:
                continue
            row = await self._store.version(ident, number)
            if row is not None:
                rows[(ident, number)] = row
                spaces[ident] = known.namespace
        old = {one for ident, _ in rows for one in await self._store.hashes(ident)}
        try:
            old |= await self._prepare(rows)
        except Exception as error:
            if not last:
                raise
            for ident, number in rows:
                self._status(turn.write, ident, number, "failed", str(error))
            return
        for ident, _ in rows:
            known = await self._store.document(ident)  # it may have been moved while it was embedded
            if known is not None:
                spaces[ident] = known.namespace
        for (ident, number), row in rows.items():
            turn.write(GO_LIVE, {
                "p_id": ident, "p_version": number, "p_title": row.title, "p_source": row.source, "p_meta": row.meta,
                "p_now": self._tenant.clock.now(), "p_made": row.created_at,
            })  # fmt: skip
            turn.write(DROP_OLD_CHUNKS, {"p_id": ident})
            turn.write(DROP_ORPHAN_VERSIONS, {"p_id": ident})
            turn.write(DROP_OLD_VERSIONS, {"p_id": ident, "p_oldest": number - self._config.keep_versions})
        for statement in drop_vectors(old):
            turn.write(statement)
        for space in sorted(set(spaces.values())):
            turn.write(BUMP, {"p_name": space})
            # One job for all that goes live in a moment: whoever waits for a document brings the index up himself.
            moment = int(self._tenant.clock.now() // _MOMENT)
            turn.job("index", {"namespace": space}, key=f"{space}:{moment}", delay=_MOMENT)

    def _status(self, write: Callable[..., None], ident: str, number: int, status: str, error: str = "") -> None:
        now = self._tenant.clock.now()
        write(STATUS, {"p_id": ident, "p_newest": number, "p_status": status, "p_error": error, "p_now": now})
        self._tell(ident, status)

    def _tell(self, ident: str, status: str, done: int = 0, total: int = 0) -> None:
        told = {"id": ident, "status": status, "done": done, "total": total}
        self._tenant.live.publish(self._tenant.name, TOPIC, "document", told)

    async def _prepare(self, versions: dict[tuple[str, int], Any]) -> set[str]:
        """Write the chunks and the vectors of versions that are not live yet; nobody sees them before they are.

        What was deleted or cancelled meanwhile is taken out of `versions`; returns the hashes of its chunks.
        """
        texts: dict[str, str] = {}
        needs: dict[tuple[str, int], set[str]] = {}
        for (ident, number), row in list(versions.items()):
            params = {"p_id": ident, "p_newest": number, "p_status": "embedding", "p_error": "",
                      "p_now": self._tenant.clock.now()}  # fmt: skip
            await self._tenant.db.write((STATUS, params))
            self._tell(ident, "embedding")
            language = str(row.meta.get("language", ""))[:2]
            described = await self._embedder.describe()
            sees = described.sees(row.text, language)
            cuts = await cut_counted(
                self._tenant.compute, self._embedder.count if sees else _fair, "" if row.title == UNTITLED else row.title,
                row.text, row.blocks,
                max_tokens=self._config.chunk_tokens, window=described.max_tokens if sees else 0, language=language,
            )  # fmt: skip
            if not await self._store.write_chunks(ident, number, row.created_at, cuts):
                del versions[(ident, number)]
                continue
            told = embedded_texts(cuts)
            needs[(ident, number)] = set(told)
            texts |= told
        return await self._embed_all(texts, versions, needs)

    async def _embed_all(
        self, texts: Mapping[str, str], versions: dict[tuple[str, int], Any], needs: dict[tuple[str, int], set[str]]
    ) -> set[str]:
        """Embed what the versions need, telling how far each is; returns the hashes of those that went away."""
        left = {key: set(hashes) for key, hashes in needs.items()}
        given_up: set[str] = set()

        async def note(done: Sequence[str] | set[str]) -> bool:
            rows = []
            for key, hashes in left.items():
                if hashes.isdisjoint(done) and done:
                    continue
                hashes.difference_update(done)
                total = len(needs[key])
                rows.append((*key, total - len(hashes), total))
                self._tell(key[0], "embedding", total - len(hashes), total)
            await self._store.progress(rows)
            for key in list(left):
                if not await self._store.is_made(*key, versions[key].created_at):
                    given_up.update(needs[key])
                    del left[key], versions[key]
            return bool(left)

        await self.embed(texts, note)
        return given_up

    async def embed(self, texts: Mapping[str, str], note: Note | None = None) -> None:
        """Make and store the vectors that are missing, those of like length together.

        `note` is told which are there as they come; if it returns False the rest is not wanted any more.
        """
        described = await self._embedder.describe()
        if not described.id:
            return
        wanted = await self._store.missing(described.id, texts)
        if note is not None and not await note(set(texts) - wanted):
            return
        missing = sorted(wanted, key=lambda one: len(texts[one]))
        for at in range(0, len(missing), _TOGETHER):
            part = missing[at : at + _TOGETHER]
            vectors = await self._embedder.embed([texts[one] for one in part], query=False)
            packed = {one: np.asarray(row, "<f4").tobytes() for one, row in zip(part, vectors, strict=True)}
            await self._store.write_vectors(described.id, packed)
            if note is not None and not await note(part):
                return

    async def embed_again(self, where: str) -> int:
        """Make the vectors that a namespace lacks, as after a change of embedder; returns how many were missing."""
        described = await self._embedder.describe()
        if not described.id:
            return 0
        *_, live = await self._store.live(where)
        rows = [attrs_of(row) for row in await self._store.chunks_of(live)]
        texts = embedded_texts(rows)
        missing = await self._store.missing(described.id, texts)
        await self.embed({key: texts[key] for key in missing})
        return len(missing)


async def _fair(texts: Sequence[str]) -> list[int]:
    return [fair(text) for text in texts]


def attrs_of(row: Any) -> dict[str, Any]:
    """A chunk's row as the mapping that `embedded_texts` takes."""
    return {name: getattr(row, name) for name in ("text", "start", "answer", "head", "hash")}
