"""The widget on somebody else's page, and the reference system's own client code in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

ASKED = "What does roaming cost in Switzerland?"
FIRST = "Roaming in Switzerland costs 4.20 euros per minute."

# As the reference document prints it.
SNIPPET = (Path(__file__).parent.parent / "telecom_client.js").read_text(encoding="utf-8")


@pytest.fixture
def shop(server, elsewhere):
    """A shop's page with the widget, under a policy that allows it no more than it needs."""
    elsewhere.policy = (
        f"default-src 'none'; img-src data:; script-src {server.url}; "
        f"connect-src {server.url} {server.url.replace('http', 'ws', 1)}"
    )
    elsewhere.body = (
        f'<script src="{server.url}/webchat/widget.js" async></script><p>Our parcels.</p>' + "<p>…</p>" * 99
    )
    return elsewhere


async def test_one_script_tag_brings_the_chat_to_a_page_of_another_origin(shop, visit):
    visitor = await visit(shop.url)
    await visitor.page.get_by_role("button", name="Open chat").click()
    await visitor.say(ASKED)
    await expect(visitor.answers.last).to_contain_text("1.10 euros")

    async with visitor.page.expect_popup() as opening:
        await visitor.answers.last.locator(".cite").first.click()
    document = await opening.value
    await expect(document.locator("mark")).to_contain_text(FIRST)
    await expect(document.locator("mark")).to_be_in_viewport()

    await visitor.page.reload()
    await visitor.page.get_by_role("button", name="Open chat").click()
    await expect(visitor.answers.last).to_contain_text("1.10 euros")


async def test_the_pages_own_style_leaves_the_chat_as_it_is(shop, visit):
    shop.policy = ""
    shop.body += (
        "<style>* { font: italic 9px serif; letter-spacing: 3px; text-transform: uppercase; color: red }</style>"
    )
    visitor = await visit(shop.url)
    await visitor.page.get_by_role("button", name="Open chat").click()
    bubble = visitor.answers.first.locator(".bubble")
    style = await bubble.evaluate(
        "one => { const s = getComputedStyle(one); return [s.fontSize, s.fontStyle, s.letterSpacing, s.textTransform] }"
    )
    assert style == ["16px", "normal", "normal", "none"]
    assert await bubble.evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"


async def test_where_sockets_do_not_open_answers_stream_in_as_events(shop, server, visit, pausing):
    visitor = await visit("about:blank", forgiven=r"WebSocket connection to")
    await visitor.page.add_init_script(
        "WebSocket = class extends WebSocket { constructor() { super('ws://127.0.0.1:1') } }"
    )
    shop.policy = ""
    await visitor.page.goto(shop.url)
    await visitor.page.get_by_role("button", name="Open chat").click()
    await visitor.say(ASKED)
    await expect(visitor.answers.last).to_contain_text("4.20 euros")
    await expect(visitor.answers.last).not_to_contain_text("1.10 euros")
    pausing.release()
    await expect(visitor.answers.last).to_contain_text("1.10 euros")
    await expect(visitor.own).to_have_count(1)
    await expect(visitor.answers).to_have_count(2)


async def test_a_page_of_an_origin_that_is_not_named_gets_no_session(shop, visit):
    stranger = shop.url.replace("127.0.0.1", "localhost")
    visitor = await visit(stranger, forgiven=r"CORS policy|ERR_FAILED")
    await visitor.page.get_by_role("button", name="Open chat").click()
    await expect(visitor.page.get_by_text("can't be reached")).to_be_visible()
    assert any("CORS policy" in fault for fault in visitor.faults)


async def test_on_a_phone_the_chat_fills_the_screen_and_gives_it_back(shop, visit):
    visitor = await visit(shop.url, width=360, height=640, has_touch=True, is_mobile=True, reduced_motion="reduce")
    await visitor.page.get_by_role("button", name="Open chat").tap()
    panel = visitor.page.get_by_role("dialog")
    assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}

    await visitor.say(f"{ASKED} {'unbreakable' * 20}")
    await expect(visitor.answers.last).to_contain_text("1.10 euros")
    wide = "[...document.querySelector('hookline-widget').root.querySelectorAll('*')].some(e => e.scrollWidth > 360)"
    assert not await visitor.page.evaluate(wide)
    await expect(visitor.box).to_be_in_viewport(ratio=1)
    await expect(visitor.answers.last).to_be_in_viewport()
    await visitor.page.mouse.wheel(0, 500)
    assert await visitor.page.evaluate("scrollY") == 0

    await visitor.page.get_by_role("button", name="Close").tap()
    await expect(panel).to_be_hidden()
    await visitor.page.evaluate("scrollTo(0, 100)")
    assert await visitor.page.evaluate("scrollY") == 100


async def test_everything_can_be_done_with_the_keyboard_alone(shop, visit):
    visitor = await visit(shop.url)
    keys = visitor.page.keyboard
    await expect(visitor.page.get_by_role("button", name="Open chat")).to_be_visible()
    await keys.press("Tab")
    assert await visitor.focus() == "Open chat"
    await keys.press("Enter")
    await expect(visitor.box).to_be_focused()
    await keys.type(ASKED)
    await keys.press("Enter")
    await expect(visitor.answers.last).to_contain_text("1.10 euros")

    while await visitor.focus() != "Source 1: Roaming guide":
        await keys.press("Shift+Tab")
        assert await visitor.focus() != "Write a message", "the focus went round without reaching the citation"
    await expect(visitor.page.get_by_role("tooltip")).to_contain_text(FIRST)
    async with visitor.page.expect_popup():
        await keys.press("Enter")
    await visitor.page.bring_to_front()

    await keys.press("Escape")
    await expect(visitor.page.get_by_role("tooltip")).to_have_count(0)
    await expect(visitor.page.get_by_role("dialog")).to_be_visible()
    await keys.press("Escape")
    await expect(visitor.page.get_by_role("dialog")).to_be_hidden()
    assert await visitor.focus() == "Open chat"


@pytest.mark.row("T01")
@pytest.mark.row("T16")
@pytest.mark.row("T21")
@pytest.mark.row("T41")
async def test_the_reference_systems_own_snippet_runs_as_printed(telecom, elsewhere, chromium, visit, until):
    elsewhere.policy = ""
    elsewhere.body = '<script src="/packages/socket.io-client/dist/socket.io.min.js"></script>'
    browser = await chromium(
        f"--host-resolver-rules=MAP localhost:5000 127.0.0.1:{telecom.port},MAP localhost:3000 127.0.0.1:{elsewhere.port}"
    )
    try:
        visitor = await visit("http://localhost:3000/", using=browser)
        logged = []
        visitor.page.on("console", lambda said: logged.append([*said.args]))
        await visitor.page.add_script_tag(content=SNIPPET)
        await until(lambda: len(logged) == 2)
        told = [(await label.json_value(), await data.json_value()) for label, data in logged]
    finally:
        await browser.close()

    assert [label for label, _ in told] == ["New message:", "New message:"]
    mine, reply = (data for _, data in told)
    assert (mine["sender_type"], mine["message"]) == ("user", "Hello, I need help with my account")
    assert reply["sender_type"] == "bot"
    assert reply["message"].startswith("Hello!")
