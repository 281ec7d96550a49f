"""The tasks of the staff in the console: made, seen by others, late, done, with mouse and keyboard."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

BASE = "api/v1/handoff/tasks"


async def test_a_task_made_beside_a_conversation_shows_there_and_with_colleagues_and_is_done_and_undone(
    agent, escalated
):
    priya = await escalated("I want to know what the loan costs")
    asha, jean = [await agent(who, query=f"?view=all&c={priya.conversation}") for who in ("asha", "jean")]
    await expect(asha.messages.first).to_be_visible()
    await expect(jean.messages.first).to_be_visible()

    await asha.page.keyboard.press("Alt+n")
    sheet = asha.page.locator("hookline-console-task")
    await sheet.get_by_label("What is to be done").fill("Send Priya the offer")
    await sheet.get_by_role("button", name="In 48 hours").click()
    await sheet.get_by_label("Whose it is").select_option(label="Jean Dupont")
    await sheet.get_by_label("Whose it is").press("Enter")
    await sheet.get_by_role("button", name="Save").click()
    await expect(sheet).to_have_count(0)

    beside = "hookline-console-side .task"
    await expect(asha.page.locator(beside)).to_contain_text("Send Priya the offer")
    await expect(jean.page.locator(beside)).to_contain_text("Send Priya the offer")
    notices = jean.page.locator("hookline-console-rail").get_by_role("button", name="Notices 1")
    await expect(notices).to_be_visible()
    made = (await asha.api("GET", f"{BASE}?conversation={priya.conversation}"))["body"]["tasks"]
    assert [(one["agent"], one["contact"] != "") for one in made] == [(jean.id, True)]
    assert abs(made[0]["due_at"] - time.time() - 48 * 3600) < 600

    await jean.page.keyboard.press("g")
    await jean.page.keyboard.press("k")
    tasks = jean.page.locator("hookline-console-tasks")
    await tasks.get_by_role("button", name="Mine").click()
    await tasks.get_by_role("checkbox", name="Send Priya the offer").click()
    await expect(tasks.locator(".task").filter(has_text="Send Priya the offer")).to_have_count(0)
    await expect(asha.page.locator(beside)).to_have_count(0)
    await jean.page.get_by_role("button", name="Undo").click()
    await expect(asha.page.locator(beside)).to_contain_text("Send Priya the offer")


async def test_a_task_that_is_late_is_marked_and_counted_and_its_sheet_ends_it_with_what_came_of_it(agent):
    asha = await agent("asha", query="?view=tasks")
    late = {"title": "Call Mr. Mensah back", "due_at": time.time() - 7200, "reference": "PROS_20251210_847"}
    made = (await asha.api("POST", BASE, late))["body"]
    tasks = asha.page.locator("hookline-console-tasks")
    row = tasks.locator(".task").filter(has_text="Call Mr. Mensah back")
    await expect(row).to_contain_text("2h late")
    await expect(row).to_contain_text("PROS_20251210_847")
    await tasks.get_by_role("button", name="Overdue").click()
    await expect(row).to_be_visible()

    await row.locator(".title").click()
    sheet = asha.page.locator("hookline-console-task")
    await sheet.get_by_label("Outcome").fill("Comes on Monday")
    await sheet.get_by_role("button", name="Mark as done").click()
    await expect(sheet).to_have_count(0)
    await tasks.get_by_role("button", name="Done", exact=True).click()
    await expect(tasks.locator(".ended").first).to_contain_text("Comes on Monday")
    done = (await asha.api("GET", f"{BASE}/{made['id']}"))["body"]
    assert (done["state"], done["outcome"], done["ended_by"]) == ("done", "Comes on Monday", f"staff:{asha.id}")


async def test_tasks_are_walked_through_by_keys_and_somebody_elses_change_is_told(agent):
    asha = await agent("asha", query="?view=tasks")
    ids = []
    for n in range(2):
        told = await asha.api("POST", BASE, {"title": f"Key task {n}", "due_at": time.time() + 60 + n})
        ids.append(told["body"]["id"])
    tasks = asha.page.locator("hookline-console-tasks")
    titles = tasks.locator(".task .title").filter(has_text="Key task")
    await expect(titles).to_have_count(2)
    await titles.nth(0).focus()
    await asha.page.keyboard.press("Alt+j")
    await expect(titles.nth(1)).to_be_focused()
    await asha.page.keyboard.press("ArrowUp")
    await expect(titles.nth(0)).to_be_focused()
    await asha.page.keyboard.press("Enter")
    sheet = asha.page.locator("hookline-console-task")
    await sheet.get_by_label("What is to be done").fill("Key task zero")
    await asha.api("PATCH", f"{BASE}/{ids[0]}", {"detail": "changed elsewhere"})
    await sheet.get_by_role("button", name="Save").click()
    await expect(asha.page.locator("hookline-console")).to_contain_text("Saved.")
    told = (await asha.api("GET", f"{BASE}/{ids[0]}"))["body"]
    assert told["title"] == "Key task zero"


async def test_a_viewer_sees_tasks_and_can_change_none(agent):
    asha = await agent("asha", query="?view=tasks")
    await asha.api("POST", BASE, {"title": "Look only"})
    vic = await agent("vic", query="?view=tasks")
    row = vic.page.locator("hookline-console-tasks .task").filter(has_text="Look only")
    await expect(row.get_by_role("checkbox")).to_be_disabled()
    await expect(vic.page.get_by_role("button", name="New task")).to_have_count(0)
    assert (await vic.api("POST", BASE, {"title": "x"}))["status"] == 403
