"""Canned replies and macros, written in the console."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]


async def test_a_canned_reply_is_written_with_what_the_customer_will_read_used_changed_and_removed(agent, escalated):
    priya = await escalated("I was charged twice")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    await asha.page.keyboard.press("Alt+c")
    sheet = asha.page.locator("hookline-console-canned")
    await sheet.get_by_role("button", name="New canned reply").click()
    await expect(sheet.get_by_label("Shortcut")).to_be_focused()
    await sheet.get_by_label("Shortcut").fill("twice")
    text = sheet.get_by_role("textbox", name="Text", exact=True)
    await text.fill("We give the money back. ")
    await sheet.get_by_role("button", name="{{agent.first_name}}").click()
    await expect(sheet.locator(".preview")).to_have_text("We give the money back. Asha")
    await sheet.get_by_role("button", name="{{contact.email}}").click()
    await expect(sheet).to_contain_text("missing: contact.email")
    await text.fill("{{contact.password}}")
    await expect(sheet).to_contain_text("{{contact.password}} is no variable; there are contact.name")
    await text.fill("Dear {{contact.first_name|customer}}, we give the money back. {{agent.first_name}}")
    await sheet.get_by_role("button", name="Save").click()
    await expect(sheet.locator("li").filter(has_text="/twice")).to_be_visible()
    await asha.page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)

    await asha.page.keyboard.press("Alt+l")
    await asha.box.press_sequentially("/twi")
    await expect(asha.page.locator("hookline-console-composer [role=option]").first).to_contain_text("/twice")
    await asha.page.keyboard.press("Enter")
    await expect(asha.box).to_have_value("Dear customer, we give the money back. Asha")
    await asha.box.fill("")

    await asha.page.keyboard.press("Alt+c")
    await sheet.get_by_role("searchbox").fill("twice")
    await sheet.locator(".option").filter(has_text="/twice").click()
    await sheet.get_by_label("Name").fill("Charged twice")
    await sheet.get_by_role("button", name="Save").click()
    line = sheet.locator("li").filter(has_text="Charged twice")
    await line.get_by_role("button", name="Remove: /twice").click()
    await line.get_by_role("button", name="Really remove /twice?").click()
    await expect(sheet.locator("li").filter(has_text="/twice")).to_have_count(0)


async def test_canned_replies_of_the_whole_team_are_for_supervisors_to_change(agent):
    meera = await agent("meera")
    await meera.page.keyboard.press("Alt+c")
    sheet = meera.page.locator("hookline-console-canned")
    await sheet.get_by_role("button", name="New canned reply").click()
    await sheet.get_by_label("Shortcut").fill("hours")
    await sheet.get_by_role("textbox", name="Text", exact=True).fill("We work from nine to six.")
    await sheet.get_by_label("For the whole team").check()
    await sheet.get_by_role("button", name="Save").click()
    await expect(sheet.locator("li").filter(has_text="/hours")).to_contain_text("For the whole team")

    asha = await agent("asha")
    await asha.page.keyboard.press("Alt+c")
    line = asha.page.locator("hookline-console-canned li").filter(has_text="/hours")
    await expect(line).to_be_visible()
    await expect(line.get_by_role("button")).to_have_count(0)


async def test_a_macro_of_several_steps_is_written_ordered_run_and_changed(agent, escalated):
    priya = await escalated("Please close my account")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    await asha.page.keyboard.press("Escape")
    await asha.page.keyboard.press("Alt+x")
    sheet = asha.page.locator("hookline-console-macros")
    await sheet.get_by_role("button", name="New macro").click()
    await sheet.get_by_label("Name").fill("Account closed")
    add = sheet.get_by_label("Add a step")
    await add.select_option("tag")
    await expect(sheet.get_by_label("tag", exact=True)).to_be_focused()
    await sheet.get_by_label("tag", exact=True).fill("closed")
    await add.select_option("reply")
    await sheet.get_by_label("reply", exact=True).fill("It is closed. {{agent.first_name}}")
    await add.select_option("priority")
    await sheet.get_by_label("priority", exact=True).select_option("2")
    await sheet.get_by_role("button", name="Up: reply").click()
    await expect(sheet.locator("legend")).to_have_text(["1. reply", "2. tag", "3. priority"])
    await expect(sheet.get_by_label("Name")).to_have_value("Account closed")
    await sheet.get_by_role("button", name="Save").click()
    await sheet.locator(".option").filter(has_text="Account closed").click()
    await expect(sheet).to_have_count(0)

    await expect(asha.messages.filter(has_text="It is closed. Asha")).to_be_visible()
    told = (await asha.api("GET", f"console/api/conversations/{priya.conversation}"))["body"]
    assert (told["tags"], told["handoff"]["priority"]) == (["closed"], 2)

    await asha.page.keyboard.press("Escape")
    await asha.page.keyboard.press("Alt+x")
    await sheet.get_by_role("button", name="Change: Account closed").click()
    await sheet.get_by_role("button", name="Remove: priority").click()
    await sheet.get_by_role("button", name="Save").click()
    await expect(sheet.locator(".option").filter(has_text="Account closed")).not_to_contain_text("priority")


async def test_the_list_shows_what_the_bot_said_last(agent, customer, desk):
    talk = await customer("I want to talk to a human agent about previews")
    asha = await agent("asha", query="?view=all")
    row = asha.rows.filter(has_text="about previews")
    await expect(row).to_be_visible()
    await row.click()
    await asha.take()
    item = asha.page.locator(f'hookline-console-list .item[data-id="{talk.conversation}"]')
    await expect(item).to_contain_text("Asha Rao has joined the conversation")
