"""rag's statements: everything that it asks of the database, and the transactions that change it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs
import sqlalchemy as sa

# PostgreSQL's insert compiles on SQLite too: both know ON CONFLICT.
from sqlalchemy.dialects.postgresql import insert

from hookline.db import Op, Result, Script

from .index import Ref, Version
from .models import chunk, document, namespace, secret, vector, version

if TYPE_CHECKING:
    from hookline.tenancy import TenantDb

b = sa.bindparam
_AT_ONCE = 12  # chunks fetched in one statement
_PAGE = 400

_BY_KEY = sa.select(document).where(document.c.namespace == b("p_namespace"), document.c.key == b("p_key"))
_BY_ID = sa.select(document).where(document.c.id == b("p_id"))
_REVISION = sa.select(namespace.c.revision).where(namespace.c.name == b("p_name"))
_BUMP = insert(namespace).values(name=b("p_name"), revision=1)
BUMP = _BUMP.on_conflict_do_update(index_elements=["tenant", "name"], set_={"revision": namespace.c.revision + 1})
_LIVE = sa.select(document.c.id, document.c.version).where(
    document.c.namespace == b("p_namespace"), document.c.version > 0
)
_NAMESPACES = sa.select(namespace.c.name)
_UNFINISHED = sa.select(document.c.id, document.c.newest).where(document.c.status.in_(["queued", "embedding"]))

_CHUNKS = (
    sa.select(
        chunk,
        *(version.c[name] for name in ("title", "source", "meta")),
        *(document.c[name] for name in ("namespace", "tags", "valid_from", "valid_until")),
    )
    .join(document, sa.and_(document.c.id == chunk.c.document, document.c.version == chunk.c.version))
    .join(version, sa.and_(version.c.document == chunk.c.document, version.c.version == chunk.c.version))
    .where(sa.or_(*(chunk.c.key == b(f"p_{at}") for at in range(_AT_ONCE))))
)
_HASHES = sa.select(chunk.c.hash).where(chunk.c.document == b("p_document"))
_SPAN = (
    sa.select(sa.func.substr(version.c.text, b("p_start") + 1, b("p_length")).label("text"))
    .join(document, document.c.id == version.c.document)
    .where(version.c.document == b("p_document"), version.c.version == b("p_version"), document.c.version > 0)
)
_VERSION = sa.select(version).where(version.c.document == b("p_document"), version.c.version == b("p_version"))
_SECRET = sa.select(secret.c.value).where(secret.c.name == b("p_name"))

_QUEUE = (
    sa.update(document)
    .where(document.c.id == b("p_id"))
    .values(content_hash=b("p_hash"), newest=b("p_newest"), status="queued", error="", updated_at=b("p_now"))
)
STATUS = (
    sa.update(document)
    .where(document.c.id == b("p_id"), document.c.newest == b("p_newest"))
    .values(status=b("p_status"), error=b("p_error"), updated_at=b("p_now"))
)
GO_LIVE = (
    sa.update(document)
    .where(document.c.id == b("p_id"), document.c.version < b("p_version"))
    .values(version=b("p_version"), title=b("p_title"), source=b("p_source"), meta=b("p_meta"), updated_at=b("p_now"),
            status=sa.case((document.c.newest == b("p_version"), "live"), else_=document.c.status), error="")
)  # fmt: skip
_GONE = ~sa.exists().where(document.c.id == chunk.c.document)
DROP_OLD_CHUNKS = sa.delete(chunk).where(chunk.c.document == b("p_id"), sa.or_(chunk.c.version < b("p_version"), _GONE))
DROP_ORPHAN_VERSIONS = sa.delete(version).where(
    version.c.document == b("p_id"), ~sa.exists().where(document.c.id == version.c.document)
)


def key_of(ref: Ref) -> str:
    """A chunk's key in the database."""
    return f"{ref.document}/{ref.version}/{ref.n}"


def drop_vectors(hashes: Iterable[str]) -> list[sa.Delete]:
    """Statements that remove the vectors of these hashes where no chunk needs them any more."""
    wanted = sorted(set(hashes))
    return [
        sa.delete(vector).where(
            vector.c.hash.in_(wanted[at : at + _PAGE]),
            ~sa.exists().where(chunk.c.hash == vector.c.hash),
        )
        for at in range(0, len(wanted), _PAGE)
    ]


