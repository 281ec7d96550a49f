"""Help for the agent who writes: suggested answers, translations, other plugins' panels."""

from __future__ import annotations

import pytest

from hookline.errors import ServiceUnavailable
from hookline.hookspecs import hookimpl
from hookline.message import Citation, Panel, Reply
from hookline.plugin import Plugin

ONE = "/console/api/conversations"


class Helper:
    """Answers with a source, translates by turning words round, shows a panel; "down" is what it can't translate."""

    serves = {"translate": ("turner",)}  # noqa: RUF012  read once

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        if "unknown" in turn.message.text:
            return Reply("I don't know.", answered=False)
        cited = Citation("rates", 1, 0, 3, "8 %", title="Rates")
        return Reply(f"8 % [1] for {turn.message.text}", citations=(cited,), confidence=0.9)

    @hookimpl
    async def translate(self, name, text, source, target):
        if text == "down":
            raise ServiceUnavailable("the translator is away")
        return f"{target}:{text[::-1]}"

    @hookimpl
    async def console_panels(self, conversation):
        return [Panel("Lead", "lead-panel", "/lead.js", {"conversation": conversation.id})]


@pytest.fixture
def helped(make_web):
    """A server whose bot has the helper in place of the echo."""

    async def make(config=""):
        listed = '[plugins]\nenabled = ["handoff", "helper", "loopback"]\n'
        return await make_web(listed + config, more_plugins=[Plugin("helper", Helper)])

    return make


async def test_a_suggestion_is_the_bots_answer_with_its_source_and_nothing_is_sent(helped):
    site = await helped()
    conversation = await site.desk.talk("alice", "what are your rates?")
    before = len(await site.desk.tenant.conversations.history(conversation))
    told = await site.ok("POST", f"{ONE}/{conversation}/suggest", "asha")
    assert (told["question"], told["text"], told["answered"], told["confidence"]) == (
        "what are your rates?", "8 % [1] for what are your rates?", True, 0.9,
    )  # fmt: skip
    assert told["citations"][0]["title"] == "Rates"
    told = await site.ok("POST", f"{ONE}/{conversation}/suggest", "asha", {"text": "an unknown thing"})
    assert (told["text"], told["answered"]) == ("I don't know.", False)
    assert len(await site.desk.tenant.conversations.history(conversation)) == before
    assert (await site.call("POST", f"{ONE}/nowhere/suggest", "asha"))[0] == 404


async def test_that_a_person_comes_is_no_answer_to_suggest(helped):
    site = await helped()
    conversation = await site.desk.talk("alice", "what are your rates?")
    await site.desk.talk("alice", "I want to talk to a human agent")
    told = await site.ok("POST", f"{ONE}/{conversation}/suggest", "asha")
    assert (told["question"], told["text"]) == ("what are your rates?", "8 % [1] for what are your rates?")
    told = await site.ok("POST", f"{ONE}/{conversation}/suggest", "asha", {"text": "I want to talk to a human agent"})
    assert told["answered"] is False


async def test_messages_are_translated_beside_the_text(helped):
    site = await helped('[plugins.handoff.summary]\ntranslate = "turner"\n')
    conversation = await site.desk.talk("alice", "abc")
    told = await site.ok(
        "POST", f"{ONE}/{conversation}/translate", "asha", {"seqs": [1, 99], "text": "xy", "target": "hi"}
    )
    assert told == {"target": "hi", "text": "hi:yx", "messages": {"1": "hi:cba"}}
    same = await site.ok(
        "POST", f"{ONE}/{conversation}/translate", "asha", {"text": "xy", "source": "hi", "target": "hi-IN"}
    )
    assert same["text"] == "xy", "it is in that language"
    status, told = await site.call("POST", f"{ONE}/{conversation}/translate", "asha", {"text": "down", "target": "hi"})
    assert (status, "the translator does not answer" in told["detail"]) == (502, True)
    summary = await site.ok("GET", f"{ONE}/{conversation}/summary?language=hi", "asha")
    assert (summary["problem"], summary["translated"]) == ("abc", "hi:cba")


async def test_without_a_translator_it_is_said_how_to_name_one(helped):
    site = await helped()
    conversation = await site.desk.talk()
    status, told = await site.call("POST", f"{ONE}/{conversation}/translate", "asha", {"text": "x"})
    assert (status, told["detail"]) == (501, "there is no translator: name one in plugins.handoff.summary.translate")


async def test_the_panels_of_other_plugins_are_given_out(helped):
    site = await helped()
    conversation = await site.desk.talk()
    told = await site.ok("GET", f"{ONE}/{conversation}/panels", "asha")
    assert told["panels"] == [
        {"title": "Lead", "element": "lead-panel", "script": "/lead.js", "data": {"conversation": conversation}}
    ]
