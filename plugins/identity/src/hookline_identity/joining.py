"""Contacts that proved to be one customer: made one, and taken apart again where that was wrong.

What moves is noted in a row, so that it can be moved back: the identities and conversations of the one that becomes part of the
other, and how both were known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.ledger import new_id
from hookline.merging import Moved
from hookline.message import Contact
from hookline.models import contact, conversation, identity
from hookline.problems import Problem

from . import statements as sql
from .models import challenge, merge, proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.action import Action
    from hookline.message import Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .dialogue import Dialogue
    from .heard import Heard
    from .reading import Reading

_MOST = 200


async def propose(dialogue: Dialogue, turn: Turn, account: str, heard: Heard, state: dict[str, Any]) -> None:
    """Merge the contact with the one that proved the same account before, or offer it, as the config says."""
    mode = dialogue.config.merge
    if mode == "off":
        return
    rows = await dialogue.tenant.db.fetch(sql.OTHERS, {"p_account": account, "p_contact": turn.contact.id})
    if not rows:
        return
    if mode == "auto":
        _have_merged(turn, rows[0].contact, account)
        return
    state.update(stage="merge", other=rows[0].contact, account=account, at=dialogue.tenant.clock.now())
    heard.offer = "identity-merge-offer"


def answered(
    dialogue: Dialogue, turn: Turn, told: Message, reading: Reading, state: dict[str, Any], heard: Heard
) -> Message:
    """The customer's answer to the offer; anything but yes and no is another matter, and the offer is over."""
    other, account = str(state.get("other", "")), str(state.get("account", ""))
    state.clear()
    if reading.wish == "yes" and turn.account == account:
        _have_merged(turn, other, account)
        heard.answer = ("identity-merged", {})
    elif reading.wish == "no":
        heard.answer = ("identity-not-merged", {})
    return told


def _have_merged(turn: Turn, other: str, account: str) -> None:
    told = {"into": other, "source": turn.contact.id, "account": account}
    turn.job("merge", told, lane="identity:merge")


async def join(tenant: Tenant, into: str, source: str, account: str, by: str) -> str:
    """Make `source` a part of `into`; audited.  Returns the merge's id; "" where one of them is not there any more."""
    known = {row.id: row for row in await tenant.db.fetch(sa.select(contact).where(contact.c.id.in_([into, source])))}
    if into == source or len(known) != 2:
        return ""
    stays, goes = _contact(known[into]), _contact(known[source])
    identities, conversations = await _has(tenant, source)
    told = Contact(
        into,
        stays.name or goes.name,
        stays.email or goes.email,
        stays.phone or goes.phone,
        stays.language or goes.language,
        {**goes.data, **stays.data},
    )
    ident = new_id()
    body = {
        "source": msgspec.to_builtins(goes),
        "into": msgspec.to_builtins(stays),
        "identities": identities,
        "conversations": conversations,
    }
    async with tenant.action(by=by) as act:
        row = {"id": ident, "contact": into, "source": source, "account": account, "at": tenant.clock.now(), "by": by}
        act.write(sa.insert(merge), {**row, "body": body, "undone_at": None}, rows=1)
        _rewrite(act, conversations, into)
        act.merge(Moved(source, into, tuple(identities), tuple(conversations), told, dropped=True))
        act.event("identity.merged", {"contact": into, "source": source})
        act.audit("identity.contacts.merged", into, {"source": source, "merge": ident})
    return ident


async def part(tenant: Tenant, ident: str, by: str) -> dict[str, Any]:
    """Undo a merge: the other contact is there again with what came from it; raises `Problem` 404 and 409."""
    rows = await tenant.db.fetch(sa.select(merge).where(merge.c.id == ident))
    if not rows:
        raise Problem(404, f"there is no merge {ident[:64]!r}")
    row = rows[0]
    if row.undone_at is not None:
        raise Problem(409, "this merge is undone already")
    found = await tenant.db.fetch(sa.select(contact).where(contact.c.id == row.contact))
    if not found:
        raise Problem(404, f"there is no contact {row.contact!r} any more")
    known, again, before = _contact(found[0]), *(msgspec.convert(row.body[k], Contact) for k in ("source", "into"))
    there, talks = await _has(tenant, row.contact)
    identities = [one for one in map(tuple, row.body["identities"]) if one in there]
    conversations = [one for one in row.body["conversations"] if one in talks]
    kept = Contact(  # what came with the other goes with it, unless somebody has changed it since
        known.id,
        before.name if known.name == again.name else known.name,
        before.email if known.email == again.email else known.email,
        before.phone if known.phone == again.phone else known.phone,
        before.language if known.language == again.language else known.language,
        {k: v for k, v in known.data.items() if k in before.data or again.data.get(k) != v},
    )
    now = tenant.clock.now()
    async with tenant.action(by=by) as act:
        act.write(
            sa.update(merge).where(merge.c.id == ident, merge.c.undone_at.is_(None)).values(undone_at=now), rows=1
        )
        _rewrite(act, conversations, row.source)
        act.merge(Moved(row.contact, row.source, tuple(identities), tuple(conversations), kept, made=again))
        act.event("identity.parted", {"contact": row.contact, "source": row.source})
        act.audit("identity.contacts.parted", row.contact, {"source": row.source, "merge": ident})
    return shown({**row._asdict(), "undone_at": now})


async def merges(tenant: Tenant, who: str = "") -> list[dict[str, Any]]:
    """The merges, newest first; of one contact where it is named."""
    wanted = sa.select(merge).order_by(merge.c.at.desc()).limit(_MOST)
    if who:
        wanted = wanted.where(sa.or_(merge.c.contact == who, merge.c.source == who))
    return [shown(row._asdict()) for row in await tenant.db.fetch(wanted)]


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A merge as the API shows it."""
    return {
        "id": row["id"],
        "contact": row["contact"],
        "source": row["source"],
        "source_name": row["body"]["source"].get("name", ""),
        "by": row["by"],
        "at": row["at"],
        "conversations": len(row["body"]["conversations"]),
        "undone_at": row["undone_at"],
    }


def _rewrite(act: Action, conversations: Sequence[str], into: str) -> None:
    for table in (challenge, proof):
        if conversations:
            act.write(sa.update(table).where(table.c.conversation.in_(list(conversations))).values(contact=into))


def _contact(row: Any) -> Contact:
    return Contact(row.id, row.name, row.email, row.phone, row.language, row.data)


async def _has(tenant: Tenant, ident: str) -> tuple[list[tuple[str, str]], list[str]]:
    """A contact's identities and conversations."""
    known = await tenant.db.fetch(sa.select(identity.c.channel, identity.c.address).where(identity.c.contact == ident))
    talks = await tenant.db.fetch(sa.select(conversation.c.id).where(conversation.c.contact == ident))
    return [(row.channel, row.address) for row in known], [row.id for row in talks]
