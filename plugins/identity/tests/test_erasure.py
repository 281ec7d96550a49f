"""A contact that is erased: nothing of its codes, proofs and addresses is left in any table or file; others' stay."""

from __future__ import annotations

import os
import time

import pytest
import sqlalchemy as sa

from hookline.message import Record
from hookline.models import conversation, identity
from hookline_identity import contacts, joining, registered
from hookline_identity.models import metadata
from hookline_identity.sealing import keys_of


async def whose(branch, who):
    rows = await branch.tenant.db.fetch(sa.select(identity.c.contact).where(identity.c.address == who))
    return rows[0].contact


async def tables(branch):
    """All that the plugin has, as text."""
    found = {}
    for table in metadata.sorted_tables:
        found[table.name] = str([row._asdict() for row in await branch.tenant.db.fetch(sa.select(table))])
    return found


async def traces(branch, who, customer):
    """By what a contact and its account could be found again: ids, and the keyed hashes of all of them."""
    keys, tenant = await keys_of(branch.tenant), branch.tenant
    contact = await whose(branch, who)
    talks = await tenant.db.fetch(sa.select(conversation.c.id).where(conversation.c.contact == contact))
    mine = sa.select(identity.c.channel, identity.c.address).where(identity.c.contact == contact)
    addresses = [f"{row.channel}:{row.address}" for row in await tenant.db.fetch(mine)]
    account = await tenant.hooks.find_account(customer)
    hashes = [
        registered.who_is(branch.tenant, keys, account, customer),
        *(registered.digest_of(keys, account.id, address) for _, address in account.addresses),
        *(keys.digest("count", what, "contact", contact)[:32] for what in ("send", "wrong")),
        *(keys.digest("count", what, "address", from_)[:32] for what in ("send", "wrong") for from_ in addresses),
    ]
    return contact, [contact, *(row.id for row in talks), *hashes, *(address for _, address in account.addresses)]


def on_disk(branch):
    """All files of the tenant's data folder but the key, and what they are called."""
    return {
        path.name: path.read_bytes() + path.name.encode()
        for path in branch.tenant.data.rglob("*")
        if path.is_file() and path.name != "key"
    }


async def test_nothing_of_an_erased_contact_is_left_in_any_table_or_file(branch, bank, clock):
    await branch.prove("alice", "C001")
    clock.advance(60)
    await branch.say("log out", who="alice")
    await branch.say("What is my balance?", who="alice")
    await branch.say("C001", who="alice")
    code = await branch.code(2)
    await branch.say(bank.wrong_of(code), who="alice")
    await branch.prove("bob", "C002")
    await branch.bot.idle()
    contact, signs = await traces(branch, "alice", "C001")
    _, others = await traces(branch, "bob", "C002")
    before = await tables(branch)
    assert all(any(sign in text for text in before.values()) for sign in signs[:2]), "it was there"

    (told,) = [one for one in await branch.tenant.hooks.erase_contact(contact) if one.plugin == "identity"]
    assert told.rows["identity_challenge"] == 2
    assert told.rows["identity_proof"] == 1
    assert told.rows["identity_address"] == 2, "sms and e-mail"

    after = await tables(branch)
    assert [(sign, name) for sign in signs for name, text in after.items() if sign in text] == []
    files = on_disk(branch)
    assert [(sign, name) for sign in [*signs, code] for name, body in files.items() if sign.encode() in body] == []
    assert all(any(sign in text for text in after.values()) for sign in others[:2]), "bob's is still there"
    assert (await branch.tenant.hooks.erase_contact(contact))[0].rows["identity_challenge"] == 0, "safe to repeat"
    assert (await branch.say("What is my balance?", who="alice")).data["identity"] == "who", "nobody is proved"


async def test_what_was_deleted_is_overwritten_in_the_databases_files(branch):
    await branch.prove("alice", "C001")
    await branch.bot.idle()
    (row,) = await branch.tenant.db.fetch(sa.select(metadata.tables["identity_challenge"]))
    contact = await whose(branch, "alice")
    await branch.tenant.hooks.erase_contact(contact)
    files = [path for path in (branch.bot.folder / "data").rglob("hookline.db*") if path.is_file()]
    assert {path.name for path in files} >= {"hookline.db", "hookline.db-wal"}
    for sign in (row.digest, row.target):
        assert [path.name for path in files if sign.encode() in path.read_bytes()] == []


async def test_who_became_one_contact_by_merges_is_erased_as_one(make_bot, bank, clock):
    branch = bank.branch(await make_bot(plugins=bank.plugins, config=bank.config, clock=clock))
    for who in ("alice", "bob", "carol"):
        await branch.prove(who, "C001")
        clock.advance(31)
    alice, bob, carol = [await whose(branch, who) for who in ("alice", "bob", "carol")]
    await joining.join(branch.tenant, bob, alice, "C001", "a test")
    await joining.join(branch.tenant, carol, bob, "C001", "a test")
    (held,) = [one for one in await branch.tenant.hooks.export_contact(carol) if one.plugin == "identity"]
    assert [len(rows) for rows in held.rows.values()] == [3, 3, 2], "codes, proofs, merges"
    await branch.tenant.hooks.erase_contact(carol)
    text = " ".join((await tables(branch)).values())
    assert [one for one in (alice, bob, carol) if one in text] == []


async def test_an_account_that_others_ask_for_too_keeps_what_protects_it(branch, clock):
    """Else whoever has a contact erased could have a new number taken for an old one."""
    await branch.prove("alice", "C001")
    clock.advance(60)
    await branch.prove("bob", "C001")
    await branch.tenant.hooks.erase_contact(await whose(branch, "alice"))
    keys = await keys_of(branch.tenant)
    account = await branch.tenant.hooks.find_account("C001")
    assert registered.who_is(branch.tenant, keys, account, "C001") in (await tables(branch))["identity_address"]


async def test_what_is_given_out_holds_neither_hashes_nor_codes(branch):
    await branch.prove("alice", "C001")
    (row,) = await branch.tenant.db.fetch(sa.select(metadata.tables["identity_challenge"]))
    (held,) = [
        one
        for one in await branch.tenant.hooks.export_contact(await whose(branch, "alice"))
        if one.plugin == "identity"
    ]
    told = str(held.rows)
    assert held.rows["identity_proof"][0]["account"] == "C001"
    assert [one for one in (row.digest, row.who, row.target, await branch.code()) if one in told] == []


async def test_codes_and_proofs_of_a_conversation_go_when_it_is_removed(branch):
    await branch.prove("alice", "C001")
    (talk,) = await branch.tenant.db.fetch(sa.select(conversation.c.id))
    for _ in range(2):
        await contacts.follow(branch.tenant, Record(1, "conversation.purged", talk.id, 0.0, {}))
    found = await tables(branch)
    assert (found["identity_challenge"], found["identity_proof"]) == ("[]", "[]")
    assert branch.letters() == []


@pytest.mark.parametrize("old", [True, False])
async def test_files_of_codes_are_not_kept_for_ever(branch, old):
    await branch.prove("alice", "C001")
    (file,) = (branch.tenant.data / "outgoing").glob("*.txt")
    if old:
        week = time.time() - 8 * 86_400
        os.utime(file, (week, week))
    await branch.say("What is my balance?", who="bob")
    await branch.say("C002", who="bob")
    await branch.bot.until(lambda: any("9800000002" in letter for letter in branch.letters()))
    await branch.bot.idle()
    assert file.exists() is not old
