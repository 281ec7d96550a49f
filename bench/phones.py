"""Customers and Meta in one process: posts signed webhooks to a server, and takes its replies.

It says its port as Meta, then is told lines of JSON.  {"port", "path", "clients", "seconds"}: webhooks one after the other from each client, as
fast as they are accepted; the durations.  The same with "replies": each client waits until its reply has reached Meta before it writes again; the
durations from the webhook to there.  {"port", "path", "burst", "times"}: so many webhooks, each so many times, all at once; how many replies
came for how many messages, and the seconds to the last.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
import uuid
from typing import Any

from aiohttp import web
from serving import lines
from whatsapphook import NUMBER, SECRET, body

TEXT = "hello, I want to know about a loan for a small house"
_QUIET = 1.0  # seconds without another reply after which a burst is over


class Line(asyncio.Protocol):
    """One kept connection, which POSTs one body at a time."""

    def __init__(self, path: str) -> None:
        self.head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        self.rest = b""
        self.answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def post(self, raw: bytes) -> asyncio.Future[None]:
        """Resolved by a 200."""
        self.answered = asyncio.get_running_loop().create_future()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        head = f"{self.head}X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(raw)}\r\n\r\n"
        self.transport.write(head.encode() + raw)
        return self.answered

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        head, found, rest = data.partition(b"\r\n\r\n")
        if not found or len(rest) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0):
            self.rest = data
            return
        self.rest = b""
        assert self.answered is not None
        if head.startswith(b"HTTP/1.1 200"):
            self.answered.set_result(None)
        else:
            self.answered.set_exception(RuntimeError(data.decode(errors="replace")[:500]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(error or RuntimeError("the server hung up"))


class Phones:
    """The customers; `replied` are the replies by the text that they repeat."""

    def __init__(self) -> None:
        self.replied: dict[str, int] = {}
        self.waiting: dict[str, asyncio.Future[float]] = {}
        self.last = 0.0

    async def meta(self, request: web.Request) -> web.Response:
        """Take a message, or a receipt of reading."""
        told = json.loads(await request.read())
        if "status" in told:
            return web.json_response({"success": True})
        text = told["text"]["body"]
        self.last = time.perf_counter()
        self.replied[text] = self.replied.get(text, 0) + 1
        if (future := self.waiting.pop(text, None)) is not None:
            future.set_result(self.last)
        messages = [{"id": f"wamid.{uuid.uuid4().hex}"}]
        return web.json_response({"messaging_product": "whatsapp", "contacts": [], "messages": messages})

    async def load(self, port: int, path: str, clients: int, seconds: float, *, replies: bool) -> dict[str, Any]:
        """Webhooks for so long, after a little warming up."""
        begun = time.perf_counter()
        start, end = begun + seconds * 0.2, begun + seconds * 1.2
        took: list[float] = []
        prefix = uuid.uuid4().hex[:10]

        async def customer(n: int) -> None:
            line = await self._line(port, path)
            count = 0
            while (posted := time.perf_counter()) < end:
                count += 1
                ident = f"{prefix}-{n}-{count}"
                text = f"{TEXT} {ident}"
                if replies:
                    self.waiting[text] = asyncio.get_running_loop().create_future()
                    wanted = self.waiting[text]
                await line.post(_raw(ident, n, text))
                done = await wanted if replies else time.perf_counter()
                if posted >= start:
                    took.append(done - posted)
            line.transport.close()

        await asyncio.gather(*(customer(n) for n in range(clients)))
        return {"seconds": took, "elapsed": time.perf_counter() - start}

    async def burst(self, port: int, path: str, count: int, times: int, at_once: int = 128) -> dict[str, Any]:
        """So many messages, each so many times in any order."""
        prefix = uuid.uuid4().hex[:10]
        texts = [f"{TEXT} {prefix}-{n}" for n in range(count)]
        todo = [_raw(f"{prefix}-{n}", n, texts[n]) for n in range(count) for _ in range(times)]
        random.Random(count).shuffle(todo)
        begun = time.perf_counter()

        async def send() -> None:
            line = await self._line(port, path)
            while todo:
                await line.post(todo.pop())
            line.transport.close()

        await asyncio.gather(*(send() for _ in range(at_once)))
        accepted = time.perf_counter() - begun
        seen = -1
        while seen != sum(self.replied.get(text, 0) for text in texts):
            seen = sum(self.replied.get(text, 0) for text in texts)
            await asyncio.sleep(_QUIET)
        answered = sum(text in self.replied for text in texts)
        return {"accepted": accepted, "replies": seen, "answered": answered, "seconds": self.last - begun}

    async def _line(self, port: int, path: str) -> Line:
        made = await asyncio.get_running_loop().create_connection(lambda: Line(path), "127.0.0.1", port)
        return made[1]


def _raw(ident: str, n: int, text: str) -> bytes:
    return json.dumps(body(f"wamid.{ident}", f"9198{n:08d}", text, int(time.time()))).encode()


async def main() -> None:
    phones = Phones()
    app = web.Application()
    app.router.add_post(f"/v23.0/{NUMBER}/messages", phones.meta)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(json.dumps(runner.addresses[0][1]), flush=True)
    reader = await lines()
    try:
        while line := await reader.readline():
            told = json.loads(line)
            if "burst" in told:
                found = await phones.burst(told["port"], told["path"], told["burst"], told["times"])
            else:
                replies = bool(told.pop("replies", False))
                found = await phones.load(**told, replies=replies)
            print(json.dumps(found), flush=True)
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
