"""Hot leads reach the CRM once each, whatever happens on the way; and no customer waits for it."""

from __future__ import annotations

import asyncio
import time

import pytest
import sqlalchemy as sa
from aiohttp import web

from hookline import signing
from hookline.deadletters import dead_letters, retry
from hookline.problems import Problem
from hookline.testing.loopback import Status
from hookline_scoring.bodies import Change
from hookline_scoring.lead import shown
from hookline_scoring.models import metadata

from .crms import CONFIGS, ENV, FakeHubSpot, FakeSalesforce, FakeWebhook, FakeZoho

HOT = 'BUY model="Swift" budget=1600000 timeline="now" phone="+919876543210"'


def check_signature(secret, headers, body):
    """Whether a receiver takes it."""
    try:
        return bool(signing.check_signature(secret, headers, body, time.time()))
    except Problem:
        return False


def webhook():
    return FakeWebhook("pat-1", check_signature)


SERVERS = {"zoho": FakeZoho, "hubspot": FakeHubSpot, "salesforce": FakeSalesforce, "custom": webhook}


async def settled(bot, leads, state="sent"):
    """Wait until every lead is in the state."""
    async with asyncio.timeout(20):
        while True:
            await bot.idle()
            found = await leads(bot)
            if found and all(one.crm_state == state for one in found):
                return found
            await asyncio.sleep(0.01)


async def kinds(service, bot, lead):
    return [row.kind for row in await service(bot).leads.events(lead.id)]


@pytest.mark.row("A51")
@pytest.mark.row("A56")
@pytest.mark.parametrize("name", SERVERS)
async def test_a_hot_lead_is_sent_at_once_and_its_changes_follow_into_the_same_record(name, dealer, leads, service):
    async with SERVERS[name]() as crm:
        bot = await dealer(CONFIGS[name].format(host=crm.host), env=ENV)
        await bot.say("BUY")
        await bot.idle()
        assert crm.seen == [], "a cold lead is nobody's business"

        await bot.say(HOT, who="bob")
        await one_sent(bot, leads)
        assert len(crm.sent) == 1
        await bot.say(f'{HOT} colour="red"', who="bob")
        await bot.idle()
        [hot] = [one for one in await leads(bot) if one.phone]
        assert (len(crm.sent), crm.created, hot.crm_state) == (2, 1, "sent")
        assert hot.crm_id
        told = await kinds(service, bot, hot)
        assert told.count("crm.sent") == 2
        await bot.say("COMPLAINT", who="bob")
        await bot.idle()
        assert (len(crm.sent), crm.created) == (3, 1), "once routed, what follows is an update also when it cools"


async def one_sent(bot, leads):
    async with asyncio.timeout(10):
        while not any(one.crm_state == "sent" for one in await leads(bot)):
            await asyncio.sleep(0.01)


@pytest.mark.row("A52")
async def test_a_warm_lead_calls_no_crm(dealer, leads):
    async with FakeHubSpot() as crm:
        bot = await dealer(CONFIGS["hubspot"].format(host=crm.host), env=ENV)
        await bot.say('BUY model="Swift" budget=1 phone="+919876543210"')
        await bot.idle()
        assert (await leads(bot))[0].priority == "warm"
        assert crm.seen == []


@pytest.mark.row("A56")
async def test_the_provider_is_chosen_by_a_variable(dealer, leads):
    async with FakeHubSpot() as crm, FakeZoho() as other:
        both = (
            CONFIGS["hubspot"].format(host=crm.host).replace('provider = "hubspot"', 'provider = "${CRM_PROVIDER}"')
            + CONFIGS["zoho"].format(host=other.host).split("backoff = 0.05\n")[1]
        )
        bot = await dealer(both, env={**ENV, "CRM_PROVIDER": "zoho"})
        await bot.say(HOT)
        await settled(bot, leads)
        assert (crm.seen, other.created) == ([], 1)


@pytest.mark.row("A56")
@pytest.mark.parametrize("name", SERVERS)
async def test_a_failing_crm_is_tried_again_and_the_tries_are_shown_with_the_lead(name, dealer, leads, service):
    async with SERVERS[name]() as crm:
        bot = await dealer(CONFIGS[name].format(host=crm.host), env=ENV)
        crm.fail(Status(500), Status(429, retry_after="0"), Status(503))
        await bot.say(HOT)
        [one] = await settled(bot, leads)
        assert crm.created == 1
        rows = await service(bot).leads.events(one.id)
        tries = [row.data for row in rows if row.kind == "crm.retry"]
        assert [row["tries"] for row in tries] == [1, 2, 3]
        assert "HTTP 500" in tries[0]["error"]
        assert (one.crm_tries, one.crm_error) == (0, "")
        assert await dead_letters(bot.runtime, "acme") == []


