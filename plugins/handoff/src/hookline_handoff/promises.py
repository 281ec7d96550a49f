"""Keeping the promises of `sla`: the clocks in the database, their timers, warnings and breaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import Conflict
from hookline.models import contact as person
from hookline.roles import RANK

from . import sla
from .deskmodels import clock
from .hours import Hours
from .models import handoff
from .notices import STAFF, notify
from .sla import Clock
from .slabodies import SlaView

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

TIMER = "desk_sla"
_FIELDS = [field.name for field in attrs.fields(Clock)]
_COLUMNS = [clock.c[name] for name in _FIELDS]


class Promises:
    """The promises of one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        config: Config = tenant.config
        self.policies = config.sla
        self.shares = {policy.name: policy.warn for policy in config.sla}
        self.calendars: Mapping[str, Hours] = {
            "default": Hours(),
            **{name: Hours(one) for name, one in config.calendars.items()},
        }

    # -- what is known -------------------------------------------------------------------------------------------

    async def clocks(self, handoffs: Collection[str]) -> dict[str, list[Clock]]:
        """The clocks of these handoffs."""
        found: dict[str, list[Clock]] = {}
        if handoffs:
            rows = await self.tenant.db.fetch(sa.select(*_COLUMNS).where(clock.c.handoff.in_(list(handoffs))))
            for row in rows:
                found.setdefault(row.handoff, []).append(Clock(*row))
        return found

    async def views(self, handoffs: Collection[str]) -> dict[str, SlaView]:
        """What pages show of these handoffs' promises; those without any are left out."""
        now = self.tenant.clock.now()
        shown = {one: sla.view(found, self.calendars, now) for one, found in (await self.clocks(handoffs)).items()}
        return {one: view for one, view in shown.items() if view is not None}

    # -- keeping them ----------------------------------------------------------------------------------------------

    async def follow(self, conversation: str) -> None:
        """Bring the clocks of the conversation's newest handoff to where its row says they are.

        Where another process does the same at the same time, one of them is refused and leaves it at that.
        """
        rows = await self.tenant.db.fetch(
            sa.select(handoff)
            .where(handoff.c.conversation == conversation)
            .order_by(handoff.c.requested_at.desc())
            .limit(1)
        )
        if not rows:
            return
        row = rows[0]
        known = (await self.clocks([row.id])).get(row.id, [])
        if not self.policies and not known:
            return
        changes = sla.tick(row, known, self.policies, self.calendars)
        if not changes:
            return
        there = {(one.clock, one.n): one for one in known}
        now = self.tenant.clock.now()
        try:
            async with self.tenant.action(by="sla") as act:
                for one in changes:
                    old = there.get((one.clock, one.n))
                    if old is not None:
                        self._update(act, one)
                    else:
                        act.write(sa.insert(clock), attrs.asdict(one), rows=1)
                    there[one.clock, one.n] = one
                    if one.breached_at is not None and (old is None or old.breached_at is None):
                        await self._tell(act, one, now, "sla_breach")  # it was late before its timer came round
                    self._wind(act, one, now)
        except (Conflict, ConstraintViolated):
            self.tenant.log.debug("the clocks were brought up to date elsewhere", conversation=conversation)

    async def fire(self, turn: Turn, timer: Timer) -> None:
        """A warning or a due time may have come: look, say so, and wind the timer for what comes next."""
        payload = timer.payload
        rows = await self.tenant.db.fetch(
            sa.select(*_COLUMNS).where(
                clock.c.handoff == payload["handoff"], clock.c.clock == payload["clock"], clock.c.n == payload["n"]
            )
        )
        if not rows:
            return
        one = Clock(*rows[0])
        if one.running_since is None:
            return
        now = self.tenant.clock.now()
        new = one
        if one.due_at is not None and now >= one.due_at:
            if one.breached_at is None:
                new = attrs.evolve(one, state="breached", breached_at=one.due_at, warned_at=one.warned_at or one.due_at)
        elif one.warned_at is None:
            warn = sla.warn_at(one, self.calendars, self._share(one))
            if warn is not None and now >= warn:
                new = attrs.evolve(one, state="warned", warned_at=now)
        if new != one:
            new = attrs.evolve(new, version=one.version + 1)
            self._update(turn, new)
            await self._tell(turn, new, now, "sla_breach" if new.breached_at else "sla_warning")
        self._wind(turn, new, now)

    def _update(self, into: Collected, one: Clock) -> None:
        changed = {name: value for name, value in attrs.asdict(one).items() if name not in ("handoff", "clock", "n")}
        into.write(
            sa.update(clock)
            .where(
                clock.c.handoff == one.handoff,
                clock.c.clock == one.clock,
                clock.c.n == one.n,
                clock.c.version == one.version - 1,
            )
            .values(**changed),
            rows=1,
        )

    def _wind(self, into: Collected, one: Clock, now: float) -> None:
        """Set the timer for the warning or the due time, whichever is next; or take it away."""
        key = f"{one.handoff}:{one.clock}:{one.n}"
        due = None
        if one.running_since is not None and one.breached_at is None:
            due = one.due_at
            if one.warned_at is None:
                due = sla.warn_at(one, self.calendars, self._share(one)) or due
        if due is None:
            into.cancel_timer(TIMER, key=key, lane=one.conversation)
            return
        payload = {"handoff": one.handoff, "clock": one.clock, "n": one.n}
        into.timer(TIMER, max(0.0, due - now), key=key, lane=one.conversation, payload=payload)

    def _share(self, one: Clock) -> float:
        return self.shares.get(one.policy, 1.0)

    async def _tell(self, turn: Collected, one: Clock, now: float, kind: str) -> None:
        """Say that a promise is at risk or broken: in the event log, to pages, to the agent and the supervisors."""
        rows = await self.tenant.db.fetch(sa.select(handoff).where(handoff.c.id == one.handoff))
        if not rows:
            return
        row = rows[0]
        known = await self.tenant.db.fetch(sa.select(person.c.name).where(person.c.id == row.contact))
        who = (known[0].name if known else "") or row.contact
        shown = sla.shown_clock(one, self.calendars, now)
        told = {"handoff": one.handoff, "clock": one.clock, "policy": one.policy, "due_at": one.due_at}
        turn.event(f"handoff.{kind}", told, conversation=one.conversation)
        turn.audit(f"handoff.{kind}", one.handoff, {"clock": one.clock, "policy": one.policy})
        data = {"conversation": one.conversation, "handoff": one.handoff, "clock": msgspec.to_builtins(shown)}
        turn.publish(STAFF, f"handoff.{kind}", data)
        late = "is late" if kind == "sla_breach" else "will soon be late"
        staff = [row.agent, *await supervisors(self.tenant)] if row.agent else await supervisors(self.tenant)
        notify(
            turn,
            now,
            staff,
            kind,
            f"{one.clock.replace('_', ' ')} for {who} {late}",
            conversation=one.conversation,
            contact=row.contact,
            handoff=one.handoff,
        )


async def supervisors(tenant: Tenant) -> Sequence[str]:
    """The ids of those who watch over the agents."""
    return [one.id for one in await tenant.staff.list() if one.active and RANK[one.role] >= RANK["supervisor"]]


def due_order(view: SlaView | None) -> Any:
    """What to sort by, so that what is due first comes first and what is not due comes last."""
    return view.due_at if view is not None and view.due_at is not None else float("inf")
