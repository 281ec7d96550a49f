"""The page where documents are managed, in a real browser: what an admin does and sees there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

GUIDE = b"# Parking\n\nA parking permit for residents costs 31 euros a year.\n\n## Visitors\n\nVisitors pay 2 euros an hour.\n"
DEARER = GUIDE.replace(b"31", b"44")
DENIED = r"status of (401|403|422)"


@pytest.fixture
async def admin(server, visit):
    """The page, opened with a key: `page = await admin(width=…)`."""

    async def go(**options):
        person = await visit(f"{server.url}/rag/knowledge", forgiven=DENIED, **options)
        field = person.page.locator("#key")
        await field.fill(server.key)
        await field.press("Enter")
        await expect(person.page.get_by_role("tablist")).to_be_visible()
        return person.page

    return go


async def drop(page, name: str, content: bytes) -> None:
    await page.locator("#files").set_input_files({"name": name, "mimeType": "text/markdown", "buffer": content})


async def opened(page, title: str):
    await page.get_by_role("button", name=f"Open {title}").click()
    detail = page.locator("hookline-knowledge-document")
    await expect(detail.locator("h2")).to_have_text(title)
    return detail


async def test_without_a_key_nothing_is_shown_and_a_wrong_one_is_refused(server, visit, axe):
    person = await visit(f"{server.url}/rag/knowledge", forgiven=DENIED)
    field = person.page.locator("#key")
    await expect(field).to_be_visible()
    assert await axe(person.page) == []
    await field.fill("hk_wrong")
    await field.press("Enter")
    await expect(person.page.get_by_role("alert")).to_contain_text("This key may not manage documents.")
    await expect(person.page.locator(".list")).to_have_count(0)


async def test_a_file_is_dropped_read_in_chunks_changed_restored_and_deleted(admin):
    page = await admin()
    await page.locator("#new-tags").fill("city, parking")
    await drop(page, "parking.md", GUIDE)
    row = page.locator(".list li").filter(has=page.get_by_role("button", name="Open Parking"))
    await expect(row.locator(".badge.live")).to_have_text("In use")
    await expect(row.locator(".tag")).to_have_text(["city", "parking"])
    await drop(page, "parking.md", DEARER)
    await expect(row).to_contain_text("Version 2")

    detail = await opened(page, "Parking")
    await expect(detail.locator(".text .chunk").first).to_contain_text("44 euros")
    await expect(detail.locator(".versions li")).to_have_count(2)
    await detail.get_by_label("View: Version 1").click()
    await expect(detail.locator(".text")).to_contain_text("31 euros")
    await detail.get_by_label("Bring back: Version 1").click()
    await expect(detail.locator(".versions li")).to_have_count(3)
    await expect(detail.locator(".versions li").first).to_contain_text("brought back from version 1")
    await expect(detail.locator(".text .chunk").first).to_contain_text("31 euros")

    await detail.get_by_label("Owner").fill("Asha")
    await detail.get_by_label("Valid until").fill("2020-01-01")
    await detail.get_by_role("button", name="Save").click()
    await expect(detail.get_by_role("status")).to_have_text("Saved")
    await expect(detail.locator(".badge.expired")).to_be_visible()

    await detail.get_by_role("button", name="Delete").click()
    await expect(detail.locator("#sure")).to_have_text(
        "Delete “Parking” with its 3 versions? Answers stop using it at once. This can't be undone."
    )
    await page.keyboard.press("Escape")
    await expect(detail.locator("#sure")).to_have_count(0)
    await detail.get_by_role("button", name="Delete").click()
    await detail.locator("dialog.ask").get_by_role("button", name="Delete").click()
    await expect(page.locator("hookline-knowledge-document")).to_have_count(0)
    await expect(row).to_have_count(0)


async def test_a_file_that_can_not_be_read_says_why_and_is_dismissed(admin):
    page = await admin()
    await drop(page, "song.mp3", b"ID3 nothing")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("song.mp3")
    await page.get_by_label("Dismiss: song.mp3").click()
    await expect(alert).to_have_count(0)


async def test_a_question_shows_its_answer_and_why(admin):
    page = await admin()
    await page.get_by_role("tab", name="Ask").click()
    await page.get_by_label("Question").fill("What does roaming cost in Switzerland?")
    await page.get_by_label("Question").press("Enter")

    ask = page.locator("hookline-knowledge-ask")
    await expect(ask.locator(".answer.yes .said")).to_contain_text("4.20 euros")
    first = ask.locator(".hits li").first
    await expect(first.locator("mark")).to_contain_text("4.20 euros")
    await expect(first.locator("dd").nth(1)).to_contain_text("place 1")
    await expect(first.locator("dd").nth(2)).to_contain_text("place 1")

    await page.get_by_label("Question").fill("Which planet has the largest moons?")
    await page.get_by_label("Question").press("Enter")
    await expect(ask.locator(".answer.no h2")).to_contain_text("Not answered")

    await page.get_by_label("Question").fill("What does roaming cost in Switzerland?")
    await page.get_by_label("Question").press("Enter")
    await ask.get_by_role("button", name="Roaming guide").first.click()
    await expect(page.locator("hookline-knowledge-document h2")).to_have_text("Roaming guide")


async def test_the_list_is_searched_and_the_text_of_documents_is_only_text(admin):
    page = await admin()
    await expect(page.locator(".list li")).not_to_have_count(0)
    await page.keyboard.press("/")
    await page.keyboard.type("Banner")
    await expect(page.locator(".list li")).to_have_count(1)
    detail = await opened(page, "Banner <b>code</b>")
    await expect(detail.locator(".text")).to_contain_text("<script>window.ran=1</script>")
    assert await page.evaluate("window.ran") is None
    await page.keyboard.press("Escape")
    await expect(page.locator("hookline-knowledge-document")).to_have_count(0)
    await page.locator("#search").fill("nothing like this")
    await expect(page.locator(".empty")).to_have_text("Nothing fits this search.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("locale", ["en-GB", "hi-IN", "fr-FR"])
async def test_it_is_accessible_and_fits_in_every_size_colour_and_language(admin, axe, width, scheme, locale):
    page = await admin(width=width, color_scheme=scheme, locale=locale, reduced_motion="reduce")
    await expect(page.locator(".list li").first).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == locale[:2]
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.locator(".list button.name").first.click()
    await expect(page.locator("hookline-knowledge-document .text")).to_be_visible()
    assert await axe(page) == []
    await page.keyboard.press("Escape")
    await page.locator("#tab-ask").click()
    await page.locator("hookline-knowledge-ask #question").fill("What does roaming cost in Switzerland?")
    await page.locator("hookline-knowledge-ask #question").press("Enter")
    await expect(page.locator("hookline-knowledge-ask .hits li").first).to_be_visible()
    assert await axe(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_keyboard_alone_reaches_and_leaves_a_document(admin):
    page = await admin()
    name = page.locator(".list button.name").first
    await expect(name).to_be_visible()
    await name.focus()
    await page.keyboard.press("Enter")
    detail = page.locator("hookline-knowledge-document")
    await expect(detail.locator(".text")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(detail).to_have_count(0)
    await expect(name).to_be_focused()
    await page.locator("#tab-documents").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-ask")).to_be_focused()


async def test_a_server_that_goes_away_is_noticed_and_found_again(mortal, visit):
    person = await visit(f"{mortal.url}/rag/knowledge", forgiven=r"401|403|ERR_|Failed to fetch")
    page = person.page
    await page.locator("#key").fill(mortal.key)
    await page.locator("#key").press("Enter")
    await expect(page.locator(".list li").first).to_be_visible()
    mortal.kill()
    await page.locator("#search").fill("Roaming")
    await mortal.start()
    await expect(page.locator(".list li")).to_have_count(1)
