"""Facts and sentiment in whole turns: kept over the conversation, corrected, masked; by a model where one is set."""

from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
import sys

import pytest

import hookline_nlu
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.testing import FrozenClock
from hookline_nlu.options import EntityOptions

CONFIG = """
language = "{language}"

[locale]
phone_region = "{region}"

[plugins]
enabled = ["nlu", "loopback"]

[plugins.nlu]
embedder = ""

[plugins.nlu.entities]
presets = ["contact", "money", "time", "ids", "places", "vehicle"]
"""
INDIA = CONFIG.format(language="en", region="IN")
SENEGAL = CONFIG.format(language="fr", region="SN")


class Witness:
    """Answers with all that is known."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        return Reply(json.dumps({e.name: e.value for e in turn.known.values()}, ensure_ascii=False))


witness = Plugin("witness", hooks=Witness)


@pytest.mark.row("X16")
async def test_the_locale_decides_how_a_message_is_read(make_bot):
    india = await make_bot(plugins=[hookline_nlu.plugin], config=INDIA)
    senegal = await make_bot(plugins=[hookline_nlu.plugin], config=SENEGAL)

    lakhs = await india.ask("15L, call 98765 43210")
    millions = await senegal.ask("10 millions, appelez le 77 123 45 67")

    assert {e.name: (e.value, e.unit) for e in lakhs.entities if e.name != "sentiment"} == {
        "budget": (1_500_000, "INR"),
        "phone": ("+919876543210", ""),
    }
    assert {e.name: (e.value, e.unit) for e in millions.entities if e.name != "sentiment"} == {
        "budget": (10_000_000, "XOF"),
        "phone": ("+221771234567", ""),
    }


async def test_facts_accumulate_and_are_corrected_over_the_conversation(make_bot):
    config = INDIA.replace('["nlu", "loopback"]', '["nlu", "witness", "loopback"]')
    bot = await make_bot(plugins=[hookline_nlu.plugin, witness], config=config)

    for text in ("I want a petrol SUV in Pune", "budget 15 lakh", "no, 20 lakhs"):
        await bot.say(text)
    known = json.loads((await bot.say("not petrol, diesel")).text)

    known.pop("sentiment")
    assert known == {"body_type": "SUV", "city": "Pune", "budget": 2_000_000, "fuel": "diesel", "not_fuel": "petrol"}


async def test_tomorrow_is_told_in_the_tenants_time_zone(make_bot):
    late = dt.datetime(2026, 11, 21, 20, 0, tzinfo=dt.UTC)  # 1.30 at night in India, on the 22nd
    bot = await make_bot(plugins=[hookline_nlu.plugin], config=INDIA, clock=FrozenClock(late.timestamp()))

    turn = await bot.ask("tomorrow")

    assert {e.name: e.value for e in turn.entities if e.name == "date"} == {"date": "2026-11-23"}


@pytest.mark.row("L20", "X13")
async def test_each_message_carries_how_it_sounds(make_bot):
    bot = await make_bot(plugins=[hookline_nlu.plugin], config=INDIA)

    units = []
    for text in ("This is a waste of time, stop messaging", "Hi, I need a loan against my property"):
        turn = await bot.ask(text)
        units += [(e.unit, e.start, e.end) for e in turn.entities if e.name == "sentiment"]

    assert units == [("negative", 0, 39), ("neutral", 0, 37)]


async def test_nothing_that_was_said_is_logged(make_bot, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    bot = await make_bot(plugins=[hookline_nlu.plugin], config=INDIA)

    await bot.hear("my name is Rahul, card 4111 1111 1111 1111, PAN ABCPE1234F, call 98765 43210")
    await bot.idle()

    logged = caplog.text + "".join(capsys.readouterr())
    assert not [said for said in ("Rahul", "1111", "ABCPE", "98765") if said in logged]


def test_a_cards_number_can_never_be_kept():
    with pytest.raises(ValueError, match="keep: the number of a card is never kept whole"):
        EntityOptions(keep=("card",))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('presets = ["contacts"]', "did you mean 'contact'?"),
        ('keep = ["pam"]', "keep: given pam; allowed: "),
        ('kal = "today"', "allowed: 'tomorrow', 'yesterday'"),
        ('file = "mine.yaml"', "mine.yaml does not exist; write it, or leave the key out"),
    ],
)
async def test_a_wrong_option_is_named(make_bot, tmp_path, options, message):
    config = f'[plugins]\nenabled = ["nlu"]\n\n[plugins.nlu.entities]\n{options}\n'

    with pytest.raises(AssertionError) as raised:  # the bot has no such tenant, and says why
        await make_bot(plugins=[hookline_nlu.plugin], config=config)

    assert message in str(raised.value)


@pytest.mark.slow
def test_the_command_line_says_what_is_found_and_what_is_looked_for(tmp_path):
    folder = tmp_path / "tenants" / "shop"
    folder.mkdir(parents=True)
    (folder / "tenant.toml").write_text('[plugins]\nenabled = ["nlu"]\n\n[plugins.nlu]\nembedder = ""\n')
    (folder / "entities.yaml").write_text("fields: {budget: {kind: money, cues: [budget]}}\n")

    found = hookline("budget 12 lakh, PAN ABCPE1234F", "--json", folder=tmp_path)
    shown = hookline("budget 12 lakh", folder=tmp_path)
    fields = hookline(folder=tmp_path)

    assert found.returncode == 0, found.stderr
    assert [(e["name"], e["value"]) for e in json.loads(found.stdout)["entities"][:2]] == [
        ("budget", 1_200_000),
        ("pan", "******234F"),
    ]
    assert "budget                  1200000                     INR        0.92  12 lakh" in shown.stdout
    assert "budget                  money" in fields.stdout


def hookline(*arguments, folder):
    command = [sys.executable, "-m", "hookline", "nlu", "entities", *arguments, "--tenant", "shop"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
