"""The audit log: who did what to whom, each row chained to the one before it by its hash.

Whoever changes or removes a row without making all later hashes anew is found out by `verify`; whoever makes them
anew is found out by comparing with a hash that was written down elsewhere (`Verified.head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from .collect import Audited
from .db import Database, Op, Script
from .models import audit

b = sa.bindparam

_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(b("p_name"), sa.literal_column("0"))))
_HEAD = sa.select(audit.c.n, audit.c.hash).where(audit.c.tenant == b("p_tenant")).order_by(audit.c.n.desc()).limit(1)
_INSERT = sa.insert(audit)
_ROWS = sa.select(
    audit.c.n, audit.c.at, audit.c.who, audit.c.what, audit.c.subject, audit.c.detail, audit.c.previous, audit.c.hash
).where(audit.c.tenant == b("p_tenant"))
_AFTER = _ROWS.where(audit.c.n > b("p_n")).order_by(audit.c.n).limit(b("p_limit"))
_BEFORE = _ROWS.where(audit.c.n < b("p_n")).order_by(audit.c.n.desc()).limit(b("p_limit"))
_PAGE = 500
_LAST = 2**62


@attrs.frozen
class Entry:
    """One row of the audit log; `n` counts a tenant's rows from 1, `at` is in seconds since the epoch."""

    n: int
    at: float
    who: str
    what: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


@attrs.frozen
class Verified:
    """What `verify` found: `count` rows, the hash of the last; `broken` is the first row that does not fit (0: none)."""

    count: int
    head: str
    broken: int = 0
    reason: str = ""


def append(dialect: str, tenant: str, new: Sequence[Audited], now: float) -> Script[None]:
    """Add the rows; on PostgreSQL a tenant's writers wait for one another until they commit, so do this last."""
    if not new:
        return
    if dialect == "postgresql":
        yield Op(_LOCK, {"p_name": f"hookline audit {tenant}"})
    head = yield Op(_HEAD, {"p_tenant": tenant})
    n, previous = (head.rows[0].n, head.rows[0].hash) if head.rows else (0, "")
    for one in new:
        n += 1
        entry = Entry(n, now, one.who, one.what, one.subject, one.detail, previous, "")
        previous = digest(tenant, entry)
        yield Op(_INSERT, {"tenant": tenant, **attrs.asdict(entry), "detail": one.detail, "hash": previous})


def digest(tenant: str, entry: Entry) -> str:
    """The row's hash: SHA-256 over the tenant, the row and the hash before it, as JSON with sorted keys."""
    told = [tenant, entry.n, entry.at, entry.who, entry.what, entry.subject, entry.detail, entry.previous]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def entries(database: Database, tenant: str, *, before: int = 0, limit: int = 100) -> list[Entry]:
    """The tenant's last rows, newest first; those before the number `before`, if it is given."""
    values = {"p_tenant": tenant, "p_n": before or _LAST, "p_limit": limit}
    return [Entry(*row) for row in await database.fetch(_BEFORE, values, tenant=tenant)]


async def every(database: Database, tenant: str) -> AsyncIterator[Entry]:
    """All of the tenant's rows, oldest first."""
    at = 0
    while True:
        rows = await database.fetch(_AFTER, {"p_tenant": tenant, "p_n": at, "p_limit": _PAGE}, tenant=tenant)
        for row in rows:
            yield Entry(*row)
        if len(rows) < _PAGE:
            return
        at = rows[-1].n


async def verify(database: Database, tenant: str) -> Verified:
    """Look at every row: whether none is missing, and each hash is that of its row and fits the one before."""
    n, previous = 0, ""
    async for entry in every(database, tenant):
        n += 1
        if entry.n != n:
            return Verified(n - 1, previous, n, f"row {n} is missing")
        if entry.previous != previous:
            return Verified(n - 1, previous, n, f"row {n} does not continue row {n - 1}")
        if digest(tenant, entry) != entry.hash:
            return Verified(n - 1, previous, n, f"row {n} was changed")
        previous = entry.hash
    return Verified(n, previous)
