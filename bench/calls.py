"""From the end of what a caller says to the first token of the answer, on a live call by ConversationRelay: what is ours of it.

    .venv/bin/python bench/calls.py [--turns 500] [--calls 4]

The bot answers at once, so that neither retrieval nor a model counts: what is left is the socket, the durable message, the hooks, the
review of the first sentence and the way back.  A real server on a free port, SQLite with synchronous=FULL, Twilio's messages.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

import hookline_voice
from hookline.app import make_app
from hookline.catalogue import Catalogue
from hookline.hookspecs import hookimpl
from hookline.message import Segment
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.testing.twiliocalls import TwilioCalls

PUBLIC = "https://bench.example"
PATH = "/t/bench/voice/calls/relay"


class Prompt:
    """Answers at once, in two sentences."""

    def __init__(self, tenant: Any) -> None:
        del tenant

    @hookimpl
    async def respond(self, turn: Any) -> AsyncIterator[Segment] | None:
        if turn.message.input_type == "event":
            return None
        return self._said()

    async def _said(self) -> AsyncIterator[Segment]:
        yield Segment("Your instalment is due on Monday. ")
        yield Segment("Can I help you with anything else?")


async def one_call(
    http: aiohttp.ClientSession, url: str, twilio: TwilioCalls, n: int, turns: int, into: list[float]
) -> None:
    """One caller, who says something as soon as the bot has finished."""
    headers = {"X-Twilio-Signature": twilio.sign(f"{PUBLIC}{PATH}".replace("https", "wss"), {})}
    async with http.ws_connect(f"{url}{PATH}", headers=headers) as socket:
        setup = {
            "type": "setup",
            "callSid": f"CA{n:032x}",
            "from": f"+9198{n:08d}",
            "to": twilio.number,
            "direction": "inbound",
        }
        await socket.send_json(setup)
        await _last(socket)
        for _ in range(turns):
            begun = time.perf_counter()
            await socket.send_json(
                {"type": "prompt", "voicePrompt": "When is my instalment due?", "lang": "en-US", "last": True}
            )
            first = await socket.receive_json()
            into.append(time.perf_counter() - begun)
            if not first.get("last"):
                await _last(socket)


async def _last(socket: aiohttp.ClientWebSocketResponse) -> None:
    while True:
        told = await socket.receive_json()
        if told["type"] == "text" and told["last"]:
            return


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=500, help="of each call")
    parser.add_argument("--calls", type=int, default=4, help="at once")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bench"
        folder.mkdir()
        async with TwilioCalls() as twilio:
            (folder / "tenant.toml").write_text(
                f'public_url = "{PUBLIC}"\n[plugins]\nenabled = ["prompt", "voice"]\n[ratelimit]\ncontact_requests = 0\n'
                f'[plugins.voice.calls]\nmode = "relay"\n[plugins.voice.calls.twilio]\naccount_sid = "{twilio.account}"\n'
                f'auth_token = "{twilio.token}"\n'
            )
            runtime = Runtime(
                catalogue=Catalogue.of([Plugin("prompt", Prompt), hookline_voice.plugin]),
                folders={"bench": folder}, data=Path(place) / "data",
            )  # fmt: skip
            async with runtime, aiohttp.ClientSession() as http:
                runner = web.AppRunner(make_app(runtime), access_log=None)
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                await one_call(http, url, twilio, 0, 20, [])
                for calls in dict.fromkeys((1, asked.calls)):
                    told: list[float] = []
                    await asyncio.gather(
                        *(one_call(http, url, twilio, calls * 100 + n + 1, asked.turns, told) for n in range(calls))
                    )
                    cuts = statistics.quantiles(told, n=100)
                    print(
                        f"{calls} call(s) at once, {len(told)} turns: first token p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms"
                    )
                await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
