"""A contact's traces at the other desk: given out, and removed there too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.models import conversation

from .backendmodels import room, task
from .backendwork import FORGET, lane_of

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_TASKS = sa.select(task).where(task.c.conversation.in_(_TALKS))
_ROOMS = sa.select(room).where(room.c.conversation.in_(_TALKS))


async def export(tenant: Tenant, contact: str) -> Mapping[str, Any]:
    """What the other desk calls the contact's handoffs and conversations."""
    at = {"p_contact": contact}
    return {
        "handoff_task": [_plain(row) for row in await tenant.db.fetch(_TASKS, at)],
        "handoff_room": [_plain(row) for row in await tenant.db.fetch(_ROOMS, at)],
    }


async def erase(tenant: Tenant, contact: str) -> Mapping[str, int]:
    """Forget them, and have the rooms removed at the other desk by jobs."""
    return await forget(tenant, [row.id for row in await tenant.db.fetch(_TALKS, {"p_contact": contact})])


async def forget(tenant: Tenant, talks: Sequence[str]) -> Mapping[str, int]:
    """Forget what the other desk calls these conversations, and have the rooms removed there by jobs."""
    tasks, rooms = [
        await tenant.db.fetch(sa.select(table).where(table.c.conversation.in_(talks))) for table in (task, room)
    ]
    if not (tasks or rooms):
        return {"handoff_task": 0, "handoff_room": 0}
    async with tenant.action(by="handoff") as act:
        for table in (task, room):
            act.write(sa.delete(table).where(table.c.conversation.in_(b("p_ids", expanding=True))), {"p_ids": [*talks]})
        for row in rooms:
            told = {"room": row.room, "conversation": row.conversation}
            act.job(FORGET, told, key=f"forget-{row.room}", lane=lane_of(row.conversation))
    return {"handoff_task": len(tasks), "handoff_room": len(rooms)}


def _plain(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "tenant"}
