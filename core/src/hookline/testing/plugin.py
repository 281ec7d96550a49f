"""The pytest plugin: the fixture `make_bot`, and a watch for calls that block the event loop.

It imports the core only when a fixture is used, so that it costs other projects' tests nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from .bot import Bot

MakeBot = Callable[..., Awaitable["Bot"]]


@pytest_asyncio.fixture
async def make_bot(tmp_path: Path) -> AsyncIterator[MakeBot]:
    """Makes and starts a `Bot`, as often as a test calls it.

        bot = await make_bot(plugins=[…], config="…toml…", tenants={…}, clock=FrozenClock(), env={…})

    `config` is for one tenant named acme; `tenants` maps several names to their configs.  All are closed after the
    test, which fails if a hook has blocked the event loop for more than half a second.
    """
    from hookline.clock import Clock

    from .blocking import BlockingWatch
    from .bot import Bot

    _plain_tracebacks()
    bots: list[Bot] = []
    watches: list[BlockingWatch] = []

    async def make(
        *,
        plugins: list[Any],
        config: str = "",
        tenants: dict[str, str] | None = None,
        clock: Any = None,
        env: dict[str, str] | None = None,
        database_url: str = "",
        resends: bool = True,
        folder: Path | None = None,
        blocking: float = 0.5,
    ) -> Bot:
        bot = Bot(
            plugins=plugins,
            folder=folder or tmp_path / f"bot{len(bots)}",
            tenants=tenants or {"acme": config},
            clock=clock or Clock(),
            env=env or {},
            database_url=database_url,
            resends=resends,
        )
        bots.append(bot)
        await bot.start()
        watches.append(BlockingWatch(bot.runtime.watchdog, blocking).start())
        return bot

    yield make
    for watch in watches:
        watch.stop()
    for bot in bots:
        await bot.close()
    blocked = [text for watch in watches for text in watch.found]
    if blocked:
        pytest.fail("a hook blocked the event loop:\n" + "\n".join(blocked))


def _plain_tracebacks() -> None:
    """Where `rich` is installed, structlog would draw each traceback with all locals: seconds, and what customers say."""
    import structlog

    if not structlog.is_configured():
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
