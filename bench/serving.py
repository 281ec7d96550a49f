"""Serves an application on a free port until standard input ends."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web


async def serve(app: web.Application) -> None:
    """Say the port as a line of JSON, then serve."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        print(json.dumps(runner.addresses[0][1]), flush=True)
        await told_to_end()
    finally:
        await runner.cleanup()


async def told_to_end() -> None:
    """Return when standard input is closed."""
    reader = await lines()
    while await reader.readline():
        pass


async def lines() -> asyncio.StreamReader:
    """Standard input, to be read without blocking the loop."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader
