"""The pytest plugin: the fixture `make_bot`, and a watch for calls that block the event loop.

It imports the core only when a fixture is used, so that it costs other projects' tests nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.plugin import Plugin

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


@pytest.fixture
def database_plugins() -> Sequence[Plugin]:
    """The plugins whose tables `database_url` and `postgres_url` have; a module or a conftest says which by its own fixture."""
    return ()


@pytest_asyncio.fixture
async def postgres_url(database_plugins: Sequence[Plugin]) -> str:
    """A PostgreSQL database of one's own, beside the one that HOOKLINE_TEST_POSTGRES names."""
    return await _postgres(database_plugins)


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))])
async def database_url(request: pytest.FixtureRequest, database_plugins: Sequence[Plugin]) -> str:
    """For `make_bot(database_url=…)`: the embedded database (""), then a PostgreSQL database of one's own."""
    return "" if request.param == "sqlite" else await _postgres(database_plugins)


async def _postgres(plugins: Sequence[Plugin]) -> str:
    from . import databases

    if databases.ADDRESS not in os.environ:  # an author's machine need not have one; in our CI a skip is a failure
        pytest.skip(f"{databases.ADDRESS} names no PostgreSQL database beside which others may be made")
    return await databases.postgres_for_test(plugins)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "service(name): needs a service on this machine, as postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Drop a test's databases when all that uses them is closed."""
    yield
    if databases := sys.modules.get("hookline.testing.databases"):
        databases.clear()


def pytest_unconfigure() -> None:
    if databases := sys.modules.get("hookline.testing.databases"):
        databases.forget()


def _plain_tracebacks() -> None:
    """Where `rich` is installed, structlog would draw each traceback with all locals: seconds, and what customers say."""
    import structlog

    if not structlog.is_configured():
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])
