"""The job that places a call: once for each try, also where a crash comes between our asking and Twilio's answer.

Twilio takes no idempotency key for calls and keeps no word of ours with one, so whether a call was placed is looked up: a call
that was asks us what to say, and reports, both with the order's id; and it is in Twilio's list.  Only what neither of them has after
`lookup_seconds` is placed again.  What can't be told apart or looked up ends as `unknown`, until the call itself reports.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from .callclient import CallDelayed, CallRefused, client_of, told
from .callhours import quiet_until
from .callmodels import call, order

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Job
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .callsconfig import Calls

b = sa.bindparam
ONE = sa.select(order).where(order.c.id == b("p_id"))
_AT = sa.and_(order.c.id == b("p_id"), order.c.attempts == b("p_attempts"))
_WAITING = sa.update(order).where(_AT, order.c.state == "waiting")
_PLACING = sa.update(order).where(_AT, order.c.state == "placing")
_BEGUN = (
    sa.select(call.c.id)
    .where(call.c.plan == b("p_id"), call.c.created_at >= b("p_after"))
    .order_by(call.c.created_at.desc())
    .limit(1)
)
_OTHERS = sa.select(call.c.id).where(call.c.id.in_(b("p_calls", expanding=True)))
_OTHER_ORDERS = sa.select(order.c.call).where(order.c.call.in_(b("p_calls", expanding=True)), order.c.id != b("p_id"))
_OWN_CLOCKS = 5.0  # seconds by which the clocks of our servers may differ
_THEIR_CLOCK = 60.0  # and Twilio's from ours
_LISTED = 50
_OPEN = "a crash left open whether the call was placed"
_EVENTS = ["initiated", "ringing", "answered", "completed"]


class Placing:
    """The work on the orders of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Calls = tenant.config.calls

    async def work(self, turn: Turn, job: Job) -> None:
        """Place the call, or find out whether it was placed; raises `CallDelayed` to be tried again."""
        ident, attempt = str(job.payload["order"]), int(job.payload["attempt"])
        rows = await self.tenant.db.fetch(ONE, {"p_id": ident})
        if not rows:
            return
        if rows[0].state == "placing" and rows[0].attempts == attempt:
            await self._look(turn, job, rows[0])
        elif rows[0].state == "waiting" and rows[0].attempts == attempt - 1:
            await self._place(turn, job, rows[0])

    async def _place(self, turn: Turn, job: Job, found: Any) -> None:
        now = self.tenant.clock.now()
        at = {"p_id": found.id, "p_attempts": found.attempts}
        may = quiet_until(found.address, now, self.config.outbound, self.tenant.settings)
        if may > now:
            turn.write(_WAITING.values(not_before=may), at)
            self._again(turn, job, f"quiet:{int(may)}", may - now)
            return
        attempt = found.attempts + 1
        claimed = {"state": "placing", "placing_at": now, "attempts": attempt, "error": ""}
        done = await self.tenant.db.write((_WAITING.values(**claimed), at))
        if not done[0].rowcount:
            return  # it was cancelled meanwhile
        at["p_attempts"] = attempt
        try:
            sid = await self._create(found)
        except CallRefused as refused:
            self._end(turn, found, at, "failed", str(refused))
        except CallDelayed as delayed:
            if not delayed.declined:
                turn.write(_PLACING.values(error=str(delayed)[:500]), at)
                self._again(turn, job, f"look:{now:.3f}", self._pause(0.0))
                return
            if job.attempt >= self.tenant.settings.turns.attempts:
                self._end(turn, found, at, "failed", str(delayed))
                return
            back = {"state": "waiting", "attempts": found.attempts, "error": str(delayed)[:500]}
            await self.tenant.db.write((_PLACING.values(**back), at))
            raise
        else:
            self._placed(turn, at, sid)

    async def _create(self, found: Any) -> str:
        base = self.tenant.settings.public_url.rstrip("/")
        if not base:
            raise CallRefused("public_url is not set: Twilio could not ask what to say")
        client = await client_of(self.tenant)
        about = f"{base}/t/{quote(self.tenant.name)}/voice/calls"
        outbound = self.config.outbound
        more = {} if outbound.machine == "ignore" else {"machine_detection": "Enable"}
        made = await told(
            client.calls.create_async(
                to=found.address,
                from_=found.number,
                url=f"{about}/answer?order={found.id}",
                status_callback=f"{about}/status?order={found.id}",
                status_callback_event=_EVENTS,
                timeout=outbound.ring_seconds,
                **more,
            )
        )
        return str(made.sid)

    # -- after a crash, or an answer that never came --------------------------------------------------------------------

    async def _look(self, turn: Turn, job: Job, found: Any) -> None:
        """It was being placed, and nobody knows what came of that: look it up."""
        age = self.tenant.clock.now() - found.placing_at
        at = {"p_id": found.id, "p_attempts": found.attempts}
        try:
            calls = await self._candidates(found)
        except (CallRefused, CallDelayed) as cause:
            if age >= self.config.outbound.answered_seconds:
                self._end(turn, found, at, "unknown", f"{_OPEN}, and it can't be looked up: {cause}")
                return
            turn.write(_PLACING.values(error=str(cause)[:500]), at)
            self._again(turn, job, f"look:{found.placing_at:.3f}:{age:.3f}", self._pause(age))
            return
        if len(calls) == 1:
            self._placed(turn, at, calls[0])
        elif calls:
            several = f"Twilio has {len(calls)} calls to this number that may be it: {', '.join(calls)}"
            self._end(turn, found, at, "unknown", f"{_OPEN}, and {several}")
        elif age < self.config.outbound.lookup_seconds:
            self._again(turn, job, f"look:{found.placing_at:.3f}:{age:.3f}", self._pause(age))
        else:
            self._anew(turn, job, found, at)

    def _anew(self, turn: Turn, job: Job, found: Any, at: dict[str, Any]) -> None:
        """It was not placed: once more, where the hours still allow it, but not for ever."""
        tries = int(job.payload.get("tries", 1))
        if tries >= self.tenant.settings.turns.attempts:
            cause = found.error or "the server was killed each time"
            self._end(turn, found, at, "failed", f"not placed in {tries} tries: {cause}")
            return
        turn.write(_PLACING.values(state="waiting", attempts=found.attempts - 1), at, rows=1)
        self._again(turn, job, f"anew:{found.placing_at:.3f}", 0.0, tries=tries + 1)

    async def _candidates(self, found: Any) -> list[str]:
        """The calls that may be the order's: by the call's own requests, else those in Twilio's list that are nobody else's."""
        rows = await self.tenant.db.fetch(_BEGUN, {"p_id": found.id, "p_after": found.placing_at - _OWN_CLOCKS})
        if rows:
            return [str(rows[0].id)]
        client = await client_of(self.tenant)
        listed = await told(client.calls.list_async(to=found.address, from_=found.number, limit=_LISTED))
        since = dt.datetime.fromtimestamp(found.placing_at - _THEIR_CLOCK, dt.UTC)
        calls = [str(one.sid) for one in listed if one.date_created is None or one.date_created >= since]
        if not calls:
            return []
        known = await self.tenant.db.fetch(_OTHERS, {"p_calls": calls})
        known = [*known, *await self.tenant.db.fetch(_OTHER_ORDERS, {"p_calls": calls, "p_id": found.id})]
        others = {found.call, *(row[0] for row in known)}
        return [one for one in calls if one not in others]

    def _pause(self, age: float) -> float:
        """Seconds until it is looked again: four times within `lookup_seconds`, then ever more seldom."""
        return max(self.config.outbound.lookup_seconds / 4, age / 2)

    # -- what is stored -------------------------------------------------------------------------------------------------

    def _again(self, turn: Turn, job: Job, why: str, delay: float, **more: int) -> None:
        payload = {**job.payload, **more}
        turn.job("call", payload, key=f"{payload['order']}:{payload['attempt']}:{why}", delay=delay)

    def _placed(self, turn: Turn, at: dict[str, Any], sid: str) -> None:
        turn.write(_PLACING.values(state="placed", call=sid, error=""), at)  # a report may have been faster
        watch(turn, at["p_id"], sid, self.config.outbound.answered_seconds)

    def _end(self, turn: Turn, found: Any, at: dict[str, Any], outcome: str, cause: str) -> None:
        """Nothing more is done by itself; staff find it among the orders, with its cause."""
        turn.write(_PLACING.values(state=outcome, outcome=outcome, error=cause[:500]), at, rows=1)
        turn.event("voice.outcome", {"call": "", "outcome": outcome, "plan": found.id, "key": found.key})
        self.tenant.log.warning("a call was not placed, or nobody knows", order=found.id, outcome=outcome, reason=cause)


def watch(about: Collected, ident: str, sid: str, seconds: float) -> None:
    """Have Twilio asked in `seconds` what became of an order's call, in case it does not report."""
    about.timer("call", seconds, payload={"order": ident, "call": sid}, key=ident, lane=f"voice:{ident}")
