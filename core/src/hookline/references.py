"""Reference ids for customers and staff ("PROS_20261121_001"): unique in the tenant, also past 999 a day.

The number is taken in a transaction of its own, before that of the turn that asks for it: processes never wait for
each other's turns, and a turn that fails or is run again leaves a gap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa

from .db import Database, Op, Script
from .formats import timezone
from .ledger import DIALECTS, upsert
from .models import reference
from .referenceformat import KIND, IdFormat
from .settings import Settings

b = sa.bindparam
_rehearsed: ContextVar[dict[str, int] | None] = ContextVar("hookline_rehearsed_references", default=None)


def _count(dialect: str) -> sa.Executable:
    statement: sa.Executable = (
        upsert(dialect, reference)
        .on_conflict_do_update(index_elements=["tenant", "series"], set_={"n": reference.c.n + 1})
        .returning(reference.c.n)
    )
    return statement


_COUNT = {dialect: _count(dialect) for dialect in DIALECTS}
_LAST = sa.select(reference.c.n).where(reference.c.tenant == b("p_tenant"), reference.c.series == b("p_series"))


async def take(database: Database, tenant: str, settings: Settings, kind: str, now: float) -> str:
    """The next id of the kind; `now` in seconds since the epoch decides the day, in the tenant's time zone.

    Raises ValueError for a kind that is no name, and StorageError.
    """
    if not KIND.fullmatch(kind):
        raise ValueError(f"a reference's kind is a name in lower case (prospect, service_request), not {kind!r}")
    ids = settings.ids.get(kind, IdFormat())
    day = dt.datetime.fromtimestamp(now, timezone(settings)).date()
    series = ids.series(kind, day)
    taken = _rehearsed.get()
    if taken is None:
        n = await database.run(_counted(database.dialect, tenant, series), tenant=tenant)
    else:
        if series not in taken:
            last = await database.fetch(_LAST, {"p_tenant": tenant, "p_series": series}, tenant=tenant)
            taken[series] = last[0].n if last else 0
        n = taken[series] = taken[series] + 1
    return ids.render(kind, day, n)


def _counted(dialect: str, tenant: str, series: str) -> Script[int]:
    counted = yield Op(_COUNT[dialect], {"tenant": tenant, "series": series, "n": 1})
    return int(counted.rows[0].n)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Within it no number is used up: ids are those that would come next."""
    before = _rehearsed.set({})
    try:
        yield
    finally:
        _rehearsed.reset(before)
