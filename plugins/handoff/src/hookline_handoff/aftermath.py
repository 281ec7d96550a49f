"""What becomes of the desk's rows when contacts are merged or parted elsewhere, and when a conversation is removed.

Of a removed conversation the figures stay, for reports: times, states, whose it was, what was promised, how it was
rated.  Every word goes, on the disk too; a task that is still open is kept until somebody ends it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hookline import merging
from hookline.models import contact

from . import backenddata
from .deskmodels import file, indexed, note, notice, rating, summary, word
from .files import Attachments
from .models import handoff, reading, step
from .persons import OURS
from .taskmodels import staff_task

if TYPE_CHECKING:
    from hookline.message import Record
    from hookline.tenant import Tenant

_GONE = (note, notice, summary, word, indexed, reading, file)
_WORD = re.compile(r"[a-z_]+")


async def follow(tenant: Tenant, record: Record) -> bool:
    """Do what the event asks for; False for one that asks for nothing.  Safe to get twice."""
    if record.kind in ("contact.merged", "contact.parted"):
        await _moved(tenant, record)
    elif record.kind == "conversation.purged":
        await _purged(tenant, record.conversation)
    else:
        return False
    return True


async def _moved(tenant: Tenant, record: Record) -> None:
    """The desk's own merges have done it already; those of other plugins are followed here."""
    there, other = record.payload["contact"], record.payload["from"]
    apart = sa.exists().where(contact.c.id == other)  # the merge may have been undone before its record came here
    async with tenant.action(by="handoff") as act:
        merging.follow(act, record.payload["conversations"], *OURS)
        if record.kind == "contact.merged":
            loose = sa.and_(staff_task.c.contact == other, staff_task.c.conversation == "", ~apart)
            act.write(sa.update(staff_task).where(loose).values(contact=there, merged_from=other))
        else:
            loose = sa.and_(staff_task.c.contact == there, staff_task.c.merged_from == other, apart)
            act.write(sa.update(staff_task).where(loose).values(contact=other, merged_from=""))


async def _purged(tenant: Tenant, gone: str) -> None:
    """Files first: should it stop half-way, the event comes again."""
    rows = await tenant.db.fetch(sa.select(file.c.id).where(file.c.conversation == gone))
    await Attachments(tenant).remove([row.id for row in rows])
    await backenddata.forget(tenant, [gone])
    mine = await tenant.db.fetch(sa.select(handoff.c.id, handoff.c.reason).where(handoff.c.conversation == gone))
    async with tenant.action(by="handoff") as act:
        for row in mine:
            bare = {"summary": "", "resolution": "", "data": {}, "reason": _cause(row.reason)}
            act.write(sa.update(handoff).where(handoff.c.id == row.id).values(bare))
            act.write(sa.update(step).where(step.c.handoff == row.id).values(reason="", detail={}))
        act.write(sa.update(rating).where(rating.c.conversation == gone).values(comment=""))
        ended = staff_task.c.ended_at.is_not(None)
        act.write(sa.delete(staff_task).where(staff_task.c.conversation == gone, ended))
        for table in _GONE:
            act.write(sa.delete(table).where(table.c.conversation == gone))
    await tenant.db.scrub()


def _cause(reason: str) -> str:
    """The kind of reason, which reports count; what follows it, or is no word of ours, may be the customer's words."""
    cause = reason.partition(":")[0].strip()
    return cause if _WORD.fullmatch(cause) else ""
