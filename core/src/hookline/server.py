"""A server process: its port, its runtime, its HTTP side, its control socket, and their orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import structlog
from aiohttp import web

from . import revision
from .app import KEYS, ROUTES, make_app
from .auth import KeyStore
from .catalogue import Catalogue
from .clock import Clock
from .commands import Reload, register_commands, register_keys
from .config import TenantConfig, load_tenant
from .control import Commands, ControlServer, NotRunning, call
from .db import open_database
from .errors import ConfigError, DataFolderLocked, HooklineError
from .folder import DataFolder
from .logins import Logins
from .logs import Logs, log_file, secrets_in
from .passwords import Passwords
from .place import Place
from .plugin import Page, Progress
from .proxies import Proxies
from .roles import Caller
from .routing import Routes, collect
from .runtime import Runtime
from .staff import StaffStore
from .staffcommands import register_staff
from .staffpages import pages_of
from .watch import watch

_GLANCE, _STARTING = 0.1, 200  # seconds between two looks for a server that is starting, and how many

log = structlog.get_logger("hookline.server")


class PortTaken(ConfigError):
    """Another program listens on the port; --port names another one."""


@attrs.frozen
class Plan:
    """What to serve.  `mounted` "" mounts no tenant at `/`; `port` None takes the environment's, then the config's."""

    place: Place
    mounted: str = ""
    host: str = "127.0.0.1"
    port: int | None = None
    overrides: Mapping[str, str] = attrs.Factory(dict)
    http: bool = True
    proxies: Proxies = attrs.Factory(Proxies.parse)


@attrs.frozen
class Serving:
    """A server that serves: where, and what it is made of."""

    url: str
    runtime: Runtime
    commands: Commands
    keys: KeyStore
    routes: Routes

    def pages(self, tenant: str) -> list[tuple[str, Page]]:
        """The pages that an admin of the tenant has, with their paths below its own."""
        with self.runtime.tenants.get(tenant).acquire() as snapshot:
            return pages_of(self.routes, snapshot, Caller("", "admin", tenant))


Ready = Callable[[Serving], Awaitable[None]]


async def serve(plan: Plan, logs: Logs, ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM; raises HooklineError subclasses for what keeps it from starting."""
    catalogue = Catalogue.load()
    folders = {plan.mounted: plan.place.folder(plan.mounted)} if plan.mounted else plan.place.folders()
    configs = _read(catalogue, folders, plan)
    for name, config in configs.items():
        log_file(plan.place.data, config.settings.logging.file or "x", name)
    bound = _bind(plan.host, _port(plan, configs)) if plan.http else None
    try:
        own = configs[plan.mounted].settings.database if plan.mounted in configs else ""
        url = plan.place.database_url(own)
        for name, config in configs.items():
            logs.add_tenant(name, config.settings, plan.place.data)
            logs.protect(secrets_in([config.settings, *config.plugins.values()]))
        logs.configure()
        runtime = Runtime(
            catalogue=catalogue,
            folders=folders,
            data=plan.place.data,
            database_url=url,
            overrides=plan.overrides,
            configs=configs,
        )
        stop = asyncio.Event()
        async with _signals(stop), runtime:
            plan.place.note_database(url)
            _check_tenants(runtime)
            await _serve(plan, runtime, logs, bound, ready, stop)
    finally:
        if bound is not None:
            bound.close()
        logs.close()


async def _serve(
    plan: Plan, runtime: Runtime, logs: Logs, bound: socket.socket | None, ready: Ready, stop: asyncio.Event
) -> None:
    commands = Commands()
    app = make_app(runtime, tenant=plan.mounted or None, host=plan.host, proxies=plan.proxies)
    register_commands(commands, runtime, app[KEYS], _reloader(runtime, logs))
    commands.add_plugins(runtime, app[ROUTES])
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=3.0)
    await runner.setup()
    try:
        url = ""
        if bound is not None:
            await web.SockSite(runner, bound, backlog=1024).start()
            host, port = bound.getsockname()[:2]
            url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        async with ControlServer(runtime.data.control_socket, commands):
            watching = asyncio.create_task(watch(runtime, _reloader(runtime, logs)))
            try:
                # What is there now stays: the collector need not look through it again.
                gc.freeze()
                gc.enable()
                # Waits for both: what is done once it is ready may take long, and must not outlast a signal.
                started = asyncio.ensure_future(ready(Serving(url, runtime, commands, app[KEYS], app[ROUTES])))
                stopping = asyncio.ensure_future(stop.wait())
                await asyncio.wait((started, stopping), return_when=asyncio.FIRST_COMPLETED)
                if started.done():
                    started.result()
                    await stopping
                started.cancel()
                await asyncio.gather(started, return_exceptions=True)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
    finally:
        await runner.cleanup()


# -- before it starts --------------------------------------------------------------------------------------------------


