"""The hooks, and the pages and messages by HTTP."""

from __future__ import annotations

import json
import re

import pytest

from hookline.assets import Assets
from hookline.message import Reply
from hookline_webchat.config import Config, EventNames


async def test_what_is_sent_outside_a_turn_is_delivered_to_the_open_pages(make_site, config):
    site = await make_site(config=config)
    session = await site.session()
    ws = await site.socket(session["token"])
    await site.post(session["token"], "my line is down")
    await site.frames(ws, 2, "message")
    await site.bot.tenant("webchat").send(Reply("Your line is back."), conversation=session["conversation"])
    told = (await site.frame(ws, "message"))["message"]
    assert (told["author"], told["text"], told["direction"]) == ("system", "Your line is back.", "outbound")


async def test_history_can_be_read_forwards_backwards_and_from_the_end(make_site, config):
    site = await make_site(config=config)
    token = (await site.session())["token"]
    for n in range(5):
        await site.post(token, f"text {n}", client_id=str(n))
    await site.bot.idle()

    async def seqs(**query):
        page = await site.messages(token, **query)
        assert page["last_seq"] == 10
        return [m["seq"] for m in page["messages"]]

    assert await seqs() == list(range(1, 11))
    assert await seqs(limit=3) == [8, 9, 10]
    assert await seqs(before=8, limit=3) == [5, 6, 7]
    assert await seqs(after=0, limit=3) == [1, 2, 3]
    assert await seqs(after=9) == [10]
    assert await seqs(after=10) == []


@pytest.mark.parametrize("query", ["after=-1", "before=x", "limit=9999999", "after=99999999999", "limit=1.5"])
async def test_a_bad_number_is_named(make_site, config, query):
    site = await make_site(config=config)
    token = (await site.session())["token"]
    async with site.http.get(f"{site.base}/webchat/messages?{query}", headers=site.auth(token)) as response:
        assert response.status == 400
        assert (await response.json())["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "hi"}, "id"),
        ({"id": "1"}, "text"),
        ({"id": 1, "text": "hi"}, "id"),
        ({"id": "1", "text": 5}, "text"),
        ({"id": "", "text": "hi"}, "id"),
        ({"id": "a b", "text": "hi"}, "id"),
    ],
)
async def test_a_message_with_a_bad_field_is_refused_by_name(make_site, config, body, field):
    site = await make_site(config=config)
    token = (await site.session())["token"]
    async with site.http.post(f"{site.base}/webchat/messages", json=body, headers=site.auth(token)) as response:
        assert response.status == 400
        assert (await response.json())["errors"][0]["field"] == field
    assert site.heard == []


@pytest.mark.row("X23")
@pytest.mark.parametrize("store", ["sql", "memory", "none"])
async def test_pages_work_with_every_history_store(make_site, config, store):
    site = await make_site(config=f'{config}\n[history]\nstore = "{store}"\n')
    token = (await site.session())["token"]
    ws = await site.socket(token)
    await ws.send_json({"type": "message", "id": "1", "text": "hello"})
    got = [f["message"]["text"] for f in await site.frames(ws, 2, "message")]
    assert got == ["hello", "You said: hello"]
    await site.bot.idle()
    kept = [m["text"] for m in (await site.messages(token))["messages"]]
    assert kept == ([] if store == "none" else got)
    await ws.close()
    again = await site.socket(token, after=0)
    await again.send_json({"type": "message", "id": "2", "text": "more"})
    seen = []
    while "You said: more" not in seen:
        seen.append((await site.frame(again, "message"))["message"]["text"])
    assert seen == [*kept, "more", "You said: more"]


async def test_events_come_as_a_stream_that_can_be_resumed(make_site, config):
    site = await make_site(config=f"{config}\n[plugins.webchat]\nheartbeat = 0.05\n")
    session = await site.session()
    token = session["token"]

    async def read(response, until):
        text = ""
        while not re.search(until, text):
            text += (await response.content.readany()).decode()
        return text

    wanted = {"Accept": "text/event-stream"}
    async with site.http.get(f"{site.base}/webchat/events", params={"token": token}, headers=wanted) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-cache"
        text = await read(response, "ready")
        await site.post(token, "hello")
        text += await read(response, r"id: 2\ndata: .*\n\n")
        beats = await read(response, r"(?m)^: \n")
    assert beats
    events = [block.split("\n") for block in text.split("\n\n") if "data: " in block]
    assert events[0] == [
        "event: ready",
        f'data: {{"type":"ready","conversation":"{session["conversation"]}","last_seq":0}}',
    ]
    shown = [json.loads(block[-1].removeprefix("data: ")) for block in events if block[0].startswith("id: ")]
    assert [frame["message"]["text"] for frame in shown] == ["hello", "You said: hello"]
    for resume in ({"Last-Event-ID": "1"}, None):
        headers = {**wanted, **(resume or {}), **site.auth(token)}
        async with site.http.get(f"{site.base}/webchat/events", params={"after": "1"}, headers=headers) as response:
            text = await read(response, r"id: 2\n")
            assert "id: 1\n" not in text


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, {}, 406),
        ({"Accept": "text/event-stream"}, {}, 401),
        ({"Accept": "text/event-stream"}, {"token": "x"}, 401),
        ({"Accept": "text/event-stream", "Last-Event-ID": "x"}, {"token": "good"}, 400),
    ],
)
async def test_a_bad_request_for_events_is_refused(make_site, config, headers, query, status):
    site = await make_site(config=config)
    if query.get("token") == "good":
        query = {"token": (await site.session())["token"]}
    async with site.http.get(f"{site.base}/webchat/events", params=query, headers=headers) as response:
        assert response.status == status


