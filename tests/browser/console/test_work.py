"""An agent's work in the console, in a real browser with a real server and socket: what is seen and done there."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.row("F17", "F18")
async def test_who_is_not_signed_in_is_asked_to_and_then_sees_the_history_and_a_box_to_write_in(
    desk, visit, agent, escalated
):
    nobody = await visit(f"{desk.url}/console", forgiven=r"status of 401")
    answer = await nobody.page.request.get(f"{desk.url}/console")
    assert answer.status == 401
    await expect(nobody.page.locator("main.door")).to_contain_text("You are not logged in.")
    await nobody.page.locator("input[name=email]").fill("asha@acme.example")
    await nobody.page.locator("input[name=password]").fill("wrong")
    await nobody.page.locator("input[name=password]").press("Enter")
    await expect(nobody.page.get_by_role("alert")).not_to_be_empty()

    priya = await escalated("My line is dead")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.rows.first).to_be_visible()
    await expect(asha.messages.filter(has_text="My line is dead")).to_be_visible()
    await expect(asha.box).to_be_editable()
    answer = await asha.page.request.get(f"{desk.url}/console")
    assert answer.status == 200


@pytest.mark.row("F25", "F27")
async def test_a_handoff_appears_by_itself_is_taken_answered_and_resolved(agent, escalated):
    asha = await agent("asha", query="?view=unassigned")
    mark = asha.page.locator("hookline-console-list .item, hookline-console-list .state")
    await expect(mark.first).to_be_visible()
    before = await asha.rows.count()
    priya = await escalated("Hello", "My bill shows 90 euros too much")
    await expect(asha.rows).to_have_count(before + 1)
    await asha.rows.filter(has_text="90 euros").click()
    await expect(asha.messages.filter(has_text="90 euros too much")).to_be_visible()
    await asha.take()
    told = await asha.api("GET", f"console/api/conversations/{priya.conversation}")
    assert told["body"]["handoff"]["agent"] == asha.id
    await expect(asha.rows).to_have_count(before)

    await asha.write("I have looked at your bill: 90 euros go back today.")
    await expect(asha.messages.filter(has_text="go back today")).to_be_visible()
    await asha.view("Mine")
    row = asha.rows.filter(has_text="go back today")
    await expect(row).to_have_count(1)
    await asha.page.locator("hookline-console-head").get_by_role("button", name="Resolve").click()
    await expect(row).to_have_count(0)
    await expect(asha.page.locator("hookline-console-head")).to_contain_text("Resolved")
    assert ("agent", "I have looked at your bill: 90 euros go back today.") in await priya.heard()
    unresolved = (await asha.api("GET", "console/api/inbox?view=all&limit=200"))["body"]["items"]
    assert priya.conversation not in [one["conversation"]["id"] for one in unresolved]


@pytest.mark.row("F26")
async def test_two_browsers_see_each_other_within_a_second(desk, agent, visit, within):
    customer = await visit(f"{desk.url}/")
    await customer.say("I want to talk to a human agent about roaming")
    asha = await agent("asha", query="?view=unassigned")
    await asha.rows.filter(has_text="about roaming").click()
    await asha.take()

    await asha.write("Namaste, this is Asha.")
    seen = customer.page.locator(".row.agent").filter(has_text="Namaste, this is Asha.")
    assert await within(1.0, seen.is_visible) < 1.0

    await customer.say("Hello Asha, my phone has no net abroad")
    heard = asha.messages.filter(has_text="no net abroad")
    assert await within(1.0, heard.is_visible) < 1.0

    # Typing, both ways.
    await asha.box.press_sequentially("One mo")
    assert await within(1.5, customer.page.locator(".dots").first.is_visible)
    await expect(asha.page.locator("hookline-console-thread .typing")).to_have_count(0)  # she knows that she types
    await customer.box.press_sequentially("I wait")
    await expect(asha.page.locator("hookline-console-thread .typing")).to_contain_text("is typing")


async def test_of_two_agents_who_take_at_once_the_other_is_told_who_has_it(agent, escalated):
    priya = await escalated("My line is noisy")
    asha, jean = [await agent(who, query=f"?view=all&c={priya.conversation}") for who in ("asha", "jean")]
    await expect(asha.messages.first).to_be_visible()
    await expect(jean.messages.first).to_be_visible()
    await asha.page.context.set_offline(True)  # what comes to her page late
    await jean.take()
    await asha.page.context.set_offline(False)
    answer = await asha.api("POST", f"console/api/conversations/{priya.conversation}/claim", {})
    assert (answer["status"], answer["body"]["held_by_name"]) == (409, "Jean Dupont")
    await expect(asha.page.locator("hookline-console-head")).to_contain_text("With Jean Dupont")
    await expect(asha.page.locator("hookline-console-head").get_by_role("button", name="Take")).to_have_count(0)


async def test_a_note_in_another_colour_mentions_somebody_who_is_told_and_the_customer_never_sees_it(agent, escalated):
    priya = await escalated("The invoice has a wrong name")
    asha, jean = [await agent(who, query=f"?view=all&c={priya.conversation}") for who in ("asha", "jean")]
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    reply = await asha.page.locator("hookline-console-composer form").evaluate(
        "(one) => getComputedStyle(one).backgroundColor"
    )
    await asha.page.keyboard.press("Alt+p")
    note = await asha.page.locator("hookline-console-composer form").evaluate(
        "(one) => getComputedStyle(one).backgroundColor"
    )
    assert note != reply
    await asha.box.press_sequentially("Can you look, @Jea")
    await expect(asha.page.locator("hookline-console-composer [role=option]")).to_contain_text(["Jean Dupont"])
    await asha.page.keyboard.press("Enter")
    await expect(asha.box).to_have_value("Can you look, @Jean Dupont ")
    await asha.page.keyboard.press("Enter")

    await expect(jean.page.locator("hookline-console-thread .msg.note .bubble")).to_contain_text("@Jean Dupont")
    notices = jean.page.locator("hookline-console-rail").get_by_role("button", name="Notices 1")
    await expect(notices).to_be_visible()
    await notices.click()
    await expect(jean.page.locator("hookline-console-notices .option")).to_contain_text("Asha Rao mentioned you")
    assert all("Can you look" not in text for _, text in await priya.heard())


async def test_canned_replies_are_found_after_a_slash_with_their_variables_filled_in(agent, escalated):
    priya = await escalated("When do you open?")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    made = await asha.api(
        "POST",
        "console/api/canned",
        {"shortcut": "hours", "title": "Opening hours", "text": "We open at 9. {{agent.name|Your agent}}"},
    )
    assert made["status"] == 201
    await asha.take()
    await asha.page.locator("hookline-console-thread .scroll").focus()
    await asha.page.keyboard.press("/")
    await asha.page.keyboard.type("hou")
    option = asha.page.locator("hookline-console-composer [role=option]").filter(has_text="/hours")
    await expect(option).to_be_visible()
    await asha.page.keyboard.press("Enter")
    await expect(asha.box).to_have_value("We open at 9. Asha Rao")
    await asha.page.keyboard.press("Enter")
    await expect(asha.messages.filter(has_text="We open at 9. Asha Rao")).to_be_visible()


async def test_files_are_pasted_or_dropped_sent_and_seen(agent, escalated):
    priya = await escalated("Please send me the form")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    await asha.page.locator("hookline-console-composer #file").set_input_files(
        {"name": "form.txt", "mimeType": "text/plain", "buffer": b"Name:\nDate:\n"}
    )
    await expect(asha.page.locator("hookline-console-composer .files")).to_contain_text("form.txt")
    await asha.page.evaluate(
        """() => {
            const composer = document.querySelector("hookline-console").shadowRoot.querySelector("hookline-console-composer");
            const data = new DataTransfer();
            data.items.add(new File(["Also:\\n"], "more.txt", { type: "text/plain" }));
            composer.shadowRoot.querySelector("form").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(asha.page.locator("hookline-console-composer progress")).to_have_count(0)
    await asha.write("Here they are")
    sent = asha.messages.filter(has_text="Here they are")
    await expect(sent.locator(".file")).to_have_text(["form.txt", "more.txt"])


async def test_tags_snooze_transfer_and_return_to_the_bot(agent, escalated):
    priya = await escalated("I want to cancel my contract")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    page, head = asha.page, asha.page.locator("hookline-console-head")
    await expect(asha.messages.first).to_be_visible()
    await asha.take()

    await page.keyboard.press("Alt+g")
    await page.keyboard.type("churn")
    await page.keyboard.press("Enter")
    await expect(page.locator("hookline-console-side .tags .badge")).to_contain_text("churn")

    await page.keyboard.press("Alt+m")
    await page.locator("hookline-console-snooze").get_by_role("button", name="For an hour").click()
    await expect(head).to_contain_text("Snoozed for")
    await page.get_by_role("button", name="Undo").click()
    await expect(head).to_contain_text("With you")

    await page.keyboard.press("Alt+t")
    sheet = page.locator("hookline-console-transfer")
    await sheet.locator("textarea").fill("She is angry")
    await sheet.get_by_role("button", name="Jean Dupont").click()
    await expect(page.locator("hookline-console-thread .step").last).to_contain_text(
        "Asha Rao passed it on: She is angry"
    )

    jean = await agent("jean", query=f"?view=mine&c={priya.conversation}")
    await jean.take()
    await jean.page.keyboard.press("Alt+b")
    back = jean.page.locator("hookline-console-return")
    await back.get_by_label("What the customer is told").fill("The bot goes on with you.")
    await back.get_by_role("button", name="Return to the bot").click()
    await expect(jean.page.locator("hookline-console-head")).to_contain_text("With the bot again")
    assert any(text == "The bot goes on with you." for _, text in await priya.heard())


async def test_a_macro_does_its_steps_at_once(agent, escalated):
    priya = await escalated("My parcel is late")
    asha = await agent("asha", query=f"?view=all&c={priya.conversation}")
    page = asha.page
    await expect(asha.messages.first).to_be_visible()
    await asha.take()
    await page.keyboard.press("Alt+x")
    sheet = page.locator("hookline-console-macros")
    await sheet.get_by_role("button", name="New macro").click()
    await sheet.get_by_label("Name").fill("Late parcel")
    add = sheet.get_by_label("Add a step")
    await add.select_option("reply")
    await sheet.get_by_label("reply", exact=True).fill("It comes tomorrow.")
    await add.select_option("tag")
    await sheet.get_by_label("tag", exact=True).fill("parcel")
    await add.select_option("resolve")
    await sheet.get_by_role("button", name="Save").click()
    await sheet.locator(".option").filter(has_text="Late parcel").click()
    await expect(page.locator("hookline-console-head")).to_contain_text("Resolved")
    await expect(asha.messages.filter(has_text="It comes tomorrow.")).to_be_visible()
    await expect(page.locator("hookline-console-side .tags")).to_contain_text("parcel")


async def test_the_list_is_narrowed_and_the_filter_kept_under_a_name(agent, escalated):
    priya = await escalated("A question about the tariff")
    await escalated("A question about something else")
    asha = await agent("asha", query="?view=all")
    await asha.api("PUT", f"console/api/conversations/{priya.conversation}/tags", {"tags": ["tariff"]})
    await asha.page.locator("hookline-console-list").get_by_role("button", name="Filter").click()
    sheet = asha.page.locator("hookline-console-filter")
    await expect(sheet.get_by_label("Tag")).to_contain_text("tariff")
    await sheet.get_by_label("Tag").select_option("tariff")
    await sheet.get_by_label("Name of this filter").fill("Tariffs")
    await sheet.get_by_role("button", name="Save").click()
    await expect(asha.rows).to_have_count(1)
    await asha.view("All open")
    await expect(asha.rows).not_to_have_count(1)
    await asha.view("Tariffs")
    await expect(asha.rows).to_have_count(1)


async def test_what_was_said_is_found_by_a_search(agent, escalated):
    priya = await escalated("My zebra crossing sticker peeled off")
    asha = await agent("asha")
    await asha.page.keyboard.press("Control+k")
    sheet = asha.page.locator("hookline-console-search")
    await asha.page.keyboard.type("zebra")
    await expect(sheet.locator(".hit mark")).to_have_text("zebra")
    await sheet.locator(".hit").first.click()
    await expect(asha.messages.filter(has_text="zebra crossing")).to_be_visible()
    assert f"c={priya.conversation}" in asha.page.url


async def test_a_viewer_reads_and_is_offered_nothing_else(agent, escalated):
    priya = await escalated("Just a question")
    vic = await agent("vic", query=f"?view=all&c={priya.conversation}")
    await expect(vic.messages.filter(has_text="Just a question")).to_be_visible()
    await expect(vic.page.locator("hookline-console-composer")).to_contain_text("You may read, but not write here.")
    await expect(vic.page.locator("hookline-console-head .acts")).to_have_count(0)
