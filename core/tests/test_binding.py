"""Sessions of an id that clients make up: once somebody has proved something in one, nobody else gets in."""

from __future__ import annotations

import pytest
import pytest_asyncio
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import make_app
from hookline.binding import CLIENT
from hookline.errors import Conflict
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin

CONFIG = "[conversations]\nown_ids = true\n[ratelimit]\nrequests = 0\ncontact_requests = 0\n"
REFUSED = "session_id: somebody has proved in this session who they are, so it is theirs alone"


class Safe:
    """Binds a conversation to whoever says "it is me", and repeats what it hears."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        if turn.message.text == "it is me":
            turn.bind(turn.message.data[CLIENT])
        return Reply(f"{turn.message.text}: {len(turn.history)}")


@pytest_asyncio.fixture
async def browser(make_bot, database_url):
    """`browser()`: another browser at one server; `browser(cookies=False)` one that keeps no cookies."""
    bot = await make_bot(plugins=[Plugin("safe", Safe)], config=CONFIG, database_url=database_url)
    opened = []
    server = TestServer(make_app(bot.runtime))

    async def make(*, cookies=True):
        client = TestClient(server, **({} if cookies else {"cookie_jar": DummyCookieJar()}))
        await client.start_server()
        client.bot = bot
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.close()


async def chat(client, text, session="s1", **more):
    response = await client.post("/t/acme/chat", json={"message": text, "session_id": session}, **more)
    body = await response.json()
    return response.status, body.get("answer") or body.get("detail", "")


async def test_a_session_is_its_clients_alone_from_the_proof_on(browser):
    mine, other, bare = await browser(), await browser(), await browser(cookies=False)
    assert await chat(mine, "hello") == (200, "hello: 0")
    assert await chat(other, "hello") == (200, "hello: 2"), "nothing is to be had yet"
    assert (await chat(mine, "it is me"))[0] == 200
    turn = (await (await mine.post("/t/acme/chat", json={"message": "more", "session_id": "s1"})).json())["turn_id"]
    for stranger in (other, bare):
        status, told = await chat(stranger, "hello")
        assert status == 403
        assert told.startswith(REFUSED)
        for path in ("sessions/s1", "sessions/s1/messages", f"turns/{turn}?session_id=s1"):
            response = await stranger.get(f"/t/acme/{path}")
            assert response.status == 403, path
            assert "it is me" not in await response.text()
    assert (await chat(mine, "still"))[0] == 200
    assert len((await (await mine.get("/t/acme/sessions/s1/messages")).json())["messages"]) == 10
    assert (await chat(other, "hello", "s2"))[0] == 200, "others' own sessions are theirs"


async def test_the_cookie_is_for_no_script_and_for_no_other_site(browser):
    client = await browser()
    response = await client.post("/t/acme/chat", json={"message": "hello", "session_id": "s1"})
    cookie = response.cookies["hookline_client_acme"]
    assert len(cookie.value) >= 43, "256 random bits"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/t/acme/")
    again = await client.post("/t/acme/chat", json={"message": "hello", "session_id": "s1"})
    assert "hookline_client_acme" not in again.cookies, "it is kept"


async def test_who_keeps_no_cookies_shows_the_key_as_a_bearer(browser):
    bare = await browser(cookies=False)
    response = await bare.post("/t/acme/chat", json={"message": "it is me", "session_id": "s1"})
    key = response.cookies["hookline_client_acme"].value
    assert (await chat(bare, "hello"))[0] == 403
    assert await chat(bare, "hello", headers={"Authorization": f"Bearer {key}"}) == (200, "hello: 2")
    for wrong in (key[:-1], f"{key}x", "Bearer", key.swapcase()):
        assert (await chat(bare, "hello", headers={"Authorization": f"Bearer {wrong}"}))[0] == 403


async def test_a_conversation_of_the_servers_own_id_is_nobodys_to_bind(browser):
    client = await browser(cookies=False)
    opened = await (await client.post("/t/acme/sessions", json={"user_id": "alice"})).json()
    assert await chat(client, "hello", opened["session_id"]) == (200, "hello: 0")
    assert await chat(client, "hello", opened["session_id"]) == (200, "hello: 2"), "its id is the key"


async def test_what_is_one_clients_is_not_given_to_another(browser):
    client = await browser()
    await chat(client, "it is me")
    core = client.bot.tenant()
    for conversation, told in (("s1", "bound to another client"), ("nobody", "there is no conversation")):
        with pytest.raises(Conflict, match=told):
            async with core.action(by="a test") as act:
                act.bind("0" * 64, conversation=conversation)
    assert (await chat(client, "still"))[0] == 200
