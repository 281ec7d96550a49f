"""The chat page: what a person sees, loses and finds again."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from hookline.testing.loopback import Silence

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

ASKED = "What does roaming cost in Switzerland?"
FIRST = "Roaming in Switzerland costs 4.20 euros per minute."
SECOND = "Incoming calls there cost 1.10 euros per minute."
LOST = "If your phone is lost abroad, call +49 30 555 0100 at once."
UNKNOWN = "I don't know that. I found nothing about it in our documents."
DOWN = r"ERR_CONNECTION_REFUSED|WebSocket connection to"


async def test_an_answer_is_seen_while_it_is_written_and_then_stays_in_place_with_its_citations(server, visit, pausing):
    visitor = await visit(server.url)
    await visitor.page.get_by_role("button", name=ASKED).click()
    answer = visitor.answers.nth(1)
    await expect(answer).to_contain_text("4.20 euros")
    await answer.evaluate("row => { row.dataset.seen = 'early' }")
    assert await visitor.stored() == [("contact", ASKED)]
    await expect(answer).not_to_contain_text("1.10 euros")

    pausing.release()

    await expect(answer).to_contain_text("1.10 euros")
    await expect(answer.locator(".sources li")).to_have_text(["[1] Roaming guide", "[2] Roaming guide"])
    await visitor.comes_to_be_stored(("contact", ASKED), ("bot", f"{FIRST} [1] {SECOND} [2]"))
    assert await answer.get_attribute("data-seen") == "early"
    await expect(visitor.answers).to_have_count(2)


async def test_a_click_on_a_citation_shows_its_passage_marked_in_the_document(server, visit):
    visitor = await visit(server.url)
    await visitor.say("Whom do I call when my phone is lost abroad?")
    cite = visitor.answers.last.locator(".cite")
    await cite.click()

    mark = visitor.page.locator("dialog mark")
    await expect(mark).to_contain_text(LOST)
    await expect(mark).to_be_in_viewport(ratio=1)
    await expect(visitor.page.locator("dialog .text")).to_contain_text("In zone 41 the usual fair use applies")

    await visitor.page.keyboard.press("Escape")
    await expect(visitor.page.locator("dialog")).to_have_count(0)
    assert await visitor.focus() == "Source 1: Roaming guide"

    await visitor.say(ASKED)
    await visitor.answers.last.get_by_role("link", name="Source 2").click()
    await expect(mark).to_have_text(SECOND)


async def test_the_conversation_is_there_after_a_reload_and_in_a_second_tab_as_it_goes_on(server, visit):
    first = await visit(server.url)
    await first.say(ASKED)
    await expect(first.answers.last).to_contain_text("1.10 euros")
    await first.page.reload()
    await expect(first.answers.last).to_contain_text("1.10 euros")

    second = await visit(server.url, beside=first)
    await expect(second.own).to_contain_text([ASKED])
    await second.say("Which planet has the largest moons?")

    for tab in (first, second):
        await expect(tab.own).to_contain_text([ASKED, "Which planet has the largest moons?"])
        await expect(tab.answers.last).to_contain_text(UNKNOWN)
        await expect(tab.answers).to_have_count(3)


async def test_what_was_asked_before_a_kill_is_answered_once_after_the_next_start(mortal, visit, ollama, until):
    visitor = await visit(mortal.url, forgiven=DOWN)
    ollama.fail(Silence())
    asked = len(ollama.chats)
    await visitor.say(ASKED)
    await expect(visitor.own.get_by_title("Sent")).to_be_visible()
    await until(lambda: len(ollama.chats) > asked)
    mortal.kill()
    await expect(visitor.page.get_by_text("Connecting again…")).to_be_visible()

    await mortal.start()

    await expect(visitor.answers.last).to_contain_text("1.10 euros")
    await expect(visitor.page.get_by_text("Connecting again…")).to_be_hidden()
    once = [("contact", ASKED), ("bot", f"{FIRST} [1] {SECOND} [2]")]
    await visitor.comes_to_be_stored(*once)
    await expect(visitor.own).to_have_count(1)
    await expect(visitor.answers).to_have_count(2)

    await visitor.page.reload()
    await expect(visitor.answers.last).to_contain_text("1.10 euros")
    await expect(visitor.own).to_have_count(1)
    await expect(visitor.answers).to_have_count(2)
    assert await visitor.stored() == once


async def test_what_is_written_while_the_server_is_away_arrives_once_and_in_order(mortal, visit):
    visitor = await visit(mortal.url, forgiven=DOWN)
    await visitor.say("Which planet is the first?")
    await expect(visitor.answers).to_have_count(2)
    mortal.kill()
    await visitor.say("Which planet is the second?")
    await visitor.say("Which planet is the third?")
    await visitor.box.fill("a draft")
    await expect(visitor.own.nth(2).get_by_title("Sending")).to_be_visible()

    await mortal.start()

    await expect(visitor.answers).to_have_count(4)
    said = [text for who, text in await visitor.stored() if who == "contact"]
    assert said == [f"Which planet is the {n}?" for n in ("first", "second", "third")]
    await expect(visitor.own).to_have_count(3)
    await visitor.page.reload()
    await expect(visitor.own).to_contain_text(said)
    await expect(visitor.answers).to_have_count(4)
    await expect(visitor.box).to_have_value("a draft")


@pytest.mark.parametrize(
    ("locale", "greeting", "question", "answer", "unknown"),
    [
        ("hi-IN", "नमस्ते!", "स्विट्ज़रलैंड में रोमिंग का शुल्क कितना है?", "380 रुपये प्रति मिनट", "मुझे यह नहीं पता।"),
        ("ta-IN", "வணக்கம்!", "சுவிட்சர்லாந்தில் ரோமிங் கட்டணம் எவ்வளவு?", "நிமிடத்திற்கு 380 ரூபாய்", "எனக்கு அது தெரியாது."),
    ],
    ids=["Hindi", "Tamil"],
)
async def test_the_page_greets_and_answers_in_the_language_of_the_person(
    server, visit, locale, greeting, question, answer, unknown
):
    visitor = await visit(server.url, locale=locale)
    await expect(visitor.answers.first).to_contain_text(greeting)
    await expect(visitor.page.locator("html")).to_have_attribute("lang", locale[:2])

    await visitor.say(question)
    await expect(visitor.answers.last).to_contain_text(answer)
    await visitor.answers.last.locator(".cite").click()
    await expect(visitor.page.locator("dialog mark")).to_contain_text(answer)
    await visitor.page.keyboard.press("Escape")

    await visitor.say({"hi": "सबसे बड़ा ग्रह कौन सा है?", "ta": "மிகப்பெரிய கோள் எது?"}[locale[:2]])
    await expect(visitor.answers.last).to_contain_text(unknown)


@pytest.mark.row("T51")
async def test_markup_of_customers_and_documents_is_shown_as_text_and_never_runs(server, visit):
    visitor = await visit(server.url)
    await visitor.say("<script>window.ran=3</script><img src=x onerror=window.ran=4> [x](javascript:window.ran=5)")
    await expect(visitor.own).to_contain_text("<script>window.ran=3</script><img src=x onerror=window.ran=4>")
    await expect(visitor.answers).to_have_count(2)

    await visitor.say("What is the banner code in one line?")
    answer = visitor.answers.last
    await expect(answer).to_contain_text("<script>window.ran=1</script> and <img src=x onerror=window.ran=2>")
    await expect(answer.locator(".sources")).to_contain_text("Banner <b>code</b>")
    await answer.locator(".cite").hover()
    await expect(visitor.page.locator(".tip")).to_contain_text("<img src=x onerror=window.ran=2>")
    await answer.locator(".cite").click()
    await expect(visitor.page.locator("dialog mark")).to_contain_text("<img src=x onerror=window.ran=2>")
    assert await visitor.page.evaluate("window.ran") is None
    assert await visitor.page.locator("hookline-chat :is(img, script, b)").count() == 0


async def test_a_file_dropped_by_an_admin_is_answered_from_at_once(server, visit):
    admin = await visit(server.url, width=1440, height=900)
    await admin.say("How many days may a parcel lie at the kiosk?")
    await expect(admin.answers.last).to_contain_text(UNKNOWN)

    await admin.page.get_by_role("button", name="Documents").click()
    library = admin.page.get_by_role("complementary", name="Documents")
    await library.get_by_label("Admin API key").fill(server.key)
    await library.get_by_role("button", name="Use key").click()
    await expect(library.get_by_role("listitem").filter(has_text="Roaming guide")).to_contain_text("In use")
    drop = await admin.page.evaluate_handle(
        """() => {
            const dropped = new DataTransfer();
            const text = "# Parcels\\n\\nA parcel may lie at the kiosk for nine days.\\n";
            dropped.items.add(new File([text], "parcels.md", { type: "text/markdown" }));
            return dropped;
        }"""
    )
    await library.locator(".drop").dispatch_event("drop", {"dataTransfer": drop})
    await expect(library.get_by_role("listitem").filter(has_text="Parcels")).to_contain_text("In use")
    await admin.say("How many days may a parcel lie at the kiosk?")

    await expect(admin.answers.last).to_contain_text("A parcel may lie at the kiosk for nine days.")
    await expect(admin.answers.last.locator(".sources")).to_contain_text("Parcels")

    await library.get_by_role("button", name="Delete Parcels").click()
    await library.get_by_role("button", name="Delete", exact=True).click()
    await expect(library.get_by_role("listitem").filter(has_text="Parcels")).to_have_count(0)
    await admin.say("And how many days may a parcel lie at the kiosk?")
    await expect(admin.answers.last).to_contain_text(UNKNOWN)


async def test_on_a_phone_only_the_conversation_scrolls_and_documents_fill_the_screen(server, visit):
    visitor = await visit(server.url, width=360, height=640, reduced_motion="reduce")
    for n in range(1, 5):
        await visitor.say(f"{n}. {ASKED}")
        await expect(visitor.answers).to_have_count(n + 1)
    await expect(visitor.answers.last.locator(".sources")).to_be_in_viewport()
    size = "[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]"
    assert await visitor.page.evaluate(size) == [360, 640]
    await expect(visitor.answers.first).not_to_be_in_viewport()

    await visitor.page.get_by_role("button", name="Documents").click()
    library = visitor.page.get_by_role("complementary", name="Documents")
    assert await library.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    await visitor.page.keyboard.press("Escape")
    await visitor.answers.last.locator(".cite").first.click()
    assert await visitor.page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_contrast_names_and_roles_hold_in_both_schemes(server, visit, scheme, axe):
    visitor = await visit(server.url, width=1440, height=900, color_scheme=scheme)
    await visitor.say(ASKED)
    await expect(visitor.answers.last).to_contain_text("1.10 euros")
    shade = await visitor.page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)[0]")
    assert (int(shade) < 40) == (scheme == "dark")

    assert await axe(visitor.page) == []
    await visitor.page.get_by_role("button", name="Documents").click()
    assert await axe(visitor.page) == []
    await visitor.answers.last.locator(".cite").first.hover()
    assert await axe(visitor.page) == []
    await visitor.answers.last.locator(".cite").first.click()
    await expect(visitor.page.locator("dialog mark")).to_be_visible()
    assert await axe(visitor.page) == []
