"""Contacts that are one person: merged by whoever sees it, and taken apart again where that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.ledger import new_id
from hookline.merging import Moved
from hookline.message import Contact
from hookline.models import contact, conversation, identity
from hookline.problems import Problem

from .deskmodels import file, indexed, merge, note, notice, rating, summary
from .findbodies import ContactHit, Contacts, Merges, MergeView
from .models import handoff
from .notices import STAFF
from .search import contacts_like
from .taskmodels import staff_task

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.roles import Caller
    from hookline.tenant import Tenant

OURS = (handoff, note, notice, file, rating, summary, indexed, staff_task)
_MOST = 500
_TASKS = sa.select(staff_task.c.id).where(
    staff_task.c.contact == sa.bindparam("p_contact"), staff_task.c.conversation == ""
)


async def find(tenant: Tenant, text: str, limit: int) -> Contacts:
    """Contacts that fit the text, with their identities."""
    if not text.strip():
        return Contacts(())
    rows = await contacts_like(tenant, text, limit)
    ids = [row.id for row in rows]
    known: dict[str, list[tuple[str, str]]] = {}
    n = sa.func.count().label("n")
    if ids:
        for row in await tenant.db.fetch(sa.select(identity).where(identity.c.contact.in_(ids))):
            known.setdefault(row.contact, []).append((row.channel, row.address))
    counted = await tenant.db.fetch(
        sa.select(conversation.c.contact, n).where(conversation.c.contact.in_(ids)).group_by(conversation.c.contact)
    ) if ids else []  # fmt: skip
    counts = {row.contact: row.n for row in counted}
    return Contacts(
        [
            ContactHit(
                row.id, row.name, row.email, row.phone, row.language, known.get(row.id, []), counts.get(row.id, 0)
            )
            for row in rows
        ]
    )


async def join(tenant: Tenant, caller: Caller, into: str, source: str) -> MergeView:
    """Make `source` a part of `into`: its identities, conversations and all that the desk has of it; audited.

    `into` keeps what it knows of itself; what it does not know it takes from the other.
    """
    if not caller.has(tenant.config.desk.merge):
        raise Problem(403, f"contacts are merged by a {tenant.config.desk.merge} here")
    if into == source:
        raise Problem(400, "contact: a contact can't be merged with itself", field="contact")
    stays, goes = await _contact(tenant, into), await _contact(tenant, source)
    identities, conversations = await _has(tenant, source)
    known = Contact(
        into,
        stays.name or goes.name,
        stays.email or goes.email,
        stays.phone or goes.phone,
        stays.language or goes.language,
        {**goes.data, **stays.data},
    )
    tasks = [row.id for row in await tenant.db.fetch(_TASKS, {"p_contact": source})]
    moved = {"identities": len(identities), "conversations": len(conversations)}
    row = {
        "id": new_id(),
        "contact": into,
        "source": source,
        "source_name": goes.name,
        "by": caller.id,
        "at": tenant.clock.now(),
        "body": {
            "source": msgspec.to_builtins(goes),
            "into": msgspec.to_builtins(stays),
            "identities": identities,
            "conversations": conversations,
            "tasks": tasks,
            "moved": moved,
        },
        "undone_at": None,
    }
    async with tenant.action(by=caller.who) as act:
        rewrite(act, conversations, tasks, into)
        act.write(sa.insert(merge), row, rows=1)
        act.merge(Moved(source, into, tuple(identities), tuple(conversations), known, dropped=True))
        act.event("handoff.merged", {"contact": into, "source": source})
        act.audit("handoff.contacts.merged", into, {"source": source, "merge": row["id"], **moved})
        act.publish(STAFF, "handoff.merged", {"contact": into, "from": source})
    return view(row)


async def part(tenant: Tenant, caller: Caller, ident: str) -> MergeView:
    """Undo a merge: the other contact is there again, with the identities and conversations that came from it."""
    rows = await tenant.db.fetch(sa.select(merge).where(merge.c.id == ident))
    if not rows:
        raise Problem(404, f"there is no merge {ident[:64]!r}")
    row = rows[0]
    if row.undone_at is not None:
        raise Problem(409, "this merge is undone already")
    body = row.body
    there, talks = await _has(tenant, row.contact)
    identities = [one for one in map(tuple, body["identities"]) if one in there]
    conversations = [one for one in body["conversations"] if one in talks]
    now = tenant.clock.now()
    again = msgspec.convert(body["source"], Contact)
    known = await _contact(tenant, row.contact)
    before = msgspec.convert(body["into"], Contact)
    kept = Contact(  # what came with the other goes with it, unless somebody has changed it since
        known.id,
        before.name if known.name == again.name else known.name,
        before.email if known.email == again.email else known.email,
        before.phone if known.phone == again.phone else known.phone,
        before.language if known.language == again.language else known.language,
        {k: v for k, v in known.data.items() if k in before.data or again.data.get(k) != v},
    )
    async with tenant.action(by=caller.who) as act:
        rewrite(act, conversations, body.get("tasks", ()), row.source)
        done = sa.update(merge).where(merge.c.id == ident, merge.c.undone_at.is_(None)).values(undone_at=now)
        act.write(done, rows=1)
        act.merge(Moved(row.contact, row.source, tuple(identities), tuple(conversations), kept, made=again))
        act.event("handoff.parted", {"contact": row.contact, "source": row.source})
        act.audit("handoff.contacts.parted", row.contact, {"source": row.source, "merge": ident})
        act.publish(STAFF, "handoff.merged", {"contact": row.contact, "from": row.source, "undone": True})
    return view({**row._asdict(), "undone_at": now})


async def merges_of(tenant: Tenant, ident: str) -> Merges:
    """The merges of a contact, newest first."""
    rows = await tenant.db.fetch(
        sa.select(merge).where(merge.c.contact == ident).order_by(merge.c.at.desc()).limit(_MOST)
    )
    return Merges([view(row._asdict()) for row in rows])


def view(row: Any) -> MergeView:
    """A merge as pages show it."""
    return MergeView(
        row["id"], row["contact"], row["source"], row["source_name"], row["by"], row["at"],
        row["body"].get("moved", {}), row["undone_at"],
    )  # fmt: skip


def rewrite(act: Collected, conversations: Sequence[str], tasks: Sequence[str], into: str) -> None:
    """What the desk has of these conversations, and of no conversation at all, is the other contact's now."""
    if tasks:
        act.write(sa.update(staff_task).where(staff_task.c.id.in_(list(tasks))).values(contact=into))
    for table in OURS:
        if conversations:
            act.write(sa.update(table).where(table.c.conversation.in_(list(conversations))).values(contact=into))


async def _contact(tenant: Tenant, ident: str) -> Contact:
    rows = await tenant.db.fetch(sa.select(contact).where(contact.c.id == ident))
    if not rows:
        raise Problem(404, f"there is no contact {ident[:64]!r}")
    row = rows[0]
    return Contact(row.id, row.name, row.email, row.phone, row.language, row.data)


async def _has(tenant: Tenant, ident: str) -> tuple[list[tuple[str, str]], list[str]]:
    """A contact's identities and conversations."""
    known = await tenant.db.fetch(sa.select(identity.c.channel, identity.c.address).where(identity.c.contact == ident))
    talks = await tenant.db.fetch(sa.select(conversation.c.id).where(conversation.c.contact == ident))
    return [(row.channel, row.address) for row in known], [row.id for row in talks]
