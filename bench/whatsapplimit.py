"""The limit of the figure `whatsapp`: raw aiohttp, hmac, and raw sqlite3 on one writer thread with group commit, synchronous=FULL.

    python whatsapplimit.py PROVIDER_PORT

`/message` checks the signature, decodes, inserts one row, and answers once it is durable.  `/reply` has, besides, a reply sent to the
provider afterwards over one pooled session, and a row for that.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from limit import Writer
from serving import serve
from whatsapphook import NUMBER, SECRET


async def main(port: str) -> None:
    url = f"http://127.0.0.1:{port}/v23.0/{NUMBER}/messages"
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "raw.db")
        running: set[asyncio.Task[None]] = set()

        async def take(request: web.Request) -> dict[str, Any] | None:
            raw = await request.read()
            given = request.headers.get("X-Hub-Signature-256", "")
            good = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(given, good):
                return None
            value = json.loads(raw)["entry"][0]["changes"][0]["value"]
            (told,) = value["messages"]
            await writer.insert(told["id"], told["from"], told["text"]["body"], time.time())
            return dict(told)

        async def receive(request: web.Request) -> web.Response:
            return web.Response(status=200 if await take(request) else 403)

        async def answer(told: dict[str, Any]) -> None:
            body = {
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": told["from"], "type": "text",
                "text": {"body": told["text"]["body"], "preview_url": False},
            }  # fmt: skip
            async with session.post(url, json=body, headers={"Authorization": "Bearer bench-token"}) as response:
                ident = (await response.json())["messages"][0]["id"]
            await writer.insert(ident, told["from"], "sent", time.time())

        async def reply(request: web.Request) -> web.Response:
            told = await take(request)
            if told is None:
                return web.Response(status=403)
            task = asyncio.create_task(answer(told))
            running.add(task)
            task.add_done_callback(running.discard)
            return web.Response()

        app = web.Application()
        app.router.add_post("/message", receive)
        app.router.add_post("/reply", reply)
        async with aiohttp.ClientSession() as session:
            try:
                await serve(app)
            finally:
                writer.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
