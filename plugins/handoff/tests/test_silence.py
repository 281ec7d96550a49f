"""The bot is silent from the moment at which a person has the conversation, also for what was under way."""

from __future__ import annotations

import asyncio

import pytest

from hookline.hookspecs import hookimpl
from hookline.message import Reply, Segment
from hookline.plugin import Plugin
from hookline_handoff import handling


class _Slow:
    """A bot that waits in the middle of its answer until the test lets it go on; counts how often it was asked."""

    def __init__(self):
        self.reached, self.go_on, self.asked = asyncio.Event(), asyncio.Event(), []

    def plugin(self):
        slow = self

        class Hooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def respond(self, turn):
                said = turn.message.text
                slow.asked.append(said)
                if said == "think":
                    slow.reached.set()
                    await slow.go_on.wait()
                    return Reply("bot: thought")
                return self.stream() if said == "tell" else None

            async def stream(self):
                yield Segment("Once ")
                slow.reached.set()
                await slow.go_on.wait()
                yield Segment("upon a time.")

        return Plugin("aslow", hooks=Hooks)


@pytest.fixture
def slow():
    return _Slow()


@pytest.fixture
async def slow_desk(make_desk, slow):
    """A desk whose bot can be held up; `slow` is asked before the others."""
    order = '[plugins]\nenabled = ["handoff", "aslow", "echo", "loopback"]\n'

    async def make(config="", **more):
        return await make_desk(config + order, more_plugins=[slow.plugin()], **more)

    return make


@pytest.mark.row("T33")
@pytest.mark.parametrize("said", ["think", "tell"])
async def test_a_claim_in_the_middle_of_an_answer_stops_it(slow_desk, slow, database_url, said):
    desk = await slow_desk(database_url=database_url)
    talk = await desk.talk("alice", "hi")
    asked = await desk.bot.tell(said)
    await asyncio.wait_for(slow.reached.wait(), 10)

    await desk.claim(talk)
    slow.go_on.set()

    assert await desk.bot.tenant().wait(asked, 10) == ()
    await desk.bot.idle()
    assert [m.text for m in desk.bot.channel.sent] == ["bot: hi", "Asha Rao has joined the conversation."]
    assert slow.asked.count(said) == 1
    heard = await desk.tenant.conversations.history(talk)
    assert [m.author for m in heard] == ["contact", "bot", "contact", "system"]


async def test_what_the_bot_said_and_could_not_be_delivered_yet_is_withdrawn(desk):
    def refuse(message):
        if message.author == "bot":
            raise ConnectionError("the line is down")

    talk = await desk.talk("alice", "hi")
    desk.bot.channel.fail = refuse
    await desk.bot.hear("how much?")
    await desk.claim(talk)
    desk.bot.channel.fail = None

    await desk.bot.until(lambda: any("joined" in m.text for m in desk.bot.channel.sent))
    await desk.bot.idle()
    assert "bot: how much?" not in [m.text for m in desk.bot.channel.sent]


@pytest.mark.row("T33")
async def test_after_a_takeover_the_customers_words_reach_nobody_but_the_agent(slow_desk, slow):
    desk = await slow_desk()
    talk = await desk.asked()
    await desk.claim(talk)
    before = len(slow.asked)

    for text in ("hello?", "I want to talk to a human", "cancel everything", "? what"):
        assert await desk.bot.hear(text) == ()
    await handling.reply(desk.tenant, talk, desk.asha, "I am here.", "1")
    await desk.bot.idle()

    assert len(slow.asked) == before
    assert desk.bot.channel.sent[-1].text == "I am here."
    made = await desk.handoff(talk)
    assert made.claimed_at is not None
    with pytest.raises(Exception, match=r"Asha Rao has it"):
        await desk.claim(talk, desk.ben)


async def test_what_was_put_aside_wakes_when_the_customer_writes_and_the_bot_stays_silent(desk):
    talk = await desk.asked()
    await desk.claim(talk)
    await handling.snooze(desk.tenant, talk, desk.asha, None)

    assert await desk.bot.hear("I found the papers") == ()

    made = await desk.handoff(talk)
    assert (made.state, made.agent) == ("claimed", "asha")
    assert made.waiting_since is not None


async def test_a_customer_who_writes_soon_after_the_end_gets_a_person_where_the_tenant_wants_it(make_desk):
    desk = await make_desk("[plugins.handoff]\nreopen_within = 3600.0\n")
    talk = await desk.asked()
    await handling.resolve(desk.tenant, await desk.claim(talk), desk.asha)

    assert (await desk.bot.say("ok thanks")).text == "bot: ok thanks"
    assert (await desk.bot.say("wait, it does not work after all")).text == "bot: wait, it does not work after all"

    made = await desk.handoff(talk)
    assert made.state == "queued"
    assert [event for event, _, _ in await desk.steps(made.id)][-1] == "come_back"
