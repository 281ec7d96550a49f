"""The question after a handoff, on the customer's channel, and its answer."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import sqlalchemy as sa

from hookline.models import inbox
from hookline.testing import FrozenClock
from hookline_handoff import handling
from hookline_handoff.csat import ASK
from hookline_handoff.deskmodels import notice, rating

CONFIG = """
[plugins.handoff]
bot_on_resolve = false
[plugins.handoff.csat]
enabled = true
"""


async def eventually(look, expected):
    """Wait until `look()` gives what is expected; what it gives in the end shows in the failure."""
    found = await look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while found != expected:
                await asyncio.sleep(0.005)
                found = await look()
    assert found == expected


class Asked:
    """A customer who was asked how it was."""

    def __init__(self, desk, conversation, clock, who):
        self.desk, self.conversation, self.clock, self.who = desk, conversation, clock, who

    async def say(self, text, **more):
        return [m.text for m in await self.desk.bot.hear(text, who=self.who, **more)]

    async def rating(self):
        rows = await self.desk.tenant.db.fetch(sa.select(rating).where(rating.c.conversation == self.conversation))
        return [(row.state, row.score, row.comment) for row in rows]

    async def questions(self):
        said = await self.desk.tenant.conversations.history(self.conversation)
        return [m for m in said if m.author == "system" and m.quick_replies]


@pytest.fixture
def ask(make_desk):
    """Makes an `Asked`: a handoff was claimed and resolved, and the question has come."""

    async def make(config=CONFIG, *, who="alice", language="", question="How was our help", **more):
        clock = FrozenClock()
        desk = await make_desk(config, clock=clock, **more)
        await desk.agent(desk.asha)
        conversation = (await desk.bot.say("I want to talk to a human", who=who, language=language)).conversation
        await desk.claim(conversation)
        await handling.resolve(desk.tenant, await desk.handoff(conversation), desk.asha)
        asked = Asked(desk, conversation, clock, who)

        async def there():
            return [m.text[: len(question)] for m in await asked.questions()]

        if question:
            await eventually(there, [question])
        return asked

    return make


async def test_the_question_comes_once_with_a_choice_and_the_bot_does_not_answer_the_rating(database_url, ask):
    asked = await ask(database_url=database_url)
    told = (await asked.questions())[0]
    assert told.text == "How was our help? Please rate it from 1 (very poor) to 5 (excellent)."
    assert told.quick_replies[0] == "5 – Excellent"
    assert told.quick_replies[-1] == "1 – Very poor"
    assert await asked.rating() == [("asked", None, "")]

    assert await asked.say("5 – Excellent") == ["Thank you for your rating."]
    assert await asked.rating() == [("rated", 5, "")]
    assert await asked.say("5") == ["bot: 5"], "one rating a handoff; a number after it is for the bot"
    assert await asked.rating() == [("rated", 5, "")]


async def test_a_poor_rating_is_followed_by_what_could_have_been_better_and_noticed(ask):
    asked = await ask()
    boss = await asked.desk.bot.runtime.staff.create("acme", "clara@example.com", "supervisor", by="test", name="Clara")
    assert await asked.say("2/5") == ["Thank you. What could we have done better?"]
    assert await asked.say("it took three days") == ["Thank you, we have noted that."]
    assert await asked.rating() == [("rated", 2, "it took three days")]
    rows = await asked.desk.tenant.db.fetch(sa.select(notice).where(notice.c.staff == boss.id))
    assert [(row.kind, "rated 2 of 5" in row.text) for row in rows] == [("rating", True)]


@pytest.mark.parametrize(
    ("answer", "said", "comment"),
    [
        ("no", ["Thank you for your rating."], ""),
        ("Nothing to add", ["Thank you for your rating."], ""),
        ("नहीं", ["Thank you for your rating."], ""),
        ("can I still use my card?", ["bot: can I still use my card?"], ""),
        ("nobody helped me", ["Thank you, we have noted that."], "nobody helped me"),
    ],
)
async def test_after_a_poor_rating_a_no_ends_it_and_a_question_is_the_bots(ask, answer, said, comment):
    asked = await ask()
    await asked.say("1")
    assert await asked.say(answer) == said
    assert await asked.rating() == [("rated", 1, comment)]
    assert await asked.say("hello") == ["bot: hello"]


async def test_who_speaks_of_something_else_is_answered_and_a_later_number_is_no_rating(ask):
    asked = await ask()
    assert await asked.say("2 of my cards are blocked") == ["bot: 2 of my cards are blocked"]
    assert await asked.say("2") == ["bot: 2"]
    assert await asked.rating() == [("asked", None, "")]
    assert await asked.say("4/5") == ["Thank you for your rating."], "this can be nothing else"
    assert await asked.rating() == [("rated", 4, "")]


async def test_a_number_off_the_scale_is_asked_again_once(ask):
    asked = await ask()
    assert await asked.say("9") == ["Please give a number from 1 to 5."]
    assert await asked.say("8") == ["bot: 8"]
    assert await asked.rating() == [("asked", None, "")]


async def test_the_question_expires(database_url, ask):
    asked = await ask(database_url=database_url)
    asked.clock.advance(86_400)
    await eventually(asked.rating, [("expired", None, "")])
    assert await asked.say("5") == ["bot: 5"]
    assert await asked.rating() == [("expired", None, "")]


@pytest.mark.parametrize(
    ("language", "question", "rated", "thanks"),
    [
        ("fr", "Comment était notre aide ?", "très bien", "Merci pour votre note."),
        ("hi", "हमारी सहायता कैसी रही?", "बहुत अच्छा", "आपकी रेटिंग के लिए धन्यवाद।"),
    ],
)
async def test_the_question_is_in_the_customers_language(ask, language, question, rated, thanks):
    asked = await ask(language=language, question=question)
    assert await asked.say(rated, language=language) == [thanks]
    assert (await asked.rating())[0][0] == "rated"


async def test_a_poor_rating_may_open_a_handoff(ask):
    asked = await ask(CONFIG + "escalate_poor = true\n")
    said = await asked.say("1, the agent was rude")
    assert "We are sorry" in said[-1]
    seen = await asked.desk.handoff(asked.conversation)
    assert (seen.reason, seen.priority, seen.state) == ("poor_rating: 1", 1, "queued")
    assert await asked.rating() == [("rated", 1, "the agent was rude")]


async def test_a_job_that_comes_again_after_its_key_is_forgotten_asks_nothing(ask):
    asked = await ask()
    done = await asked.desk.last(asked.conversation)

    await asked.desk.tenant.submit(ASK, {"handoff": done.id}, key="forgotten", lane=asked.conversation)
    await asked.desk.bot.idle()

    assert len(await asked.questions()) == 1
    dead = sa.select(inbox.c.id).where(inbox.c.state != "done")
    assert await asked.desk.tenant.db.fetch(dead) == []


async def test_it_is_not_asked_where_it_is_off_or_of_another_channel(ask):
    for config in (CONFIG.replace("true", "false"), CONFIG + 'channels = ["whatsapp"]\n'):
        asked = await ask(config, question="")
        await asked.desk.bot.idle()
        assert await asked.questions() == []
        assert await asked.rating() == []


async def test_while_an_agent_has_the_conversation_a_number_is_for_the_agent(ask):
    asked = await ask()
    await asked.desk.claim(asked.conversation)
    assert await asked.say("5") == []
    assert (await asked.desk.handoff(asked.conversation)).waiting_since is not None
    assert await asked.rating() == [("asked", None, "")]


async def test_own_words_and_another_scale(ask):
    config = CONFIG + 'scale = 3\n[plugins.handoff.csat.texts.en]\nask = "Happy? 1 to {best}"\nthanks = "Ta."\n'
    asked = await ask(config, question="Happy? 1 to 3")
    assert (await asked.questions())[0].quick_replies == ("3", "2", "1")
    assert await asked.say("3") == ["Ta."]
