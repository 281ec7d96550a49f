"""The indexes follow what other processes change."""

from __future__ import annotations

import asyncio

from hookline.testing import FrozenClock
from hookline_rag.ingestion import TOPIC


async def test_an_event_that_can_not_be_followed_does_not_end_the_following(told, put, service):
    bot = await told(clock=FrozenClock())  # no job that waits for its time comes to help
    done = await put(bot, {"Roaming": "A day pass for abroad costs 5.90 and holds for 24 hours."})
    one, tenant = service(bot), bot.tenant("rag")
    shelf = (await one.shelves()).shelf("default")
    assert len(shelf.snapshot) == 1
    await one.store.delete(done.puts[0].id)  # as another process does it

    tenant.live.publish(tenant.name, TOPIC, "namespace", {})
    tenant.live.publish(tenant.name, TOPIC, "namespace", {"namespace": "default"})

    async with asyncio.timeout(10):
        while len(shelf.snapshot):
            await asyncio.sleep(0.01)
