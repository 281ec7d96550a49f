"""Turns scored, leads made of them, and what is told of them, on a real database."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from hookline.message import Record, Score
from hookline.testing import FrozenClock
from hookline_scoring import models

DAY = 86400.0


async def rows(bot, table):
    return await bot.tenant("scoring").db.fetch(sa.select(table))


async def test_a_dry_turn_tells_the_score_with_its_reasons_and_stores_nothing(dealer):
    bot = await dealer()
    turn = await bot.ask('BUY model="Swift" budget=1600000 phone="+919876543210"')
    assert turn.scores == [
        Score(
            "lead",
            70.0,
            ("+30 intent BUY", "+15 model mentioned: Swift", "+10 budget mentioned: 1600000",
             "+5 budget above 15 lakh: 1600000", "+10 contact provided"),
        )
    ]  # fmt: skip
    assert await rows(bot, models.lead) == []
    assert await rows(bot, models.score) == []


@pytest.mark.row("A54")
@pytest.mark.row("X17")
async def test_what_is_known_stays_known_and_the_lead_is_the_sessions_score(dealer, leads):
    bot = await dealer()
    await bot.say('BUY model="Swift"')  # 45
    await bot.say("INFO")  # 15: the model is still known
    [one] = await leads(bot)
    assert one.score == pytest.approx(0.6 * 30 + 0.4 * 45)
    assert (one.priority, one.status, one.intent, one.fields) == ("cold", "new", "INFO", {"model": "Swift"})
    told = await rows(bot, models.score)
    assert [(row.n, row.value, row.session, row.intent) for row in told] == [(1, 45, 1, "BUY"), (2, 15, 1, "INFO")]
    assert [one["text"] for one in told[0].reasons] == ["intent BUY", "model mentioned: Swift"]


@pytest.mark.row("A31")
async def test_the_points_are_the_tenants_own_and_change_without_code(dealer, leads):
    bot = await dealer()
    await bot.say("COMPLAINT", who="carol")
    assert await leads(bot) == []
    file = bot.folder / "tenants" / "acme" / "scoring.yaml"
    file.write_text(file.read_text().replace("BUY: 30", "BUY: 40"))
    assert await bot.runtime.load("acme")
    turn = await bot.ask("BUY")
    assert turn.scores[0].value == 40
    assert (await bot.ask("COMPLAINT")).scores[0].value == 0


async def test_a_greeting_makes_no_lead_but_an_address_does(dealer, leads):
    bot = await dealer()
    await bot.say("hello there", who="dave")
    assert await leads(bot) == []
    await bot.say('hello email="Dave@Example.COM"', who="dave")
    [one] = await leads(bot)
    assert (one.email, one.score) == ("dave@example.com", 10)


@pytest.mark.row("A64")
async def test_source_and_campaign_are_kept_from_the_first_message(dealer, leads):
    bot = await dealer()
    page = "https://dealer.example/swift?utm_source=google&utm_campaign=diwali&x=1"
    await bot.say("BUY", data={"page_url": page, "referrer": "https://google.com/", "utm": {"medium": "cpc"}})
    await bot.say("BUY", data={"utm_source": "facebook"})
    [one] = await leads(bot)
    assert (one.source, one.channel) == ("widget", "loopback")
    assert one.origin == {
        "utm_source": "google", "utm_campaign": "diwali", "utm_medium": "cpc", "referrer": "https://google.com/",
    }  # fmt: skip


@pytest.mark.row("X17")
async def test_one_person_on_two_channels_is_one_lead(dealer, leads):
    bot = await dealer()
    await bot.say('BUY phone="098765-43210"', who="web-1")
    await bot.say('TEST_DRIVE model="Swift" phone="+91-9876543210"', who="wa-1")
    [one] = await leads(bot)
    assert one.phone == "+919876543210"
    assert one.intent == "TEST_DRIVE"
    assert len({row.lead for row in await rows(bot, models.score)}) == 1


async def test_two_leads_become_one_when_a_number_shows_that_they_are_one_person(dealer, leads, service):
    bot = await dealer()
    await bot.say("BUY", who="web-1")
    await bot.say('FINANCE phone="9876543210"', who="wa-1")
    assert len(await leads(bot)) == 2
    first = next(one for one in await leads(bot) if one.intent == "BUY")
    second = next(one for one in await leads(bot) if one.intent == "FINANCE")

    await bot.say('BUY model="Swift" phone="+919876543210"', who="web-1")

    [one] = await leads(bot)
    assert one.id == first.id
    assert {row.lead for row in await rows(bot, models.score)} == {one.id}
    assert (await service(bot).leads.one(second.id)).id == one.id, "the old id still finds it"
    assert any(row.kind == "merged" for row in await service(bot).leads.events(one.id))

    await bot.say("FINANCE budget=900000", who="wa-1")  # its conversation still names the lead that is gone
    [same] = await leads(bot)
    assert same.id == one.id
    assert same.intent == "FINANCE"
    assert len(await rows(bot, models.score)) == 4


@pytest.mark.row("A55")
async def test_idle_days_lower_a_lead_and_a_new_session_begins_with_what_is_left(dealer, leads):
    clock = FrozenClock()
    bot = await dealer(clock=clock, text="[conversations]\nexpires_after = 31536000.0\n")
    await bot.say('BUY model="Swift" budget=1600000 timeline="now" phone="+919876543210"')
    assert [(one.score, one.priority) for one in await leads(bot)] == [(85, "hot")]
    clock.advance(23 * 3600)
    assert (await leads(bot))[0].score == 85
    clock.advance(9 * DAY + 3600)
    [one] = await leads(bot)
    assert one.score == pytest.approx(85 * 0.98**10)
    assert (one.priority, one.review) == ("warm", 1)

    await bot.say("INFO")  # worth 55 by itself, and the earlier session left more
    [one] = await leads(bot)
    assert one.score == pytest.approx(85 * 0.98**10)
    assert [row.session for row in await rows(bot, models.score)] == [1, 2]


@pytest.mark.row("A52")
@pytest.mark.parametrize(
    ("spelt", "score"),
    [('FINANCE model="Swift" phone="+919876543210"', 50), ('BUY model="Swift" budget=1 phone="+919876543210"', 65)],
)
async def test_a_warm_lead_waits_to_be_looked_at(dealer, leads, spelt, score):
    bot = await dealer()
    await bot.say(spelt)
    [one] = await leads(bot)
    assert (one.score, one.priority, one.review, one.crm_state) == (score, "warm", 1, "")


async def test_a_change_of_priority_is_told_to_whoever_watches(dealer, leads):
    bot = await dealer()
    await bot.say("BUY")
    await bot.say('BUY model="Swift" budget=1600000 timeline="now" phone="+919876543210"')
    [one] = await leads(bot)
    records = await bot.runtime.events.since("acme", 0)
    told = [record.payload for record in records if record.kind == "scoring.priority"]
    assert [p["priority"] for p in told] == ["cold", "warm"]
    assert {p["lead"] for p in told} == {one.id}


async def test_a_lead_is_shown_live_and_beside_its_conversation(dealer, leads):
    bot = await dealer()
    await bot.say("BUY")
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    async with bot.runtime.live.subscribe("acme", f"conversation:{conversation}") as heard:
        await bot.say('BUY model="Swift"')
        async with asyncio.timeout(10):
            told = await anext(event async for event in heard if event.kind == "lead")
    assert told.data["score"] == pytest.approx(0.6 * 37.5 + 0.4 * 45)
    known = await bot.tenant().conversations.get(conversation)
    [panel] = await bot.snapshot().hooks.console_panels(known.conversation)
    assert (panel.element, panel.script) == ("hookline-lead-panel", "scoring/static/lead-panel.js")
    assert panel.data["lead"]["score"] == 40.5
    assert [value for _, value in panel.data["history"]] == [30, 40.5]
    assert [one["text"] for one in panel.data["account"]] == [
        "+30 intent BUY",
        "+15 model mentioned: Swift",
        "= 45 for the turn",
        "60 % of the average 37.5 of 2 turns + 40 % of the highest 45 = 40.5",
        "40.5 is cold (hot from 70, warm from 50)",
    ]


QUALIFY = """
mode: qualification
intents: {LOAN: 20, DEFER: 0}
bonuses:
  - {name: amount given, points: 20, known: [amount]}