@pytest.mark.parametrize(("path", "base"), [("/t/acme/", "/t/acme"), ("/", "")])
async def test_the_chat_page_knows_where_its_tenant_is(make_site, config, path, base):
    site = await make_site(config=config)
    async with site.http.get(f"{site.url}{path}") as response:
        text = await response.text()
        if Assets("hookline_webchat", "static").read("chat.html") is None:
            assert response.status == 503
            assert "make web" in text
            return
        assert (response.status, response.content_type) == (200, "text/html")
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "__BASE__" not in text
    scripts = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', text)
    assert scripts
    for script in scripts:
        assert script.startswith(f"{base}/webchat/")
        async with site.http.get(f"{site.url}{script}") as response:
            assert response.status == 200
    async with site.http.get(f"{site.base}/webchat/widget.js") as response:
        assert (response.status, response.content_type, response.charset) == (200, "text/javascript", "utf-8")


async def test_where_the_pages_are_not_built_it_says_what_to_do(make_site, config, tmp_path):
    """The package as a source checkout has it, in a process of its own."""
    import shutil
    import subprocess
    import sys
    from pathlib import Path

    import hookline_webchat

    source = Path(hookline_webchat.__file__).parent
    shutil.copytree(source, tmp_path / "hookline_webchat", ignore=shutil.ignore_patterns("static", "__pycache__"))
    program = """
import asyncio, types
from hookline.compute import Compute
from hookline_webchat import pages
tenant = types.SimpleNamespace(compute=Compute(), name="acme")
async def main():
    answer = await pages.show_chat(types.SimpleNamespace(path="/"), tenant)
    print(answer.status, answer.text, await pages.health(tenant))
asyncio.run(main())
tenant.compute.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin"},
    )
    assert done.stdout.startswith("503 The pages are not built: run `make web`"), done.stderr
    assert "'status': 'degraded'" in done.stdout


async def test_the_admins_corner_is_open_only_where_the_routes_are(make_site, config):
    text = f'{config}\n[auth]\nopen_routes = ["GET /rag/documents", "POST /rag/documents"]\n'
    site = await make_site(config=text)
    assert (await site.session())["config"]["admin"] is True
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert (await site.session(headers=proxied))["config"]["admin"] is False
    outside = await make_site(config=text, host="0.0.0.0")
    assert (await outside.session())["config"]["admin"] is False


@pytest.mark.row("T53")
async def test_rest_is_for_the_pages_of_allowed_origins(make_site, config):
    site = await make_site(config=f'{config}\n[cors]\nallow_origins = ["https://shop.example"]\n')
    for origin, echoed in [("https://shop.example", "https://shop.example"), ("https://evil.example", None)]:
        asks = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        async with site.http.options(f"{site.base}/webchat/messages", headers=asks) as response:
            assert response.headers.get("Access-Control-Allow-Origin") == echoed
            assert response.status == (204 if echoed else 403)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("accent", '"blue"', "given 'blue'; allowed: a colour such as '#1f5fd0'"),
        ("secret", '"short"', "at least 16 characters"),
        ("protocols", '["carrier-pigeon"]', "carrier-pigeon"),
        ("heartbeat", "0", "heartbeat"),
        ("socketio", '{events = {join = "send_message"}}', "three different names"),
        ("socketio", '{events = {error = "disconnect"}}', "Socket.IO uses it itself"),
    ],
)
async def test_a_config_that_can_not_work_is_refused_by_name(make_site, config, name, value, said):
    site = await make_site(config=config)
    file = site.bot.folder / "tenants" / "acme" / "tenant.toml"
    file.write_text(f"{file.read_text()}\n[plugins.webchat]\n{name} = {value}\n", encoding="utf-8")
    assert not await site.bot.runtime.load("acme")
    assert said in site.bot.runtime_of().error
    assert "plugins.webchat" in site.bot.runtime_of().error


def test_the_names_of_the_reference_system_are_the_default():
    assert Config().socketio.events == EventNames("join_room", "leave_room", "send_message", "new_message", "error")
