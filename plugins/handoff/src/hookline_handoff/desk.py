"""The desk of one snapshot of a tenant's config: what it does in turns, by timers and jobs, and after the event log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import csat, files, matrix, promises, records, summary, tasks
from .csat import Ratings
from .files import Attachments
from .matrix import Matrix
from .notices import STAFF
from .promises import Promises
from .search import Search
from .summary import Summaries
from .views import heard

if TYPE_CHECKING:
    from hookline.message import HandoffRequest, Hold, Job, Record, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_OWN = frozenset(
    f"handoff.{name}"
    for name in (
        "sla_warning",
        "sla_breach",
        "escalated",
        "rated",
        "commented",
        "tagged",
        "merged",
        "parted",
        "listened",
        "task_created",
        "task_changed",
        "task_done",
        "task_cancelled",
        "task_reopened",
        "task_reminded",
        "task_overdue",
    )
)


class Desk:
    """All that the plugin does besides the life of handoffs."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.promises = Promises(tenant)
        self.matrix = Matrix(tenant)
        self.summaries = Summaries(tenant)
        self.ratings = Ratings(tenant)
        self.search = Search(tenant)
        self.files = Attachments(tenant)

    # -- turns ---------------------------------------------------------------------------------------------------

    async def hold(self, turn: Turn) -> Hold | None:
        """The bot is silent on a rating."""
        return await self.ratings.hold(turn)

    def request(self, turn: Turn) -> HandoffRequest | None:
        """A poor rating may ask for a person."""
        return self.ratings.request(turn)

    # -- timers and jobs -----------------------------------------------------------------------------------------

    async def on_timer(self, turn: Turn, timer: Timer) -> bool:
        """Do what is due; False for a timer that is not the desk's."""
        if timer.kind == promises.TIMER:
            await self.promises.fire(turn, timer)
        elif timer.kind == matrix.TIMER:
            await self.matrix.fire(turn, timer)
        elif timer.kind == csat.END:
            await self.ratings.end(turn, timer)
        elif timer.kind == tasks.TIMER:
            await tasks.fire(self.tenant, turn, timer)
        elif timer.kind == files.SWEEP:
            await self.files.sweep(turn)
        else:
            return False
        return True

    async def on_job(self, turn: Turn, job: Job) -> bool:
        """Do the job; False for one that is not the desk's."""
        if job.kind == summary.SUMMARISE:
            await self.summaries.work(turn, job)
        elif job.kind == csat.ASK:
            await self.ratings.ask(turn, job)
        elif job.kind == matrix.TELL:
            await self.matrix.tell(turn, job)
        elif job.kind == matrix.POST:
            await self.matrix.post(job)
        else:
            return False
        return True

    # -- after the commit ------------------------------------------------------------------------------------------

    async def observe(self, record: Record) -> None:
        """Follow the event log: clocks, search, summaries, the matrix and ratings.  Safe to get a record twice."""
        ident = record.conversation
        if not ident or record.kind in _OWN:
            return
        if record.kind == "handoff.noted":
            await self.search.index(ident, notes=True)
            return
        await self._show(record)
        await self.promises.follow(ident)
        await self.search.index(ident)
        happened = record.payload.get("event", "") if record.kind.startswith("handoff.") else ""
        if happened == "request":
            await self.summaries.plan(record.payload["handoff"], ident)
        if happened in ("request", "reopen", "come_back"):
            await self.matrix.begin(record.payload["handoff"])
        if happened == "resolve":
            await self.ratings.plan(record.payload["handoff"], ident, record.payload.get("channel", ""))

    async def _show(self, record: Record) -> None:
        """Tell the staff's pages what the bot, or the desk itself, has said where a handoff is open: their lists show it.

        What customers and agents say they are told as it happens.
        """
        if not (record.payload.get("replies") if record.kind == "turn" else record.payload.get("event")):
            return
        seen = await records.open_one(self.tenant, record.conversation)
        if seen is None:
            return
        newest = await self.tenant.conversations.history(record.conversation, limit=1)
        if newest and newest[-1].author in ("bot", "system"):
            self.tenant.live.publish(self.tenant.name, STAFF, "message", heard(newest[-1], seen.id))
