"""A contact's proofs and codes: given out and removed on demand, and followed where contacts are merged elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import merging
from hookline.message import ContactData
from hookline.models import conversation, identity

from . import limits, outgoing, registered
from .limits import Subject
from .models import address, challenge, count, merge, proof
from .sealing import keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hookline.message import Record
    from hookline.tenant import Tenant

b = sa.bindparam
_TABLES = {"identity_challenge": challenge, "identity_proof": proof, "identity_merge": merge}
_HIDDEN = ("tenant", "digest", "target", "who", "token")  # they are for us alone, and tell the contact nothing


async def export(tenant: Tenant, contact: str) -> ContactData:
    """All rows about the contact, without hashes."""
    found = await _rows(tenant, contact)
    shown = {
        name: [{k: v for k, v in row._asdict().items() if k not in _HIDDEN} for row in rows]
        for name, rows in found.items()
    }
    return ContactData("identity", shown)


async def erase(tenant: Tenant, contact: str) -> ContactData:
    """Remove them, with what was counted and what was seen of the contact's addresses: it is nobody proved any more."""
    found = await _rows(tenant, contact)
    codes = found["identity_challenge"]
    await outgoing.remove(tenant, [row.id for row in codes])
    accounts, claims = await _nobody_elses(tenant, codes, found["identity_proof"])
    counters = await _counters(tenant, contact, accounts, claims)
    done: dict[str, Any] = {name: len(rows) for name, rows in found.items()}
    async with tenant.action(by="identity") as act:
        for name, table in _TABLES.items():
            key = next(column for column in table.primary_key if column.name != "tenant")
            if ids := [getattr(row, key.name) for row in found[name]]:
                act.write(sa.delete(table).where(key.in_(b("p_ids", expanding=True))), {"p_ids": ids})
        for table, column, keys in ((address, address.c.who, [*accounts, *claims]), (count, count.c.key, counters)):
            rows = await tenant.db.fetch(
                sa.select(column).where(column.in_(b("p_keys", expanding=True))), {"p_keys": keys}
            )
            done[table.name] = len(rows)
            if rows:
                act.write(sa.delete(table).where(column.in_(b("p_keys", expanding=True))), {"p_keys": keys})
    await tenant.conversations.database.scrub()
    return ContactData("identity", done)


async def follow(tenant: Tenant, record: Record) -> None:
    """What other plugins did with contacts and the core with old conversations: done here too; safe to repeat."""
    if record.kind == "conversation.purged":
        rows = await tenant.db.fetch(
            sa.select(challenge.c.id).where(challenge.c.conversation == b("p_id")), {"p_id": record.conversation}
        )
        await outgoing.remove(tenant, [row.id for row in rows])
        async with tenant.action(by="identity") as act:
            for table in (challenge, proof):
                act.write(sa.delete(table).where(table.c.conversation == b("p_id")), {"p_id": record.conversation})
    elif record.kind in ("contact.merged", "contact.parted"):
        async with tenant.action(by="identity") as act:
            merging.follow(act, record.payload["conversations"], challenge, proof)


async def _rows(tenant: Tenant, contact: str) -> dict[str, Sequence[Any]]:
    """The contact's rows by table, with those of the contacts that became a part of it."""
    merges, known = await _merges(tenant, contact)
    talks = sa.select(conversation.c.id).where(conversation.c.contact == b("p_contact"))
    found: dict[str, Sequence[Any]] = {}
    for name, table in (("identity_challenge", challenge), ("identity_proof", proof)):
        mine = sa.or_(table.c.contact.in_(b("p_known", expanding=True)), table.c.conversation.in_(talks))
        found[name] = await tenant.db.fetch(
            sa.select(table).where(mine), {"p_contact": contact, "p_known": sorted(known)}
        )
    return {**found, "identity_merge": merges}


async def _merges(tenant: Tenant, contact: str) -> tuple[Sequence[Any], set[str]]:
    """The merges that speak of the contact, and the contacts that are it now: merges may follow each other."""
    mine = sa.or_(merge.c.contact.in_(b("p_ids", expanding=True)), merge.c.source.in_(b("p_ids", expanding=True)))
    known, seen = {contact}, 0
    rows: Sequence[Any] = ()
    while len(known) > seen:
        seen = len(known)
        rows = await tenant.db.fetch(sa.select(merge).where(mine), {"p_ids": sorted(known)})
        known |= {row.source for row in rows if row.undone_at is None and row.contact in known}
    return rows, known


async def _nobody_elses(
    tenant: Tenant, codes: Sequence[Any], proved: Sequence[Any]
) -> tuple[Sequence[str], Sequence[str]]:
    """The accounts and the claims, by their hashes, that only this contact asked codes for or proved to be."""
    keys, ids, talks = await keys_of(tenant), {row.id for row in codes}, {row.conversation for row in proved}
    accounts = {row.account for row in (*codes, *proved)} - {""}
    claims = {row.who for row in codes}
    c, p = challenge.c, proof.c
    asked = await tenant.db.fetch(
        sa.select(c.id, c.account, c.who).where(
            sa.or_(c.account.in_(b("p_accounts", expanding=True)), c.who.in_(b("p_claims", expanding=True)))
        ),
        {"p_accounts": sorted(accounts), "p_claims": sorted(claims)},
    )
    held = await tenant.db.fetch(
        sa.select(p.conversation, p.account).where(p.account.in_(b("p_accounts", expanding=True))),
        {"p_accounts": sorted(accounts)},
    )
    others = [row for row in asked if row.id not in ids]
    accounts -= {row.account for row in (*others, *(row for row in held if row.conversation not in talks))}
    claims -= {row.who for row in others}
    return sorted(registered.account_digest(keys, one) for one in accounts), sorted(claims)


async def _counters(tenant: Tenant, contact: str, accounts: Collection[str], claims: Collection[str]) -> list[str]:
    keys = await keys_of(tenant)
    addresses = await tenant.db.fetch(
        sa.select(identity.c.channel, identity.c.address).where(identity.c.contact == b("p_contact")),
        {"p_contact": contact},
    )
    subjects = [
        Subject("", "", contact),
        *(Subject(who) for who in (*accounts, *claims)),
        *(Subject("", claim) for claim in claims),
        *(Subject("", "", "", f"{row.channel}:{row.address}") for row in addresses),
    ]
    return [
        one.key
        for subject in subjects
        for what in ("send", "wrong")
        for one in limits.counters(tenant, keys, what, subject)
    ]
