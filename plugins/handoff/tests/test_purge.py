"""Of a conversation that is removed for its age no word is left in any table or file; the figures of reports are."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import attrs
import sqlalchemy as sa

from hookline.roles import Caller
from hookline.testing import FrozenClock
from hookline_handoff.deskmodels import rating
from hookline_handoff.files import Attachments
from hookline_handoff.models import handoff, step
from hookline_handoff.period import Period
from hookline_handoff.reports import Reports

WORDS = ("quetzal", "lampshade", "marzipan", "obelisk", "zeppelin", "wombat")
CONFIG = """
[conversations]
expires_after = 600
purge_after = 2000
sweep = 0
[plugins.handoff]
bot_on_resolve = false
[plugins.handoff.triggers]
keywords = ["refund"]
[plugins.handoff.csat]
enabled = true
"""


def left(bot, *names):
    """Which of the words are in a file of the data folder."""
    held = b"".join(path.read_bytes() for path in bot.runtime.data.path.rglob("*") if path.is_file()).lower()
    return [word for word in names if word.encode() in held]


async def rows(desk, table, *columns):
    return [tuple(row) for row in await desk.tenant.db.fetch(sa.select(*(table.c[name] for name in columns)))]


async def test_no_word_of_a_purged_conversation_is_left_anywhere(make_web):
    clock = FrozenClock()
    site = await make_web(CONFIG, clock=clock)
    desk = site.desk
    talk = await desk.talk(text="my quetzal wants a refund")
    await desk.reaches(talk, "queued")
    await site.ok("POST", f"/console/api/conversations/{talk}/claim", "asha", {})
    await site.ok("POST", f"/console/api/conversations/{talk}/notes", "asha", {"text": "about the lampshade"})
    said = {"text": "your marzipan is here", "client_id": "1"}
    await site.ok("POST", f"/console/api/conversations/{talk}/reply", "asha", said)
    asha = Caller("Asha Rao", "agent", "acme", "asha", "staff")
    await Attachments(desk.tenant).put(asha, talk, "note.txt", b"wombat bill")
    await site.ok("POST", f"/console/api/conversations/{talk}/resolve", "asha", {"note": "sent the obelisk"})
    await desk.reaches(talk, "resolved")
    async with asyncio.timeout(10):
        while not await rows(desk, rating, "state"):
            await asyncio.sleep(0.01)
    await desk.bot.idle()
    await desk.bot.hear("5")
    await desk.bot.hear("lovely zeppelin")
    await desk.bot.idle()
    assert left(desk.bot, *WORDS) == list(WORDS), "the test looks where it is"
    period = Period(0.0, 2e9, ZoneInfo("UTC"))
    before = (await Reports(desk.tenant).report("agent", period)).rows

    clock.advance(5000)
    await desk.tenant.conversations.expire()
    clock.advance(5000)
    await desk.tenant.conversations.expire()
    async with asyncio.timeout(15):
        while left(desk.bot, *WORDS):
            await desk.bot.idle()
            await desk.tenant.db.scrub()
            await asyncio.sleep(0.05)

    [(state, reason, summary, resolution)] = await rows(desk, handoff, "state", "reason", "summary", "resolution")
    assert (state, summary, resolution) == ("resolved", "", "")
    assert ":" not in reason
    assert set(await rows(desk, step, "reason")) == {("",)}
    after = (await Reports(desk.tenant).report("agent", period)).rows
    assert [attrs.evolve(one, conversations=0, messages_agent=0) for one in before] == list(after)
    assert (after[0].ratings, after[0].resolved) == (1, 1)
