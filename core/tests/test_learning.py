"""Facts that a plugin knows though no message says them are known to the conversation from then on."""

from __future__ import annotations

from hookline.hookspecs import hookimpl
from hookline.message import Entity, Reply, Score
from hookline.plugin import Plugin


class Asker:
    """Takes "NAME is VALUE" for a fact, breaks on order after that, and scores what is known."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        name, _, value = turn.message.text.partition(" is ")
        if value:
            turn.learn(Entity(name, None if value == "nothing" else value))
        if "broken" in value:
            raise RuntimeError("on purpose")
        return Reply(", ".join(f"{n}={e.value}" for n, e in turn.known.items()) or "nothing")

    @hookimpl
    async def score(self, turn):
        return [Score("known", len(turn.known), tuple(turn.known))]


async def test_what_is_learned_is_known_to_who_scores_and_to_later_turns(make_bot):
    bot = await make_bot(plugins=[Plugin("asker", Asker)])
    assert (await bot.say("colour is red")).text == "nothing"
    assert (await bot.say("size is big")).text == "colour=red"
    assert (await bot.say("what?")).text == "colour=red, size=big"
    scored = [one.payload["scores"]["known"] for one in await bot.runtime.events.since("acme", 0) if one.kind == "turn"]
    assert scored == [1, 2, 2]
    await bot.restart()
    assert (await bot.say("what?")).text == "colour=red, size=big"


async def test_a_fact_can_be_forgotten_and_a_newer_one_takes_the_place_of_the_older(make_bot):
    bot = await make_bot(plugins=[Plugin("asker", Asker)])
    await bot.say("colour is red")
    await bot.say("colour is blue")
    assert (await bot.say("colour is nothing")).text == "colour=blue"
    assert (await bot.say("what?")).text == "nothing"


async def test_a_plugin_that_fails_has_taught_nothing(make_bot):
    bot = await make_bot(plugins=[Plugin("asker", Asker)])
    await bot.say("colour is broken")
    assert (await bot.say("what?")).text == "nothing"