qualification:
  ask: [loan]
  required:
    - {name: property, known: [property_type], ask: {en: "What kind of property is it?", hi: "यह किस तरह की संपत्ति है?"}}
    - {name: city, ask: {en: "Where is it?"}}
    - {name: value, known: [property_value], ask: {en: "What is it worth?"}}
    - {name: amount, ask: {en: "How much do you need?"}}
    - {name: purpose}
  interest: {start: low, known: 1, intents: {defer: -1}, negative: -1}
"""


@pytest.mark.row("L03")
@pytest.mark.row("X17")
async def test_a_lead_is_qualified_once_all_that_is_needed_is_known_and_the_bot_asks_for_the_rest(dealer, leads):
    bot = await dealer(rules=QUALIFY)
    assert (await bot.say("LOAN", language="hi")).text == "यह किस तरह की संपत्ति है?"
    assert (await bot.say('LOAN property_type="house"')).text == "Where is it?"
    assert (await bot.say('x city="Bangalore" property_value=15000000')).text == "How much do you need?"
    [one] = await leads(bot)
    assert (one.status, one.missing) == ("new", ["amount", "purpose"])
    await bot.say("x amount=8000000")
    assert (await leads(bot))[0].status == "new", "the purpose is still missing"
    await bot.say('x purpose="business"')
    [one] = await leads(bot)
    assert (one.status, one.missing, one.interest) == ("qualified", [], "high")
    assert one.fields["city"] == "Bangalore"


@pytest.mark.row("L28")
async def test_the_interest_rises_with_what_is_told_and_falls_when_the_customer_puts_it_off(dealer, leads):
    bot = await dealer(rules=QUALIFY)

    async def level(text):
        await bot.hear(text)
        return (await leads(bot))[0].interest

    assert await level("LOAN") == "low"
    assert await level('LOAN property_type="house"') == "medium"
    assert await level("LOAN amount=8000000") == "high"
    assert await level("DEFER") == "medium"
    assert await level("LOAN mood=negative") == "low"
    assert await level("LOAN mood=negative") == "low"


async def test_in_qualification_mode_two_scores_are_told(dealer):
    bot = await dealer(rules=QUALIFY)
    turn = await bot.ask('LOAN property_type="house" amount=100')
    assert [(one.name, one.value) for one in turn.scores] == [("lead", 40), ("interest", 0)]
    assert "city is not known yet" in turn.scores[1].reasons


@pytest.mark.row("K35")
async def test_a_prospect_of_a_finished_flow_is_in_the_list_with_its_source(dealer, leads):
    bot = await dealer(rules=QUALIFY.replace("mode:", "sources: {loopback: whatsapp}\nmode:"))
    await bot.hear('LOAN property_type="h" city="Dakar" property_value=9 amount=5 purpose="x" phone="+221771234567"')
    [one] = await leads(bot)
    assert (one.status, one.source, one.phone) == ("qualified", "whatsapp", "+221771234567")


async def test_erasing_and_exporting_a_contact_reach_every_table(dealer, leads):
    bot = await dealer()
    await bot.say('BUY model="Swift" phone="+919876543210"')
    await bot.say("BUY", who="bob")
    [mine] = [one for one in await leads(bot) if one.phone]
    hooks = bot.snapshot().hooks
    told = {data.plugin: data.rows for data in await hooks.export_contact(mine.contact)}["scoring"]
    assert set(told) == {"scoring_lead", "scoring_identity", "scoring_score", "scoring_event"}
    assert told["scoring_lead"][0]["phone"] == "+919876543210"
    assert "+919876543210" not in str(told["scoring_score"]), "scores know only that there is a number"
    assert [one.phone for one in await hooks.find_contact("98765")] == ["+919876543210"]
    counts = {data.plugin: data.rows for data in await hooks.erase_contact(mine.contact)}["scoring"]
    assert counts["scoring_lead"] == 1
    assert [one.contact for one in await leads(bot)] != [mine.contact]
    assert {data.plugin: data.rows for data in await hooks.erase_contact(mine.contact)}["scoring"] == {}
    assert len(await leads(bot)) == 1, "bob's is still there"


async def test_after_two_contacts_were_merged_there_is_one_lead(dealer, leads, service):
    bot = await dealer()
    await bot.say("BUY", who="a")
    await bot.say('FINANCE model="Swift"', who="b")
    one, other = sorted(await leads(bot), key=lambda lead: lead.created_at)
    merged = Record(1, "contact.merged", "", 0.0, {"contact": one.contact, "from": other.contact, "conversations": []})
    for _ in range(2):
        await service(bot).observe(merged)
        [left] = await leads(bot)
        assert (left.id, left.contact, left.fields) == (one.id, one.contact, {"model": "Swift"})


@pytest.mark.row("K35")
async def test_what_another_plugin_tells_of_a_customer_makes_a_qualified_lead(dealer, leads):
    bot = await dealer()
    await bot.say("BUY")
    told = {"facts": {"name": "Fatou Diop", "phone": "+221771234567", "model": "Swift"}, "qualified": True}
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")

    await bot.tenant("scoring").command("told", told, lane=conversation, by="a form")
    await bot.idle()

    [one] = await leads(bot)
    assert (one.name, one.phone, one.status, one.fields["model"]) == (
        "Fatou Diop",
        "+221771234567",
        "qualified",
        "Swift",
    )
    await bot.say("INFO")
    [one] = await leads(bot)
    assert (one.status, one.name) == ("qualified", "Fatou Diop")
