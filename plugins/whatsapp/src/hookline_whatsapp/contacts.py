"""A contact's chats, opt-outs, files and deliveries: given out and removed on demand, following merges and purges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import merging
from hookline.message import ContactData
from hookline.models import conversation, identity

from .files import Files
from .incoming import CHANNEL
from .models import chat, media, optout, sent, simulated
from .simulator import TOPIC
from .simulatorfiles import files_in

if TYPE_CHECKING:
    from hookline.message import Record
    from hookline.tenant import Tenant

b = sa.bindparam
_TALKS = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
_ADDRESSES = sa.select(identity.c.address).where(identity.c.contact == b("p_contact"), identity.c.channel == CHANNEL)
_OF = {
    chat: sa.or_(chat.c.contact == b("p_contact"), chat.c.conversation.in_(_TALKS), chat.c.address.in_(_ADDRESSES)),
    optout: sa.or_(optout.c.contact == b("p_contact"), optout.c.address.in_(_ADDRESSES)),
    sent: sent.c.conversation.in_(_TALKS),
    media: sa.or_(media.c.contact == b("p_contact"), media.c.conversation.in_(_TALKS)),
    simulated: simulated.c.address.in_(_ADDRESSES),
}


async def export(tenant: Tenant, contact: str) -> ContactData:
    """All rows about the contact."""
    found: dict[str, Any] = {}
    for table, condition in _OF.items():
        rows = await tenant.db.fetch(sa.select(table).where(condition), {"p_contact": contact})
        found[table.name] = [{k: v for k, v in row._asdict().items() if k != "tenant"} for row in rows]
    return ContactData("whatsapp", found)


async def erase(tenant: Tenant, contact: str) -> ContactData:
    """Remove rows and files."""
    done: dict[str, Any] = {}
    files = await Files(tenant).of(_OF[media], {"p_contact": contact})
    await Files(tenant).remove(row.file for row in files)
    found = {
        table: await tenant.db.fetch(sa.select(table).where(condition), {"p_contact": contact})
        for table, condition in _OF.items()
    }
    await Files(tenant).remove(ident for row in found[simulated] for ident in files_in(row.payload))
    async with tenant.action(by="whatsapp") as act:
        for table, condition in _OF.items():
            done[table.name] = len(found[table])
            act.write(sa.delete(table).where(condition), {"p_contact": contact})  # also what has come meanwhile
        if found[simulated]:
            act.publish(TOPIC, "lost", {})  # pages that show the phone look at everything anew
    await tenant.db.scrub()
    return ContactData("whatsapp", done)


async def follow(tenant: Tenant, record: Record) -> None:
    """Contacts that were merged or parted, conversations that were purged: done here too; safe to repeat."""
    if record.kind == "conversation.purged":
        at = {"p_id": record.conversation}
        files = await Files(tenant).of(media.c.conversation == b("p_id"), at)
        await Files(tenant).remove(row.file for row in files)
        async with tenant.action(by="whatsapp") as act:
            for table in (media, sent):
                act.write(sa.delete(table).where(table.c.conversation == b("p_id")), at)
    elif record.kind in ("contact.merged", "contact.parted"):
        mine = [address for channel, address in record.payload["identities"] if channel == CHANNEL]
        whose = sa.select(identity.c.contact).where(
            identity.c.channel == CHANNEL, identity.c.address == optout.c.address
        )
        known = sa.select(identity.c.address).where(identity.c.channel == CHANNEL, identity.c.address.in_(mine))
        async with tenant.action(by="whatsapp") as act:
            merging.follow(act, record.payload["conversations"], chat, media)
            if mine:
                act.write(sa.update(optout).where(optout.c.address.in_(known)).values(contact=whose.scalar_subquery()))
