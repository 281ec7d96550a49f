"""The tenant's documents in the database: their versions, where they are on their way in, and what removes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
import msgspec
import sqlalchemy as sa

# PostgreSQL's insert compiles on SQLite too: both know ON CONFLICT.
from sqlalchemy.dialects.postgresql import insert

from hookline.db import Op, Script
from hookline.ledger import new_id

from .chunkstore import HASHES, ChunkStore, drop_vectors
from .models import chunk, document, namespace, page, version

b = sa.bindparam

_BY_KEY = sa.select(document).where(document.c.namespace == b("p_namespace"), document.c.key == b("p_key"))
# A file may come by the command line with its path and by the page with its name alone.
_SAME_FILE = (
    sa.select(document)
    .where(
        document.c.namespace == b("p_namespace"),
        document.c.content_hash == b("p_hash"),
        document.c.source == b("p_source"),
        document.c.key.like("file:%"),
        document.c.status != "failed",
    )
    .order_by(document.c.created_at, document.c.id)
    .limit(1)
)
_BY_ID = sa.select(document).where(document.c.id == b("p_id"))
_BUMP = insert(namespace).values(name=b("p_name"), revision=1)
BUMP = _BUMP.on_conflict_do_update(index_elements=["tenant", "name"], set_={"revision": namespace.c.revision + 1})
# What is deleted for good: what was made before this revision may hold its text.
_PURGE = _BUMP.values(purged=1).on_conflict_do_update(
    index_elements=["tenant", "name"],
    set_={"revision": namespace.c.revision + 1, "purged": namespace.c.revision + 1},
)
_UNFINISHED = sa.select(document.c.id, document.c.newest).where(document.c.status.in_(["queued", "embedding"]))

_VERSION = sa.select(version).where(version.c.document == b("p_document"), version.c.version == b("p_version"))

_QUEUE = (
    sa.update(document)
    .where(document.c.id == b("p_id"))
    .values(content_hash=b("p_hash"), newest=b("p_newest"), status="queued", error="", updated_at=b("p_now"),
            checked_at=b("p_now"), done=0, total=0, run=b("p_run"))
)  # fmt: skip
_CHECKED = sa.update(document).where(document.c.id == b("p_id")).values(checked_at=b("p_now"))
_PROGRESS = (
    sa.update(document)
    .where(document.c.id == b("p_id"), document.c.newest == b("p_newest"))
    .values(done=b("p_done"), total=b("p_total"))
)
_VERSIONS = (
    sa.select(
        *(version.c[name] for name in ("version", "title", "source", "meta", "created_at", "made_by", "restored_from")),
        sa.func.length(version.c.text).label("chars"),
    )
    .where(version.c.document == b("p_id"))
    .order_by(version.c.version.desc())
)
_COUNTS = (
    sa.select(document.c.namespace, document.c.status, sa.func.count().label("n"))
    .group_by(document.c.namespace, document.c.status)
    .order_by(document.c.namespace)
)
_CHUNK_COUNTS = (
    sa.select(document.c.namespace, sa.func.count().label("n"))
    .select_from(
        chunk.join(document, sa.and_(document.c.id == chunk.c.document, document.c.version == chunk.c.version))
    )
    .group_by(document.c.namespace)
)
STATUS = (
    sa.update(document)
    .where(document.c.id == b("p_id"), document.c.newest == b("p_newest"))
    .values(status=b("p_status"), error=b("p_error"), updated_at=b("p_now"))
)
GO_LIVE = (
    sa.update(document)
    .where(
        document.c.id == b("p_id"),
        document.c.version < b("p_version"),
        # Not what was cancelled meanwhile, nor another version that has got its number since.
        sa.exists().where(
            version.c.document == document.c.id, version.c.version == b("p_version"), version.c.created_at == b("p_made")
        ),
    )
    .values(done=document.c.total, version=b("p_version"), title=b("p_title"), source=b("p_source"), meta=b("p_meta"), updated_at=b("p_now"),
            status=sa.case((document.c.newest == b("p_version"), "live"), else_=document.c.status), error="")
)  # fmt: skip
_GONE = ~sa.exists().where(version.c.document == chunk.c.document, version.c.version == chunk.c.version)
# The chunks of the versions before the live one, and those that were cut for what is not there any more.
DROP_OLD_CHUNKS = sa.delete(chunk).where(
    chunk.c.document == b("p_id"),
    sa.or_(_GONE, sa.exists().where(document.c.id == chunk.c.document, document.c.version > chunk.c.version)),
)
# All but the newest versions, whose links and restoring are kept.
DROP_OLD_VERSIONS = sa.delete(version).where(version.c.document == b("p_id"), version.c.version <= b("p_oldest"))
DROP_ORPHAN_VERSIONS = sa.delete(version).where(
    version.c.document == b("p_id"), ~sa.exists().where(document.c.id == version.c.document)
)


ABOUT = ("namespace", "owner", "tags", "valid_from", "valid_until", "origin", "refresh_seconds", "updated_at")
_WHEN = ("tags", "valid_from", "valid_until")  # decide whether a document answers
_MOST_VERSIONS = 2**31 - 1  # what the column holds
_RESTORED = ("title", "source", "meta", "content_hash", "text", "blocks")


def is_stale(now: float, default: float) -> sa.ColumnElement[bool]:
    """Whether a live document is past its age, its own or the default one (0: it has none)."""
    age = sa.func.coalesce(document.c.refresh_seconds, default)
    return sa.and_(document.c.status == "live", age > 0, document.c.checked_at + age <= now)


def _about(ident: str, about: Mapping[str, Any]) -> Op:
    unknown = set(about) - set(ABOUT)
    if unknown:
        raise ValueError(f"{sorted(unknown)} can't be set by themselves")
    return Op(sa.update(document).where(document.c.id == ident).values(**about))


def _pattern(text: str) -> str:
    """What LIKE takes for "holds this text", escaped by !."""
    return "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"


@attrs.frozen
class Given:
    """A document on its way in: its outline is in `text` and `blocks`; `key` makes it the same one next time.

    `about` are columns of the document that shall be set, whether its text has changed or not (see `ABOUT`); those
    that are not named stay as they are.  `namespace` is its own where it is not to go with the others.
    """

    key: str
    title: str
    text: str
    blocks: Sequence[Sequence[Any]]
    content_hash: str
    source: str = ""
    meta: Mapping[str, Any] = attrs.Factory(dict)
    about: Mapping[str, Any] = attrs.Factory(dict)
    namespace: str = ""

    @property
    def notes(self) -> Sequence[str]:
        """What its reader noted (see `extract`); a field of the document's own that is called so need not be a list."""
        told = self.meta.get("notes")
        return [one for one in told if isinstance(one, str)] if isinstance(told, list) else ()