async def test_a_dead_crm_delays_no_customer_and_each_lead_arrives_once_when_it_is_back(dealer, leads, service):
    async with FakeHubSpot() as crm:
        bot = await dealer(CONFIGS["hubspot"].format(host=crm.host), env=ENV, text="[ratelimit]\ncontact_requests = 0")
        await bot.say("BUY", who="warm up")
        await crm.refuse_connections()
        begun = time.perf_counter()
        for turn in range(100):
            person = turn % 25
            text = f'BUY model="Swift" budget=1600000 timeline="now" phone="+9198765{person:05d}" turn={turn}'
            await bot.say(text, who=f"p{person}")
        took = (time.perf_counter() - begun) / 100
        assert took < 0.1, f"{took * 1000:.0f} ms a turn while the CRM is down"
        health = await service(bot).routing.health()
        assert health["crm"]["status"] in ("degraded", "ok")
        await crm.accept_connections()
        async with asyncio.timeout(30):
            while len([one for one in await leads(bot) if one.crm_state == "sent"]) < 25:
                await asyncio.sleep(0.02)
        await bot.idle()
        assert crm.created == 25
        phones = [record["phone"] for record in crm.records.values()]
        assert sorted(phones) == [f"+9198765{n:05d}" for n in range(25)]
        assert len(crm.sent) < 60, "a hundred changes during the outage are not a hundred requests after it"


async def test_an_answer_that_is_lost_makes_no_second_record(dealer, leads):
    async with FakeHubSpot() as crm:
        bot = await dealer(CONFIGS["hubspot"].format(host=crm.host), env=ENV)
        lost = 0

        async def hang_up():
            nonlocal lost
            lost += 1
            if lost <= 2:
                raise ConnectionResetError  # aiohttp answers 500, the record is there all the same

        crm.after_success = hang_up
        await bot.say(HOT)
        await settled(bot, leads)
        assert (crm.created, len(crm.sent)) == (1, 3)


@pytest.mark.parametrize("name", ["zoho", "hubspot", "salesforce"])
async def test_what_the_crm_refuses_is_a_dead_letter_with_its_cause_and_can_be_sent_again(name, dealer, leads, service):
    async with SERVERS[name]() as crm:
        bot = await dealer(CONFIGS[name].format(host=crm.host), env=ENV)
        original, wrong = crm.answer, [True]

        async def refuse(request, body):
            if wrong and "oauth" not in request.path:
                if name == "zoho":
                    return crm._row("INVALID_DATA", "invalid data", {"api_name": "Lead_Source"}, "error", 400)
                if name == "hubspot":
                    return crm._error(400, "VALIDATION_ERROR", "Property values were not valid: Lead_Source")
                return crm._error(400, "INVALID_FIELD", "No such column", ["Lead_Source"])
            return await original(request, body)

        crm.answer = refuse
        await bot.say(HOT)
        [one] = await settled(bot, leads, "failed")
        assert "Lead_Source" in one.crm_error
        [letter] = await dead_letters(bot.runtime, "acme")
        assert letter.attempts == 1
        assert f"{name} refused it" in letter.error
        assert "Lead_Source" in letter.error
        assert "crm.failed" in await kinds(service, bot, one)
        assert len(crm.sent) == 1, "what is wrong for good is not tried again and again"

        wrong.clear()
        await retry(bot.runtime, "acme", letter.id)
        [one] = await settled(bot, leads)
        assert (crm.created, one.crm_error) == (1, "")


async def test_a_lead_that_was_given_up_is_sent_by_hand(dealer, leads, service, served):
    async with FakeHubSpot() as crm:
        config = CONFIGS["hubspot"].format(host=crm.host).replace("backoff = 0.05", "backoff = 0.02\ngive_up = 0.05")
        bot = await dealer(config, env=ENV)
        crm.always(Status(500))
        await bot.say(HOT)
        [one] = await settled(bot, leads, "failed")
        assert "no luck in 0 hours: HTTP 500" in one.crm_error
        crm.always(None)
        client, agent = await served(bot, "agent")
        response = await client.post(f"/api/v1/leads/{one.id}/route", headers=agent)
        assert response.status == 202
        await settled(bot, leads)
        assert crm.created == 1


