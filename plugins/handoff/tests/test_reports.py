"""What supervisors see: the floor, whispers, and reports that add up, by the days of a time zone."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from hookline.audit import every
from hookline.problems import Problem
from hookline.testing import FrozenClock
from hookline_handoff import handling
from hookline_handoff.deskmodels import notice, rating
from hookline_handoff.floorbodies import Spread
from hookline_handoff.period import as_csv, read_period, spread

ONE = "/console/api/conversations"
CONFIG = """
[plugins.handoff]
bot_on_resolve = false
wait_limit = 0
[plugins.handoff.desk]
timezone = "Asia/Kolkata"
[[plugins.handoff.sla]]
name = "standard"
first_response = 600
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


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Kolkata")).timestamp()


def test_durations_have_a_median_and_a_90th_percentile():
    assert spread([]) == Spread(0, None, None)
    assert spread([5]) == Spread(1, 5, 5)
    assert spread(range(1, 11)) == Spread(10, 5.5, 9)
    assert spread([3, 1, 2]) == Spread(3, 2, 3)
    assert spread(range(1, 101)).p90 == 90


def test_a_period_is_of_whole_days_in_the_zone_also_where_the_clocks_change():
    told = read_period({"from": "2026-03-29", "to": "2026-03-29", "timezone": "Europe/Paris"}, "UTC", 0.0)
    assert told.until - told.since == 23 * 3600
    assert told.day(told.since) == told.day(told.until - 1) == "2026-03-29"
    week = read_period({}, "Asia/Kolkata", at("2026-11-21T00:30"))
    assert (week.day(week.since), week.day(week.until - 1)) == ("2026-11-15", "2026-11-21")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"timezone": "Mars/Base"}, "timezone: given 'Mars/Base'"),
        ({"timezone": "../etc/passwd"}, "timezone: given"),
        ({"from": "yesterday"}, "from: given 'yesterday'; allowed: a day as 2026-11-01"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "not after `to`"),
        ({"from": "2020-01-01", "to": "2026-11-01"}, "at most 400 days"),
        ({"to": "0001-01-01"}, "a day from 1971 on"),
        ({"to": "9999-12-31"}, "a day from 1971 on"),
    ],
)
def test_a_period_that_is_none_is_refused(query, text):
    with pytest.raises(Problem) as error:
        read_period(query, "UTC", 1.7e9)
    assert text in str(error.value)


def test_no_cell_is_a_formula_to_a_spreadsheet():
    rows = [{"a": "=HYPERLINK(1)", "b": '+1"\n', "c": None}, {"a": "ok", "b": 1 / 3, "c": "@x"}]
    told = as_csv(rows, ["a", "b", "c"])
    assert list(csv.reader(io.StringIO(told.removeprefix("\ufeff"), newline=""))) == [
        ["a", "b", "c"],
        ["'=HYPERLINK(1)", "'+1\"\n", ""],
        ["ok", "0.3333", "'@x"],
    ]


@pytest.fixture
def day(make_web):
    """A day's work: who asked, who answered when, what was rated."""

    async def make(database_url=""):
        clock = FrozenClock(at("2026-11-20T23:00"))
        site = await make_web(CONFIG, database_url=database_url, clock=clock)
        desk = site.desk
        await desk.bot.say("what are your hours?", who="bot only")
        asha, ben = await site.id("asha"), await site.id("ben")
        first = await desk.asked("alice")
        clock.advance(300)
        await site.ok("POST", f"{ONE}/{first}/reply", "asha", {"text": "hi", "client_id": "1"})
        clock.advance(300)
        await site.ok("POST", f"{ONE}/{first}/resolve", "asha", {})
        clock.advance(at("2026-11-21T00:10") - clock.now())  # after midnight in Kolkata, before it in London
        second = await desk.asked("bob")
        await site.ok("PUT", f"{ONE}/{second}/tags", "ben", {"tags": ["loan"]})
        await desk.bot.idle()
        clock.advance(900)
        await eventually(lambda: late(desk), 1)
        await site.ok("POST", f"{ONE}/{second}/reply", "ben", {"text": "hello", "client_id": "1"})
        clock.advance(100)
        await site.ok("POST", f"{ONE}/{second}/resolve", "ben", {})
        for ident, conversation, who, score in ((1, first, asha, 5), (2, second, ben, 2)):
            row = {
                "handoff": f"r{ident}", "conversation": conversation, "contact": "p", "channel": "loopback", "agent": who, "team": "",
                "state": "rated", "scale": 5, "score": score, "comment": "=1+1", "asked_at": clock.now(), "rated_at": clock.now(),
            }  # fmt: skip
            await desk.tenant.db.write((sa.insert(rating), row))
        await eventually(lambda: ended(desk), ["met", "missed"])
        return site, asha, ben

    return make


