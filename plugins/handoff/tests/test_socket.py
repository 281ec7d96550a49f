"""The console's socket: who may have it, what it tells, and that what was missed shows."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec
import pytest

from hookline.message import Message

API = "/console/api"


async def closed(socket):
    """The code with which the server closed the socket."""
    async with asyncio.timeout(15):
        while (await socket.receive()).type not in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.CLOSING,
        ):
            pass
    return socket.close_code


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"type": "hello", "token": "hk_wrong"}, 4401),
        ({"type": "hello"}, 4401),
        ({"type": "ping"}, 4408),
        ("no json", 4408),
    ],
)
async def test_who_does_not_say_who_it_is_gets_nothing(site, first, code):
    socket = await site.http.ws_connect(f"{site.url}/console/socket")
    site.sockets.append(socket)
    await (socket.send_str(first) if isinstance(first, str) else socket.send_json(first))

    assert await closed(socket) == code


async def test_every_page_of_the_staff_is_told_of_an_escalation_once_and_of_each_transition(site):
    pages = [await site.console("asha"), await site.console("ben")]
    reply = await site.desk.bot.say("I want to talk to a human")
    talk = reply.conversation
    for page in pages:
        told = [await site.frame(page, f"handoff.{state}") for state in ("requested", "queued")]
        assert told[-1]["topic"] == "staff"
        assert told[-1]["data"]["handoff"]["conversation"] == talk
        assert told[-1]["data"]["handoff"]["reason"] == "user_request"

    await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})
    for page in pages:
        told = await site.frame(page, "handoff.claimed")
        assert (told["data"]["handoff"]["agent_name"], told["data"]["by"]) == ("asha", await site.id("asha"))
    await site.desk.bot.hear("hello?")
    while (told := await site.frame(pages[1], "message"))["data"]["author"] != "contact":
        pass  # what the bot and the desk said before
    assert (told["topic"], told["data"]["preview"]) == ("staff", "hello?")
    await pages[1].send_json({"type": "ping"})
    while (told := await site.frame(pages[1]))["type"] != "pong":
        assert told["kind"] == "message"
        assert told["data"]["author"] == "system"  # nothing else came twice


async def test_the_list_of_a_page_hears_what_the_bot_and_the_desk_say_where_a_handoff_is_open(site):
    page = await site.console("asha")
    talk = await site.desk.asked()

    async def hears(text):
        while (await site.frame(page, "message"))["data"]["preview"] != text:
            pass

    await site.desk.bot.say("how are you?")
    await hears("bot: how are you?")
    await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})
    await hears("asha has joined the conversation.")


async def test_who_watches_a_conversation_gets_every_message_of_it_once_and_in_order(site):
    talk = await site.desk.asked()
    page = await site.console("asha", [talk])
    await site.desk.bot.say("how are you?")
    await site.ok("POST", f"{API}/conversations/{talk}/reply", "asha", {"text": "Hello", "client_id": "c1"})
    await site.desk.bot.hear("hi Asha")

    heard = []
    while len(heard) < 4:
        frame = await site.frame(page, "message")
        if frame["topic"] == f"conversation:{talk}":
            heard.append(frame["data"]["message"])

    assert [m["text"] for m in heard] == ["how are you?", "bot: how are you?", "Hello", "hi Asha"]
    seqs = [m["seq"] for m in heard]
    assert seqs == sorted(set(seqs))


async def test_a_page_is_told_from_where_on_it_hears_of_a_conversation(site):
    talk = await site.desk.asked()
    page = await site.console("asha")
    newest = (await site.ok("GET", f"{API}/conversations/{talk}", "asha"))["messages"][-1]["seq"]

    await page.send_json({"type": "watch", "conversations": [talk]})

    told = await site.frame(page, "watching")
    assert (told["topic"], told["data"]) == (f"conversation:{talk}", {"seq": newest})


async def test_what_was_said_in_a_voice_note_is_shown_once_it_is_written_down(site):
    talk = await site.desk.asked()
    page = await site.console("asha", [talk])
    await site.desk.bot.say("sound: where is my money")

    heard = []
    while len(heard) < 3:
        frame = await site.frame(page, "message")
        if frame["topic"] == f"conversation:{talk}":
            heard.append(frame["data"]["message"])

    assert [m["text"] for m in heard] == ["sound: where is my money", "where is my money", "bot: where is my money"]
    assert heard[0]["seq"] == heard[1]["seq"] == heard[2]["seq"] - 1


async def test_frames_are_numbered_and_typing_and_reading_go_both_ways(site):
    talk = await site.desk.asked()
    asha, ben = await site.console("asha", [talk]), await site.console("ben", [talk])
    tenant = site.desk.tenant
    async with tenant.live.subscribe("acme", f"conversation:{talk}") as events:
        await asha.send_json({"type": "typing", "conversation": talk, "on": True})
        event = await anext(events)
        assert (event.kind, event.data["author"], event.data["agent_name"], event.data["on"]) == (
            "typing",
            "agent",
            "asha",
            True,
        )
        await asha.send_json({"type": "read", "conversation": talk, "seq": 99})
        event = await anext(events)
        assert (event.kind, event.data) == (
            "read",
            {"author": "agent", "agent": await site.id("asha"), "seq": 2, "aside": True},
        )
    assert (await site.frame(ben, "typing"))["data"]["agent_name"] == "asha"
    assert (await site.ok("GET", f"{API}/conversations/{talk}", "asha"))["unread"] == 0

    tenant.live.publish("acme", f"conversation:{talk}", "typing", {"author": "contact", "on": True})
    tenant.live.publish("acme", f"conversation:{talk}", "read", {"author": "contact", "seq": 2})
    assert (await site.frame(ben, "typing"))["data"]["author"] == "contact"
    assert (await site.frame(ben, "read"))["data"]["seq"] == 2
    async with asyncio.timeout(10):
        while (await site.ok("GET", f"{API}/conversations/{talk}", "asha"))["read_by_customer"] != 2:
            await asyncio.sleep(0.01)

    await ben.send_json({"type": "ping"})
    numbers = []
    while not numbers or numbers[-1][1] != "pong":
        got = await ben.receive_json()
        numbers.append((got["n"], got["type"]))
    assert [n for n, _ in numbers] == list(range(numbers[0][0], numbers[0][0] + len(numbers)))


async def test_now_and_then_the_page_is_told_the_counts_that_it_should_have(make_web):
    site = await make_web("[plugins.handoff.presence]\nheartbeat = 0.05\naway_after = 5.0\n")
    await site.desk.asked()
    page = await site.console("asha")

    beat = await site.frame(page, "beat")

    assert beat["data"]["counts"]["unassigned"] == 1
    assert (await site.ok("GET", f"{API}/agents", "asha"))["agents"][0]["present"] is True


async def test_what_a_page_says_wrong_is_said_to_it_and_the_socket_stays(site):
    page = await site.console("viola", role="viewer")
    talk = await site.desk.talk()

    await page.send_json({"type": "dance"})
    assert "this is no frame" in (await site.frame(page, "error"))["data"]["detail"]
    await page.send_json({"type": "watch", "conversations": ["nobody"]})
    assert (await site.frame(page, "error"))["data"] == {
        "status": 404, "detail": "there is no conversation 'nobody'", "field": "",
    }  # fmt: skip
    await page.send_json({"type": "typing", "conversation": talk})
    assert (await site.frame(page, "error"))["data"]["detail"] == "viewers can't do this"
    await page.send_json({"type": "watch", "conversations": ["x"] * 21})
    assert "at most 20 can be watched" in (await site.frame(page, "error"))["data"]["detail"]


async def test_whose_key_is_revoked_is_disconnected(site):
    page = await site.console("asha")

    await site.keys.revoke("acme", await site.id("asha"))
    site.desk.tenant.live.publish("acme", f"key:{await site.id('asha')}", "revoked", {})

    assert await closed(page) == 4401


async def test_a_page_that_floods_is_disconnected(site):
    page = await site.console("asha")

    for _ in range(140):
        await page.send_json({"type": "ping"})

    assert await closed(page) == 1008


async def test_a_page_that_watches_what_is_there_no_more_is_told_so_and_stays(site):
    page = await site.console("asha", ["gone"])

    assert (await site.frame(page, "error"))["data"]["detail"] == "there is no conversation 'gone'"
    await page.send_json({"type": "ping"})
    assert (await site.frame(page, "pong"))["type"] == "pong"


async def test_a_socket_that_can_follow_a_conversation_no_more_ends_so_that_the_page_comes_again(site):
    talk = await site.desk.asked()
    page = await site.console("asha", [talk])

    site.desk.bot.runtime.live.publish("acme", f"conversation:{talk}", "message", {"message": {"no": "message"}})

    assert await closed(page) == 1011


async def test_a_message_that_is_kept_nowhere_is_shown_as_it_was_announced(site):
    talk = await site.desk.asked()
    page = await site.console("asha", [talk])
    told = Message("m1", talk, "test", "alice", "are you there?", seq=40)

    site.desk.bot.runtime.live.publish(
        "acme", f"conversation:{talk}", "message", {"message": msgspec.to_builtins(told)}
    )

    while (frame := await site.frame(page, "message"))["topic"] == "staff":
        pass
    shown = frame["data"]["message"]
    assert (shown["seq"], shown["text"]) == (40, "are you there?")


async def test_only_the_signs_of_who_has_the_conversation_are_for_the_customer(site):
    talk = await site.desk.asked()
    asha, ben = await site.console("asha", [talk]), await site.console("ben", [talk])
    await site.ok("POST", f"{API}/conversations/{talk}/claim", "asha", {})
    tenant = site.desk.tenant
    async with tenant.live.subscribe("acme", f"conversation:{talk}") as events:
        signs = {}
        for name, page in (("asha", asha), ("ben", ben)):
            await page.send_json({"type": "typing", "conversation": talk, "on": True})
            while (event := await anext(events)).kind != "typing":
                pass
            signs[name] = event.data["aside"]
    assert signs == {"asha": False, "ben": True}


async def test_pages_are_told_that_a_contact_was_erased(site):
    conversation = await site.desk.asked()
    other = await site.desk.talk(who="bob")
    contact = (await site.desk.handoff(conversation)).contact
    socket = await site.console("asha")
    await site.desk.tenant.hooks.erase_contact(contact)
    told = await site.frame(socket, "handoff.erased")
    assert (told["topic"], told["data"]) == ("staff", {"contact": contact, "conversations": [conversation]})
    assert other not in str(told)