async def test_a_change_by_a_person_reaches_the_crm(dealer, leads, service):
    async with webhook() as crm:
        bot = await dealer(CONFIGS["custom"].format(host=crm.host), env=ENV)
        await bot.say(HOT)
        [one] = await settled(bot, leads)
        await service(bot).leads.change(one.id, Change(status="won", owner="ravi"), "ravi")
        [one] = await settled(bot, leads)
        assert (crm.records[one.id]["status"], crm.records[one.id]["owner"]) == ("won", "ravi")
        assert shown(one)["crm"]["state"] == "sent"


async def test_the_webhooks_signature_timestamp_and_key_are_what_a_receiver_needs(dealer, leads):
    async with webhook() as crm:
        bot = await dealer(CONFIGS["custom"].format(host=crm.host), env=ENV)
        crm.fail(Status(502))
        await bot.say(HOT)
        [one] = await settled(bot, leads)
        first, second = crm.sent
        assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"] == f"{one.id}-{one.crm_rev}"
        told = second["body"]
        assert (told["event"], told["id"], told["lead"]["phone"]) == ("lead", one.id, "+919876543210")
        assert not check_signature("another secret", second["headers"], second["raw"].encode())
        assert not check_signature("pat-1", second["headers"], second["raw"].encode() + b" ")


@pytest.mark.parametrize("name", SERVERS)
async def test_who_is_erased_here_is_to_be_erased_there_too(name, dealer, leads):
    async with SERVERS[name]() as crm:
        bot = await dealer(CONFIGS[name].format(host=crm.host), env=ENV)
        await bot.say(HOT)
        [one] = await settled(bot, leads)
        crm.fail(Status(503))
        await bot.snapshot().hooks.erase_contact(one.contact)
        await bot.until(lambda: crm.notes)
        assert one.id in str(crm.notes[0])
        assert await leads(bot) == []


async def everything(bot):
    """All that the plugin has, as text."""
    rows = [await bot.tenant("scoring").db.fetch(sa.select(table)) for table in metadata.tables.values()]
    return str(rows)


@pytest.mark.parametrize("name", SERVERS)
async def test_who_is_erased_while_the_crm_takes_the_lead_leaves_nothing_here_and_is_erased_there(
    name, dealer, leads, database_url
):
    async with SERVERS[name]() as crm:
        bot = await dealer(CONFIGS[name].format(host=crm.host), env=ENV, database_url=database_url)
        contact = []

        async def erase():
            crm.after_success = None
            contact.extend(one.contact for one in await leads(bot))
            await bot.snapshot().hooks.erase_contact(contact[0])

        crm.after_success = erase
        await bot.say(HOT)
        await bot.until(lambda: crm.notes, timeout=20)
        await bot.idle()

        assert contact[0] not in await everything(bot)
        assert len(crm.notes) == 1, "by the id that the CRM has just given"
        assert await dead_letters(bot.runtime, "acme") == []


@pytest.mark.parametrize("status", [503, 400])
async def test_who_is_erased_while_the_crm_refuses_leaves_nothing_here(status, dealer, leads):
    async with FakeHubSpot() as crm:
        bot = await dealer(CONFIGS["hubspot"].format(host=crm.host), env=ENV)
        contact = []

        answer = crm.answer

        async def refuse(request, body):
            contact.extend(one.contact for one in await leads(bot))
            await bot.snapshot().hooks.erase_contact(contact[0])
            crm.answer = answer
            return web.json_response({"category": "VALIDATION_ERROR", "message": "no"}, status=status)

        crm.answer = refuse
        await bot.say(HOT)
        await bot.until(lambda: contact, timeout=20)
        await bot.idle()

        assert contact[0] not in await everything(bot)


async def test_a_lead_without_a_crm_goes_nowhere(dealer, leads, served):
    bot = await dealer()
    await bot.say(HOT)
    [one] = await leads(bot)
    assert (one.priority, one.crm_state) == ("hot", "")
    client, agent = await served(bot, "agent")
    response = await client.post(f"/api/v1/leads/{one.id}/route", headers=agent)
    assert response.status == 409
    assert "crm.provider" in (await response.json())["detail"]