def _read(catalogue: Catalogue, folders: Mapping[str, Path], plan: Plan) -> dict[str, TenantConfig]:
    """The configs that can be read; raises ConfigError if none can."""
    found: dict[str, TenantConfig] = {}
    problems: list[str] = []
    for name, folder in folders.items():
        try:
            found[name] = load_tenant(folder, catalogue, os.environ, plan.overrides)
        except ConfigError as error:
            problems.append(str(error))
    if not found:
        raise ConfigError("\n".join(problems))
    return found


def _port(plan: Plan, configs: Mapping[str, TenantConfig]) -> int:
    from .place import environment_port

    if plan.port is not None:
        return plan.port
    configured = configs[plan.mounted].settings.port if plan.mounted in configs else 8080
    from_environment = environment_port()
    return configured if from_environment is None else from_environment


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else is begun; raises PortTaken, or ConfigError for a host that is not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(f"--host {host}: {error.strerror or error}") from None
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(1024)  # only listening is refused where two programs want one port
    except OSError as error:
        bound.close()
        if error.errno in (98, 48):  # EADDRINUSE on Linux and on macOS
            raise PortTaken(
                f"port {port} on {host} is in use by another program; take another one with --port"
            ) from None
        raise ConfigError(
            f"port {port} on {host} can't be used: {error.strerror}; take another one with --port"
        ) from None
    return bound


def _check_tenants(runtime: Runtime) -> None:
    """One tenant that does not start is out of service alone; if none starts, nothing does."""
    if not runtime.tenants.available:
        raise ConfigError("\n".join(runtime.tenants.get(name).error for name in runtime.tenants.names))


@contextlib.asynccontextmanager
async def _signals(stop: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


# -- while it runs -------------------------------------------------------------------------------------------------------


def _reloader(runtime: Runtime, logs: Logs) -> Reload:
    async def reload(name: str) -> bool:
        done = await runtime.load(name)
        if done:
            with runtime.tenants.get(name).acquire() as snapshot:
                logs.add_tenant(name, snapshot.settings, runtime.data.path)
                configs = [tenant.config for tenant in snapshot.tenants.values()]
                logs.protect(secrets_in([snapshot.settings, *configs]))
            log.info("tenant reloaded", tenant=name)
        return done

    return reload


# -- commands ------------------------------------------------------------------------------------------------------------


async def run_command(place: Place, command: str, tenant: str, arguments: Mapping[str, Any], progress: Progress) -> Any:
    """Have the server that holds the data folder do it; without one do it here, on the database itself.

    A server that has the folder and does not answer yet, as it is still starting, is waited for.
    """
    asked = (command, tenant, arguments, progress)
    with contextlib.suppress(NotRunning):
        return await call(place.control_socket, *asked)
    try:
        return await _run_here(place, *asked)
    except DataFolderLocked:
        for _ in range(_STARTING):
            await asyncio.sleep(_GLANCE)
            with contextlib.suppress(NotRunning):
                return await call(place.control_socket, *asked)
        raise


async def _run_here(place: Place, command: str, tenant: str, arguments: Mapping[str, Any], progress: Progress) -> Any:
    if command == "reload":
        raise NotRunning(f"no server is running on {place.data.absolute()}; it reads its configuration when it starts")
    if command.startswith(("key.", "user.", "audit.")):
        return await _on_database(place, command, tenant, arguments, progress)
    catalogue = Catalogue.load()
    folders = {tenant: place.folder(tenant)} if tenant else place.folders()
    runtime = Runtime(catalogue=catalogue, folders=folders, data=place.data, database_url=_database(place, folders))
    async with runtime:
        _check_tenants(runtime)
        commands = Commands()
        register_commands(commands, runtime, KeyStore(runtime.database, runtime.clock), runtime.load)
        commands.add_plugins(runtime, collect(runtime.hooks))
        return await commands.run(command, tenant, arguments, progress)


async def _on_database(
    place: Place, command: str, tenant: str, arguments: Mapping[str, Any], progress: Progress
) -> Any:
    """Keys, accounts and the audit log need the database alone, and no tenant that starts."""
    url = _database(place, {tenant: place.folder(tenant)} if tenant else {})
    embedded = url.startswith("sqlite:")
    with DataFolder(place.data) if embedded else contextlib.nullcontext():
        await asyncio.to_thread(revision.prepare, url)
        database, passwords, clock = await open_database(url), Passwords(), Clock()
        try:
            commands = Commands()
            register_keys(commands, KeyStore(database, clock))
            register_staff(commands, Logins(StaffStore(database, clock), passwords))
            return await commands.run(command, tenant, arguments, progress)
        finally:
            passwords.close()
            await database.close()


def _database(place: Place, folders: Mapping[str, Path]) -> str:
    """The database of a command that no server runs: the one last served, else the one tenant's own."""
    configured = ""
    if not (place.data / "database").exists() and len(folders) == 1:
        with contextlib.suppress(HooklineError):
            (folder,) = folders.values()
            configured = load_tenant(folder, Catalogue.load()).settings.database
    return place.database_url(configured)
