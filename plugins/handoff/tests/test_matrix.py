"""The escalation matrix: who is told when, once, and what is said where nobody is named."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
import sqlalchemy as sa
from aiohttp import web

from hookline.audit import every
from hookline.signing import check_signature
from hookline.testing import FrozenClock
from hookline_handoff import handling
from hookline_handoff.deskconfig import Escalation
from hookline_handoff.deskmodels import climb, notice
from hookline_handoff.matrix import Matrix

DAY = 86_400.0
FOUR = """
[plugins.handoff]
wait_limit = 0
[plugins.handoff.escalation]
roles = ["RM", "Sales Head", "Service Head", "GM"]
hours = [24, 72, 168, 400]
"""
CONTACTS = (
    FOUR
    + """
[[plugins.handoff.escalation.contacts]]
role = "RM"
name = "Ravi"
email = "ravi@example.com"
[[plugins.handoff.escalation.contacts]]
role = "Service Head"
name = "Sunita"
channel = "loopback"
phone = "+919800000002"
[[plugins.handoff.escalation.contacts]]
role = "GM"
name = "Gita"
email = "gita@example.com"
"""
)


async def eventually(look, expected):
    """Wait until `look()` gives what is expected; what it gives in the end shows in the failure."""
    found = await look()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10):
            while found != expected:
                await asyncio.sleep(0.005)
                found = await look()
    assert found == expected


async def climbed(desk):
    rows = await desk.tenant.db.fetch(sa.select(climb).order_by(climb.c.at, climb.c.kind, climb.c.level))
    return [(row.kind, row.role, row.state) for row in rows]


@pytest.mark.row("A86")
async def test_it_climbs_one_level_a_step_each_told_once_and_a_missing_contact_skipped(database_url, make_desk, caplog):
    time = FrozenClock()
    desk = await make_desk(CONTACTS, database_url=database_url, clock=time)
    staff = desk.bot.runtime.staff
    ravi = await staff.create("acme", "ravi@example.com", "supervisor", by="test", name="Ravi")
    gita = await staff.create("acme", "gita@example.com", "admin", by="test", name="Gita")
    conversation = await desk.asked()
    start = time.now()
    await desk.bot.idle()
    assert await climbed(desk) == []

    expected = []
    for hours, level in (
        (24, ("climb", "RM", "told")),
        (72, ("climb", "Sales Head", "skipped")),
        (168, ("climb", "Service Head", "told")),
        (360, ("stale", "Service Head", "told")),
        (400, ("climb", "GM", "told")),
        (400, ("stale", "GM", "told")),
    ):
        time.advance(start + hours * 3600 - time.now())
        expected.append(level)
        if (hours, level[0]) != (400, "climb"):
            await eventually(lambda: climbed(desk), expected)
    time.advance(100 * DAY)
    await desk.bot.idle()
    assert await climbed(desk) == expected, "GM is the last"

    async def told():
        rows = await desk.tenant.db.fetch(sa.select(notice).where(notice.c.kind == "escalation"))
        return sorted(row.staff for row in rows)

    await eventually(told, sorted([ravi.id, gita.id, gita.id]))
    await desk.bot.channel.wait_for(3)
    sent = [m for m in desk.bot.channel.sent if m.address == "+919800000002"]
    assert [("has waited for 7 days" in m.text, "still not resolved after 15 days" in m.text) for m in sent] == [
        (True, False),
        (False, True),
    ]
    assert "It is now with Service Head." in sent[0].text
    audited = [
        one.detail["role"] async for one in every(desk.bot.runtime.database, "acme") if one.what == "handoff.escalated"
    ]
    assert sorted(audited) == sorted(role for _, role, _ in expected)
    assert (await desk.handoff(conversation)).state == "queued"


async def test_what_is_resolved_does_not_climb(make_desk):
    time = FrozenClock()
    desk = await make_desk(CONTACTS, clock=time)
    await desk.agent(desk.asha)
    conversation = await desk.asked()
    await desk.claim(conversation)
    await handling.resolve(desk.tenant, await desk.handoff(conversation), desk.asha)
    await desk.bot.idle()
    time.advance(400 * DAY)
    await desk.bot.idle()
    assert await climbed(desk) == []


async def test_stale_is_from_15_times_24_hours_on_and_told_once_a_level(database_url, make_desk):
    """D10: asked for on 1 January, not stale on the 15th, stale on the 16th at that hour."""
    time = FrozenClock(1_767_225_600.0)  # 2026-01-01T00:00Z
    config = CONTACTS.replace("hours = [24, 72, 168, 400]", "hours = [10000]")
    desk = await make_desk(config, database_url=database_url, clock=time)
    await desk.asked()
    await desk.bot.idle()
    matrix = Matrix(desk.tenant)
    time._now += 15 * DAY - 1  # without waking the timers: the check alone is looked at
    assert await matrix.check() == ([], [])
    time._now += 1
    stale, told = await matrix.check()
    assert [row.state for row in stale] == ["queued"]
    assert told == [stale[0].id]
    stale, told = await matrix.check()
    assert (len(stale), told) == (1, []), "it is stale still, and nobody is told twice"
    assert await climbed(desk) == [("stale", "RM", "told")]


async def test_a_branch_climbs_in_its_own_order(make_desk):
    time = FrozenClock()
    config = (
        CONTACTS
        + """
