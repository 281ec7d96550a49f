"""What a supervisor sees and does, panels of other plugins, and lists of any length."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]


async def test_the_floor_shows_the_queue_who_has_how_much_and_reports_with_their_figures(agent, escalated, desk):
    priya = await escalated("Who is responsible here?")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    await escalated("And I am waiting")
    meera = await agent("meera", query="?view=floor")
    floor = meera.page.locator("hookline-console-floor")
    await expect(floor.locator(".figures").first).to_contain_text("Waiting")
    await expect(floor.locator("tr").filter(has_text="Asha Rao")).to_be_visible()
    await expect(floor.locator("figure svg rect.part").first).to_be_attached()
    await floor.get_by_label("By").select_option("agent")
    await expect(floor.locator("caption").first).to_contain_text("How many handoffs by agent?")
    assert "by=agent" in meera.page.url
    link = await floor.get_by_role("link", name="CSV").first.get_attribute("href")
    answer = await meera.page.request.get(f"{desk.url}{link}")
    assert answer.status == 200
    assert "text/csv" in answer.headers["content-type"]
    assert "Asha Rao" in await answer.text()


async def test_a_supervisor_listens_in_whispers_and_takes_over(agent, escalated):
    priya = await escalated("I was promised a refund")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    await asha.take()

    meera = await agent("meera", query=f"?view=all&c={priya.conversation}")
    page = meera.page
    await expect(meera.messages.first).to_be_visible()
    await page.locator("hookline-console-head #more").click()
    await page.get_by_role("menuitem", name="Listen in").click()
    await expect(page.locator("hookline-console .toast")).to_contain_text("You are listening in")
    await page.keyboard.press("Alt+p")
    await page.get_by_label("To the agent at once").check()
    await meera.box.fill("Offer her ten euros")
    await meera.box.press("Enter")
    await expect(asha.page.locator("hookline-console-thread .msg.note")).to_contain_text("Offer her ten euros")
    assert all("ten euros" not in text for _, text in await priya.heard())

    await page.locator("hookline-console-head").get_by_role("button", name="Take over").click()
    await expect(page.locator("hookline-console-head")).to_contain_text("With you")
    await expect(asha.page.locator("hookline-console-head")).to_contain_text("With Meera Iyer")


async def test_the_bots_conversations_are_there_to_listen_in_on_and_take(agent, customer):
    priya = await customer("What are your opening hours?")
    meera = await agent("meera", query=f"?view=bot&c={priya.conversation}")
    await expect(meera.messages.filter(has_text="opening hours")).to_be_visible()
    await priya.say("And on Sunday?")
    await expect(meera.messages.filter(has_text="And on Sunday?")).to_be_visible()
    await meera.page.locator("hookline-console-head").get_by_role("button", name="Take over").click()
    await expect(meera.page.locator("hookline-console-head")).to_contain_text("With you")


async def test_the_panel_of_another_plugin_stands_beside_the_conversation(agent, escalated):
    priya = await escalated("I want to buy a flat for 80 lakhs")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    panel = asha.page.locator("hookline-console-side hookline-lead-panel")
    await expect(panel).to_be_visible()
    assert await panel.evaluate("(one) => one.shadowRoot.textContent.trim().length") > 0
    # Another conversation's data reach the same panel.
    await asha.page.keyboard.press("Alt+j")
    await expect(panel).to_have_count(1)


async def test_five_hundred_conversations_are_all_there_and_few_are_drawn(agent, escalated):
    gate = asyncio.Semaphore(16)

    async def one(n: int) -> None:
        async with gate:
            await escalated(f"Case {n} of many")

    await asyncio.gather(*(one(n) for n in range(500)))
    asha = await agent("asha", query="?view=all")
    await expect(asha.page.locator("hookline-console-list [aria-setsize]").first).to_be_visible()
    count = asha.page.locator("hookline-console-list header .num")
    async with asyncio.timeout(20):
        while int(await count.text_content() or 0) < 500:
            await asyncio.sleep(0.05)
    assert await asha.rows.count() < 40
    await asha.page.keyboard.press("g")
    await asha.page.keyboard.press("l")
    await asha.page.keyboard.press("End")
    total = int(await count.text_content() or 0)
    last = asha.page.locator("hookline-console-list [aria-selected=true]")
    await expect(last).to_have_attribute("aria-posinset", str(total))
    await expect(last).to_be_in_viewport()
    assert await asha.rows.count() < 40