async def late(desk):
    from hookline_handoff.deskmodels import clock

    rows = await desk.tenant.db.fetch(sa.select(clock).where(clock.c.state == "breached"))
    return len(rows)


async def ended(desk):
    from hookline_handoff.deskmodels import clock

    return sorted(row.state for row in await desk.tenant.db.fetch(sa.select(clock.c.state)))


async def report(site, query):
    found = await site.ok(
        "GET", f"/console/api/reports?from=2026-11-20&to=2026-11-21&{query}", "clara", role="supervisor"
    )
    return {row["key"]: row for row in found["rows"]}, found


async def test_the_reports_add_up_by_agent_day_channel_and_tag(day, database_url):
    site, asha, ben = await day(database_url)
    rows, found = await report(site, "by=total")
    total = rows["all"]
    assert found["timezone"] == "Asia/Kolkata"
    assert (total["conversations"], total["handoffs"], total["resolved"], total["claimed"]) == (3, 2, 2, 2)
    assert (total["bot_resolved"], round(total["bot_resolution_rate"], 3), round(total["handoff_rate"], 3)) == (
        1,
        0.333,
        0.667,
    )
    assert total["first_response"] == {"count": 2, "median": 600.0, "p90": 900.0}
    assert total["resolution"] == {"count": 2, "median": 800.0, "p90": 1000.0}
    assert (total["sla_promised"], total["sla_met"]) == (2, 0.5)
    assert (total["ratings"], total["csat"], total["rating_mean"]) == (2, 0.5, 3.5)
    assert (total["messages_in"], total["messages_agent"]) == (3, 2)
    assert sum(found["reasons"].values()) == 2

    agents, _ = await report(site, "by=agent")
    assert {
        key: (row["name"], row["resolved"], row["csat"], row["sla_met"], row["messages_agent"])
        for key, row in agents.items()
    } == {
        asha: ("asha", 1, 1.0, 1.0, 1),
        ben: ("ben", 1, 0.0, 0.0, 1),
    }
    days, _ = await report(site, "by=day")
    assert {key: (row["handoffs"], row["resolved"]) for key, row in days.items()} == {
        "2026-11-20": (1, 1),
        "2026-11-21": (1, 1),
    }
    london, _ = await report(site, "by=day&timezone=Europe/London")
    assert {key: row["handoffs"] for key, row in london.items()} == {"2026-11-20": 2}, "in London it is all one day"
    tags, _ = await report(site, "by=tag")
    assert {key: row["handoffs"] for key, row in tags.items()} == {"loan": 1}
    channels, _ = await report(site, "by=channel")
    assert {key: row["conversations"] for key, row in channels.items()} == {"loopback": 3}


async def test_a_report_and_the_ratings_come_as_csv_too(day):
    site, _, _ = await day()
    key = await site.key("clara", "supervisor")
    for path, first, cell in (
        ("reports?by=agent&", "key,name,conversations,handoffs", "asha"),
        ("ratings?", "rated_at,score,scale,comment", "'=1+1"),
    ):
        url = f"{site.url}/console/api/{path}from=2026-11-20&to=2026-11-21&format=csv"
        async with site.http.get(url, headers={"X-API-Key": key}) as answer:
            text = await answer.text()
            assert answer.headers["Content-Disposition"].startswith("attachment")
        assert text.removeprefix("\ufeff").startswith(first)
        assert cell in text
    page = await site.ok("GET", "/console/api/ratings?from=2026-11-20&to=2026-11-21&limit=50", "clara")
    assert sorted(one["score"] for one in page["ratings"]) == [2, 5]


