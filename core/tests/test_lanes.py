"""Many lanes at once: which of them take a place, and which only wait."""

from __future__ import annotations

import pytest

from hookline.hookspecs import hookimpl
from hookline.message import Job, Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.clock import FrozenClock
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

MORE_THAN_PLACES = 210


class Flaky:
    """Its outside is down until it is mended."""

    down = True

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        self.tried.append(job.payload["n"])
        if self.down and not job.payload.get("later"):
            raise OSError("the other side is down")

    @hookimpl
    async def respond(self, turn: Turn) -> Reply:
        return Reply("here")


@pytest.mark.parametrize("why", ["each is delayed", "each has failed"])
async def test_lanes_that_wait_take_no_place_from_those_that_work(
    database_url: str, make_bot: MakeBot, why: str
) -> None:
    clock = FrozenClock()
    hooks = type("Hooks", (Flaky,), {"tried": []})
    bot = await make_bot(
        plugins=[Plugin("flaky", hooks=hooks)],
        tenants=dict.fromkeys(("left", "right"), "[turns]\nattempts = 9\nbackoff = 60.0\n"),
        database_url=database_url,
        clock=clock,
    )
    later = why == "each is delayed"
    tenant = bot.tenant("flaky", "left")
    for n in range(MORE_THAN_PLACES):
        await tenant.submit("work", {"n": n, "later": later}, lane=f"flaky:{n}", delay=60.0 if later else 0.0)
    expected = [] if later else list(range(MORE_THAN_PLACES))
    await bot.until(lambda: sorted(hooks.tried) == expected and len(bot.runtime.lanes) == MORE_THAN_PLACES, 30.0)

    assert (await bot.say("is anybody there?", tenant="right", timeout=10.0)).text == "here"

    hooks.tried.clear()
    hooks.down = False
    clock.advance(61.0)
    await bot.until(lambda: sorted(hooks.tried) == list(range(MORE_THAN_PLACES)), 30.0)
    await bot.idle()
