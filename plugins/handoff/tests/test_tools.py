"""Canned replies, notes with mentions, tags, filters and macros, as agents use them over HTTP."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from hookline.audit import every
from hookline.errors import BadRequest
from hookline_handoff import fill
from hookline_handoff.deskmodels import notice
from hookline_handoff.models import handoff

ONE = "/console/api/conversations"


async def person(site, name, role="agent"):
    """A member of the staff; the id."""
    account = await site.desk.bot.runtime.staff.create(
        "acme", f"{name.split()[0].lower()}@example.com", role, by="test", name=name
    )
    return account.id


async def audited(site, what):
    return [one async for one in every(site.desk.bot.runtime.database, "acme") if one.what == what]


# -- variables -------------------------------------------------------------------------------------------------------------


def test_variables_are_put_in_once_with_a_fallback_and_what_lacks_is_told():
    values = {"contact.name": "{{agent.name}} <b>", "agent.name": "Asha"}
    told = fill.fill("Hi {{contact.name}}, {{ agent.name }} here. {{contact.email|no mail}} {{contact.phone}}!", values)
    assert told.text == "Hi {{agent.name}} <b>, Asha here. no mail !"
    assert told.missing == ("contact.phone",)
    assert fill.fill("{{contact.name|}}x", {}).missing == ()
    assert fill.fill("{{contact.name}}", {"contact.name": "a\r\nb " + "x" * 500}).text == "a b " + "x" * 196


@pytest.mark.parametrize("text", ["{{contact.password}}", "{{}}", "{{ config.secret }}", "{{contact.__class__}}"])
def test_a_variable_that_there_is_none_of_is_refused_with_those_that_there_are(text):
    with pytest.raises(BadRequest, match=r"is no variable; there are contact\.name, contact\.first_name"):
        fill.check(text)


async def test_a_text_that_is_being_written_is_shown_as_the_customer_would_read_it(site):
    path = "/console/api/canned/preview"
    talk = await site.desk.talk("priya")
    text = "Hi {{contact.first_name|there}}, {{agent.name}} here, {{conversation.channel}} {{contact.email}}"

    told = await site.ok("POST", path, "asha", {"text": text, "conversation": talk})
    assert told == {"text": "Hi there, asha here, loopback ", "missing": ["contact.email"], "problem": ""}
    told = await site.ok("POST", path, "asha", {"text": "{{agent.name}}"})
    assert told["text"] == "asha"
    told = await site.ok("POST", path, "asha", {"text": "{{contact.password}}"})
    assert told["problem"].startswith("text: {{contact.password}} is no variable; there are contact.name, ")
    assert (await site.call("POST", path, "asha", {"text": "x", "conversation": "none"}))[0] == 404


# -- canned replies ----------------------------------------------------------------------------------------------------------


async def test_canned_replies_are_found_filled_and_ranked(make_web, database_url):
    site = await make_web(database_url=database_url)
    conversation = await site.desk.talk()
    for shortcut, text, more in (
        ("rates", "Our rates start at 8 %, {{contact.first_name|dear customer}}.", {"title": "Interest rates"}),
        ("refund", "The refund takes 5 days. {{agent.name}}", {}),
        ("tarifs", "Nos tarifs commencent à 8 %.", {"language": "fr", "title": "rates"}),
        ("hello", "Namaste! Loan rates?", {}),
    ):
        await site.ok("POST", "/console/api/canned", "asha", {"shortcut": shortcut, "text": text, **more})

    found = await site.ok("GET", f"/console/api/canned?q=/rat&conversation={conversation}", "asha")
    assert [one["shortcut"] for one in found["canned"]] == ["rates", "tarifs", "hello"]
    assert found["canned"][0]["filled"] == "Our rates start at 8 %, dear customer."
    assert "contact.name" in found["variables"]
    used = await site.ok(
        "POST", f"/console/api/canned/{found['canned'][2]['id']}/use", "asha", {"conversation": conversation}
    )
    assert used["filled"] == "Namaste! Loan rates?"
    first = (await site.ok("GET", "/console/api/canned", "asha"))["canned"][0]
    assert (first["shortcut"], first["used"]) == ("hello", 1), "what is used comes first where nothing was typed"
    french = await site.ok("GET", "/console/api/canned?q=rates&language=fr", "asha")
    assert french["canned"][0]["shortcut"] == "rates", "the shortcut that was typed counts most"
    assert (await site.ok("GET", "/console/api/canned", "ben"))["canned"] == [], "they are asha's own"


async def test_shared_ones_are_a_supervisors_to_make_and_a_shortcut_is_taken_once(site):
    body = {"shortcut": "hi", "text": "Hello!", "shared": True}
    status, told = await site.call("POST", "/console/api/canned", "asha", body)
    assert (status, "for supervisors to change" in told["detail"]) == (403, True)
    made = await site.ok("POST", "/console/api/canned", "clara", body, role="supervisor")
    assert [one["id"] for one in (await site.ok("GET", "/console/api/canned?q=hi", "asha"))["canned"]] == [made["id"]]
    status, told = await site.call("POST", "/console/api/canned", "clara", body)
    assert (status, told["detail"]) == (409, "shortcut: /hi is taken; choose another one or change that one")
    assert (await site.call("PUT", f"/console/api/canned/{made['id']}", "asha", {**body, "shared": False}))[0] == 403
    assert (await site.call("DELETE", f"/console/api/canned/{made['id']}", "asha"))[0] == 403
    assert (await site.call("DELETE", f"/console/api/canned/{made['id']}", "clara"))[0] == 204
    own = await site.ok("POST", "/console/api/canned", "asha", {"shortcut": "hi", "text": "Hello!"})
    assert (await site.call("DELETE", f"/console/api/canned/{own['id']}", "ben"))[0] == 404, "ben knows nothing of it"
    for bad, text in (
        ({"shortcut": "a b", "text": "x"}, "shortcut"),
        ({"shortcut": "", "text": "x"}, "shortcut"),
        ({"shortcut": "x", "text": "{{secret}}"}, "is no variable"),
        ({"shortcut": "x", "text": "y" * 4001}, "text"),
        ({"shortcut": "x"}, "text"),
    ):
        status, told = await site.call("POST", "/console/api/canned", "asha", bad)
        assert status == 400, (bad, told)
        assert text in told["detail"]


# -- notes -------------------------------------------------------------------------------------------------------------------


async def test_a_note_with_a_mention_reaches_who_is_meant_and_never_the_customer(make_web, database_url):
    site = await make_web(database_url=database_url)
    meera, asha = await person(site, "Meera Iyer"), await person(site, "Ashar")
    conversation = await site.desk.talk()
    async with site.desk.bot.runtime.live.subscribe("acme", "staff") as events:
        note = await site.ok(
            "POST", f"{ONE}/{conversation}/notes", "ben", {"text": "@Meera Iyer please look, not mail@ashar.com <b>"}
        )
        assert note["mentions"] == [meera]
        kinds = []
        async for event in events:
            kinds.append((event.kind, event.data.get("to", "")))
            if len(kinds) == 2:
                break
    assert kinds == [("handoff.noted", ""), ("handoff.notice", meera)]
    rows = await site.desk.tenant.db.fetch(sa.select(sa.func.count().label("n")).select_from(handoff))
    assert rows[0].n == 0, "a note opens no handoff"
    assert [m.text for m in site.desk.bot.channel.sent] == ["bot: hello"]
    assert asha not in note["mentions"]

    changed = await site.ok("PUT", f"/console/api/notes/{note['id']}", "ben", {"text": "done @ashar"})
    assert (changed["mentions"], changed["edited_at"] is not None) == ([asha], True)
    assert (await site.call("PUT", f"/console/api/notes/{note['id']}", "carl", {"text": "x"}))[0] == 403
    assert (await site.call("DELETE", f"/console/api/notes/{note['id']}", "carl"))[0] == 403
    assert (await site.call("DELETE", f"/console/api/notes/{note['id']}", "boss", role="supervisor"))[0] == 204
    assert (await site.ok("GET", f"{ONE}/{conversation}/notes", "ben"))["notes"] == []
    assert len(await audited(site, "handoff.note.removed")) == 1


async def test_a_conversation_is_passed_on_to_a_colleague_who_has_never_been_here(site):
    meera = await person(site, "Meera Iyer")
    talk = await site.desk.asked()
    await site.ok("POST", f"{ONE}/{talk}/claim", "asha", {})
    told = await site.ok("POST", f"{ONE}/{talk}/transfer", "asha", {"agent": meera})
    assert (told["handoff"]["state"], told["handoff"]["agent_name"]) == ("transferred", "Meera Iyer")


async def test_a_note_that_is_sent_again_is_written_once_and_told_once(make_web, database_url):
    site = await make_web(database_url=database_url)
    meera = await person(site, "Meera Iyer")
    conversation = await site.desk.talk("asha")
    path, told = f"{ONE}/{conversation}/notes", {"text": "@Meera look", "mentions": [meera], "client_id": "n-1"}

    await site.key("ben")
    twice = await asyncio.gather(*(site.ok("POST", path, "ben", told) for _ in range(2)))
    again = await site.ok("POST", path, "ben", told)
    others = await site.ok("POST", path, "carl", told)

    assert [one["id"] for one in twice] == [again["id"]] * 2
    assert others["id"] != again["id"]
    assert [one["id"] for one in (await site.ok("GET", path, "ben"))["notes"]] == [again["id"], others["id"]]
    rows = await site.desk.tenant.db.fetch(sa.select(notice.c.by_name).where(notice.c.staff == meera))
    assert sorted(row.by_name for row in rows) == ["ben", "carl"]


async def test_my_notices_are_mine_and_can_be_read(site):
    conversation = await site.desk.talk()
    ben = await site.id("ben")
    await person(site, "Meera")
    await site.ok("POST", f"{ONE}/{conversation}/notes", "ben", {"text": "@Meera hi"})
    assert await site.ok("GET", "/console/api/notices", "ben") == {"notices": [], "unread": 0}
    from hookline_handoff.notices import notify

    async with site.desk.tenant.action(by="test") as act:
        notify(act, site.desk.tenant.clock.now(), [ben, ben], "mention", "x" * 900, conversation=conversation)
    mine = await site.ok("GET", "/console/api/notices", "ben")
    assert (len(mine["notices"]), mine["unread"], len(mine["notices"][0]["text"])) == (1, 1, 500)
    assert (await site.ok("POST", "/console/api/notices/read", "carl", {}))["unread"] == 0
    assert (await site.ok("GET", "/console/api/notices", "ben"))["unread"] == 1, "carl reads none of ben's"
    assert (await site.ok("POST", "/console/api/notices/read", "ben", {"ids": [mine["notices"][0]["id"]]}))[
        "unread"
    ] == 0


async def test_a_note_to_nobody_or_nowhere_is_refused(site):
    conversation = await site.desk.talk()
    status, told = await site.call("POST", f"{ONE}/{conversation}/notes", "ben", {"text": "x", "mentions": ["nobody"]})
    assert (status, "no active member of the staff 'nobody'" in told["detail"]) == (400, True)
    assert (await site.call("POST", f"{ONE}/nowhere/notes", "ben", {"text": "x"}))[0] == 404
    assert (await site.call("POST", f"{ONE}/{conversation}/notes", "ben", {"text": " \x00 "}))[0] == 400
    assert (await site.call("POST", f"{ONE}/{conversation}/notes", "eve", {"text": "x"}, role="viewer"))[0] == 403


# -- tags, filters -----------------------------------------------------------------------------------------------------------


async def test_tags_are_set_whole_counted_and_shown_in_the_inbox(make_web, database_url):
    site = await make_web('[plugins.handoff.desk]\ntags = ["vip"]\n', database_url=database_url)
    conversation = await site.desk.asked()
    done = await site.ok("PUT", f"{ONE}/{conversation}/tags", "ben", {"tags": ["loan", " loan ", "शिकायत"]})
    assert done["tags"] == ["loan", "शिकायत"]
    assert (await site.ok("GET", "/console/api/tags", "ben"))["tags"] == [
        {"tag": "loan", "count": 1},
        {"tag": "vip", "count": 0},
        {"tag": "शिकायत", "count": 1},
    ]
    assert (await site.ok("GET", "/console/api/inbox", "ben"))["items"][0]["tags"] == ["loan", "शिकायत"]
    assert (await site.ok("GET", f"{ONE}/{conversation}", "ben"))["tags"] == ["loan", "शिकायत"]
    await site.ok("PUT", f"{ONE}/{conversation}/tags", "ben", {"tags": ["loan"]})
    assert [one.detail for one in await audited(site, "handoff.tagged")][-1] == {"added": [], "removed": ["शिकायत"]}
    assert (await site.call("PUT", f"{ONE}/{conversation}/tags", "ben", {"tags": ["x" * 41]}))[0] == 400


async def test_saved_filters_are_ones_own_or_shared(site):
    body = {"name": "late", "query": {"view": "all", "sla": "breached"}}
    mine = await site.ok("POST", "/console/api/filters", "ben", body)
    assert (await site.ok("GET", "/console/api/filters", "carl"))["filters"] == []
    assert (await site.call("POST", "/console/api/filters", "ben", {**body, "shared": True}))[0] == 403
    await site.ok("POST", "/console/api/filters", "clara", {**body, "name": "all", "shared": True}, role="supervisor")
    assert [one["name"] for one in (await site.ok("GET", "/console/api/filters", "ben"))["filters"]] == ["late", "all"]
    assert (await site.call("PUT", f"/console/api/filters/{mine['id']}", "carl", body))[0] == 404
    assert (await site.call("DELETE", f"/console/api/filters/{mine['id']}", "ben"))[0] == 204
    status, told = await site.call("POST", "/console/api/filters", "ben", {"name": "x", "query": {"drop table": "1"}})
    assert (status, "query: given 'drop table'; allowed: agent, channel" in told["detail"]) == (400, True)


# -- macros ------------------------------------------------------------------------------------------------------------------


async def test_a_macro_does_its_steps_in_the_runners_name_and_is_audited(make_web, database_url):
    site = await make_web(database_url=database_url)
    conversation = await site.desk.asked()
    steps = [
        {"do": "claim"},
        {"do": "reply", "text": "Hello {{contact.first_name|there}}, I'm {{agent.name}}."},
        {"do": "tag", "tag": "loan"},
        {"do": "note", "text": "sent the loan text"},
        {"do": "priority", "number": 2},
        {"do": "resolve", "text": "answered"},
    ]
    macro = await site.ok("POST", "/console/api/macros", "asha", {"name": "Loan", "steps": steps})
    ran = await site.ok("POST", f"{ONE}/{conversation}/macros/{macro['id']}", "asha")
    assert ran["done"], ran
    assert [one["state"] for one in ran["steps"]] == ["done"] * 6
    seen = await site.desk.last(conversation)
    assert (seen.state, seen.resolution, seen.priority, seen.agent) == (
        "resolved",
        "answered",
        2,
        await site.id("asha"),
    )
    said = await site.desk.tenant.conversations.history(conversation)
    assert [m.text for m in said if m.author == "agent"] == ["Hello there, I'm asha."]
    run = (await audited(site, "handoff.macro.run"))[0]
    assert run.subject == conversation
    assert run.detail["steps"][0] == ["claim", "done"]


async def test_a_step_that_fails_is_told_and_what_comes_after_is_left_out(site):
    conversation = await site.desk.asked()
    await site.ok("POST", f"{ONE}/{conversation}/claim", "ben", {})
    steps = [{"do": "tag", "tag": "seen"}, {"do": "reply", "text": "Hello"}, {"do": "tag", "tag": "never"}]
    macro = await site.ok("POST", "/console/api/macros", "asha", {"name": "Close", "steps": steps})
    ran = await site.ok("POST", f"{ONE}/{conversation}/macros/{macro['id']}", "asha")
    assert not ran["done"]
    assert [one["state"] for one in ran["steps"]] == ["done", "failed", "skipped"]
    assert "the handoff is claimed (ben has it)" in ran["steps"][1]["error"]
    assert (await site.ok("GET", f"{ONE}/{conversation}", "asha"))["tags"] == ["seen"]


async def test_only_steps_of_the_whitelist_with_what_they_need(site):
    for step, text in (
        ({"do": "delete_everything"}, "steps"),
        ({"do": "reply"}, "steps.0.text: reply needs a text"),
        ({"do": "reply", "text": "{{x}}"}, "is no variable"),
        ({"do": "tag"}, "steps.0.tag: tag needs a tag"),
        ({"do": "priority", "number": 9}, "steps.0.number: given 9; allowed: -1, 0, 1, 2"),
        ({"do": "transfer", "agent": "a", "team": "b"}, "not both"),
        ({"do": "snooze", "number": -5}, "allowed: 0 to 31536000 seconds"),
    ):
        status, told = await site.call("POST", "/console/api/macros", "asha", {"name": "x", "steps": [step]})
        assert status == 400, (step, told)
        assert text in told["detail"]
    assert (await site.call("POST", "/console/api/macros", "asha", {"name": "x", "steps": []}))[0] == 400
    good = {"name": "x", "steps": [{"do": "claim"}]}
    made = await site.ok("POST", "/console/api/macros", "asha", good)
    conversation = await site.desk.talk()
    assert (await site.call("POST", f"{ONE}/{conversation}/macros/{made['id']}", "ben"))[0] == 404, "it is asha's own"
    assert (await site.call("POST", f"{ONE}/{conversation}/macros/{made['id']}", "eve", role="viewer"))[0] == 403
    assert (await site.call("POST", "/console/api/macros", "asha", {**good, "shared": True}))[0] == 403


async def test_two_runs_at_once_send_each_its_own_words(site):
    conversation = await site.desk.asked()
    await site.ok("POST", f"{ONE}/{conversation}/claim", "asha", {})
    macro = await site.ok(
        "POST", "/console/api/macros", "asha", {"name": "x", "steps": [{"do": "reply", "text": "one moment"}]}
    )
    url = f"{ONE}/{conversation}/macros/{macro['id']}"
    ran = await asyncio.gather(*(site.ok("POST", url, "asha") for _ in range(3)))
    assert all(one["done"] for one in ran)
    said = await site.desk.tenant.conversations.history(conversation)
    assert [m.text for m in said if m.author == "agent"] == ["one moment"] * 3
