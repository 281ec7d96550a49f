"""Leads over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest
from yarl import URL

from hookline.app import KEYS
from hookline.testing import FrozenClock

LEADS = "/api/v1/leads"
HOT = {"model": "Swift", "budget": 1_600_000, "timeline": "immediate"}


async def post(client, key, status=201, **body):
    response = await client.post(LEADS, json=body, headers=key)
    told = await response.json()
    assert response.status == status, told
    return told


async def get(client, key, path="", expect=200, **query):
    response = await client.get(f"{LEADS}{path}", params=query, headers=key)
    told = await response.json()
    assert response.status == expect, told
    return told


@pytest.mark.row("A110")
@pytest.mark.row("A64")
async def test_a_lead_is_entered_with_its_priority_and_needs_something_to_reach_it_by(dealer, served):
    client, agent = await served(await dealer(), "agent")
    told = await post(
        client, agent, name="Asha Rao", phone="98765 43210", intent="BUY", entities=HOT, origin={"utm_source": "fair"}
    )
    assert told["id"]
    assert (told["source"], told["score"], told["priority"], told["status"]) == ("walk-in", 85.0, "hot", "new")
    assert told["phone"] == "+919876543210"
    assert [one["text"] for one in told["reasons"]][-1] == "contact provided"

    refused = await post(client, agent, 422, name="Nobody", intent="BUY")
    assert refused["detail"] == "a lead needs an email, a phone or a contact, so that somebody can reach it"
    assert (await post(client, agent, 422, email="a@b"))["errors"][0]["field"] == "email"
    assert "phone: given 'abc'" in (await post(client, agent, 422, phone="abc"))["detail"]
    response = await client.post(LEADS, json={"email": 5}, headers=agent)
    assert response.status == 400


@pytest.mark.row("A110")
async def test_the_same_person_entered_again_is_the_same_lead(dealer, served):
    client, agent, viewer = await served(await dealer(), "agent", "viewer")
    first = await post(client, agent, email="Asha@Example.com", intent="BUY")
    again = await post(client, agent, 200, email="asha@example.com", phone="9876543210", name="Asha", intent="FINANCE")
    assert (again["id"], again["created"], again["phone"]) == (first["id"], False, "+919876543210")
    assert (await get(client, viewer))["total"] == 1

    other = await asyncio.gather(*(client.post(LEADS, json={"email": "b@x.in"}, headers=agent) for _ in range(8)))
    assert sorted(one.status for one in other) == [200] * 7 + [201]
    assert len({(await one.json())["id"] for one in other}) == 1


async def test_two_entered_leads_that_turn_out_to_be_one_are_merged(dealer, served):
    client, agent = await served(await dealer(), "agent")
    one = await post(client, agent, email="a@x.in", name="Asha")
    two = await post(client, agent, phone="9876543210", intent="BUY", entities=HOT)
    both = await post(client, agent, 200, email="a@x.in", phone="9876543210")
    assert both["id"] == one["id"]
    assert (await get(client, agent))["total"] == 1
    assert (await get(client, agent, f"/{two['id']}"))["id"] == one["id"]
    kinds = [row["kind"] for row in (await get(client, agent, f"/{one['id']}/events"))["events"]]
    assert "merged" in kinds


@pytest.fixture
async def stocked(dealer, served):
    """Six leads of three days, over HTTP."""
    clock = FrozenClock()
    bot = await dealer(clock=clock, crm="")
    client, agent, viewer = await served(bot, "agent", "viewer")
    for n, (source, intent, facts) in enumerate([
        ("walk-in", "BUY", HOT), ("walk-in", "BUY", {"model": "Swift", "budget": 9}), ("event", "FINANCE", {}),
        ("event", "BUY", HOT), ("walk-in", "TEST_DRIVE", {"model": "Baleno"}), ("phone", "INFO", {}),
    ]):  # fmt: skip
        await post(client, agent, email=f"p{n}@x.in", name=f"Person {n}", source=source, intent=intent, entities=facts)
        clock.advance(12 * 3600)
    return client, agent, viewer, clock


@pytest.mark.row("A111")
async def test_the_list_is_filtered_by_everything_together_and_paged(stocked):
    client, _agent, viewer, _clock = stocked

    async def names(**query):
        return sorted(one["name"][-1] for one in (await get(client, viewer, **query))["leads"])

    assert await names() == list("012345")
    assert await names(priority="hot") == ["0", "3"]
    assert await names(priority="hot,warm") == ["0", "1", "3"]
    assert await names(source="walk-in") == ["0", "1", "4"]
    assert await names(intent="buy") == ["0", "1", "3"]
    assert await names(min_score=50, max_score=80) == ["1"]
    assert await names(priority="hot", source="event", intent="BUY") == ["3"]
    assert await names(q="PERSON 4") == ["4"]
    assert await names(q="%") == []
    assert await names(review="1") == ["1"]
    day = (await get(client, viewer, sort="created"))["leads"][-1]["created_at"][:10]
    assert await names(**{"from": day, "to": day}) == ["0", "1"]
    assert await names(**{"from": day, "source": "event"}) == ["2", "3"]

    page = await get(client, viewer, sort="-created", page_size=4, page=2)
    assert [one["name"][-1] for one in page["leads"]] == ["4", "5"]
    assert {k: page[k] for k in ("total", "page", "page_size", "pages")} == {
        "total": 6, "page": 2, "page_size": 4, "pages": 2,
    }  # fmt: skip
    assert [one["name"][-1] for one in (await get(client, viewer, page_size=3))["leads"]] == ["3", "0", "1"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"priority": "boiling"}, "priority: given 'boiling'; allowed: hot, warm, cold"),
        ({"status": "x"}, "status: given 'x'; allowed: new, contacted, qualified, negotiating, won, lost"),
        ({"sort": "luck"}, "sort: given 'luck'; allowed: score, "),
        ({"from": "yesterday"}, "from: given 'yesterday'; allowed: 2026-11-21"),
        ({"min_score": "101"}, "min_score: given '101'; allowed: 0 to 100"),
        ({"page_size": "501"}, "page_size: given '501'; allowed: 0 to 500"),
        ({"page": "0"}, "page and page_size begin at 1"),
    ],
)
async def test_a_filter_that_can_not_be_is_refused_with_what_is_allowed(dealer, served, query, said):
    client, viewer = await served(await dealer(), "viewer")
    assert said in (await get(client, viewer, expect=400, **query))["detail"]


@pytest.mark.row("A112")
async def test_status_and_owner_are_changed_with_an_event_by_an_agent_alone(dealer, served):
    client, agent, viewer = await served(await dealer(), "agent", "viewer")
    one = await post(client, agent, email="a@x.in", intent="BUY")

    async def patch(key, expect, ident=one["id"], **body):
        response = await client.patch(f"{LEADS}/{ident}", json=body, headers=key)
        assert response.status == expect, await response.text()
        return await response.json()

    told = await patch(agent, 200, status="contacted", owner="ravi", note="called, asks for a brochure")
    assert (told["status"], told["owner"]) == ("contacted", "ravi")
    events = (await get(client, viewer, f"/{one['id']}/events"))["events"]
    assert {(e["kind"], e["by"]) for e in events} >= {("status", "agent"), ("owner", "agent"), ("note", "agent")}
    assert next(e["data"] for e in events if e["kind"] == "status") == {"status": "contacted", "was": "new"}

    await patch(viewer, 403, status="won")
    await patch(agent, 404, "nobody", status="won")
    assert "allowed: new, contacted" in (await patch(agent, 422, status="sold"))["detail"]
    assert "can't be new again" in (await patch(agent, 422, status="new"))["detail"]
    assert (await patch(agent, 200, status="won"))["status"] == "won"
    assert (await client.patch(f"{LEADS}/{one['id']}", json={})).status == 401


@pytest.mark.row("A113")
async def test_the_summary_counts_by_priority_and_averages_the_scores(stocked):
    client, _agent, viewer, _clock = stocked
    told = await get(client, viewer, "/stats/summary")
    scores = [one["score"] for one in (await get(client, viewer))["leads"]]
    assert told["total"] == 6
    assert told["by_priority"] == {"hot": 2, "warm": 1, "cold": 3}
    assert told["average_score"] == pytest.approx(sum(scores) / 6, abs=0.05)
    assert told["by_source"] == {"walk-in": 3, "event": 2, "phone": 1}
    assert told["by_status"] == {"new": 6}
    assert told["to_review"] == 1
    assert (await get(client, viewer, "/stats/summary", source="event"))["total"] == 2


@pytest.mark.row("A113")
async def test_the_summary_of_exact_fixtures(dealer, served):
    client, agent = await served(await dealer(), "agent")
    assert (await get(client, agent, "/stats/summary"))["average_score"] == 0.0
    await post(client, agent, email="a@x.in", intent="BUY", entities=HOT)  # 85
    await post(client, agent, email="b@x.in", intent="BUY", entities={"model": "Swift"})  # 55
    await post(client, agent, email="c@x.in", intent="FEEDBACK")  # 15
    told = await get(client, agent, "/stats/summary")
    assert told["by_priority"] == {"hot": 1, "warm": 1, "cold": 1}
    assert told["average_score"] == pytest.approx((85 + 55 + 15) / 3, abs=0.01)


async def test_the_export_is_csv_that_no_spreadsheet_runs(dealer, served):
    client, agent = await served(await dealer(), "agent")
    await post(client, agent, email="a@x.in", name='=HYPERLINK("http://evil")', intent="BUY", phone="9876543210")
    response = await client.get(f"{LEADS}/export.csv", headers=agent)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    [row] = list(csv.DictReader(io.StringIO(await response.text())))
    assert row["name"] == '\'=HYPERLINK("http://evil")'
    assert (row["phone"], row["score"], row["reasons"]) == (
        "+919876543210", "40.0", "intent BUY (+30) | contact provided (+10)",
    )  # fmt: skip


async def test_why_it_is_85_is_told_rule_by_rule_and_adds_up(dealer, served, leads):
    clock = FrozenClock()
    bot = await dealer(clock=clock)
    client, viewer = await served(bot, "viewer")
    await bot.say('BUY model="Swift"')
    await bot.say('FINANCE budget=1600000 phone="+919876543210"')
    clock.advance(2 * 86400)
    [one] = await leads(bot)
    told = await get(client, viewer, f"/{one.id}/why")
    assert [turn["score"] for turn in told["turns"]] == [45, 65]
    for turn in told["turns"]:
        assert sum(reason["points"] for reason in turn["reasons"]) == turn["score"]
    last = told["turns"][-1]
    assert last["lead"] == pytest.approx(0.6 * last["average"] + 0.4 * last["peak"])
    assert told["decay"]["idle_days"] == 2
    assert told["unrounded"] == pytest.approx(last["lead"] * 0.98**2)
    assert told["lines"][-1] == f"{told['unrounded']:.1f} is warm (hot from 70, warm from 50)"
    assert told["lines"][-2] == "2 idle days at 2 % each: 59.0 is 56.7 now"


async def test_what_would_it_be_worth_is_answered_without_storing_anything(dealer, served, leads):
    bot = await dealer()
    client, viewer = await served(bot, "viewer")
    response = await client.post(f"{LEADS}/evaluate", json={"intent": "BUY", "entities": HOT}, headers=viewer)
    told = await response.json()
    assert (told["score"], told["priority"], told["matched"]) == (75, "hot", True)
    assert told["reasons"][0] == {"points": 30, "reason": "intent BUY"}
    assert await leads(bot) == []


@pytest.mark.row("A55")
async def test_new_rules_are_applied_to_stored_turns_and_conversations_go_on_from_there(dealer, served, leads):
    bot = await dealer()
    client, admin, agent = await served(bot, "admin", "agent")
    await bot.say("BUY")
    await bot.say('BUY model="Swift"')
    assert (await leads(bot))[0].score == pytest.approx(40.5)
    file = bot.folder / "tenants" / "acme" / "scoring.yaml"
    file.write_text(file.read_text().replace("BUY: 30", "BUY: 60"))
    assert await bot.runtime.load("acme")

    assert (await client.post(f"{LEADS}/recalculate", headers=agent)).status == 403
    response = await client.post(f"{LEADS}/recalculate", headers=admin)
    assert await response.json() == {"leads": 1, "changed": 1}
    [one] = await leads(bot)
    assert one.score == pytest.approx(0.6 * 67.5 + 0.4 * 75)
    assert one.priority == "hot"
    await bot.idle()
    await bot.say("BUY")  # 75 again: 60, 75, 75
    assert (await leads(bot))[0].score == pytest.approx(0.6 * 70 + 0.4 * 75)
    again = await client.post(f"{LEADS}/recalculate", headers=admin, json={"lead": one.id})
    assert await again.json() == {"leads": 1, "changed": 0}


async def test_a_lead_that_is_not_there_is_404_everywhere(dealer, served):
    client, agent = await served(await dealer(), "agent")
    for path in ("/x", "/x/why", "/x/events"):
        assert "there is no lead 'x'" in (await get(client, agent, path, 404))["detail"]
    assert (await client.post(f"{LEADS}/x/route", headers=agent)).status == 404


async def test_a_key_that_may_read_asks_what_a_turn_would_be_worth_and_enters_nothing(dealer, served):
    bot = await dealer()
    client, _ = await served(bot, "agent")
    _, key = await client.app[KEYS].create("acme", "reader", "agent", scopes=("*:read",))
    reader = {"Authorization": f"Bearer {key}"}
    answer = await client.post(f"{LEADS}/evaluate", json={"intent": "BUY", "entities": HOT}, headers=reader)
    assert (answer.status, (await answer.json())["matched"]) == (200, True)
    assert (await client.post(LEADS, json={"email": "b@x.in"}, headers=reader)).status == 403
    assert (await get(client, reader))["total"] == 0


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("path", ["", "/stats/summary", "/export.csv", "/%00", "/%00/why"])
async def test_a_character_that_the_database_refuses_is_a_mistake_of_the_client(path, dealer, served, postgres_url):
    """And no answer that never ends: an export has not begun yet."""
    bot = await dealer(database_url=postgres_url)
    client, viewer = await served(bot, "viewer")

    async with asyncio.timeout(20):
        response = await client.get(URL(f"/api/v1/leads{path}?source=%00", encoded=True), headers=viewer)

    assert response.status == 400, await response.text()
