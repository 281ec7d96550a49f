"""The escalation matrix: a handoff that nobody resolves climbs from one role to the next, and is stale after so many days.

Each step is told once, durably: a row says that a level was reached, and a job does the telling (to the staff's pages,
by message, to a webhook, by another plugin).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa
from aiohttp import ClientTimeout

from hookline.errors import Conflict
from hookline.message import Reply
from hookline.models import contact as person
from hookline.signing import signed_headers

from .deskconfig import Escalation, EscalationContact
from .deskmodels import climb
from .hours import Hours
from .models import handoff
from .notices import STAFF, notify

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Job, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

TIMER, TELL, POST = "desk_climb", "desk_tell", "desk_post"
_DAY = 86_400.0
_POST_SECONDS = 10.0


@attrs.frozen
class Level:
    """A level of the matrix: `due_at` is when a handoff reaches it; nobody is named for it where `contact` is None."""

    level: int
    role: str
    due_at: float
    contact: EscalationContact | None


class Matrix:
    """The matrix of one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Escalation = tenant.config.escalation
        self.contacts = {one.role.casefold(): one for one in reversed(self.config.everybody())}
        self.hours = Hours(tenant.config.calendars.get(self.config.calendar))

    # -- what it says ----------------------------------------------------------------------------------------------

    def applies(self, row: Any) -> bool:
        """Whether the handoff climbs at all."""
        wanted = self.config.reasons
        return bool(self.config.roles) and (not wanted or row.reason.startswith(wanted))

    def levels(self, row: Any) -> list[Level]:
        """The levels of a handoff, in the order of the branch that it is of."""
        roles = self.config.roles
        for branch in self.config.branches:
            if (
                row.skill in branch.skills
                or row.team in branch.teams
                or (branch.reasons and row.reason.startswith(branch.reasons))
            ):
                roles = branch.roles
                break
        hours = list(self.config.hours)
        while len(hours) < len(roles):
            hours.append(hours[-1] + (hours[-1] - hours[-2] if len(hours) > 1 else hours[-1]))
        found = []
        for n, role in enumerate(roles):
            due = self.hours.add(row.requested_at, hours[n] * 3600)
            if due is not None:
                found.append(Level(n + 1, role, due, self.contacts.get(role.casefold())))
        return found

    def stale_at(self, row: Any) -> float | None:
        """When the handoff is stale: at the age of so many times 24 hours, that moment included (D10)."""
        return row.requested_at + self.config.stale_days * _DAY if self.config.stale_days else None

    # -- climbing ----------------------------------------------------------------------------------------------------

    async def begin(self, ident: str) -> None:
        """Wind the timer of a handoff that was just requested, or opened anew; harmless to repeat."""
        row = await self._row(ident)
        if row is None or row.state == "resolved" or not self.applies(row):
            return
        due = await self._next(row)
        if due is not None:
            async with self.tenant.action(by="escalation") as act:
                self._wind(act, row, due)

    async def fire(self, turn: Turn, timer: Timer) -> None:
        """Climb what is due, and wind the timer for what comes next."""
        row = await self._row(timer.payload["handoff"])
        if row is None or row.state == "resolved":
            return
        await self._climb(turn, row)
        due = await self._next(row, reached=True)
        if due is not None:
            self._wind(turn, row, due)

    async def check(self) -> tuple[list[Any], list[str]]:
        """All stale handoffs (rows), and the ids of those of which somebody is told only now: once a level (D10)."""
        if not self.config.stale_days:
            return [], []
        limit = self.tenant.clock.now() - self.config.stale_days * _DAY
        rows = await self.tenant.db.fetch(
            sa.select(handoff)
            .where(handoff.c.state != "resolved", handoff.c.requested_at <= limit)
            .order_by(handoff.c.requested_at)
        )
        stale = [row for row in rows if self.applies(row)]
        told = []
        for row in stale:
            try:
                async with self.tenant.action(by="escalation") as act:
                    changed = await self._climb(act, row)
            except Conflict:
                continue  # the timer was quicker
            if changed:
                told.append(row.id)
        return stale, told

    async def _climb(self, into: Collected, row: Any) -> bool:
        """Note all levels that are due and not told yet, and have them told; whether there were any."""
        now = self.tenant.clock.now()
        reached = await self._reached(row.id)
        levels = self.levels(row)
        any_new = False
        for level in levels:
            if level.due_at <= now and ("climb", level.level) not in reached:
                self._note(into, row, "climb", level, now)
                reached.add(("climb", level.level))
                any_new = True
        stale_at = self.stale_at(row)
        if stale_at is not None and now >= stale_at:
            # the highest level that was told hears that it is stale; with none told yet, the first that has a name
            there = [one for one in levels if ("climb", one.level) in reached and one.contact]
            first = [one for one in levels if one.contact][:1]
            for level in there[-1:] or first:
                if ("stale", level.level) in reached:
                    continue
                self._note(into, row, "stale", level, now)
                any_new = True
        return any_new

    def _note(self, into: Collected, row: Any, kind: str, level: Level, now: float) -> None:
        state = "told" if level.contact else "skipped"
        values = {
            "handoff": row.id,
            "kind": kind,
            "level": level.level,
            "conversation": row.conversation,
            "role": level.role,
            "state": state,
            "at": now,
        }
        into.write(sa.insert(climb), values, rows=1)
        what = {"handoff": row.id, "kind": kind, "level": level.level, "role": level.role, "state": state}
        into.event("handoff.escalated", what, conversation=row.conversation)
        into.audit("handoff.escalated", row.id, what)
        into.publish(STAFF, "handoff.escalated", {"conversation": row.conversation, **what})
        if level.contact is None:
            self.tenant.log.warning(
                "nobody is named for this level of the escalation matrix, so nobody was told; name one in "
                "plugins.handoff.escalation.contacts",
                role=level.role,
                level=level.level,
                handoff=row.id,
            )
            return
        payload = {"handoff": row.id, "kind": kind, "level": level.level, "role": level.role, "at": now}
        into.job(TELL, payload, key=f"{row.id}:{kind}:{level.level}")

    async def _reached(self, ident: str) -> set[tuple[str, int]]:
        rows = await self.tenant.db.fetch(sa.select(climb.c.kind, climb.c.level).where(climb.c.handoff == ident))
        return {(row.kind, row.level) for row in rows}

    async def _next(self, row: Any, *, reached: bool = False) -> float | None:
        """When to look again; `reached`: what is due now was just done."""
        now = self.tenant.clock.now()
        done = await self._reached(row.id)
        stale = self.stale_at(row)
        due = [one.due_at for one in self.levels(row) if ("climb", one.level) not in done]
        if stale is not None and not any(kind == "stale" for kind, _ in done):
            due.append(stale)
        if reached:
            due = [one for one in due if one > now]
        return min(due, default=None)

    def _wind(self, into: Collected, row: Any, due: float) -> None:
        delay = max(0.0, due - self.tenant.clock.now())
        into.timer(TIMER, delay, key=row.id, lane=row.conversation, payload={"handoff": row.id})

    async def _row(self, ident: str) -> Any:
        rows = await self.tenant.db.fetch(sa.select(handoff).where(handoff.c.id == ident))
        return rows[0] if rows else None

    # -- telling -------------------------------------------------------------------------------------------------------

    async def tell(self, turn: Turn, job: Job) -> None:
        """Tell the contact of a level: on the staff's pages, by message, and what else is configured, each by itself."""
        row = await self._row(job.payload["handoff"])
        contact = self.contacts.get(str(job.payload["role"]).casefold())
        if row is None or contact is None:
            return
        notice = await self._notice(row, job.payload, contact)
        staff = await self._staff(contact)
        notify(
            turn, self.tenant.clock.now(), staff, "escalation", notice["text"],
            conversation=row.conversation, contact=row.contact, handoff=row.id,
        )  # fmt: skip
        address = contact.address or contact.phone
        if contact.channel and address:
            told, _ = await self.tenant.conversations.open(contact.channel, address, name=contact.name)
            turn.send(Reply(notice["text"]), conversation=told, author="system")
        if self.config.plugin:
            turn.job("notify", notice, plugin=self.config.plugin, key=f"handoff:{job.key}")
        if self.config.webhook:
            turn.job(POST, notice, key=job.key)

    async def post(self, job: Job) -> None:
        """Post the notice to the webhook, signed; a failure is retried, with the same `webhook-id`."""
        body, ident = msgspec.json.encode(job.payload), f"{self.tenant.name}:{job.key}"
        headers = {"Content-Type": "application/json", "webhook-id": ident}
        if self.config.webhook_secret:
            headers |= signed_headers(self.config.webhook_secret.value, ident, body, self.tenant.clock.now())
        timeout = ClientTimeout(total=_POST_SECONDS)
        async with self.tenant.http.post(
            self.config.webhook, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status >= 300:
                raise RuntimeError(f"the escalation webhook answered {response.status}")

    async def _notice(self, row: Any, payload: Any, contact: EscalationContact) -> dict[str, Any]:
        known = await self.tenant.db.fetch(sa.select(person.c.name).where(person.c.id == row.contact))
        who = (known[0].name if known else "") or row.contact
        age = payload["at"] - row.requested_at
        if payload["kind"] == "stale":
            late = f"is still not resolved after {int(age // _DAY)} days"
        else:
            late = f"has waited for {_age(age)}"
        about = f"the request of {who} ({row.channel}, {row.reason})"
        text = f"{self.tenant.settings.title}: {about} {late}. It is now with {contact.role}."
        return {
            "kind": payload["kind"],
            "tenant": self.tenant.name,
            "handoff": row.id,
            "conversation": row.conversation,
            "channel": row.channel,
            "reason": row.reason,
            "level": payload["level"],
            "role": contact.role,
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "requested_at": row.requested_at,
            "text": text,
        }

    async def _staff(self, contact: EscalationContact) -> Sequence[str]:
        """Members of the staff that the contact means: by address, or by phone number."""
        found = []
        for one in await self.tenant.staff.list():
            same = contact.email and one.email.casefold() == contact.email.casefold()
            if one.active and (same or (contact.phone and _digits(one.phone) == _digits(contact.phone))):
                found.append(one.id)
        return found


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _age(seconds: float) -> str:
    hours = int(seconds // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
