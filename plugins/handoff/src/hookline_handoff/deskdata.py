"""What the desk holds about a contact: given out and removed on demand, on the disk too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline.models import conversation

from .deskmodels import climb, clock, file, indexed, merge, note, notice, rating, summary, tag, word
from .files import Attachments
from .models import handoff
from .taskmodels import staff_task

if TYPE_CHECKING:
    from hookline.tenant import Tenant

b = sa.bindparam
_BY_CONTACT = (note, notice, rating, file, summary, indexed, staff_task)
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_HANDOFFS = sa.select(handoff.c.id).where(handoff.c.contact == b("p_contact"))


async def export(tenant: Tenant, contact: str) -> Mapping[str, Any]:
    """The rows about the contact, by table."""
    found: dict[str, Any] = {}
    for table, mine in _about(await _persons(tenant, contact)):
        rows = await tenant.db.fetch(sa.select(table).where(mine), {"p_contact": contact})
        found[table.name] = [{k: v for k, v in row._asdict().items() if k != "tenant"} for row in rows]
    return found


async def erase(tenant: Tenant, contact: str) -> Mapping[str, int]:
    """Remove them, files first: should it stop half-way, doing it again finishes it."""
    at = {"p_contact": contact}
    files = await tenant.db.fetch(sa.select(file.c.id).where(file.c.contact == b("p_contact")), at)
    gone = await Attachments(tenant).remove([row.id for row in files])
    found: dict[str, int] = {"files": gone}
    talks = [row.id for row in await tenant.db.fetch(_TALKS, at)]
    about = _about(await _persons(tenant, contact))
    done = await tenant.db.write(
        *((sa.delete(table).where(mine), at) for table, mine in about),
        (sa.delete(word).where(word.c.conversation.in_(b("p_ids", expanding=True))), {"p_ids": talks}),
    )
    for (table, _), result in zip(about, done, strict=False):
        found[table.name] = result.rowcount
    found["handoff_word"] = done[-1].rowcount
    return found


async def _persons(tenant: Tenant, contact: str) -> list[str]:
    """The contact, and those that became a part of it by one merge after the other: it is about them that merges tell."""
    persons = new = {contact}
    while new:
        into = merge.c.contact.in_(list(new)) & merge.c.undone_at.is_(None)
        new = {row.source for row in await tenant.db.fetch(sa.select(merge.c.source).where(into))} - persons
        persons = persons | new
    return sorted(persons)


def _about(persons: list[str]) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Each table with the condition that its rows are about the contact, with whom it was merged."""
    return [
        *((table, table.c.contact == b("p_contact")) for table in _BY_CONTACT),
        (merge, sa.or_(merge.c.contact == b("p_contact"), merge.c.contact.in_(persons), merge.c.source.in_(persons))),
        (tag, tag.c.conversation.in_(_TALKS)),
        (clock, clock.c.handoff.in_(_HANDOFFS)),
        (climb, climb.c.handoff.in_(_HANDOFFS)),
    ]
