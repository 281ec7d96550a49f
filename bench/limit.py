"""The limit of accepting: raw aiohttp and raw sqlite3 on one writer thread with group commit, synchronous=FULL.

It decodes the JSON, inserts one row, and answers once the row is durable: nothing that could be left out is in it.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from aiohttp import web
from serving import serve

GROUP = 256


class Writer:
    """The thread that commits rows in groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loop = asyncio.get_running_loop()
        self.waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    async def insert(self, *row: Any) -> None:
        """Returns once it is durable."""
        future = self.loop.create_future()
        self.waiting.put((row, future))
        await future

    def close(self) -> None:
        """Commit what waits and end."""
        self.waiting.put(None)
        self.thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE message (id INTEGER PRIMARY KEY, key TEXT UNIQUE, sender TEXT, body TEXT, at REAL)"
        )
        while (first := self.waiting.get()) is not None:
            group = [first]
            while len(group) < GROUP:
                try:
                    more = self.waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self.waiting.put(None)
                    break
                group.append(more)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO message (key, sender, body, at) VALUES (?, ?, ?, ?)", [row for row, _ in group]
            )
            connection.execute("COMMIT")
            self.loop.call_soon_threadsafe(_settle, [future for _, future in group])
        connection.close()


def _settle(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "raw.db")

        async def receive(request: web.Request) -> web.Response:
            body = json.loads(await request.read())
            await writer.insert(body["id"], body["from"], body["text"], time.time())
            return web.json_response({"ok": True})

        app = web.Application()
        app.router.add_post("/message", receive)
        try:
            await serve(app)
        finally:
            writer.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
