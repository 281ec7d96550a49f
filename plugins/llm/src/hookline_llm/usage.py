"""What the models were used for and what it cost: counted, kept by day, held against the budget.

Written outside turns on purpose: what a provider bills is spent, whether the turn commits or runs again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
from prometheus_client import Counter
from sqlalchemy.dialects.postgresql import insert

from hookline.metrics import REGISTRY

from .models import usage

if TYPE_CHECKING:
    from hookline.tenant import Tenant

TOKENS = Counter(
    "hookline_llm_tokens",
    "Tokens sent to (prompt) and received from (answer) language models.",
    ("tenant", "model", "kind"),
    registry=REGISTRY,
)
COST = Counter(
    "hookline_llm_cost",
    "What language models cost, by the configured prices, in their currency.",
    ("tenant", "model"),
    registry=REGISTRY,
)

_b = sa.bindparam
_KEYS = ("day", "provider", "model")
_SUMS = ("requests", "estimated", "prompt_tokens", "answer_tokens", "cost")
_INSERT = insert(usage).values({name: _b(f"p_{name}") for name in (*_KEYS, *_SUMS)})
_ADD = _INSERT.on_conflict_do_update(
    index_elements=["tenant", *_KEYS], set_={name: usage.c[name] + _INSERT.excluded[name] for name in _SUMS}
)
_BY_DAY = (
    sa.select(usage.c.day, sa.func.sum(usage.c.cost).label("cost"))
    .where(usage.c.day >= _b("p_since"))
    .group_by(usage.c.day)
)
_SINCE = (
    sa.select(*(usage.c[name] for name in (*_KEYS, *_SUMS)))
    .where(usage.c.day >= _b("p_since"))
    .order_by(usage.c.day, usage.c.provider, usage.c.model)
)


@attrs.frozen
class Used:
    """What one request used.  `estimated`: the provider gave no count."""

    provider: str
    model: str
    prompt_tokens: int
    answer_tokens: int
    cost: float = 0.0
    estimated: bool = False


class Ledger:
    """The sums of one tenant, in the database for all its processes; it outlives reloads."""

    def __init__(self, tenant: Tenant) -> None:
        self._db = tenant.db
        self._clock = tenant.clock
        self._tenant = tenant.name
        self._log = tenant.log
        self._stored: dict[str, float] = {}  # cost by day, as the database last said
        self._unstored: dict[str, float] = {}  # what this process has not stored yet, or could not
        self._one_at_a_time = asyncio.Lock()  # so that nothing is in both, or in neither
        self._writing: set[asyncio.Task[None]] = set()

    async def open(self) -> Ledger:
        """Read what this month has cost so far."""
        await self.refresh()
        return self

    async def refresh(self) -> None:
        """Read what all processes have spent this month; where that can't be read, what was known stays."""
        try:
            async with self._one_at_a_time:
                rows = await self._db.fetch(_BY_DAY, {"p_since": self.day[:7]})
                self._stored = {row.day: row.cost for row in rows}
        except Exception:  # noqa: BLE001 - a figure that can't be read must not cost the customer the answer
            self._log.exception("usage could not be read")

    async def close(self) -> None:
        """Wait until everything is stored."""
        while self._writing:
            await asyncio.gather(*self._writing)

    @property
    def day(self) -> str:
        """Today (UTC), "2026-11-21"."""
        return dt.datetime.fromtimestamp(self._clock.now(), dt.UTC).date().isoformat()

    def spent(self, period: str) -> float:
        """What was spent since the beginning of the "day" or the "month", as far as it was known at the last `refresh`."""
        prefix = self.day if period == "day" else self.day[:7]
        known = (*self._stored.items(), *self._unstored.items())
        return sum(cost for day, cost in known if day.startswith(prefix))

    def add(self, used: Used) -> None:
        """Count a request; stored beside the turn."""
        day = self.day
        self._unstored[day] = self._unstored.get(day, 0.0) + used.cost
        shown = f"{used.provider}/{used.model}"
        TOKENS.labels(self._tenant, shown, "prompt").inc(used.prompt_tokens)
        TOKENS.labels(self._tenant, shown, "answer").inc(used.answer_tokens)
        COST.labels(self._tenant, shown).inc(used.cost)
        task = asyncio.create_task(self._store(day, used))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _store(self, day: str, used: Used) -> None:
        row = {"p_day": day, "p_requests": 1, **{f"p_{k}": v for k, v in attrs.asdict(used).items()}}
        row["p_estimated"] = int(used.estimated)
        try:
            async with self._one_at_a_time:
                await self._db.write((_ADD, row))
                self._unstored[day] -= used.cost
                self._stored[day] = self._stored.get(day, 0.0) + used.cost
        except Exception:  # noqa: BLE001 - a figure that is lost must not end the process's other work
            self._log.exception("usage could not be stored", provider=used.provider)

    async def since(self, day: str) -> list[dict[str, Any]]:
        """The rows from the day on, oldest first."""
        await self.close()
        return [
            {name: getattr(row, name) for name in (*_KEYS, *_SUMS)}
            for row in await self._db.fetch(_SINCE, {"p_since": day})
        ]


def totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The sums of all rows."""
    return {name: sum(row[name] for row in rows) for name in _SUMS}
