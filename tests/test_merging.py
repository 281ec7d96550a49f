"""Two contacts that turn out to be one: what every plugin holds follows, whoever merges them, and goes back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

import hookline_handoff
import hookline_scoring
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.merging import Moved
from hookline.message import Contact, Entity, Intent, Reply
from hookline.models import conversation
from hookline.plugin import Plugin
from hookline_handoff.models import handoff
from hookline_handoff.taskmodels import staff_task
from hookline_scoring.models import identity, lead, score

CONFIG = (
    '[plugins]\nenabled = ["handoff", "scoring", "talker", "loopback"]\n[plugins.scoring]\nrules = "scoring.yaml"\n'
)
RULES = "intents: {BUY: 40, ASK: 10}\nbonuses:\n  - {name: budget, points: 30, known: [budget]}\n"


class Talker:
    """Understands words in capitals as intents, and numbers as the budget."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def classify_intent(self, turn):
        return [Intent(word, 1.0) for word in turn.message.text.split() if word.isupper()]

    @hookimpl
    async def extract_entities(self, turn):
        return [Entity("budget", int(word)) for word in turn.message.text.split() if word.isdigit()]

    @hookimpl
    async def respond(self, turn):
        return Reply("ok")


PLUGINS = [hookline_handoff.plugin, hookline_scoring.plugin, Plugin("talker", Talker)]


@pytest.fixture
async def start(database_url, make_bot, tmp_path):
    folder = tmp_path / "merging"
    (folder / "tenants" / "acme").mkdir(parents=True)
    (folder / "tenants" / "acme" / "scoring.yaml").write_text(RULES, encoding="utf-8")
    return await make_bot(plugins=PLUGINS, config=CONFIG, folder=folder, database_url=database_url)


@pytest.fixture
def database_plugins():
    return PLUGINS


async def observed(bot):
    """Returns when handoff and scoring have seen all that the event log has, and nothing is to be done."""
    await bot.observed("handoff", "scoring")


async def leads(bot):
    rows = await bot.tenant("scoring").db.fetch(sa.select(lead).order_by(lead.c.created_at))
    return {row.contact: (row.id, round(row.base, 1), row.fields) for row in rows}


async def whose(bot, table, column):
    rows = await bot.tenant("handoff").db.fetch(sa.select(table.c.contact).where(column))
    return {row.contact for row in rows}


@pytest.fixture(params=["older", "younger"])
async def two(request, start):
    """Two contacts with a lead, a handoff and a task each; which of them stays."""
    bot = start
    first = await bot.say("BUY 900", who="asha")
    second = await bot.say("ASK", who="+91 98765")
    for who in ("asha", "+91 98765"):
        await bot.say("I want to talk to a human", who=who)
    await bot.idle()
    talks = [first.conversation, second.conversation]
    rows = await bot.tenant("handoff").db.fetch(sa.select(conversation.c.id, conversation.c.contact))
    contacts = [next(row.contact for row in rows if row.id == ident) for ident in talks]
    for contact in contacts:
        task = {
            "id": f"t-{contact}",
            "state": "open",
            "title": "Call",
            "contact": contact,
            "created_at": 0.0,
            "updated_at": 0.0,
        }
        await bot.tenant("handoff").db.write((sa.insert(staff_task), task))
    addresses = ["asha", "+91 98765"]
    if request.param == "younger":
        contacts, talks, addresses = contacts[::-1], talks[::-1], addresses[::-1]
    return bot, contacts, talks, addresses


async def merge(bot, contacts, talks, addresses, *, undo=False):
    """As a plugin that has nothing to do with the desk does it."""
    stays, goes = contacts
    there = ((("loopback", addresses[1]),), (talks[1],))
    if undo:
        moved = Moved(stays, goes, *there, Contact(stays), made=Contact(goes))
    else:
        moved = Moved(goes, stays, *there, Contact(stays), dropped=True)
    async with bot.tenant("talker").action(by="talker") as act:
        act.merge(moved)
    await observed(bot)


@pytest.mark.row("X13")
async def test_leads_handoffs_and_tasks_follow_a_merge_and_its_undoing(two):
    bot, (stays, goes), talks, addresses = two
    before = await leads(bot)
    assert set(before) == {stays, goes}
    for _ in range(2):
        await merge(bot, (stays, goes), talks, addresses)
        [(contact, (_, _, fields))] = (await leads(bot)).items()
        assert (contact, fields.get("budget")) == (stays, 900)
        assert await whose(bot, handoff, handoff.c.conversation.in_(talks)) == {stays}
        assert await whose(bot, staff_task, staff_task.c.title == "Call") == {stays}

        await merge(bot, (stays, goes), talks, addresses, undo=True)
        assert await leads(bot) == before
        assert await whose(bot, handoff, handoff.c.conversation == talks[1]) == {goes}
        assert await whose(bot, handoff, handoff.c.conversation == talks[0]) == {stays}
        assert await whose(bot, staff_task, staff_task.c.id == f"t-{goes}") == {goes}
    rows = await bot.tenant("scoring").db.fetch(sa.select(score.c.conversation, score.c.lead, lead.c.contact).join(
        lead, lead.c.id == score.c.lead))  # fmt: skip
    assert {(row.conversation, row.contact) for row in rows} == {(talks[0], stays), (talks[1], goes)}
    assert not await bot.tenant("scoring").db.fetch(sa.select(identity).where(identity.c.kind == "merged"))


async def test_what_is_said_between_a_merge_and_its_undoing_stays_with_whose_conversation_it_is(two):
    bot, (stays, goes), talks, addresses = two
    await merge(bot, (stays, goes), talks, addresses)
    await bot.say("BUY", who=addresses[1])
    await bot.say("ASK 700", who=addresses[0])
    await observed(bot)
    await merge(bot, (stays, goes), talks, addresses, undo=True)
    await bot.say("BUY", who=addresses[1])
    await bot.say("BUY", who=addresses[0])
    await observed(bot)
    rows = await bot.tenant("scoring").db.fetch(sa.select(score.c.conversation, lead.c.contact).join(
        lead, lead.c.id == score.c.lead))  # fmt: skip
    assert {(row.conversation, row.contact) for row in rows} == {(talks[0], stays), (talks[1], goes)}
    assert set(await leads(bot)) == {stays, goes}


async def test_a_merge_at_the_desk_is_followed_as_well(two):
    bot, (stays, goes), *_ = two
    app = make_app(bot.runtime)
    async with TestClient(TestServer(app)) as client:
        _, key = await app[KEYS].create("acme", "k", "supervisor")
        headers = {"X-API-Key": key}
        answer = await client.post(
            f"/t/acme/console/api/contacts/{stays}/merge", json={"contact": goes}, headers=headers
        )
        assert answer.status in (200, 201), await answer.text()
        merged = await answer.json()
        await observed(bot)
        assert set(await leads(bot)) == {stays}
        answer = await client.post(f"/t/acme/console/api/merges/{merged['id']}/undo", headers=headers)
        assert answer.status in (200, 201), await answer.text()
        await observed(bot)
        assert set(await leads(bot)) == {stays, goes}
        assert await whose(bot, staff_task, staff_task.c.id == f"t-{goes}") == {goes}