@attrs.frozen
class By:
    """Who gives documents, and in which run."""

    who: str = ""
    run: str = ""


NOBODY = By()
What = Literal["new", "changed", "unchanged"]


@attrs.frozen
class Put:
    """What became of a document that was given: `newest` is its last version, `live` whether that one serves."""

    id: str
    key: str
    newest: int
    what: What
    live: bool = False


class Store(ChunkStore):
    """One tenant's documents in the database, with their chunks."""

    async def put(self, where: str, given: Sequence[Given], now: float, by: By = NOBODY) -> list[Put]:
        """Store documents as new versions, to be made live by a job; what is there already stays as it is.

        A file that is there already under another path, of the same name and with the same content, is the same.
        """

        def script() -> Script[list[Put]]:
            done = []
            for one in given:
                known = (yield Op(_BY_KEY, {"p_namespace": where, "p_key": one.key})).rows
                if not known and one.key.startswith("file:"):
                    same = {"p_namespace": where, "p_hash": one.content_hash, "p_source": one.source}
                    known = (yield Op(_SAME_FILE, same)).rows
                done.append((yield from self._put(where, one, known[0] if known else None, now, by)))
            return done

        return await self.db.run(script())

    def _put(self, where: str, one: Given, known: Any, now: float, by: By) -> Script[Put]:
        if known is not None and one.about:
            yield _about(known.id, one.about)
            if any(name in one.about and one.about[name] != getattr(known, name) for name in _WHEN):
                yield Op(BUMP, {"p_name": known.namespace})  # what was found before is not to be found any more, or is
        if known is not None and known.content_hash == one.content_hash and known.status != "failed":
            yield Op(_CHECKED, {"p_id": known.id, "p_now": now})
            # A run that goes on after a crash meets what it stored itself.
            again: What = "new" if known.newest == 1 else "changed"
            what = again if by.run and known.run == by.run else "unchanged"
            return Put(known.id, one.key, known.newest, what, known.version == known.newest)
        ident = new_id() if known is None else known.id
        newest = 1 if known is None else known.newest + 1
        if known is None:
            values = {
                "id": ident, "namespace": where, "key": one.key, "title": one.title, "source": one.source,
                "meta": one.meta, "content_hash": one.content_hash, "version": 0, "newest": newest,
                "status": "queued", "error": "", "created_at": now, "updated_at": now, "checked_at": now,
                "run": by.run, "tags": [], "origin": "", "owner": by.who, **one.about,
            }  # fmt: skip
            yield Op(sa.insert(document), values)
        else:
            params = {"p_id": ident, "p_hash": one.content_hash, "p_newest": newest, "p_now": now, "p_run": by.run}
            yield Op(_QUEUE, params)
        values = {
            "document": ident, "version": newest, "title": one.title, "source": one.source, "meta": one.meta,
            "content_hash": one.content_hash, "text": one.text, "blocks": one.blocks, "created_at": now,
            "made_by": by.who,
        }  # fmt: skip
        yield Op(sa.insert(version), values)
        return Put(ident, one.key, newest, "new" if known is None else "changed")

    async def restore(self, ident: str, number: int, now: float, by: By) -> Put | None:
        """Store an earlier version's content as the newest version; None where there is no such version.

        The version that is restored stays as it was: history only grows.
        """

        def script() -> Script[Put | None]:
            if not 0 < number <= _MOST_VERSIONS:
                return None
            rows = (yield Op(_BY_ID, {"p_id": ident})).rows
            old = (yield Op(_VERSION, {"p_document": ident, "p_version": number})).rows
            if not rows or not old:
                return None
            known, row = rows[0], old[0]
            if number == known.newest:
                return Put(ident, known.key, number, "unchanged", known.version == number)
            newest = known.newest + 1
            params = {"p_id": ident, "p_hash": row.content_hash, "p_newest": newest, "p_now": now, "p_run": by.run}
            yield Op(_QUEUE, params)
            values = {name: getattr(row, name) for name in _RESTORED}
            yield Op(sa.insert(version), {
                **values, "document": ident, "version": newest, "created_at": now, "made_by": by.who,
                "restored_from": number,
            })  # fmt: skip
            return Put(ident, known.key, newest, "changed")

        return await self.db.run(script())

    async def cancel(self, ident: str, now: float) -> Literal["gone", "kept", "live"] | None:
        """Take back what is not live yet: the document goes if nothing of it is live ("gone"), else its live version
        stays ("kept").  "live": there was nothing to take back; None: there is no such document.
        """

        def script() -> Script[Literal["gone", "kept", "live"] | None]:
            rows = (yield Op(_BY_ID, {"p_id": ident})).rows
            if not rows:
                return None
            known = rows[0]
            if known.version == known.newest:
                return "live"
            if not known.version:
                yield from self._delete(known)
                return "gone"
            live = (yield Op(_VERSION, {"p_document": ident, "p_version": known.version})).rows
            hashes = (yield Op(HASHES, {"p_document": ident})).rows
            yield Op(sa.delete(version).where(version.c.document == ident, version.c.version > known.version))
            yield Op(sa.delete(chunk).where(chunk.c.document == ident, chunk.c.version > known.version))
            for statement in drop_vectors(row.hash for row in hashes):
                yield Op(statement)
            back = {"newest": known.version, "status": "live", "error": "", "updated_at": now, "done": 0, "total": 0}
            yield Op(
                sa.update(document).where(document.c.id == ident).values(content_hash=live[0].content_hash, **back)
            )
            yield Op(_PURGE, {"p_name": known.namespace})
            return "kept"

        return await self.db.run(script())

    async def change(self, ident: str, about: Mapping[str, Any], now: float) -> bool:
        """Set columns of a document (see `ABOUT`), and whatever namespace it belongs to; False if it is not there.

        Raises `ConstraintViolated` where the namespace it moves to has a document of its key already.
        """

        def script() -> Script[bool]:
            rows = (yield Op(_BY_ID, {"p_id": ident})).rows
            if not rows:
                return False
            yield _about(ident, {**about, "updated_at": now})
            for name in {rows[0].namespace, about.get("namespace", rows[0].namespace)}:
                yield Op(BUMP, {"p_name": name})
            return True

        return await self.db.run(script())

    async def progress(self, rows: Sequence[tuple[str, int, int, int]]) -> None:
        """Note how far versions are: (document, version, parts done, parts in all) each."""
        names = ("p_id", "p_newest", "p_done", "p_total")
        await self.db.write((_PROGRESS, [dict(zip(names, row, strict=True)) for row in rows]))

    async def by_key(self, key: str, where: str = "") -> str:
        """The id of a document by its key, in whatever namespace where none is named; "" where there is none."""
        query = sa.select(document.c.id).where(document.c.key == key).order_by(document.c.id).limit(1)
        rows = await self.db.fetch(query.where(document.c.namespace == where) if where else query)
        return str(rows[0].id) if rows else ""

    async def of_run(self, run: str) -> Sequence[Any]:
        """The documents that a run brought and that are not live yet."""
        return await self.db.fetch(
            sa.select(document).where(document.c.run == run, document.c.status.in_(["queued", "embedding"]))
        )

    async def versions(self, ident: str) -> Sequence[Any]:
        """A document's versions without their text, the newest first."""
        return await self.db.fetch(_VERSIONS, {"p_id": ident})

    async def counts(self) -> tuple[Sequence[Any], dict[str, int]]:
        """How many documents there are by namespace and status, and how many live chunks by namespace."""
        documents = await self.db.fetch(_COUNTS)
        chunks = await self.db.fetch(_CHUNK_COUNTS)
        return documents, {row.namespace: row.n for row in chunks}

    async def stale(
        self, now: float, default: float, *, limit: int = 500, everything: bool = False
    ) -> Sequence[Any]:  # fmt: skip
        """Documents that are to be read again, those that wait longest first; `default` is the age of the config (0:
        only those that have an age of their own).  `everything`: all live ones, whatever their age."""
        which = document.c.status == "live" if everything else is_stale(now, default)
        return await self.db.fetch(sa.select(document).where(which).order_by(document.c.checked_at).limit(limit))

    async def checked(self, ident: str, now: float) -> None:
        """Note that a document was found to be as it should."""
        await self.db.write((_CHECKED, {"p_id": ident, "p_now": now}))

    async def document(self, ident: str) -> Any | None:
        """The document's row."""
        rows = await self.db.fetch(_BY_ID, {"p_id": ident})
        return rows[0] if rows else None

    async def documents(
        self, where: str = "", *, after: str = "", limit: int = 100, status: str = "", tag: str = "", text: str = "",
        now: float = 0.0, default: float = 0.0,
    ) -> Sequence[Any]:  # fmt: skip
        """Documents a page at a time, the newest first, with the number of their live chunks; `after` is the last id of
        the page before.

        `where` is a namespace, "" all; `status` may be "stale" too, which takes `now` and `default` (see `stale`);
        `text` is looked for in title and source.
        """
        parts = sa.select(sa.func.count()).where(
            chunk.c.document == document.c.id, chunk.c.version == document.c.version
        )
        query = sa.select(document, parts.scalar_subquery().label("chunks"))
        query = query.order_by(document.c.id.desc()).limit(limit)  # an id begins with the time
        if after:
            query = query.where(document.c.id < after)
        if where:
            query = query.where(document.c.namespace == where)
        if status == "stale":
            query = query.where(is_stale(now, default))
        elif status:
            query = query.where(document.c.status == status)
        if tag:
            query = query.where(
                sa.type_coerce(document.c.tags, sa.Text).like(_pattern(msgspec.json.encode(tag).decode()), escape="!")
            )
        if text:
            wanted = _pattern(text.lower())
            query = query.where(
                sa.or_(*(sa.func.lower(document.c[one]).like(wanted, escape="!") for one in ("title", "source")))
            )
        return await self.db.fetch(query)

    async def unfinished(self) -> Sequence[Any]:
        """(id, newest) of the documents that a job still has to make live."""
        return await self.db.fetch(_UNFINISHED)

    async def version(self, ident: str, number: int) -> Any | None:
        """One version's row, with its text; None where there is no such version."""
        if not 0 < number <= _MOST_VERSIONS:
            return None
        rows = await self.db.fetch(_VERSION, {"p_document": ident, "p_version": number})
        return rows[0] if rows else None

    async def delete(self, ident: str) -> bool:
        """Remove a document with all its versions, chunks and vectors; False if it is not there."""

        def script() -> Script[bool]:
            rows = (yield Op(_BY_ID, {"p_id": ident})).rows
            if not rows:
                return False
            yield from self._delete(rows[0])
            return True

        return await self.db.run(script())

    def _delete(self, known: Any) -> Script[None]:
        hashes = (yield Op(HASHES, {"p_document": known.id})).rows
        yield Op(sa.delete(document).where(document.c.id == known.id))
        yield Op(sa.delete(chunk).where(chunk.c.document == known.id))
        yield Op(sa.delete(version).where(version.c.document == known.id))
        if known.key.startswith("web:"):
            url = known.key.removeprefix("web:")
            yield Op(sa.delete(page).where(page.c.namespace == known.namespace, page.c.url == url))
        for statement in drop_vectors(row.hash for row in hashes):
            yield Op(statement)
        yield Op(_PURGE, {"p_name": known.namespace})
