"""The panel beside a conversation, in a real browser: as whom the customer is proved, and the end of it."""

from __future__ import annotations

import msgspec
import pytest
from playwright.async_api import async_playwright, expect

SHOW = """async ([script, data, language]) => {
  await import(script);
  const panel = document.createElement("hookline-identity-panel");
  panel.data = data;
  panel.language = language;
  document.body.replaceChildren(panel);
}"""


@pytest.mark.service("chromium")
async def test_staff_see_who_is_proved_and_end_it_once_they_are_sure(serve, bank):
    client, branch, key = await serve()
    told = await branch.prove()
    known = await branch.tenant.conversations.get(told.conversation)

    async def data():
        (panel,) = await branch.bot.snapshot().hooks.console_panels(known.conversation)
        return f"/t/acme/{panel.script}", msgspec.to_builtins(panel.data)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(str(client.make_url("/t/acme/health")))
        script, shown = await data()
        await page.evaluate(SHOW, [script, shown, "en"])
        panel = page.locator("hookline-identity-panel")
        for text in ("C001", "Proved", "a code by SMS", "typed and right"):
            await expect(panel).to_contain_text(text)
        await panel.get_by_role("button", name="End the proof").click()
        await panel.get_by_role("button", name="Keep it").click()
        await expect(panel).not_to_contain_text("will have to prove it again")

        for _ in range(2):
            await panel.get_by_role("button", name="End the proof").click()
        await expect(panel.get_by_role("status")).to_contain_text("Not done:")
        await expect(panel).to_contain_text("C001"), "nobody is signed in: it still holds"
        assert (await branch.say("balance?")).text == f"Your balance is {bank.balance}."

        await page.set_extra_http_headers({"X-API-Key": key})
        for _ in range(2):
            await panel.get_by_role("button", name="End the proof").click()
        await expect(panel).to_contain_text("Nobody has proved who they are here.")
        assert (await branch.say("balance?")).data["identity"] == "who"

        script, shown = await data()
        await page.evaluate(SHOW, [script, shown, "fr"])
        await expect(panel).to_contain_text("Non prouvé")
        await browser.close()


@pytest.mark.service("chromium")
async def test_the_panel_is_worked_with_the_keyboard_alone_and_the_focus_is_never_lost(serve, bank):
    client, branch, key = await serve()
    told = await branch.prove()
    known = await branch.tenant.conversations.get(told.conversation)
    (panel,) = await branch.bot.snapshot().hooks.console_panels(known.conversation)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(str(client.make_url("/t/acme/health")))
        await page.evaluate(SHOW, [f"/t/acme/{panel.script}", msgspec.to_builtins(panel.data), "en"])
        shown = page.locator("hookline-identity-panel")
        end, keep = (shown.get_by_role("button", name=name) for name in ("End the proof", "Keep it"))

        await page.keyboard.press("Tab")
        await expect(end).to_be_focused()
        for leave in ("Escape", "Enter"):
            await page.keyboard.press("Enter")
            await expect(shown).to_contain_text("will have to prove it again")
            await expect(end).to_be_focused()
            if leave == "Enter":
                await page.keyboard.press("Tab")
                await expect(keep).to_be_focused()
            await page.keyboard.press(leave)
            await expect(shown).not_to_contain_text("will have to prove it again")
            await expect(end).to_be_focused()

        for _ in range(2):
            await page.keyboard.press("Enter")
        await expect(shown.get_by_role("status")).to_contain_text("Not done:")
        await expect(end).to_be_focused()

        await page.set_extra_http_headers({"X-API-Key": key})
        await page.keyboard.press("Enter")
        await expect(keep).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(shown).to_contain_text("Nobody has proved who they are here.")
        await expect(shown.locator("[data-left]")).to_be_focused()
        await browser.close()
