"""The plugin in whole turns, on a real database."""

from __future__ import annotations

from hookline.testing.clock import FrozenClock
from hookline_handoff import handling, inbox


async def test_who_asks_for_a_person_waits_in_the_queue_and_is_told_the_place(desk):
    first = await desk.bot.say("I want to talk to a human")
    second = await desk.bot.say("agent please", who="bob")

    assert first.text == "I'm getting a colleague for you. You are next."
    assert second.text == "I'm getting a colleague for you. You are number 2 in the queue."
    made = await desk.handoff(first.conversation)
    assert (made.state, made.reason, made.source) == ("queued", "user_request", "trigger")
    assert await desk.steps(made.id) == [("request", "", "requested"), ("queue", "requested", "queued")]


async def test_the_bot_is_silent_while_an_agent_has_the_conversation_and_back_when_it_is_resolved(desk):
    talk = await desk.asked()
    await desk.claim(talk)

    assert await desk.bot.hear("are you there?") == ()

    seen = await desk.handoff(talk)
    await handling.resolve(desk.tenant, seen, desk.asha, note="done")
    assert (await desk.bot.say("and now?")).text == "bot: and now?"


async def test_while_nobody_has_come_the_bot_goes_on_and_says_the_place_to_who_asks_again(desk):
    await desk.asked()

    assert (await desk.bot.say("how are you?")).text == "bot: how are you?"
    assert (await desk.bot.say("human!!")).text == "I'm getting a colleague for you. You are next."
    assert (await desk.bot.say("? what")).text == "I don't know that, but a colleague is on the way to you."
    assert await desk.count() == 1


async def test_a_tenant_can_have_the_bot_silent_while_the_customer_waits(make_desk):
    desk = await make_desk('[plugins.handoff]\nwhile_waiting = "silent"\n')
    await desk.asked()

    assert await desk.bot.hear("hello?") == ()


async def test_when_nobody_comes_within_the_limit_the_customer_is_told_and_the_bot_goes_on(make_desk):
    clock = FrozenClock()
    desk = await make_desk("[plugins.handoff]\nwait_limit = 600.0\ncallback = 3600.0\n", clock=clock)
    talk = await desk.asked()

    clock.advance(601)

    await desk.bot.until(lambda: any("all colleagues are busy" in m.text for m in desk.bot.channel.sent))
    seen = await desk.handoff(talk)
    assert seen.state == "returned"
    assert seen.callback_at is not None
    assert (await desk.bot.say("ok")).text == "bot: ok"


async def test_what_an_agent_says_is_history_too_where_texts_are_kept_in_memory_only(make_desk):
    desk = await make_desk('[history]\nstore = "memory"\n')
    talk = await desk.asked()
    await desk.claim(talk)
    await handling.reply(desk.tenant, talk, desk.asha, "Hello", "1")
    await handling.reply(desk.tenant, talk, desk.asha, "Hello", "1")

    told = await desk.tenant.conversations.history(talk)

    assert [(m.author, m.text) for m in told][1:] == [
        ("bot", "I'm getting a colleague for you. You are next."),
        ("system", "Asha Rao has joined the conversation."),
        ("agent", "Hello"),
    ]
    page = await inbox.page(desk.tenant, desk.asha, "mine")
    assert page.items[0].last.text == "Hello"
