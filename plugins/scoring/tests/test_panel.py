"""The lead's panel in a real browser, fed by a real server."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import async_playwright, expect

import hookline_scoring
from hookline_scoring.leads import Asked
from hookline_scoring.service import Service

BUILT = Path(hookline_scoring.__file__).with_name("static") / "lead-panel.js"
pytestmark = [pytest.mark.service("chromium")]


@pytest.fixture
async def browser():
    if not BUILT.exists():
        pytest.fail("the panel is not built: run `make web`")
    async with async_playwright() as playwright:
        chromium = os.environ.get("HOOKLINE_CHROMIUM", "/usr/bin/chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def show(browser, bot, client, key, language="en", **options):
    """A page as the console is one: the panel's data set before its script is there."""
    [lead] = [one async for one in Service(bot.tenant("scoring")).leads.every(Asked())]
    known = await bot.tenant().conversations.get(lead.conversation)
    [panel] = await bot.snapshot().hooks.console_panels(known.conversation)
    page = await browser.new_page(**options)
    base = str(client.make_url("/"))
    html = '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body style="width:320px;background:light-dark(#fff,#16181c)"><hookline-lead-panel></hookline-lead-panel>'

    async def with_key(route):
        await route.continue_(headers={**route.request.headers, **key})

    await page.route("**/a-page", lambda route: route.fulfill(body=html, content_type="text/html"))
    await page.route("**/api/v1/leads/*", with_key)
    await page.goto(f"{base}a-page")
    await page.evaluate(
        """async ([data, language, script]) => {
            const panel = document.querySelector("hookline-lead-panel");
            Object.assign(panel, {language, data});
            await import(script);
        }""",
        [msgspec.to_builtins(dict(panel.data)), language, f"{base}{panel.script}"],
    )
    return page, lead


async def test_it_shows_the_score_its_reasons_and_its_history_and_changes_the_status(dealer, served, browser, leads):
    bot = await dealer()
    client, agent = await served(bot, "agent")
    await bot.say('BUY model="Swift" phone="+919876543210"')
    await bot.say('FINANCE model="<b>Swift</b>" budget=1600000')
    page, _ = await show(browser, bot, client, agent)
    panel = page.locator("hookline-lead-panel")
    await expect(panel.locator(".score")).to_have_text("62")
    await expect(panel.locator(".chip")).to_have_text("Warm")
    await expect(panel.get_by_text("+15 model mentioned: <b>Swift</b>")).to_be_visible()
    await expect(panel.get_by_text("is warm (hot from 70, warm from 50)")).to_be_visible()
    await expect(panel.get_by_role("img", name="Score over time: from 55 to 62")).to_be_visible()

    await panel.get_by_label("Status").select_option("contacted")
    await bot_status(bot, leads, "contacted")
    await expect(panel.get_by_text("Waits for review")).to_have_count(0)


async def bot_status(bot, leads, status):
    for _ in range(200):
        if (await leads(bot))[0].status == status:
            return
        await bot.idle()
    raise AssertionError((await leads(bot))[0].status)


async def test_a_change_that_is_refused_is_taken_back_with_the_reason(dealer, served, browser, leads):
    bot = await dealer()
    client, viewer = await served(bot, "viewer")
    await bot.say('BUY phone="+919876543210"')
    page, _ = await show(browser, bot, client, viewer, "fr-FR")
    panel = page.locator("hookline-lead-panel")
    await panel.get_by_label("Statut").select_option("won")
    await expect(panel.get_by_role("status")).to_contain_text("Pas modifié")
    await expect(panel.get_by_label("Statut")).to_have_value("new")
    assert (await leads(bot))[0].status == "new"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("fr", ["+30 intention BUY", "+10 téléphone ou e-mail", "= 40 pour ce message",
                "40 : froid (chaud dès 70, tiède dès 50)"]),
        ("hi", ["+30 इरादा BUY", "+10 contact given", "= इस संदेश के 40", "40 कोल्ड है (हॉट 70 से, वार्म 50 से)"]),
    ],
)  # fmt: skip
async def test_the_reasons_are_told_in_the_readers_language(dealer, served, browser, language, lines):
    rules = """
intents: {BUY: 30}
bonuses: [{name: {en: contact given, fr: téléphone ou e-mail}, points: 10, known: [phone]}]
"""
    bot = await dealer(rules=rules)
    client, agent = await served(bot, "agent")
    await bot.say('BUY phone="+919876543210"')
    page, _ = await show(browser, bot, client, agent, language)
    assert await page.locator("hookline-lead-panel li").all_inner_texts() == lines


@pytest.mark.parametrize(("language", "word"), [("hi", "कोल्ड"), ("fr", "Froid"), ("en-IN", "Cold")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_right_in_each_language_light_and_dark_and_accessible(
    dealer, served, browser, language, word, scheme
):
    bot = await dealer()
    client, agent = await served(bot, "agent")
    await bot.say('BUY phone="+919876543210"')
    page, _ = await show(browser, bot, client, agent, language, color_scheme=scheme)
    panel = page.locator("hookline-lead-panel")
    await expect(panel.locator(".chip")).to_have_text(word)
    axe = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
    await page.add_script_tag(path=axe)
    found = await page.evaluate(
        "axe.run(document.querySelector('hookline-lead-panel')).then((r) => r.violations.map((v) => v.id))"
    )
    assert found == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
