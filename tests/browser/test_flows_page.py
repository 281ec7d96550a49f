"""The page of flows: pictures, where a conversation is, and how it came there."""

from __future__ import annotations

import re
from textwrap import dedent

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "correct horse battery staple"
DENIED = r"status of 4\d\d|username fields"  # what a browser says of requests that are refused
ORDER = """
title: {en: Order a coffee, fr: Commander un café, hi: कॉफ़ी मँगाना}
starts: {words: [order]}
states: [choosing, thanks]
slots:
  size:
    kind: choice
    name: {en: Size, fr: Taille, hi: आकार}
    choices: {small: {label: {en: Small, fr: Petit, hi: छोटा}}, large: {label: {en: Large, fr: Grand, hi: बड़ा}}}
  wish: {kind: text, name: {en: Wish, fr: Souhait, hi: इच्छा}}
steps:
  - {ask: size, text: {en: Which size?, fr: Quelle taille ?, hi: कौन सा आकार?}, state: choosing}
  - branch: [{when: size == "large", go: wish}, {go: done}]
    state: choosing
  - {ask: wish, text: {en: Any wish?, fr: Un souhait ?, hi: कोई इच्छा?}, state: choosing}
  - {id: done, end: ordered, text: {en: "Thank you.", fr: Merci., hi: धन्यवाद।}, state: thanks}
"""
BILL = """
title: {en: The bill, fr: L'addition, hi: बिल}
starts: {words: [bill]}
steps:
  - {say: {en: Three euros., fr: Trois euros., hi: तीन यूरो।}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cafe(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    home = folder / "tenants/acme"
    (home / "flows").mkdir(parents=True)
    (home / "flows/order.yaml").write_text(dedent(ORDER), encoding="utf-8")
    (home / "flows/bill.yaml").write_text(dedent(BILL), encoding="utf-8")
    (home / "tenant.toml").write_text(
        'title = "Acme Café"\nlanguages = ["en", "fr", "hi"]\n[ratelimit]\nrequests = 0\ncontact_requests = 0\n'
        '[plugins]\nenabled = ["webchat", "handoff", "flows"]\n'
    )
    server = await serve(folder / "tenants", folder / "data")
    await server.staff("agent", "Asha Rao")
    await server.staff("viewer", "Vera Look")
    return server


@pytest.fixture
def enter(cafe, visit):
    """Sign in and open a page: `page = await enter("asha", "/flows")`."""

    async def go(who, path="/flows", **options):
        person = await visit(f"{cafe.url}{path}", forgiven=DENIED, **options)
        page = person.page
        await page.locator("#email").fill(f"{who}@acme.example")
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#password").press("Enter")
        await expect(page).to_have_url(re.compile(re.escape(path.partition("#")[0])))
        return page

    return go


async def say(cafe, text, session=""):
    async with aiohttp.ClientSession() as http:
        body = {"message": text, **({"session_id": session} if session else {})}
        answer = await (await http.post(f"{cafe.url}/chat", json=body)).json()
    return answer["session_id"]


async def loaded(picture):
    """Wait until the picture is drawn; its natural size."""
    await expect(picture).to_be_visible()
    await expect(picture).not_to_have_js_property("naturalWidth", 0)
    return await picture.evaluate("one => [one.naturalWidth, one.naturalHeight]")


async def test_each_flow_has_its_picture_and_its_steps_as_a_list(enter, axe):
    page = await enter("asha")
    await page.get_by_role("link", name="Order a coffee").click()
    await expect(page.get_by_role("link", name="Order a coffee")).to_have_attribute("aria-current", "true")
    wide, high = await loaded(page.get_by_role("img", name="Order a coffee: its steps from top to bottom"))
    assert wide > 250
    assert high > 250
    await expect(page.get_by_text("Begins with: order")).to_be_visible()
    await page.get_by_text("Steps as a list").press("Enter")
    steps = page.get_by_role("list").filter(has_text="size").get_by_role("listitem")
    await expect(steps.first).to_contain_text("size (ask, choosing)")
    assert await axe(page) == []
    await page.get_by_role("link", name="The bill").click()
    await loaded(page.get_by_role("img", name="The bill: its steps"))


@pytest.mark.row("L07")
async def test_a_conversation_is_followed_live_with_the_states_it_went_through(cafe, enter, axe):
    session = await say(cafe, "order")
    page = await enter("asha")
    await page.get_by_role("link", name="Order a coffee · size").first.click()
    await expect(page).to_have_url(re.compile(f"#conversation/{session}"))
    await expect(page.get_by_text("Now in Order a coffee, at size")).to_be_visible()
    picture = page.get_by_role("img", name="Order a coffee")
    await loaded(picture)
    assert "step=size" in await picture.get_attribute("src")
    assert await axe(page) == []

    await say(cafe, "large", session)
    await expect(page.get_by_text("Now in Order a coffee, at wish")).to_be_visible()
    await expect(page.get_by_role("definition").filter(has_text="large")).to_be_visible()
    answer = await page.request.get(cafe.url + await picture.get_attribute("src"))
    svg = await answer.text()
    assert re.search(r'class="step waits live" data-step="wish"', svg)
    assert re.search(r'class="step waits walked" data-step="size"', svg)

    await say(cafe, "no sugar", session)
    await expect(page.get_by_text("In no flow now. Order a coffee ended: ordered")).to_be_visible()
    ways = page.locator("span.way")
    await expect(ways.last).to_contain_text("thanks")
    await expect(ways.last).to_contain_text("→ ends")
    texts = await ways.all_inner_texts()
    states = [text.partition(" · ")[0].strip() for text in texts]
    assert list(dict.fromkeys(states)) == ["choosing", "thanks"]


async def test_the_picture_speaks_the_language_of_who_looks(cafe, enter):
    page = await enter("asha", "/flows#flow/order", locale="fr-FR")
    picture = page.get_by_role("img", name="Commander un café")
    await loaded(picture)
    answer = await page.request.get(cafe.url + await picture.get_attribute("src"))
    svg = await answer.text()
    assert "Commander un café (version 1)" in svg
    assert ">sinon<" in svg
    await expect(page.get_by_role("navigation").get_by_role("link").first).to_have_css("text-decoration-line", "none")


async def test_a_conversation_that_is_not_there_is_said(enter):
    page = await enter("asha", "/flows#conversation/nobody")
    await expect(page.get_by_text("There is no such conversation.")).to_be_visible()
    await page.get_by_role("link", name="Back to the flows").click()
    await expect(page.get_by_role("navigation", name="Flows")).to_be_visible()


async def test_who_may_only_look_sees_the_flows_and_no_conversations(enter):
    page = await enter("vera")
    await expect(page.get_by_text("Agents see which conversations are in a flow; your role does not.")).to_be_visible()
    await loaded(page.get_by_role("img"))


async def test_the_console_shows_the_flow_beside_the_conversation(cafe, enter):
    session = await say(cafe, "order")
    await say(cafe, "large", session)
    page = await enter("asha")
    told = await page.evaluate(
        """async (session) => {
            const answer = await fetch(`/console/api/conversations/${session}/panels`, { headers: { "X-Hookline-CSRF": "1" } });
            const { panels } = await answer.json();
            const panel = panels.find((one) => one.element === "hookline-flow-panel");
            await import(`/${panel.script}`);
            const element = Object.assign(document.createElement(panel.element), { data: panel.data, language: "en" });
            document.body.append(element);
            await element.drawn;
            return element.shadowRoot.textContent.replace(/\\s+/g, " ");
        }""",
        session,
    )
    assert "Order a coffee" in told
    assert "large" in told
    assert "an answer" in told


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(360, "dark", "fr-FR"), (768, "light", "hi-IN"), (1440, "dark", "en-GB")]
)
async def test_the_page_fits_every_screen_light_and_dark_in_each_language(cafe, enter, axe, width, scheme, locale):
    session = await say(cafe, "order")
    page = await enter("asha", f"/flows#conversation/{session}", width=width, color_scheme=scheme, locale=locale)
    await loaded(page.get_by_role("img"))
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert await axe(page) == []
