"""A caller breaks in on a reply that another process streams: it ends there, and the transcript has what was heard.  So it does where
an agent takes the conversation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

from hookline.catalogue import Catalogue
from hookline.plugin import Plugin
from hookline.testing.process import ServerProcess, serving
from hookline.testing.twiliocalls import TwilioCalls

PUBLIC = "https://shop.example"
SID = "CA" + "7" * 32
CONFIG = """
public_url = "{public}"
[plugins]
enabled = ["talker", "voice"]
[plugins.voice.calls]
mode = "relay"
numbers = ["{number}"]
[plugins.voice.calls.twilio]
account_sid = "{account}"
auth_token = "${{CALLS_TOKEN}}"
"""
TALKER = """
import asyncio
import os
import pathlib

from aiohttp import web

from hookline.hookspecs import hookimpl
from hookline.message import Segment
from hookline.plugin import Plugin

FOLDER = pathlib.Path(os.environ["TALKER_FOLDER"])


class TenantHooks:
    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        return None if turn.message.input_type == "event" else sentences(turn)


async def sentences(turn):
    text = turn.message.text
    (FOLDER / f"history-{text}").write_text("|".join(one.text for one in turn.history))
    (FOLDER / f"process-{text}").write_text(str(os.getpid()))
    try:
        yield Segment(f"You said {text}. ")
        while not (FOLDER / f"go-{text}").exists():
            await asyncio.sleep(0.01)
        yield Segment("That is all I know.")
        (FOLDER / f"whole-{text}").touch()
    finally:
        (FOLDER / f"ended-{text}").touch()


async def take(request, tenant):
    taken = await tenant.conversations.take(request.match_info["id"], "asha")
    return web.json_response({"taken": taken})


class ProcessHooks:
    @hookimpl
    def add_routes(self, router):
        router.add("POST", "/talker/{id}", take, access="public")


plugin = Plugin("talker", hooks=TenantHooks, process=ProcessHooks)
"""


@attrs.define
class Phone:
    """Twilio's side of a socket."""

    socket: aiohttp.ClientWebSocketResponse

    async def send(self, kind: str, **told: Any) -> None:
        await self.socket.send_json({"type": kind, **told})

    async def say(self, text: str) -> None:
        await self.send("prompt", voicePrompt=text, lang="en-IN", last=True)

    async def hear(self, wanted: str, *, last: bool = False) -> None:
        """Wait until that is said; `last`: and the reply has come to its end, which is committed then."""
        said, ended = "", False
        async with asyncio.timeout(30):
            while wanted not in said or (last and not ended):
                told = json.loads((await self.socket.receive()).data)
                said, ended = said + told.get("token", ""), told.get("last", False)


@asynccontextmanager
async def calling(http: aiohttp.ClientSession, server: ServerProcess, twilio: TwilioCalls) -> AsyncIterator[Phone]:
    path = "/t/shop/voice/calls/relay"
    headers = {"X-Twilio-Signature": twilio.sign(f"{PUBLIC}{path}".replace("https", "wss"), {})}
    async with http.ws_connect(f"{server.url}{path}", headers=headers) as socket:
        phone = Phone(socket)
        await phone.send("setup", sessionId="VX1", accountSid=twilio.account, callSid=SID, to=twilio.number,
                         direction="inbound", **{"from": "+919800000001"})  # fmt: skip
        yield phone


@attrs.define
class Folder:
    """Where the bot in the other process waits, and says how far it is."""

    path: Path

    async def has(self, name: str) -> str:
        async with asyncio.timeout(30):
            while not (self.path / name).exists():
                await asyncio.sleep(0.01)
        return (self.path / name).read_text()

    def put(self, name: str) -> None:
        (self.path / name).touch()


@pytest.fixture
def database_plugins() -> Sequence[Plugin]:
    return Catalogue.load().plugins


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    """A folder of modules in which the servers find the bot, as if it were installed."""
    folder = tmp_path / "modules"
    known = folder / "talker-1.0.dist-info"
    known.mkdir(parents=True)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: talker\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text("[hookline.plugins]\ntalker = talker:plugin\n")
    (folder / "talker.py").write_text(TALKER)
    return folder


@pytest.mark.slow
@pytest.mark.service("postgresql")
async def test_a_caller_who_breaks_in_and_an_agent_who_takes_over_end_a_reply_that_another_process_streams(
    tmp_path: Path, postgres_url: str, bots: Path
) -> None:
    folder = Folder(tmp_path / "talk")
    folder.path.mkdir()
    shop = tmp_path / "tenants" / "shop"
    shop.mkdir(parents=True)
    async with TwilioCalls() as twilio, aiohttp.ClientSession() as http:
        (shop / "tenant.toml").write_text(CONFIG.format(public=PUBLIC, number=twilio.number, account=twilio.account))
        env = {"CALLS_TOKEN": twilio.token, "PYTHONPATH": str(bots), "TALKER_FOLDER": str(folder.path)}
        servers = [
            ServerProcess(tmp_path / "tenants", "shop", tmp_path / f"data{n}", postgres_url, env=env) for n in range(2)
        ]
        try:
            await serving(http, servers)
            async with calling(http, servers[0], twilio) as phone:
                await phone.hear("How can I help you?")
                await phone.say("one")
                await phone.hear("You said one.")
            # The balancer moves the call to the process that does not have its lane, as either may.
            there = int(await folder.has("process-one"))
            (here,) = [server for server in servers if server.process and server.process.pid != there]
            async with calling(http, here, twilio) as phone:
                await phone.hear("How can I help you?")
                await phone.say("two")
                await waiting(here, 2)
                folder.put("go-one")
                await phone.hear("You said two.")
                assert int(await folder.has("process-two")) == there

                await phone.send("interrupt", utteranceUntilInterrupt="You said", durationUntilInterruptMs="460")
                await folder.has("ended-two")
                folder.put("go-three")
                await phone.say("three")
                await phone.hear("You said three. That is all I know.", last=True)
                await phone.say("four")
                await phone.hear("You said four.")
                (owner,) = [
                    one for one in servers if one.process and str(one.process.pid) == await folder.has("process-four")
                ]
                (other,) = [one for one in servers if one is not owner]
                conversation = (await other.rows("SELECT conversation FROM voice_call"))[0][0]
                async with http.post(f"{other.url}/t/shop/talker/{conversation}") as answer:
                    assert await answer.json() == {"taken": True}
                await folder.has("ended-four")
            assert not (folder.path / "whole-two").exists()
            assert not (folder.path / "whole-four").exists()
            told = [(body["text"], body["data"].get("interrupted", False)) for body in await said(here)]
        finally:
            for server in servers:
                server.kill()
    assert told[1:] == [
        ("You said one. That is all I know.", False), ("You said", True), ("You said three. That is all I know.", False),
    ]  # fmt: skip
    assert (await folder.has("history-three")).split("|")[-1] == "You said"


async def waiting(server: ServerProcess, rows: int) -> None:
    async with asyncio.timeout(30):
        while await server.rows("SELECT count(*) FROM inbox WHERE state = 'pending' AND kind = 'message'") != [(rows,)]:
            await asyncio.sleep(0.01)


async def said(server: ServerProcess) -> list[dict[str, Any]]:
    found = await server.rows("SELECT body FROM message WHERE direction = 'outbound' ORDER BY seq")
    return [json.loads(body) if isinstance(body, str) else body for (body,) in found]
