"""Reports by day, agent, team, channel and tag: what came, how soon it was answered, what was promised and kept.

What was asked for counts on the day of the request, what was answered, resolved or rated on the day that this was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs
import sqlalchemy as sa

from hookline.models import conversation, message
from hookline.problems import Problem

from . import agents
from .deskmodels import clock, rating, tag
from .floorbodies import Figures, Ratings, Report
from .hours import Hours
from .models import handoff, step
from .period import Period, as_csv, share, spread

if TYPE_CHECKING:
    from hookline.tenant import Tenant

By = Literal["total", "day", "agent", "team", "channel", "tag"]
ALL = "all"
_GOOD = 0.8  # D06: at least 4 in 5
_PAGE = 200


@attrs.define
class _Row:
    """What is counted for one row of a report."""

    conversations: set[str] = attrs.Factory(set)
    handed: set[str] = attrs.Factory(set)
    handoffs: int = 0
    claimed: int = 0
    resolved: int = 0
    returned: int = 0
    messages_in: int = 0
    messages_agent: int = 0
    first: list[float] = attrs.Factory(list)
    first_working: list[float] = attrs.Factory(list)
    done: list[float] = attrs.Factory(list)
    done_working: list[float] = attrs.Factory(list)
    promised: int = 0
    met: int = 0
    ratings: list[float] = attrs.Factory(list)
    good: int = 0


@attrs.frozen
class _About:
    """What a row is chosen by: a handoff's or a conversation's."""

    channel: str
    tags: Sequence[str]
    agent: str = ""
    team: str = ""


class Reports:
    """The reports of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.hours = Hours(tenant.config.calendars.get("default"))

    async def report(self, by: str, period: Period) -> Report:
        """Count everything in the period, in rows by `by`."""
        if by not in get_args(By):
            raise Problem(400, f"by: given {by[:40]!r}; allowed: {', '.join(get_args(By))}", field="by")
        rows: dict[str, _Row] = {}
        if by == "total":
            rows[ALL] = _Row()
        tags = await self._tags() if by == "tag" else {}
        channels = {
            row.id: row.channel for row in await self._fetch(sa.select(conversation.c.id, conversation.c.channel))
        }

        def of(about: _About, at: float) -> Iterable[_Row]:
            keys: Mapping[str, Callable[[], Iterable[str]]] = {
                "total": lambda: (ALL,),
                "day": lambda: (period.day(at),),
                "agent": lambda: (about.agent,) if about.agent else (),
                "team": lambda: (about.team,) if about.team else (),
                "channel": lambda: (about.channel,),
                "tag": lambda: about.tags,
            }
            return [rows.setdefault(key, _Row()) for key in keys[by]()]

        def about(row: Any) -> _About:
            return _About(row.channel, tags.get(row.conversation, ()), row.agent or row.resolved_by, row.team)

        reasons: dict[str, int] = {}
        handoffs = await self._handoffs(period)
        for row in handoffs:
            self._count(row, period, partial(of, about(row)), reasons)
        await self._returned(period, {row.id: about(row) for row in handoffs}, of)
        await self._said(period, by, lambda ident: _About(channels.get(ident, ""), tags.get(ident, ())), of)
        known = {row.id: row for row in handoffs}
        missing = await self._promises(period, known)
        for row, at, kept in missing:
            for one in of(about(row), at):
                one.promised += 1
                one.met += kept
        for row in await self._rated(period):
            for one in of(_About(row.channel, tags.get(row.conversation, ()), row.agent, row.team), row.rated_at):
                one.ratings.append(row.score)
                one.good += row.score / row.scale >= _GOOD
        names = await self._names(by, rows)
        told = [_figures(key, names.get(key, key), rows[key], by) for key in sorted(rows)]
        return Report(by, period.zone.key, period.since, period.until, told, dict(sorted(reasons.items())))

    def _count(self, row: Any, period: Period, of: Callable[[float], Iterable[_Row]], reasons: dict[str, int]) -> None:
        """One handoff: what was asked for, answered and resolved in the period."""
        start = row.requested_at
        if period.since <= start < period.until:
            cause = row.reason.partition(":")[0].strip()
            reasons[cause] = reasons.get(cause, 0) + 1
            for one in of(start):
                one.handoffs += 1
                one.claimed += row.claimed_at is not None
                one.handed.add(row.conversation)
        for end, plain, working in (
            (row.first_response_at, "first", "first_working"),
            (row.resolved_at, "done", "done_working"),
        ):
            if end is not None and period.since <= end < period.until:
                for one in of(end):
                    getattr(one, plain).append(end - start)
                    getattr(one, working).append(self.hours.between(start, end))
                    one.resolved += plain == "done"

    async def _handoffs(self, period: Period) -> Sequence[Any]:
        ends = (handoff.c.requested_at, handoff.c.first_response_at, handoff.c.resolved_at)
        inside = [sa.and_(column >= period.since, column < period.until) for column in ends]
        return await self._fetch(sa.select(handoff).where(sa.or_(*inside)))

    async def _returned(self, period: Period, known: Mapping[str, _About], of: Any) -> None:
        """How often nobody came, or an agent gave it back."""
        rows = await self._fetch(
            sa.select(step.c.handoff, step.c.at).where(
                step.c.after == "returned", step.c.at >= period.since, step.c.at < period.until
            )
        )
        lacking = sorted({row.handoff for row in rows} - set(known))
        more = {row.id: row for row in await self._by_id(lacking)}
        for row in rows:
            about = known.get(row.handoff)
            if about is None and row.handoff in more:
                other = more[row.handoff]
                about = _About(other.channel, (), other.agent, other.team)
            for one in of(about, row.at) if about else ():
                one.returned += 1

    async def _said(self, period: Period, by: str, about: Callable[[str], _About], of: Any) -> None:
        """Messages of customers, with the conversations that they are in; and those of agents."""
        inside = (message.c.created_at >= period.since, message.c.created_at < period.until)
        if by == "day":
            rows = await self._fetch(
                sa.select(message.c.conversation, message.c.author, message.c.created_at).where(
                    *inside, message.c.author.in_(["contact", "agent"])
                )
            )
            counted = [(row.conversation, row.author, row.created_at, 1) for row in rows]
        else:
            n = sa.func.count().label("n")
            rows = await self._fetch(
                sa.select(message.c.conversation, message.c.author, n)
                .where(*inside, message.c.author.in_(["contact", "agent"]))
                .group_by(message.c.conversation, message.c.author)
            )
            counted = [(row.conversation, row.author, period.since, row.n) for row in rows]
        if by == "agent":
            await self._said_by_agents(inside, of)
            return
        for ident, author, at, n_said in counted:
            for one in of(about(ident), at):
                if author == "contact":
                    one.messages_in += n_said
                    one.conversations.add(ident)
                else:
                    one.messages_agent += n_said

    async def _said_by_agents(self, inside: Sequence[Any], of: Any) -> None:
        """An agent's messages say whose they are; their conversations are those that they wrote in."""
        rows = await self._fetch(
            sa.select(message.c.conversation, message.c.body, message.c.created_at).where(
                *inside, message.c.author == "agent", message.c.body.is_not(None)
            )
        )
        for row in rows:
            who = str((row.body.get("data") or {}).get("agent", ""))
            for one in of(_About("", (), who), row.created_at):
                one.messages_agent += 1
                one.conversations.add(row.conversation)

    async def _promises(self, period: Period, known: Mapping[str, Any]) -> list[tuple[Any, float, bool]]:
        """Promises that were kept, or broken, in the period: the handoff, when, and which of the two."""
        kept = sa.and_(clock.c.state == "met", clock.c.ended_at >= period.since, clock.c.ended_at < period.until)
        broken = sa.and_(clock.c.breached_at >= period.since, clock.c.breached_at < period.until)
        rows = await self._fetch(
            sa.select(clock.c.handoff, clock.c.state, clock.c.ended_at, clock.c.breached_at).where(sa.or_(kept, broken))
        )
        lacking = sorted({row.handoff for row in rows} - set(known))
        everyone = {**known, **{row.id: row for row in await self._by_id(lacking)}}
        return [
            (everyone[row.handoff], row.breached_at or row.ended_at, row.breached_at is None)
            for row in rows
            if row.handoff in everyone
        ]

    async def _rated(self, period: Period) -> Sequence[Any]:
        return await self._fetch(
            sa.select(rating).where(rating.c.rated_at >= period.since, rating.c.rated_at < period.until)
        )

    async def _by_id(self, idents: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        for n in range(0, len(idents), 500):
            found += await self._fetch(sa.select(handoff).where(handoff.c.id.in_(idents[n : n + 500])))
        return found

    async def _tags(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in await self._fetch(sa.select(tag.c.conversation, tag.c.tag)):
            found.setdefault(row.conversation, []).append(row.tag)
        return found

    async def _names(self, by: str, keys: Iterable[str]) -> Mapping[str, str]:
        if by == "agent":
            return await agents.names(self.tenant, keys)
        if by == "team":
            return {one.id: one.name for one in await agents.teams(self.tenant)}
        return {}

    async def _fetch(self, statement: sa.Executable) -> Sequence[Any]:
        return await self.tenant.db.fetch(statement)

    # -- ratings -------------------------------------------------------------------------------------------------------

    async def ratings(self, period: Period, cursor: float, limit: int) -> Ratings:
        """The ratings of the period, newest first; `cursor` is where the page before ended."""
        from .csat import rating_view

        until = min(period.until, cursor) if cursor else period.until
        rows = await self._fetch(
            sa.select(rating)
            .where(rating.c.rated_at >= period.since, rating.c.rated_at < until)
            .order_by(rating.c.rated_at.desc(), rating.c.handoff)
            .limit(min(limit, _PAGE) + 1)
        )
        page = rows[: min(limit, _PAGE)]
        more = repr(page[-1].rated_at) if len(rows) > len(page) else ""
        return Ratings([rating_view(row._asdict()) for row in page], more)


def _figures(key: str, name: str, row: _Row, by: str) -> Figures:
    talks = len(row.conversations)
    handed = len(row.handed & row.conversations)
    alone = by in ("total", "day", "channel", "tag")  # an agent's conversations are no measure of the bot
    return Figures(
        key=key,
        name=name,
        conversations=talks,
        handoffs=row.handoffs,
        claimed=row.claimed,
        resolved=row.resolved,
        returned=row.returned,
        messages_in=row.messages_in,
        messages_agent=row.messages_agent,
        first_response=spread(row.first),
        resolution=spread(row.done),
        first_response_working=spread(row.first_working),
        resolution_working=spread(row.done_working),
        sla_promised=row.promised,
        sla_met=share(row.met, row.promised),
        ratings=len(row.ratings),
        csat=share(row.good, len(row.ratings)),
        rating_mean=share(sum(row.ratings), len(row.ratings)),
        bot_resolved=talks - handed if alone else 0,
        bot_resolution_rate=share(talks - handed, talks) if alone else None,
        handoff_rate=share(handed, talks) if alone else None,
    )


_COLUMNS = [field.name for field in attrs.fields(Figures)]
_SPREADS = ("first_response", "resolution", "first_response_working", "resolution_working")


def report_csv(report: Report) -> str:
    """The report as CSV; durations in seconds."""
    rows = []
    columns: list[str] = []
    for name in _COLUMNS:
        columns += [f"{name}_{part}" for part in ("count", "median", "p90")] if name in _SPREADS else [name]
    for one in report.rows:
        cells = attrs.asdict(one, recurse=False)
        for name in _SPREADS:
            told = cells.pop(name)
            cells |= {f"{name}_count": told.count, f"{name}_median": told.median, f"{name}_p90": told.p90}
        rows.append(cells)
    return as_csv(rows, columns)


def ratings_csv(ratings: Ratings) -> str:
    """Ratings as CSV."""
    columns = [
        "rated_at",
        "score",
        "scale",
        "comment",
        "agent",
        "team",
        "channel",
        "conversation",
        "contact",
        "handoff",
    ]
    return as_csv([attrs.asdict(one) for one in ratings.ratings], columns)
