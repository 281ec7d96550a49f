"""A contact's sound: given out and removed on demand, following merges and purges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import merging
from hookline.message import ContactData
from hookline.models import conversation

from . import callcontacts
from .models import sound
from .sounds import Sounds

if TYPE_CHECKING:
    from hookline.message import Record
    from hookline.tenant import Tenant

b = sa.bindparam
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_OF = {sound: sa.or_(sound.c.contact == b("p_contact"), sound.c.conversation.in_(_TALKS))}


async def export(tenant: Tenant, contact: str) -> ContactData:
    """All rows about the contact."""
    found: dict[str, Any] = {}
    for table, condition in _OF.items():
        rows = await tenant.db.fetch(sa.select(table).where(condition), {"p_contact": contact})
        found[table.name] = [{k: v for k, v in row._asdict().items() if k != "tenant"} for row in rows]
    return ContactData("voice", {**found, **await callcontacts.export(tenant, contact)})


async def erase(tenant: Tenant, contact: str) -> ContactData:
    """Remove rows and files."""
    done: dict[str, Any] = {}
    found = {
        table: await tenant.db.fetch(sa.select(table).where(condition), {"p_contact": contact})
        for table, condition in _OF.items()
    }
    await Sounds(tenant).remove(row.file for row in found[sound])
    async with tenant.action(by="voice") as act:
        for table, rows in found.items():
            done[table.name] = len(rows)
            keys = [column for column in table.primary_key if column.name != "tenant"]
            for row in rows:
                act.write(sa.delete(table).where(*(key == getattr(row, key.name) for key in keys)))
    done |= await callcontacts.erase(tenant, contact)
    await tenant.db.scrub()
    return ContactData("voice", done)


async def follow(tenant: Tenant, record: Record) -> None:
    """Contacts that were merged or parted, conversations that were purged: done here too; safe to repeat."""
    await callcontacts.follow(tenant, record)
    if record.kind == "conversation.purged":
        at = {"p_id": record.conversation}
        mine = sound.c.conversation == b("p_id")
        rows = await tenant.db.fetch(sa.select(sound.c.file).where(mine), at)
        await Sounds(tenant).remove(row.file for row in rows)
        await tenant.db.write((sa.delete(sound).where(mine), at))
    elif record.kind in ("contact.merged", "contact.parted"):
        async with tenant.action(by="voice") as act:
            merging.follow(act, record.payload["conversations"], sound)
