"""Nothing that was typed is lost: drafts, sending without a network, a server that refuses or goes away."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

AWAY = r"ERR_|Failed to fetch|status of (401|403|404|409|422|5\d\d)|WebSocket"


@pytest.fixture
def case(agent, escalated):
    """A conversation that Asha has in hand."""

    async def open_one(*said, **options):
        priya = await escalated(*(said or ("My bill is wrong",)))
        asha = await agent("asha", query=f"?view=all&c={priya.conversation}", forgiven=AWAY, **options)
        await expect(asha.messages.first).to_be_visible()
        await asha.take()
        return priya, asha

    return open_one


async def test_drafts_of_reply_and_note_survive_a_reload_and_going_elsewhere(case, escalated):
    await escalated("Somebody else")
    _, asha = await case()
    await asha.box.fill("Dear Priya, the 90 eur")
    await asha.page.keyboard.press("Alt+p")
    await asha.box.fill("seems to be an old contract")
    await asha.page.reload()
    await expect(asha.box).to_have_value("Dear Priya, the 90 eur")
    await asha.page.keyboard.press("Alt+p")
    await expect(asha.box).to_have_value("seems to be an old contract")

    await asha.page.keyboard.press("Alt+l")
    await expect(asha.rows.nth(1)).to_be_visible()
    await asha.page.keyboard.press("Alt+j")
    await expect(asha.box).to_have_value("")
    await asha.page.keyboard.press("Alt+k")
    await expect(asha.box).to_have_value("Dear Priya, the 90 eur")


async def test_what_is_written_without_a_network_is_said_so_kept_over_a_reload_and_sent_once(case):
    priya, asha = await case()
    page = asha.page
    await page.context.set_offline(True)
    await expect(page.locator("hookline-console .banner")).to_contain_text("You are offline")
    await asha.write("First, I checked the meter.")
    await asha.write("Second, I wrote to the technician.")
    await expect(asha.messages.filter(has_text="Second, I wrote")).to_be_visible()
    await expect(page.locator("hookline-console .banner")).to_contain_text("2 to be sent.")
    kept = await page.evaluate("Object.entries(localStorage).find(([name]) => name.endsWith(':pending'))[1]")
    assert [one["text"] for one in json.loads(kept)] == [
        "First, I checked the meter.",
        "Second, I wrote to the technician.",
    ]

    await page.context.set_offline(False)
    await expect(page.locator("hookline-console .banner")).to_have_count(0)
    await expect(
        page.locator("hookline-console-thread .delivery.offline, hookline-console-thread .delivery.sending")
    ).to_have_count(0)
    said = [text for author, text in await priya.heard() if author == "agent"]
    assert said == ["First, I checked the meter.", "Second, I wrote to the technician."]


async def test_what_could_not_be_sent_before_a_reload_is_sent_after_it(case):
    priya, asha = await case()
    await asha.page.route("**/reply", lambda route: route.abort())
    await asha.write("This one is stubborn.")
    await expect(asha.messages.filter(has_text="stubborn")).to_be_visible()
    await asha.page.unroute("**/reply")
    await asha.page.reload()
    await expect(asha.messages.filter(has_text="stubborn")).to_have_count(1)
    await expect(asha.page.locator("hookline-console-thread .delivery.sending")).to_have_count(0)
    assert [text for author, text in await priya.heard() if author == "agent"] == ["This one is stubborn."]


async def test_the_same_message_sent_twice_is_one(case):
    priya, asha = await case()
    body = {"text": "Only once.", "client_id": "once-1"}
    first, again = [
        await asha.api("POST", f"console/api/conversations/{priya.conversation}/reply", body) for _ in range(2)
    ]
    assert (first["body"]["duplicate"], again["body"]["duplicate"]) == (False, True)
    await expect(asha.messages.filter(has_text="Only once.")).to_have_count(1)


async def test_what_the_server_refuses_says_why_and_goes_back_into_the_box(case):
    _, asha = await case()
    await asha.page.route(
        "**/reply",
        lambda route: route.fulfill(
            status=422,
            content_type="application/problem+json",
            body='{"title": "No", "detail": "That word is not allowed."}',
        ),
    )
    await asha.write("A forbidden word")
    alert = asha.page.locator("hookline-console-thread [role=alert]")
    await expect(alert).to_contain_text("That word is not allowed.")
    await alert.get_by_role("button", name="Put back in the box").click()
    await expect(asha.box).to_have_value("A forbidden word")
    await asha.page.unroute("**/reply")


async def test_a_server_that_is_killed_is_noticed_and_found_again_with_everything_there(
    serve, desk_config, tmp_path, agent, escalated
):
    (tmp_path / "tenants/acme").mkdir(parents=True)
    (tmp_path / "tenants/acme/tenant.toml").write_text(desk_config)
    mortal = await serve(tmp_path / "tenants", tmp_path / "data")
    await mortal.staff("agent", "Asha Rao")
    priya = await escalated("Is anybody there?", server=mortal)
    asha = await agent("asha", server=mortal, query=f"?view=all&c={priya.conversation}", forgiven=AWAY)
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    mortal.kill()
    await expect(asha.page.locator("hookline-console .banner")).to_contain_text("Connecting again")
    await asha.write("I am still here.")
    await mortal.start()
    await expect(asha.page.locator("hookline-console .banner")).to_have_count(0)
    await expect(asha.page.locator("hookline-console-thread .delivery.sending")).to_have_count(0)
    assert [text for author, text in await priya.heard() if author == "agent"] == ["I am still here."]


async def test_a_list_that_can_not_be_fetched_says_so_and_is_asked_for_again(agent):
    asha = await agent("asha", query="?view=all", forgiven=AWAY)
    await asha.page.route("**/console/api/inbox*", lambda route: route.fulfill(status=500, body="{}"))
    await asha.page.reload()
    failed = asha.page.locator("hookline-console-list [role=alert]")
    await expect(failed).to_contain_text("The conversations could not be fetched.")
    await asha.page.unroute("**/console/api/inbox*")
    await failed.get_by_role("button", name="Try again").click()
    await expect(failed).to_have_count(0)


async def test_a_session_that_ends_asks_to_sign_in_and_loses_no_draft(case):
    _, asha = await case()
    await asha.box.fill("Half a sentence, and then")
    await asha.page.locator("hookline-console-rail").get_by_role("button", name="Settings").click()
    await asha.page.get_by_role("button", name="Log out").click()
    await expect(asha.page.locator("main.door")).to_contain_text("You are not logged in.")
    await asha.page.locator("input[name=email]").fill("asha@acme.example")
    await asha.page.locator("input[name=password]").fill("correct horse battery staple")
    await asha.page.locator("input[name=password]").press("Enter")
    await expect(asha.box).to_have_value("Half a sentence, and then")
