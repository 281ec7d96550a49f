"""The page of test calls: a flow is walked as a caller does, by typing and by keys, and is read aloud."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
import pytest_asyncio
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "correct horse battery staple"
DENIED = r"status of 4\d\d|username fields"
ORDER = """
title: {en: Order}
slots:
  size: {kind: choice, entities: [], choices: {small: {label: {en: Small}}, large: {label: {en: Large}}}}
  count: {kind: number, min: 1, entities: []}
steps:
  - {id: size, ask: size, text: {en: Which size?}}
  - {id: count, ask: count, text: {en: How many?}}
  - {id: fin, end: ordered, text: {en: "{count} of {size_label}. Goodbye."}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    home = folder / "tenants/acme"
    (home / "flows").mkdir(parents=True)
    (home / "flows/order.yaml").write_text(dedent(ORDER), encoding="utf-8")
    (home / "tenant.toml").write_text(
        'title = "Acme"\n[ratelimit]\nrequests = 0\ncontact_requests = 0\n[plugins]\nenabled = ["handoff", "flows", "voice"]\n'
        '[plugins.voice.calls]\nflow = "order"\n'
    )
    server = await serve(folder / "tenants", folder / "data")
    await server.staff("agent", "Asha Rao")
    await server.staff("viewer", "Vera Look")
    return server


@pytest.fixture
def enter(shop, visit):
    async def go(who):
        person = await visit(f"{shop.url}/voice/calls", forgiven=DENIED)
        page = person.page
        await page.locator("#email").fill(f"{who}@acme.example")
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#password").press("Enter")
        await expect(page).to_have_url(re.compile("/voice/calls"))
        return page

    return go


@pytest.mark.row("X05")
async def test_a_flow_is_walked_by_keys_and_words(enter, axe):
    page = await enter("asha")
    await page.evaluate("() => { window.read = []; speechSynthesis.speak = (one) => void window.read.push(one.text); }")
    await page.get_by_role("button", name="Call", exact=True).click()
    talk = page.get_by_role("list").get_by_role("listitem")
    await expect(talk.filter(has_text="Which size?")).to_be_visible()
    await expect(talk.filter(has_text="For Large, press 2.")).to_be_visible()
    assert "Which size?" in await page.evaluate("window.read")
    assert await axe(page) == []
    await page.get_by_role("button", name="Stay silent").click()
    await expect(talk.filter(has_text="I did not hear anything.")).to_be_visible()
    await page.get_by_role("button", name="Key 2", exact=True).click()
    await expect(talk.filter(has_text="How many?")).to_be_visible()
    await page.get_by_label("Say something").fill("twelve")
    await page.get_by_label("Say something").press("Enter")
    await expect(talk.filter(has_text="12 of Large. Goodbye.")).to_be_visible()
    await expect(page.get_by_text("The call has ended: ordered")).to_be_visible()
    await page.get_by_role("button", name="Call again").click()
    await expect(talk.filter(has_text="Which size?")).to_have_count(1)


async def test_who_may_only_look_is_told_so(enter):
    page = await enter("vera")
    await expect(page.get_by_role("alert")).to_contain_text("role agent")