[[plugins.handoff.escalation.branches]]
reasons = ["asks_for_person", "customer", "asked"]
skills = ["service"]
roles = ["Service Head", "GM"]
"""
    )
    desk = await make_desk(config, clock=time)
    conversation = await desk.asked()
    seen = await desk.handoff(conversation)
    matrix = Matrix(desk.tenant)
    import attrs

    assert [one.role for one in matrix.levels(attrs.evolve(seen, skill="service"))] == ["Service Head", "GM"]
    assert [one.role for one in matrix.levels(attrs.evolve(seen, reason="x"))] == [
        "RM",
        "Sales Head",
        "Service Head",
        "GM",
    ]


async def test_notices_go_signed_to_the_webhook_and_again_with_the_same_key_when_it_fails(make_desk):
    got = []

    async def receive(request):
        got.append((dict(request.headers), await request.read()))
        return web.Response(status=503 if len(got) == 1 else 204)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        time = FrozenClock()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        config = CONTACTS.replace(
            "hours = [24,", f'webhook = "{url}"\nwebhook_secret = "${{HOOK_SECRET}}"\nhours = [24,'
        )
        desk = await make_desk("[turns]\nbackoff = 0.001\n" + config, clock=time, env={"HOOK_SECRET": "s3cret"})
        await desk.asked()
        await desk.bot.idle()
        time.advance(24 * 3600)
        async with asyncio.timeout(10):
            while len(got) < 2:
                time.advance(1)
                await asyncio.sleep(0.01)
    finally:
        await runner.cleanup()
    (first, body), (second, again) = got[:2]
    assert body == again
    assert first["webhook-id"] == second["webhook-id"]
    for headers in (first, second):
        assert check_signature("s3cret", headers, body, time.now()) == first["webhook-id"]
    told = json.loads(body)
    assert (told["role"], told["name"], told["level"], told["kind"]) == ("RM", "Ravi", 1, "climb")


def test_contacts_may_come_as_json_of_an_environment_variable():
    made = Escalation(roles=("RM",), contacts_json='[{"role":"RM","name":"Ravi","phone":"+91 98"}]')
    assert [(one.role, one.phone) for one in made.everybody()] == [("RM", "+91 98")]
    for bad in ("{", '[{"name": "x"}]', '[{"role": 3}]'):
        with pytest.raises(ValueError, match=r'contacts_json: .*allowed: \[\{"role": "RM"'):
            Escalation(contacts_json=bad)
    with pytest.raises(ValueError, match=r"hours: given .*none below the one before"):
        Escalation(hours=(5.0, 3.0))