async def test_reports_are_for_supervisors_and_say_what_they_can_t(site):
    assert (await site.call("GET", "/console/api/reports", "asha"))[0] == 403
    assert (await site.call("GET", "/console/api/supervisor", "asha"))[0] == 403
    status, told = await site.call("GET", "/console/api/reports?by=planet", "clara", role="supervisor")
    assert (status, told["detail"]) == (400, "by: given 'planet'; allowed: total, day, agent, team, channel, tag")
    assert (await site.call("GET", "/console/api/reports?format=xml", "clara"))[0] == 400
    assert (await site.call("GET", "/console/api/ratings?cursor=nan", "clara"))[0] == 400
    empty = await site.ok("GET", "/console/api/reports", "clara")
    assert empty["rows"][0]["conversations"] == 0
    assert empty["rows"][0]["csat"] is None


async def test_the_floor_shows_the_queue_the_loads_and_what_is_late(make_web, database_url):
    clock = FrozenClock(at("2026-11-20T12:00"))
    site = await make_web(CONFIG, database_url=database_url, clock=clock)
    waiting, taken = await site.desk.asked("alice"), await site.desk.asked("bob")
    await site.ok("POST", f"{ONE}/{taken}/claim", "asha", {})
    await site.desk.bot.idle()
    clock.advance(601)
    await eventually(lambda: late(site.desk), 2)
    floor = await site.ok("GET", "/console/api/supervisor", "clara", role="supervisor")
    assert (floor["waiting"], floor["claimed"], floor["late"], floor["longest_wait"]) == (1, 1, 2, 601.0)
    assert {one["conversation"] for one in floor["risks"]} == {waiting, taken}
    assert floor["risks"][0]["sla"]["state"] == "breached"
    load = {one["name"]: (one["load"], one["waiting"], one["late"]) for one in floor["agents"]}
    assert load["asha"] == (1, 1, 1)


async def test_a_whisper_reaches_the_agent_and_listening_in_is_noted(make_web, database_url):
    site = await make_web(database_url=database_url)
    staff = await site.desk.bot.runtime.staff.create("acme", "asha@example.com", "agent", by="test", name="Asha")
    conversation = await site.desk.asked()
    status, told = await site.call("POST", f"{ONE}/{conversation}/whisper", "clara", {"text": "x"}, role="supervisor")
    assert (status, "nobody to whisper to" in told["detail"]) == (409, True)
    from hookline_handoff.records import Actor

    await site.desk.agent(Actor(staff.id, "Asha"))
    await handling.claim(site.desk.tenant, conversation, Actor(staff.id, "Asha"))
    sent = len(site.desk.bot.channel.sent)
    made = await site.ok("POST", f"{ONE}/{conversation}/whisper", "clara", {"text": "offer a refund"})
    assert (made["kind"], made["mentions"]) == ("whisper", [staff.id])
    rows = await site.desk.tenant.db.fetch(sa.select(notice).where(notice.c.staff == staff.id))
    assert [(row.kind, row.text) for row in rows] == [("whisper", "offer a refund")]
    assert (await site.call("POST", f"{ONE}/{conversation}/listen", "clara"))[0] == 204
    assert (await site.call("POST", f"{ONE}/{conversation}/whisper", "ben", {"text": "x"}))[0] == 403
    await site.desk.bot.idle()
    assert "offer a refund" not in [m.text for m in site.desk.bot.channel.sent]
    assert len(site.desk.bot.channel.sent) <= sent + 1, "the greeting at most"
    what = [e.what async for e in every(site.desk.bot.runtime.database, "acme")]
    assert what.count("handoff.listened") == what.count("handoff.whispered") == 1