@attrs.frozen
class Given:
    """A document on its way in: its outline is in `text` and `blocks`; `key` makes it the same one next time."""

    key: str
    title: str
    text: str
    blocks: Sequence[Sequence[Any]]
    content_hash: str
    source: str = ""
    meta: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Put:
    """What became of a document that was given: `newest` is its last version, `live` whether that one serves."""

    id: str
    key: str
    newest: int
    what: Literal["new", "changed", "unchanged"]
    live: bool = False


class Store:
    """One tenant's documents in the database."""

    def __init__(self, db: TenantDb) -> None:
        self.db = db

    # -- documents -------------------------------------------------------------------------------------------------

    async def put(self, where: str, given: Sequence[Given], now: float) -> list[Put]:
        """Store documents as new versions, to be made live by a job; what is there already stays as it is."""

        def script() -> Script[list[Put]]:
            done = []
            for one in given:
                known = (yield Op(_BY_KEY, {"p_namespace": where, "p_key": one.key})).rows
                done.append((yield from self._put(where, one, known[0] if known else None, now)))
            return done

        return await self.db.run(script())

    def _put(self, where: str, one: Given, known: Any, now: float) -> Script[Put]:
        if known is not None and known.content_hash == one.content_hash and known.status != "failed":
            return Put(known.id, one.key, known.newest, "unchanged", known.version == known.newest)
        ident = uuid.uuid4().hex if known is None else known.id
        newest = 1 if known is None else known.newest + 1
        if known is None:
            values = {
                "id": ident, "namespace": where, "key": one.key, "title": one.title, "source": one.source,
                "meta": one.meta, "content_hash": one.content_hash, "version": 0, "newest": newest,
                "status": "queued", "error": "", "created_at": now, "updated_at": now,
            }  # fmt: skip
            yield Op(sa.insert(document), values)
        else:
            yield Op(_QUEUE, {"p_id": ident, "p_hash": one.content_hash, "p_newest": newest, "p_now": now})
        values = {
            "document": ident, "version": newest, "title": one.title, "source": one.source, "meta": one.meta,
            "content_hash": one.content_hash, "text": one.text, "blocks": one.blocks, "created_at": now,
        }  # fmt: skip
        yield Op(sa.insert(version), values)
        return Put(ident, one.key, newest, "new" if known is None else "changed")

    async def document(self, ident: str) -> Any | None:
        """The document's row."""
        rows = await self.db.fetch(_BY_ID, {"p_id": ident})
        return rows[0] if rows else None

    async def documents(self, where: str = "", *, after: str = "", limit: int = 100) -> Sequence[Any]:
        """Documents by id, a page at a time; `where` is a namespace, "" all."""
        query = sa.select(document).where(document.c.id > after).order_by(document.c.id).limit(limit)
        if where:
            query = query.where(document.c.namespace == where)
        return await self.db.fetch(query)

    async def unfinished(self) -> Sequence[Any]:
        """(id, newest) of the documents that a job still has to make live."""
        return await self.db.fetch(_UNFINISHED)

    async def version(self, ident: str, number: int) -> Any | None:
        """One version's row, with its text."""
        rows = await self.db.fetch(_VERSION, {"p_document": ident, "p_version": number})
        return rows[0] if rows else None

    async def delete(self, ident: str) -> bool:
        """Remove a document with all its versions, chunks and vectors; False if it is not there."""

        def script() -> Script[bool]:
            rows = (yield Op(_BY_ID, {"p_id": ident})).rows
            if not rows:
                return False
            hashes = (yield Op(_HASHES, {"p_document": ident})).rows
            yield Op(sa.delete(document).where(document.c.id == ident))
            yield Op(sa.delete(chunk).where(chunk.c.document == ident))
            yield Op(sa.delete(version).where(version.c.document == ident))
            for statement in drop_vectors(row.hash for row in hashes):
                yield Op(statement)
            yield Op(BUMP, {"p_name": rows[0].namespace})
            return True

        return await self.db.run(script())

    # -- chunks and vectors ------------------------------------------------------------------------------------------

    async def write_chunks(self, ident: str, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store a version's chunks (as `ingestion.cut` makes them), in place of those of an earlier try."""

        def script() -> Script[None]:
            yield Op(sa.delete(chunk).where(chunk.c.document == ident, chunk.c.version == number))
            if rows:
                keyed = [
                    {**row, "key": key_of(Ref(ident, number, row["n"])), "document": ident, "version": number}
                    for row in rows
                ]
                yield Op(sa.insert(chunk), keyed)

        await self.db.run(script())

    async def hashes(self, ident: str) -> set[str]:
        """The hashes of what a document's chunks need vectors of."""
        rows = await self.db.fetch(_HASHES, {"p_document": ident})
        return {row.hash for row in rows}

    async def missing(self, embedder: str, hashes: Iterable[str]) -> set[str]:
        """Those of the hashes that have no vector of the embedder."""
        wanted = sorted(set(hashes))
        known: set[str] = set()
        for at in range(0, len(wanted), _PAGE):
            part = wanted[at : at + _PAGE]
            query = sa.select(vector.c.hash).where(vector.c.embedder == embedder, vector.c.hash.in_(part))
            known.update(row.hash for row in await self.db.fetch(query))
        return set(wanted) - known

    async def write_vectors(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Store vectors; one that is there already stays."""
        rows = [{"embedder": embedder, "hash": key, "vector": value} for key, value in vectors.items()]
        if rows:
            await self.db.write((insert(vector).on_conflict_do_nothing(), rows))

    async def revision(self, where: str) -> int:
        """The namespace's revision; 0 where it never had a document."""
        rows = await self.db.fetch(_REVISION, {"p_name": where})
        return int(rows[0].revision) if rows else 0

    async def namespaces(self) -> list[str]:
        """All namespaces that ever had a document."""
        return [row.name for row in await self.db.fetch(_NAMESPACES)]

    async def live(self, where: str) -> tuple[int, frozenset[Version]]:
        """The namespace's revision, and the (document, version) pairs that are live at it."""

        def script() -> Script[tuple[Result, Result]]:
            return (yield Op(_REVISION, {"p_name": where})), (yield Op(_LIVE, {"p_namespace": where}))

        revision, rows = await self.db.run(script())
        number = int(revision.rows[0].revision) if revision.rows else 0
        return number, frozenset((row.id, row.version) for row in rows.rows)

    async def chunks_of(self, versions: Iterable[Version]) -> list[Any]:
        """All chunks of versions, in order."""
        wanted = sorted(versions)
        rows: list[Any] = []
        for at in range(0, len(wanted), _PAGE):
            part = wanted[at : at + _PAGE]
            live = dict(part)
            query = (
                sa.select(chunk)
                .where(chunk.c.document.in_(list(live)))
                .order_by(chunk.c.document, chunk.c.version, chunk.c.n)
            )
            rows.extend(row for row in await self.db.fetch(query) if live[row.document] == row.version)
        return rows

    async def vectors(self, embedder: str, hashes: Iterable[str]) -> dict[str, bytes]:
        """The embedder's vectors by hash, as far as they are there."""
        wanted = sorted(set(hashes))
        found: dict[str, bytes] = {}
        for at in range(0, len(wanted), _PAGE):
            part = wanted[at : at + _PAGE]
            query = sa.select(vector.c.hash, vector.c.vector).where(
                vector.c.embedder == embedder, vector.c.hash.in_(part)
            )
            found.update({row.hash: bytes(row.vector) for row in await self.db.fetch(query)})
        return found

    async def chunks(self, refs: Sequence[Ref]) -> dict[Ref, Any]:
        """The chunks of live versions, with their documents' titles; what is gone by now is missing."""
        found: dict[Ref, Any] = {}
        for at in range(0, len(refs), _AT_ONCE):
            keys = [key_of(ref) for ref in refs[at : at + _AT_ONCE]]
            params = {f"p_{slot}": keys[slot] if slot < len(keys) else "" for slot in range(_AT_ONCE)}
            for row in await self.db.fetch(_CHUNKS, params):
                found[Ref(row.document, row.version, row.n)] = row
        return found

    async def span(self, ident: str, number: int, start: int, end: int) -> str | None:
        """The text of a span of a version, straight from its stored text; None where the document is gone."""
        params = {"p_document": ident, "p_version": number, "p_start": start, "p_length": end - start}
        rows = await self.db.fetch(_SPAN, params)
        return str(rows[0].text) if rows else None

    # -- secrets -----------------------------------------------------------------------------------------------------

    async def secret(self, name: str) -> str:
        """A secret of the tenant, made when first asked for."""
        rows = await self.db.fetch(_SECRET, {"p_name": name})
        if not rows:
            fresh = {"name": name, "value": secrets.token_hex(32)}
            await self.db.write((insert(secret).on_conflict_do_nothing(), fresh))
            rows = await self.db.fetch(_SECRET, {"p_name": name})
        return str(rows[0].value)
