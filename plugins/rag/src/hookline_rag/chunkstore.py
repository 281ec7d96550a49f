"""What answers are found in: chunks with their vectors, and which versions of a namespace are live."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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

_REVISION = sa.select(namespace.c.revision, namespace.c.purged).where(namespace.c.name == b("p_name"))
_LIVE = sa.select(document.c.id, document.c.version).where(
    document.c.namespace == b("p_namespace"), document.c.version > 0
)
_BEGINS = sa.select(sa.func.min(document.c.valid_from).label("begins")).where(
    document.c.namespace == b("p_namespace"), document.c.valid_from > b("p_now")
)
_NAMESPACES = sa.select(namespace.c.name)

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
HASHES = sa.select(chunk.c.hash).where(chunk.c.document == b("p_document"))
_SPAN = (
    sa.select(sa.func.substr(version.c.text, b("p_start") + 1, b("p_length")).label("text"))
    .join(document, document.c.id == version.c.document)
    .where(version.c.document == b("p_document"), version.c.version == b("p_version"), document.c.version > 0)
)
_MADE = (
    sa.select(version.c.version)
    .where(version.c.document == b("p_id"), version.c.version == b("p_version"), version.c.created_at == b("p_made"))
)  # fmt: skip
_SECRET = sa.select(secret.c.value).where(secret.c.name == b("p_name"))


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


class ChunkStore:
    """One tenant's chunks and vectors in the database, and what is live of them."""

    def __init__(self, db: TenantDb) -> None:
        self.db = db

    # -- chunks and vectors ------------------------------------------------------------------------------------------

    async def write_chunks(self, ident: str, number: int, made: float, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Store a version's chunks (as `ingestion.cut` makes them), in place of those of an earlier try.

        False where the version that was made then is not there any more (deleted, cancelled): nothing is stored.
        """

        def script() -> Script[bool]:
            if not (yield Op(_MADE, {"p_id": ident, "p_version": number, "p_made": made})).rows:
                return False
            yield Op(sa.delete(chunk).where(chunk.c.document == ident, chunk.c.version == number))
            if rows:
                keyed = [
                    {**row, "key": key_of(Ref(ident, number, row["n"])), "document": ident, "version": number}
                    for row in rows
                ]
                yield Op(sa.insert(chunk), keyed)
            return True

        return await self.db.run(script())

    async def is_made(self, ident: str, number: int, made: float) -> bool:
        """Whether the version that was made at that time is still there."""
        return bool(await self.db.fetch(_MADE, {"p_id": ident, "p_version": number, "p_made": made}))

    async def hashes(self, ident: str) -> set[str]:
        """The hashes of what a document's chunks need vectors of."""
        rows = await self.db.fetch(HASHES, {"p_document": ident})
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

    async def begins(self, where: str, now: float) -> float:
        """When the next of the namespace's documents becomes valid by its date; infinity where none will."""
        rows = await self.db.fetch(_BEGINS, {"p_namespace": where, "p_now": now})
        return math.inf if rows[0].begins is None else float(rows[0].begins)

    async def namespaces(self) -> list[str]:
        """All namespaces that ever had a document."""
        return [row.name for row in await self.db.fetch(_NAMESPACES)]

    async def live(self, where: str) -> tuple[int, int, frozenset[Version]]:
        """The namespace's revision, that of its last deletion, and the (document, version) pairs that are live."""

        def script() -> Script[tuple[Result, Result]]:
            return (yield Op(_REVISION, {"p_name": where})), (yield Op(_LIVE, {"p_namespace": where}))

        revision, rows = await self.db.run(script())
        number, purged = revision.rows[0] if revision.rows else (0, 0)
        return int(number), int(purged), frozenset((row.id, row.version) for row in rows.rows)

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
