"""The same on both databases: messages once, the window, statuses before and after their message, opting out, erasing."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

import hookline_whatsapp
from hookline.message import Reply
from hookline.testing.clock import FrozenClock
from hookline_whatsapp import contacts
from hookline_whatsapp import statements as sql
from hookline_whatsapp.models import chat, sent

SETTINGS = """
[conversations]
expires_after = 0.0
"""


@pytest.fixture
def database_plugins():
    return [hookline_whatsapp.plugin]


async def state_of_last(line, state):
    async with asyncio.timeout(10):
        while (await line.outbox())[-1][0] != state:
            await asyncio.sleep(0.01)


async def test_a_conversation_from_its_first_word_to_its_erasure(make_line, database_url):
    clock = FrozenClock()
    line = await make_line(more=SETTINGS, clock=clock, database_url=database_url)
    line.parrot.say = {"many": Reply("Which?", quick_replies=tuple(f"Choice {n}" for n in range(12)))}
    payload = line.payload(line.text("hello"), line.text("hello", sender="+919800000001"))
    for _ in range(2):
        assert (await line.post(payload))[0] == 200
    await line.bot.until(lambda: len(line.meta.messages) == 2)
    await line.say("many")
    await line.bot.until(lambda: len(line.meta.messages) == 3)
    await line.say("12")
    await line.bot.until(lambda: len(line.meta.messages) == 4)
    assert line.parrot.heard[-1].text == "Choice 11"

    told = line.meta.messages[-1]
    status = {"id": told["id"], "timestamp": str(int(clock.now())), "recipient_id": told["to"]}
    await line.hear(statuses=[{**status, "status": "read"}, {**status, "status": "delivered"}])
    stranger = {**status, "id": "wamid.early", "biz_opaque_callback_data": "inbox-99-0/0", "status": "sent"}
    await line.hear(statuses=[stranger])
    rows = {row.provider_id: row for row in await line.rows(sa.select(sent))}
    assert (rows[told["id"]].state, rows["wamid.early"].message) == ("read", "inbox-99-0")

    clock.advance(2 * 86400)
    conversation = line.parrot.heard[-1].conversation
    await line.tenant.send(Reply("news"), conversation=conversation)
    await state_of_last(line, "parked")
    await line.post(line.payload(line.text("again")))
    await line.bot.until(lambda: len(line.meta.messages) == 6)
    assert line.meta.texts()[-2:] == ["news", "You said: again"]

    await line.say("stop")
    await line.bot.until(lambda: len(line.meta.messages) == 7)
    await line.say("stop")
    await line.bot.until(lambda: len(line.meta.messages) == 8)
    await line.tenant.send(Reply("an offer"), conversation=conversation)
    await state_of_last(line, "dropped")
    await line.say("start")
    await line.bot.until(lambda: len(line.meta.messages) == 9)

    done = (await contacts.erase(line.tenant, line.parrot.heard[-1].contact)).rows
    assert done["whatsapp_chat"] == 1
    assert done["whatsapp_sent"] == 8


async def test_a_reaction_late_refusals_the_clock_and_a_template_that_is_set_later(make_line, database_url):
    clock = FrozenClock()
    line = await make_line(more=SETTINGS, clock=clock, database_url=database_url)
    line.parrot.say = {"many": Reply("Which?", quick_replies=tuple(f"Choice {n}" for n in range(12)))}
    (told,) = await line.say("many")
    await line.hear(line.message({"type": "reaction", "reaction": {"message_id": told["id"], "emoji": "👍"}}))
    await line.say("2")
    assert line.parrot.heard[-1].text == "Choice 1"

    now = int(clock.now())
    refusal = {"status": "failed", "recipient_id": told["to"], "errors": [{"code": 131047, "title": "Re-engagement"}]}
    await line.hear(statuses=[{**refusal, "id": f"wamid.{n}", "timestamp": str(now - 60)} for n in range(600)])
    assert [row.heard_at > 0 for row in await line.rows(sa.select(chat))] == [True]
    assert len(await line.rows(sa.select(sent))) == 602
    await line.tenant.db.write((sql.PASS, {"p_address": f"+{told['to']}", "p_seconds": 25 * 3600.0}))
    (row,) = await line.rows(sa.select(chat))
    assert row.heard_at == pytest.approx(now - 25 * 3600, abs=2)

    await line.tenant.send(Reply("news"), conversation=line.parrot.heard[-1].conversation)
    await state_of_last(line, "parked")
    line.meta.templates["news", "en"] = 0
    config = line.bot.folder / "tenants" / "acme" / "tenant.toml"
    text = config.read_text(encoding="utf-8") + '\n[plugins.whatsapp.window]\ntemplate = "news"\n'
    config.write_text(text, encoding="utf-8")
    assert await line.bot.runtime.load("acme")
    clock.advance(3)
    await line.bot.until(lambda: line.meta.messages[-1]["type"] == "template")


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_servers_take_the_same_webhook_once(make_line, database_url):
    one = await make_line(database_url=database_url)
    two = await make_line(database_url=database_url)
    bodies = [line.payload(one.text("hello", ident="wamid.same"), number=line.meta.number) for line in (one, two)]
    await asyncio.gather(one.post(bodies[0]), two.post(bodies[1]))
    await one.bot.until(lambda: len(one.meta.messages) + len(two.meta.messages) == 1)
    await one.bot.idle()
    await two.bot.idle()
    assert len(one.parrot.heard) + len(two.parrot.heard) == 1
