"""Ours of the figure `accept`: the whole application with the test plugin `postman`, on a free port.

Its turns wait, as they do where other processes run them: what is measured is the way from the request to the
durable row, and nothing else.  The figure `turns` is of the rest.
"""

from __future__ import annotations

import asyncio

from host import hosting
from serving import serve

import hookline_postman
from hookline.app import make_app


async def main() -> None:
    async with hosting([hookline_postman.plugin]) as runtime:
        await runtime.lanes.close(grace=0)
        await serve(make_app(runtime))


if __name__ == "__main__":
    asyncio.run(main())
