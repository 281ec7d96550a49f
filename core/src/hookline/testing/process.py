"""A server in a process of its own, which a test kills as a machine's fault would, and starts again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import attrs

LEASE_SECONDS = "1.5"
"""How soon another process goes on where a killed one was."""


@attrs.define(eq=False)
class ServerProcess:
    """`hookline serve` for one tenant, on a port that stays the same.

    `tenants` is the folder of all tenants.  With a `database` several processes may serve, each with a data folder.
    """

    tenants: Path
    tenant: str
    data: Path
    database: str = ""
    env: Mapping[str, str] = attrs.Factory(dict)
    port: int = attrs.field(init=False)
    process: subprocess.Popen[bytes] | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        """Find a port that nobody uses."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """The end of what it printed, since it was first started."""
        return self._log.read_text(errors="replace")[-3000:]

    @property
    def _log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    @property
    def places(self) -> list[str]:
        """The options that every command on the same data needs."""
        database = ["--database", self.database] if self.database else []
        return ["--tenants", str(self.tenants), "--data", str(self.data), *database]

    def command(self, *arguments: str) -> str:
        """Run another command on the same data; returns what it printed, raises `AssertionError` if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "hookline", *arguments, *self.places], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a SELECT finds in its database, all tenants', past the server."""
        if self.database:
            import asyncpg

            connection = await asyncpg.connect(self.database)
            try:
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()
        with contextlib.closing(sqlite3.connect(self.data / "hookline.db")) as embedded:
            return embedded.execute(statement).fetchall()

    def start(self, failpoint: str = "") -> None:
        """Start it; with a failpoint (`hookline.failpoints`, as "turn.durable:3") it kills itself there."""
        serve = ["serve", "--tenant", self.tenant, "--port", str(self.port)]
        env = {**os.environ, **self.env, "HOOKLINE_FAILPOINT": failpoint, "HOOKLINE_LEASE_SECONDS": LEASE_SECONDS}
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hookline", *serve, *self.places], env=env, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """Kill it with -9; it may be dead already."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def dead(self) -> bool:
        """Whether nothing runs."""
        return self.process is None or self.process.poll() is not None

    async def ready(self, http: aiohttp.ClientSession, timeout: float = 90.0) -> None:
        """Wait until it serves, or was killed before that; raises `AssertionError` if it ended by itself."""
        async with asyncio.timeout(timeout):
            while not self.dead:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with http.get(f"{self.url}/health", timeout=aiohttp.ClientTimeout(total=2)) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)
        self._killed()

    async def dies(self, timeout: float = 120.0) -> None:
        """Wait until its failpoint has killed it; raises `AssertionError` if nothing came there."""
        try:
            async with asyncio.timeout(timeout):
                while not self.dead:  # noqa: ASYNC110  nothing but the process itself tells
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"nothing came to the failpoint within {timeout:g} s:\n{self.log}") from None
        self._killed()

    def _killed(self) -> None:
        assert self.process is not None, "it was never started"
        assert self.process.returncode == -signal.SIGKILL, f"the server ended by itself:\n{self.log}"


async def serving(http: aiohttp.ClientSession, servers: Sequence[ServerProcess]) -> None:
    """Start them all and wait until they serve."""
    for server in servers:
        server.start()
    await asyncio.gather(*(server.ready(http) for server in servers))
