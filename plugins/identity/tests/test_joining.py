"""Contacts that prove to be one customer: put together where the config says so, and taken apart again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hookline.audit import entries
from hookline.merging import Moved
from hookline.message import Contact
from hookline.models import contact, conversation, identity
from hookline.testing.clock import FrozenClock
from hookline_identity import joining
from hookline_identity.models import challenge, merge, proof

OFFER = "You have also written to us elsewhere. Shall I put both conversations together"


@pytest.fixture
def joined(make_bot, bank, database_url):
    """`branch = await joined("ask")`: a bank with that way of putting contacts together, on each database."""

    async def make(mode):
        config = bank.config.replace("[plugins.identity]", f'[plugins.identity]\nmerge = "{mode}"')
        bot = await make_bot(plugins=bank.plugins, config=config, clock=FrozenClock(), database_url=database_url)
        return bank.branch(bot)

    return make


async def fetch(branch, statement):
    return await branch.tenant.db.fetch(statement)


async def whose(branch):
    """Which contact each address belongs to."""
    return {row.address: row.contact for row in await fetch(branch, sa.select(identity))}


async def two_prove(branch, clock, customer="C001"):
    """alice proves to be C001, then bob to be the customer; what bob is told, and both contacts."""
    await branch.prove("alice")
    clock.advance(31)
    told = await branch.prove("bob", customer)
    await branch.bot.idle()
    known = await whose(branch)
    return told, known["alice"], known["bob"]


async def test_where_the_config_does_not_say_so_contacts_stay_apart(joined, bank):
    branch = await joined("off")
    told, alice, bob = await two_prove(branch, branch.bot.clock)
    assert told.text == f"Your balance is {bank.balance}."
    assert alice != bob
    assert not await fetch(branch, sa.select(merge))


async def test_who_agrees_becomes_one_contact_with_all_that_both_had(joined, bank):
    branch = await joined("ask")
    told, alice, bob = await two_prove(branch, branch.bot.clock)
    assert told.text.startswith(f"Your balance is {bank.balance}.\n\n{OFFER}"), "the answer comes first"
    assert told.quick_replies == ("Yes", "No")
    assert alice != bob, "nothing is done before the customer agrees"
    assert (await branch.say("yes", who="bob")).data["identity"] == "merged"
    await branch.bot.idle()
    assert await whose(branch) == {"alice": alice, "bob": alice}
    assert {row.id for row in await fetch(branch, sa.select(contact))} == {alice}
    for table in (conversation, proof, challenge):
        assert {row.contact for row in await fetch(branch, sa.select(table))} == {alice}, table.name
    assert (await branch.say("What is my balance?", who="bob")).text == f"Your balance is {bank.balance}.", (
        "still proved"
    )
    (done,) = [
        one for one in await entries(branch.bot.runtime.database, "acme") if one.what.endswith("contacts.merged")
    ]
    assert (done.subject, done.detail["source"]) == (alice, bob)


@pytest.mark.parametrize("answer", ["no", "नहीं", "What are your opening hours?"])
async def test_who_does_not_agree_stays_apart(joined, answer):
    branch = await joined("ask")
    _, alice, bob = await two_prove(branch, branch.bot.clock)
    told = await branch.say(answer, who="bob")
    assert told.text in (branch.tenant.phrase("identity-not-merged", "en"), f"bank: {answer}")
    assert (await branch.say("yes", who="bob")).text == "bank: yes", "the offer is over"
    await branch.bot.idle()
    assert await whose(branch) == {"alice": alice, "bob": bob}


async def test_where_the_config_says_so_nobody_is_asked(joined, bank):
    branch = await joined("auto")
    told, alice, bob = await two_prove(branch, branch.bot.clock)
    assert told.text == f"Your balance is {bank.balance}."
    assert alice == bob
    branch.bot.clock.advance(31)
    await branch.prove("carol")
    await branch.bot.idle()
    assert set((await whose(branch)).values()) == {alice}, "a third one too"


async def test_another_customer_is_never_put_together_with_the_first(joined):
    branch = await joined("auto")
    _, alice, bob = await two_prove(branch, branch.bot.clock, "C002")
    assert alice != bob
    assert not await fetch(branch, sa.select(merge))


async def test_an_agreement_that_comes_too_late_or_from_somebody_else_joins_nobody(joined):
    branch = await joined("ask")
    clock = branch.bot.clock
    _, alice, bob = await two_prove(branch, clock)
    clock.advance(901)
    assert (await branch.say("yes", who="bob")).text == "bank: yes", "the proof is over, and so is the offer"
    await branch.prove("bob")
    assert (await branch.say("log out", who="bob")).data["identity"] == "logged-out"
    assert (await branch.say("yes", who="bob")).text == "bank: yes"
    await branch.bot.idle()
    assert await whose(branch) == {"alice": alice, "bob": bob}


async def test_a_contact_that_is_gone_or_is_the_same_is_joined_with_nobody(joined):
    branch = await joined("off")
    _, alice, _ = await two_prove(branch, branch.bot.clock)
    for into, source in ((alice, alice), (alice, "nobody"), ("nobody", alice)):
        assert await joining.join(branch.tenant, into, source, "C001", "a test") == ""
    assert not await fetch(branch, sa.select(merge))


async def test_a_merge_can_be_undone_and_everything_is_as_it_was(joined):
    branch = await joined("auto")
    _, alice, _ = await two_prove(branch, branch.bot.clock)
    (row,) = await fetch(branch, sa.select(merge))
    await branch.say("hello", who="bob")
    shown = await joining.part(branch.tenant, row.id, "a supervisor")
    assert (shown["contact"], shown["source"]) == (alice, row.source)
    assert shown["undone_at"] is not None
    await branch.bot.observed("identity")  # the merge's own record may come after it was undone
    assert await whose(branch) == {"alice": alice, "bob": row.source}
    for table in (conversation, proof):
        found = {one.contact for one in await fetch(branch, sa.select(table))}
        assert found == {alice, row.source}, table.name
    assert (await branch.say("What is my balance?", who="bob")).text.startswith("Your balance is")
    audited = [one.what for one in await entries(branch.bot.runtime.database, "acme")]
    assert "identity.contacts.parted" in audited


async def test_only_a_supervisor_undoes_a_merge_and_only_once(serve, bank):
    clock = FrozenClock()
    client, branch, admin = await serve(
        bank.config.replace("[plugins.identity]", '[plugins.identity]\nmerge = "auto"'), clock=clock
    )
    from hookline.app import KEYS

    _, agent = await client.app[KEYS].create("acme", "asha", "agent")
    await two_prove(branch, clock)
    staff, boss = {"X-API-Key": agent}, {"X-API-Key": admin}
    (one,) = (await (await client.get("/t/acme/identity/merges", headers=staff)).json())["merges"]
    undo = f"/t/acme/identity/merges/{one['id']}/undo"
    assert (await client.get("/t/acme/identity/merges")).status == 401
    assert [(await client.post(undo, headers=headers)).status for headers in ({}, staff, boss)] == [401, 403, 200]
    for path, status, told in (
        (undo, 409, "this merge is undone already"),
        ("/t/acme/identity/merges/nothing/undo", 404, "there is no merge 'nothing'"),
    ):
        response = await client.post(path, headers=boss)
        assert (response.status, (await response.json())["detail"]) == (status, told)


async def test_a_merge_with_a_contact_that_was_merged_on_can_not_be_undone_first(joined):
    branch = await joined("off")
    _, alice, bob = await two_prove(branch, branch.bot.clock)
    await branch.say("hello", who="carol")
    carol = (await whose(branch))["carol"]
    first = await joining.join(branch.tenant, bob, alice, "C001", "a test")
    second = await joining.join(branch.tenant, carol, bob, "C001", "a test")
    with pytest.raises(Exception, match=f"there is no contact '{bob}' any more"):
        await joining.part(branch.tenant, first, "a test")
    await joining.part(branch.tenant, second, "a test")
    await joining.part(branch.tenant, first, "a test")
    assert await whose(branch) == {"alice": alice, "bob": bob, "carol": carol}


async def test_a_merge_by_somebody_else_is_followed_and_one_undone_meanwhile_is_not(joined):
    """What the core tells of merges that an agent made in the console; it may tell it late, and twice."""
    from hookline.message import Record
    from hookline_identity import contacts

    branch = await joined("off")
    _, alice, bob = await two_prove(branch, branch.bot.clock)
    (talk,) = [row.id for row in await fetch(branch, sa.select(conversation)) if row.contact == bob]
    there = ((("loopback", "bob"),), (talk,))
    told = {"contact": alice, "from": bob, "identities": [], "conversations": [talk]}
    late = [Record(1, kind, "", 0.0, told) for kind in ("contact.merged", "contact.parted")]
    for owner, moved in (
        (alice, Moved(bob, alice, *there, Contact(alice), dropped=True)),
        (bob, Moved(alice, bob, *there, Contact(alice), made=Contact(bob))),
    ):
        async with branch.tenant.action(by="an agent") as act:
            act.merge(moved)
        await branch.bot.observed("identity")
        for record in (None, *late):
            if record is not None:
                await contacts.follow(branch.tenant, record)
            rows = [*await fetch(branch, sa.select(proof)), *await fetch(branch, sa.select(challenge))]
            assert {row.contact for row in rows if row.conversation == talk} == {owner}, record
