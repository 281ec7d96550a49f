"""A whole case without a mouse, and where the focus goes."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]


async def test_a_whole_case_by_keys_alone(agent, escalated):
    jean = await escalated("Somebody who waits")
    priya = await escalated("My router blinks red")
    asha = await agent("asha", query="?view=mine")
    page, head = asha.page, asha.page.locator("hookline-console-head")
    await expect(page.locator("hookline-console-list .state")).to_be_visible()

    await page.keyboard.press("g")
    await page.keyboard.press("u")  # to the unassigned, with the focus in the list
    await expect(asha.rows.filter(has_text="blinks red")).to_have_count(1)
    await expect(asha.rows).to_have_count(2)
    first = "blinks red" in await asha.rows.first.inner_text()  # both came in the same second
    await page.keyboard.press("Home" if first else "End")
    await expect(asha.messages.filter(has_text="blinks red")).to_be_visible()
    await page.keyboard.press("Alt+a")
    await expect(head).to_contain_text("With you")
    await page.keyboard.press("Alt+l")
    await expect(asha.box).to_be_focused()
    await page.keyboard.type("Please unplug it for a minute.")
    await page.keyboard.press("Enter")
    await expect(asha.messages.filter(has_text="unplug it")).to_be_visible()
    await page.keyboard.press("Alt+p")
    await page.keyboard.type("Third time this month")
    await page.keyboard.press("Enter")
    await expect(page.locator("hookline-console-thread .msg.note")).to_contain_text("Third time this month")
    await page.keyboard.press("Alt+g")
    await expect(page.locator("hookline-console-side #tag")).to_be_focused()
    await page.keyboard.type("router")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.locator("hookline-console-side .tags")).to_contain_text("router")
    await page.keyboard.press("Control+Alt+e")  # resolved, and on to the next
    await expect(asha.messages.filter(has_text="Somebody who waits")).to_be_visible()
    assert ("agent", "Please unplug it for a minute.") in await priya.heard()
    assert jean.conversation in page.url


async def test_the_sheet_of_keys_opens_closes_and_gives_the_focus_back(agent, escalated):
    await escalated("A case")
    asha = await agent("asha")
    await expect(asha.rows.first).to_be_visible()
    await asha.page.keyboard.press("g")
    await asha.page.keyboard.press("l")
    listbox = asha.page.locator("hookline-console-list [role=listbox]")
    await expect(listbox).to_be_focused()
    await asha.page.keyboard.press("?")
    sheet = asha.page.locator("hookline-console-keys dialog")
    await expect(sheet).to_be_visible()
    for keys in ("Alt J", "Alt K", "Alt E", "Ctrl Alt E", "Alt P", "Alt L", "Alt M", "/"):
        name = " ".join(f"{one}" for one in keys.split())
        await expect(sheet.locator("dt").filter(has_text=name)).not_to_have_count(0)
    await asha.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(listbox).to_be_focused()


async def test_what_comes_is_read_out_politely(agent, escalated):
    priya = await escalated("A case to listen to")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    region = asha.page.locator("hookline-console-thread [aria-live=polite]")
    await expect(region).to_be_empty()
    await priya.say("One more thing")
    await expect(region).to_contain_text("One more thing")


async def test_on_a_phone_list_thread_and_panel_come_one_after_the_other(agent, escalated):
    await escalated("On the phone")
    asha = await agent("asha", width=360, height=740, has_touch=True)
    page = asha.page
    await asha.rows.filter(has_text="On the phone").click()
    await expect(asha.messages.filter(has_text="On the phone")).to_be_visible()
    await expect(page.locator("hookline-console-list")).to_be_hidden()
    await page.locator("hookline-console-head").get_by_role("button", name="About the customer").click()
    await expect(page.locator("hookline-console-side .contact")).to_be_visible()
    await page.locator("hookline-console-side").get_by_role("button", name="Close").click()
    await page.go_back()
    await expect(page.locator("hookline-console-list")).to_be_visible()
    await expect(page.locator("hookline-console-thread")).to_have_count(0)
