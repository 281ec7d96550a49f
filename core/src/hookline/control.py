"""Commands for a running server, through a socket in its data folder: JSON lines, one request a connection.

    → {"command": "rag.ingest", "tenant": "telecom", "arguments": {"paths": ["notes/"]}}
    ← {"progress": {"done": 3, "total": 40}}        as often as the command says
    ← {"result": {...}}    or    {"error": "...", "kind": "BadRequest"}

Only the folder's owner can reach the socket.  A client that hangs up cancels its command.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import structlog

from . import errors
from .errors import BadRequest, HooklineError, StorageError

if TYPE_CHECKING:
    from .plugin import CommandHandler, Progress
    from .routing import Routes
    from .runtime import Runtime

log = structlog.get_logger("hookline.control")

Handler = Callable[[str, Mapping[str, Any], "Progress"], Awaitable[Any]]
"""A command: tenant ("" for the server), arguments, and where to report progress; returns JSON values."""
_LINE = 4 * 1024 * 1024
_LONGEST = 100  # bytes of a socket's path that every system takes


class NotRunning(HooklineError):
    """No server holds the data folder."""


class CommandFailed(HooklineError):
    """The server could not do what was asked; the text is its own."""


class Commands:
    """The commands of a process by name."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    def register(self, name: str, handler: Handler) -> None:
        """Add a command; raises ValueError for a name that is taken."""
        if name in self._handlers:
            raise ValueError(f"command {name!r} is registered already")
        self._handlers[name] = handler

    def __contains__(self, name: object) -> bool:
        return name in self._handlers

    def add_plugins(self, runtime: Runtime, routes: Routes) -> None:
        """Add what the plugins registered with `router.command`; such a command needs a tenant that has the plugin."""
        for name, (plugin, handler) in routes.commands.items():
            self.register(name, _for_plugin(runtime, plugin, handler))

    async def run(self, name: str, tenant: str, arguments: Mapping[str, Any], progress: Progress) -> Any:
        """Do it; raises BadRequest for a command that is not there."""
        handler = self._handlers.get(name)
        if handler is None:
            raise BadRequest(f"there is no command {name!r}; there are: {', '.join(sorted(self._handlers))}", "command")
        return await handler(tenant, arguments, progress)


def _for_plugin(runtime: Runtime, plugin: str, handler: CommandHandler) -> Handler:
    async def run(tenant: str, arguments: Mapping[str, Any], progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            mine = snapshot.plugin(plugin)
            if mine is None:
                raise BadRequest(
                    f"tenant {tenant!r} does not have the plugin {plugin!r}; add it to plugins in its config"
                )
            return await handler(mine, arguments, progress)

    return run


class ControlServer:
    """Listens on the socket; `async with ControlServer(path, commands):`."""

    def __init__(self, path: Path, commands: Commands) -> None:
        self.path = path
        self.commands = commands
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        """Listen; what a killed server left behind is replaced: the data folder's lock says that it is dead."""
        self.path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with _reachable(self.path) as path:
                self._server = await asyncio.start_unix_server(self._serve, path, limit=_LINE)
        except OSError as error:
            raise StorageError(f"the control socket {self.path} can't be made: {error.strerror or error}") from error
        finally:
            os.umask(before)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and cancel what runs."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send(body: Mapping[str, Any]) -> None:
            if not writer.is_closing():
                writer.write(msgspec.json.encode(body) + b"\n")

        try:
            asked = msgspec.json.decode(await reader.readline(), type=dict[str, Any])
            name, tenant, arguments = asked["command"], asked.get("tenant", ""), asked.get("arguments", {})
        except (msgspec.DecodeError, KeyError, ValueError) as error:
            send({"error": f"no request: {error}", "kind": "BadRequest"})
            return
        work = asyncio.ensure_future(self.commands.run(name, tenant, arguments, lambda told: send({"progress": told})))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                return
            send({"result": work.result()})
        except HooklineError as error:
            send({"error": str(error), "kind": type(error).__name__})
        except Exception as error:
            log.exception("command failed", command=name, tenant=tenant)
            send({"error": f"{name} failed: {type(error).__name__}: {error}", "kind": "CommandFailed"})
        finally:
            for future in (work, gone):
                future.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)
        await writer.drain()


async def call(
    path: Path,
    command: str,
    tenant: str = "",
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Any:
    """Have the server at that socket do it; raises NotRunning, or the error that the server reports."""
    try:
        with _reachable(path) as short:
            reader, writer = await asyncio.open_unix_connection(short, limit=_LINE)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotRunning(f"no server is running on {path.parent}") from None
    try:
        asked = {"command": command, "tenant": tenant, "arguments": arguments or {}}
        writer.write(msgspec.json.encode(asked) + b"\n")
        while line := await reader.readline():
            told = msgspec.json.decode(line, type=dict[str, Any])
            if "progress" in told:
                if progress is not None:
                    progress(told["progress"])
            elif "error" in told:
                raise _error(told["kind"], told["error"])
            else:
                return told["result"]
        raise CommandFailed("the server went away before it was done")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _error(kind: str, text: str) -> HooklineError:
    if kind == "BadRequest":
        return BadRequest(text)
    known = getattr(errors, kind, None)
    plain = isinstance(known, type) and issubclass(known, HooklineError) and known.__init__ is Exception.__init__
    return known(text) if plain and known is not None else CommandFailed(text)


@contextlib.contextmanager
def _reachable(path: Path) -> Generator[str, None, None]:
    """A path of the socket that is short enough for the system, however deep the folder is."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
