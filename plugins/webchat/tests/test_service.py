"""Visitors' tokens and sessions."""

from __future__ import annotations

import asyncio
import base64
import json
import stat

import attrs
import pytest
import sqlalchemy as sa

from hookline.models import contact, conversation, identity
from hookline.testing.clock import FrozenClock
from hookline_webchat.visitor import BadToken, Signer, Visitor

NOW = 1_760_000_000.0
VISITOR = Visitor("v_1", "c1", "acme", NOW, NOW + 60, "fr")


def test_a_token_is_read_as_it_was_made():
    signer = Signer("acme", b"k" * 32)
    assert signer.read(signer.sign(VISITOR), NOW + 59) == VISITOR


def test_a_token_is_good_for_its_tenant_its_key_and_its_time_alone():
    token = Signer("acme", b"k" * 32).sign(VISITOR)
    with pytest.raises(BadToken, match="was not made here"):
        Signer("other", b"k" * 32).read(token, NOW)
    with pytest.raises(BadToken, match="was not made here"):
        Signer("acme", b"x" * 32).read(token, NOW)
    with pytest.raises(BadToken, match="has expired"):
        Signer("acme", b"k" * 32).read(token, NOW + 60)


def test_a_token_that_was_tampered_with_is_refused():
    signer = Signer("acme", b"k" * 32)
    body, _, mac = signer.sign(VISITOR).partition(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = base64.urlsafe_b64encode(json.dumps({**told, "id": "v_2"}).encode()).rstrip(b"=").decode()
    for token in (
        f"{other}.{mac}",
        f"{body}.{mac[:-2]}AA",
        f"{body}.",
        body,
        f".{mac}",
        "",
        "é.ü",
        "a" * 5000,
        f"{body}.{mac}.{mac}",
        f"{body}\n.{mac}",
    ):
        with pytest.raises(BadToken):
            signer.read(token, NOW)


async def test_a_session_says_who_one_is_and_what_the_page_needs(make_site, config):
    site = await make_site(
        config="""
title = "Acme help"
languages = ["en", "fr"]
[plugins.webchat]
accent = "#aa3300"
[plugins.webchat.greeting]
fr = "Bonjour !"
[plugins.webchat.quick_replies]
en = ["Roaming", "Billing"]
[plugins.webchat.strings.fr]
send = "Envoyer"
"""
    )
    session = await site.session()
    assert session["config"] == {
        "title": "Acme help",
        "greeting": "Hello! How can I help you?",
        "placeholder": "",
        "accent": "#aa3300",
        "language": "en",
        "languages": ["en", "fr"],
        "recorder": None,
        "quick_replies": ["Roaming", "Billing"],
        "strings": {"fr": {"send": "Envoyer"}},
        "admin": False,
        "max_length": 10_000,
    }
    french = await site.session(language="fr-CA")
    assert (french["config"]["greeting"], french["config"]["language"]) == ("Bonjour !", "fr")
    asked = await site.session(headers={"Accept-Language": "de;q=0.9, fr;q=0.8, en;q=0.1, x;q=bad"})
    assert asked["config"]["language"] == "fr"
    assert (await site.session(language="xx"))["config"]["language"] == "en"


async def test_a_session_without_a_body_is_a_new_visitors(make_site, config):
    site = await make_site(config=config)
    async with site.http.post(f"{site.base}/webchat/session") as response:
        assert response.status == 200
        first = await response.json()
    assert first["visitor"] != (await site.session())["visitor"]


async def test_the_token_brings_the_same_visitor_and_conversation_back_and_fresh_a_new_one(make_site, config):
    site = await make_site(config=config)
    first = await site.session()
    again = await site.session(token=first["token"])
    assert {**again, "config": 0} == {**first, "config": 0}
    fresh = await site.session(token=first["token"], fresh=True)
    assert fresh["visitor"] == first["visitor"]
    assert fresh["conversation"] != first["conversation"]
    assert (await site.session(token=fresh["token"]))["conversation"] == fresh["conversation"]


async def test_the_chosen_language_goes_with_the_visitors_messages(make_site, config):
    site = await make_site(config=f'languages = ["en", "hi"]\n{config}')
    session = await site.session(language="hi")
    await site.post(session["token"], "नमस्ते")
    await site.bot.idle()
    conversation = await site.bot.tenant().conversations.get(session["conversation"])
    assert [m.language for m in conversation.history] == ["hi", "hi"]
    kept = await site.session(token=session["token"])
    assert kept["config"]["language"] == "hi"


@pytest.mark.parametrize("token", ["nonsense", "e30.e30", "x" * 3000])
async def test_a_bad_token_makes_a_fresh_visitor_in_a_session_and_401_elsewhere(make_site, config, token):
    site = await make_site(config=config)
    first, second = await site.session(token=token), await site.session(token=token)
    assert first["visitor"] != second["visitor"]
    status, problem = await site.post(token, "hi")
    assert (status, problem["title"]) == (401, "Unauthorized")
    async with site.http.get(f"{site.base}/webchat/messages", headers=site.auth(token)) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert response.content_type == "application/problem+json"
    async with site.http.get(f"{site.base}/webchat/messages") as response:
        assert response.status == 401


async def test_a_token_of_one_tenant_is_none_at_another(make_site, config):
    site = await make_site(tenants={"acme": config, "other": config})
    token = (await site.session())["token"]
    async with site.http.get(f"{site.url}/t/other/webchat/messages", headers=site.auth(token)) as response:
        assert response.status == 401
    async with site.http.post(f"{site.url}/t/other/webchat/session", json={"token": token}) as response:
        assert (await response.json())["visitor"] != (await site.session(token=token))["visitor"]


async def test_a_token_lasts_as_long_as_configured_and_is_renewed_by_use(make_site, config):
    clock = FrozenClock()
    site = await make_site(config=f"{config}\n[plugins.webchat]\ntoken_days = 10\n", clock=clock)
    first = await site.session()
    clock.advance(4 * 86400)
    assert (await site.session(token=first["token"]))["visitor"] == first["visitor"]
    clock.advance(4 * 86400)
    renewed = await site.session(token=first["token"])
    assert renewed["visitor"] == first["visitor"]
    clock.advance(4 * 86400)
    assert (await site.session(token=renewed["token"]))["visitor"] == first["visitor"]
    assert (await site.session(token=first["token"]))["visitor"] != first["visitor"]


async def test_the_key_survives_a_restart_and_is_readable_by_its_owner_alone(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    key = site.bot.tenant("webchat").data / "visitor.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    await site.bot.restart()
    assert Signer("acme", key.read_bytes()).read(session["token"], 0.0).id == session["visitor"]


async def test_a_key_whose_writing_was_cut_off_is_made_anew_and_signs_nothing(make_site, config):
    site = await make_site(config=config)
    key = site.bot.tenant("webchat").data / "visitor.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_bytes(b"")  # a crash between the file and what is in it
    session = await site.session()
    assert len(key.read_bytes()) == 32
    with pytest.raises(BadToken, match="the token was not made here"):
        Signer("acme", b"").read(session["token"], 0.0)


async def test_a_configured_secret_is_used_and_never_shown(make_site, config, capsys):
    secret = "correct horse battery"
    text = f'{config}\n[plugins.webchat]\nsecret = "${{CHAT_SECRET}}"\n'
    site = await make_site(config=text, env={"CHAT_SECRET": secret})
    session = await site.session()
    assert Signer("acme", secret.encode()).read(session["token"], 0.0).id == session["visitor"]
    assert not (site.bot.tenant("webchat").data / "visitor.key").exists()
    assert secret not in str(session) + capsys.readouterr().out


@pytest.mark.row("X23")
async def test_a_silent_conversation_expires_by_itself_and_the_next_session_gets_a_new_one(make_site, config):
    clock = FrozenClock()
    site = await make_site(config=f"{config}\n[conversations]\nexpires_after = 3600.0\nsweep = 60.0\n", clock=clock)
    session = await site.session()
    await site.post(session["token"], "hello")
    await site.bot.idle()
    store = site.bot.runtime_of().conversations

    async def status():
        return (await store.get(session["conversation"])).conversation.status

    clock.advance(3000)
    assert await status() == "open"
    clock.advance(700)
    async with asyncio.timeout(10):
        while await status() != "expired":
            await asyncio.sleep(0.01)
    after = await site.session(token=session["token"])
    again = await site.session(token=session["token"])
    assert after["visitor"] == session["visitor"]
    assert after["conversation"] != session["conversation"]
    assert again["conversation"] == after["conversation"], "two tabs that come back go on in one conversation"
    assert (await site.messages(after["token"]))["messages"] == []
    old = await site.messages(session["token"])
    assert [m["text"] for m in old["messages"]] == ["hello", "You said: hello"], "the visitor's own, still readable"
    assert (await site.post(after["token"], "more", client_id="m2"))[0] == 202
    await site.bot.idle()
    assert (await site.session(token=again["token"]))["conversation"] == after["conversation"]


async def rows(site, table):
    found = await site.bot.runtime.database.fetch(
        sa.select(sa.func.count().label("n")).select_from(table), tenant="acme"
    )
    return found[0].n


async def test_nothing_is_stored_of_a_visitor_who_writes_nothing(make_site, config):
    site = await make_site(config=config)
    first = await site.session()
    assert (await site.session(token=first["token"]))["conversation"] == first["conversation"]
    await site.session(token=first["token"], fresh=True)
    ws = await site.socket(first["token"])
    client = await site.socketio()
    await client.call("join_room", {"room_id": "room9", "user_type": "user", "user_id": "u"})
    assert (await site.messages(first["token"])) == {"messages": [], "last_seq": 0}
    for table in (contact, conversation, identity):
        assert await rows(site, table) == 0, table.name
    await ws.send_json({"type": "message", "id": "1", "text": "hello"})
    assert [f["message"]["text"] for f in await site.frames(ws, 2, "message")] == ["hello", "You said: hello"]
    await client.emit("send_message", {"room_id": "room9", "message": "hi"})
    await site.until(lambda: len(client.seen["new_message"]) == 2)
    for table in (contact, conversation, identity):
        assert await rows(site, table) == 2, table.name
    assert (await site.session(token=first["token"]))["conversation"] == first["conversation"]


async def test_a_fresh_conversation_is_a_new_one_though_the_old_is_open(make_site, config):
    site = await make_site(config=config)
    first = await site.session()
    await site.post(first["token"], "one")
    second = await site.session(token=first["token"], fresh=True)
    await site.post(second["token"], "two", client_id="m2")
    await site.bot.idle()
    for session, text in ((first, "one"), (second, "two")):
        told = (await site.messages(session["token"]))["messages"]
        assert [m["text"] for m in told] == [text, f"You said: {text}"]
    assert await rows(site, contact) == 1


async def test_a_room_joined_by_the_id_of_a_session_that_is_still_silent_is_that_session(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    client = await site.socketio()
    room = {"room_id": session["conversation"]}
    await client.call("join_room", {**room, "user_type": "user", "user_id": "u"})
    await client.call("send_message", {**room, "message": "from the room"})
    heard = [f["message"]["text"] for f in await site.frames(ws, 2, "message")]
    assert heard == ["from the room", "You said: from the room"]
    await site.post(session["token"], "from the page")
    await site.until(lambda: len(client.seen["new_message"]) == 4)
    assert await rows(site, conversation) == 1


async def test_many_messages_at_once_begin_one_conversation(make_site, config):
    site = await make_site(config=config)
    token = (await site.session())["token"]
    answers = await asyncio.gather(*(site.post(token, f"m{n}", client_id=f"m{n}") for n in range(8)))
    assert [status for status, _ in answers] == [202] * 8
    assert min(body["seq"] for _, body in answers) == 1
    assert await rows(site, conversation) == await rows(site, contact) == 1


def test_a_visitor_is_a_plain_value():
    assert attrs.asdict(VISITOR)["tenant"] == "acme"
