"""The limit of the figure `cold`: raw aiohttp that embeds the question with the raw model, where there is one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web
from rawsearch import search


async def main() -> None:
    find = search(Path(sys.argv[1]) if sys.argv[1] else None, 100)

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        find(body["text"])
        return web.json_response({"text": body["text"]})

    app = web.Application()
    app.router.add_post("/ask", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
