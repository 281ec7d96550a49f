"""What a car dealer's messages set going: intents, facts, scores, a person, a number that every service reply ends with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import hookline_handoff
import hookline_nlu
import hookline_scoring
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline_handoff import records

SAMPLES = Path(__file__).parent.parent / "plugins" / "nlu" / "tests" / "automotive"
TOLL_FREE = "1800 209 0000"
CONFIG = """
languages = ["en", "hi", "mr", "gu"]
[plugins]
enabled = ["handoff", "nlu", "scoring", "seller", "loopback"]
[plugins.nlu]
intents = "intents.yaml"
embedder = ""
[plugins.nlu.entities]
presets = ["contact", "money", "time", "person", "vehicle"]
[plugins.handoff.triggers]
user_request = false
intents = ["ESCALATION", "COMPLAINT"]
[texts.en]
toll_free = "Our toll-free number: 1800 209 0000"
[texts.hi]
toll_free = "हमारा टोल-फ्री नंबर: 1800 209 0000"
"""


class Seller:
    """Answers like a model that never thinks of the number, but when it is asked to."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        if "number" in turn.message.text:
            return Reply("Call us at 1800-209-0000.")
        return Reply(f"[{turn.intents[0].name if turn.intents else ''}]")


@pytest.fixture
async def dealer(make_bot, tmp_path):
    folder = tmp_path / "dealer"
    (folder / "tenants" / "acme").mkdir(parents=True)
    shutil.copy(SAMPLES / "intents.yaml", folder / "tenants" / "acme" / "intents.yaml")
    (folder / "tenants" / "acme" / "entities.yaml").write_text(
        "fields:\n  model:\n    kind: list\n    values:\n      Nexon: [नेक्सॉन]\n      Punch: []\n", encoding="utf-8"
    )
    plugins = [hookline_handoff.plugin, hookline_nlu.plugin, hookline_scoring.plugin, Plugin("seller", Seller)]
    return await make_bot(plugins=plugins, config=CONFIG, folder=folder)


@pytest.mark.row("A05")
async def test_who_wants_to_exchange_has_a_car_to_trade_in(dealer):
    turn = await dealer.ask("I want to exchange my old car")
    assert turn.intents[0].name == "EXCHANGE"
    assert turn.known["trade_in"].value is True


@pytest.mark.row("A10")
async def test_a_comparison_names_both_models_and_scores_nothing(dealer):
    turn = await dealer.ask("Nexon vs Punch, which is better?")
    assert turn.intents[0].name == "COMPARISON"
    models = [entity.value for entity in turn.entities if entity.name == "model"]
    assert sorted(map(str, models[0] if isinstance(models[0], list) else models)) == ["Nexon", "Punch"]
    [lead] = [score for score in turn.scores if score.name == "lead"]
    assert not any("COMPARISON" in reason for reason in lead.reasons)


@pytest.mark.row("A15")
@pytest.mark.parametrize("text", ["Let me speak to your manager", "मुझे मैनेजर से बात करनी है"])
async def test_who_asks_for_the_manager_gets_a_person(dealer, text):
    said = await dealer.say(text)
    rows = await open_handoffs(dealer, said.conversation)
    assert [(row.state, row.reason) for row in rows] == [("queued", "intent: ESCALATION")]


async def open_handoffs(bot, conversation):
    found = await records.open_one(bot.tenant("handoff"), conversation)
    return [found] if found else []


@pytest.mark.row("A07")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Book a service appointment", "en"),
        ("When is my next service due?", "en"),
        ("गाडीची सर्व्हिस करायची आहे", "mr"),
        ("अगली सर्विस कब है", "hi"),
    ],
)
async def test_every_reply_about_service_has_the_toll_free_number(dealer, text, language):
    said = await dealer.say(text, language=language)
    assert TOLL_FREE in said.text
    assert said.text.startswith("[SERVICE")
    assert ("टोल-फ्री" in said.text) == (language == "hi"), "in the customer's language, else in the tenant's"


async def test_the_number_is_not_said_twice_and_not_where_it_does_not_belong(dealer):
    said = await dealer.say("Book a service appointment, what is your number")
    assert said.text == "Call us at 1800-209-0000."
    assert TOLL_FREE not in (await dealer.say("I want to buy a Nexon")).text


async def test_a_closing_that_is_no_text_of_the_tenants_keeps_it_from_starting(make_bot, tmp_path):
    folder = tmp_path / "wrong"
    (folder / "tenants" / "acme").mkdir(parents=True)
    (folder / "tenants" / "acme" / "intents.yaml").write_text(
        "intents:\n  - {name: SERVICE, keywords: {en: [service]}, closing: tol_free}\n"
    )
    config = '[plugins]\nenabled = ["nlu", "loopback"]\n[plugins.nlu]\nintents = "intents.yaml"\nembedder = ""\n'
    with pytest.raises(AssertionError, match=r"'SERVICE' closes with the text 'tol_free', which no \[texts"):
        await make_bot(plugins=[hookline_nlu.plugin], config=config, folder=folder)
