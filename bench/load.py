"""The load generator, a process of its own: HTTP clients with one kept connection each, lean enough to be outrun.

It is told lines of JSON ({"port", "path", "clients", "seconds"}) and answers with the durations of all requests and
with its own share of a core, so that a run in which the generator was the bottleneck can be told from a good one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from typing import Any

TEXT = "hello, I want to know about a loan for a small house"


class Client(asyncio.Protocol):
    """POSTs one message after the other."""

    def __init__(self, name: str, path: str, run: Run) -> None:
        self.name = name
        self.run = run
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ".encode()
        )
        self.count = 0
        self.begun = 0.0
        self.rest = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.post()

    def post(self) -> None:
        self.count += 1
        body = f'{{"id":"{self.name}-{self.count}","from":"{self.name}","text":"{TEXT}"}}'.encode()
        self.begun = time.perf_counter()
        self.transport.write(b"%b%d\r\n\r\n%b" % (self.head, len(body), body))

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        head, found, body = data.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]):
            self.rest = data
            return
        self.rest = b""
        now = time.perf_counter()
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(data.decode(errors="replace")[:500]))
            self.transport.close()
            return
        if self.begun >= self.run.start:
            self.run.seconds.append(now - self.begun)
        if now < self.run.end:
            self.post()
        else:
            self.done.set_result(None)
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the server hung up"))


class Run:
    """One measurement: from `start` on, after a little warming up, until `end`."""

    def __init__(self, seconds: float) -> None:
        self.start = time.perf_counter() + seconds * 0.2
        self.end = self.start + seconds
        self.seconds: list[float] = []


async def load(port: int, path: str, clients: int, seconds: float) -> dict[str, Any]:
    """Requests by so many clients for so long."""
    run = Run(seconds)
    prefix = uuid.uuid4().hex[:8]
    loop = asyncio.get_running_loop()
    cpu = time.process_time()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda n=n: Client(f"{prefix}-{n}", path, run), "127.0.0.1", port)
        for n in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    ended = time.perf_counter()
    busy = (time.process_time() - cpu) / (ended - began)
    return {"seconds": run.seconds, "elapsed": ended - run.start, "busy": busy}


def main() -> None:
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        print(json.dumps(asyncio.run(load(**told))), flush=True)


if __name__ == "__main__":
    main()
