"""`hookline doctor`: what is wrong or unwise here, and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from . import migrate
from .catalogue import Catalogue
from .config import TenantConfig, load_tenant
from .control import NotRunning, call
from .errors import BadRequest, ConfigError, HooklineError
from .examination import Examination, Finding, ask
from .logs import log_file, secrets_in
from .place import Place

_SAMPLE = re.compile(
    r"^(change[-_ ]?me.*|secret|password|passw0rd|admin|test|default|example|dummy|your[-_ ].*|x{3,}|\*+)$",
    re.IGNORECASE,
)
_ROOM = 1024**3
_PATIENCE = 10.0  # seconds for one question to a service outside


async def examine(place: Place, tenant: str = "", env: Mapping[str, str] | None = None) -> list[Finding]:
    """Look at everything: plugins, tenants (or the one), data folder, database, running server."""
    variables = os.environ if env is None else env
    findings: list[Finding] = []
    catalogue = Catalogue.load()
    findings += _plugins(catalogue)
    folders = {tenant: place.folder(tenant)} if tenant else place.folders()
    for name, folder in folders.items():
        try:
            config = load_tenant(folder, catalogue, variables)
        except ConfigError as error:
            findings += [Finding("error", f"tenant {name}", line) for line in str(error).splitlines()]
            continue
        found = list(_tenant(config, place))
        for plugin in config.plugins:
            told = await _asked(catalogue, config, plugin, place)
            found += [finding for finding in told if finding.weight in ("warning", "error")]
        findings += found or [Finding("ok", f"tenant {name}", f"{len(config.plugins)} plugins, nothing to remark")]
    findings += _data(place)
    findings += _database(place, catalogue)
    findings += [finding async for finding in _server(place)]
    return findings


async def examine_plugin(
    place: Place, plugin: str, tenant: str = "", *, change: bool = False, env: Mapping[str, str] | None = None
) -> list[Finding]:
    """Have one plugin look at all that it needs, also outside, for each tenant that has it; `change`: and set right what it can.

    Raises `BadRequest` where no such plugin is installed.
    """
    variables = os.environ if env is None else env
    catalogue = Catalogue.load()
    if plugin not in catalogue.names:
        broken = catalogue.broken.get(plugin, "")
        raise BadRequest(
            broken or f"no plugin {plugin!r} is installed; there are: {', '.join(catalogue.names) or 'none'}"
        )
    folders = {tenant: place.folder(tenant)} if tenant else place.folders()
    findings: list[Finding] = []
    for name, folder in folders.items():
        try:
            config = load_tenant(folder, catalogue, variables)
        except ConfigError as error:
            findings += [Finding("error", f"tenant {name}", line) for line in str(error).splitlines()]
            continue
        if plugin in config.plugins:
            told = await _asked(catalogue, config, plugin, place, online=True, change=change)
            findings += told or [
                Finding("ok", f"{plugin} of {name}", "its config is right, and it has nothing else to look at")
            ]
        elif tenant:
            remedy = f"add it to [plugins] enabled in {config.file}"
            findings.append(Finding("error", f"tenant {name}", f"the plugin {plugin!r} is not enabled: {remedy}"))
    return findings or [
        Finding("error", "tenants", f"none has the plugin {plugin!r}: add it to a tenant's [plugins] enabled")
    ]


async def _asked(
    catalogue: Catalogue, config: TenantConfig, name: str, place: Place, *, online: bool = False, change: bool = False
) -> list[Finding]:
    examine = next((plugin.examine for plugin in catalogue.plugins if plugin.name == name), None)
    if examine is None:
        return []
    data = place.data / "tenants" / config.name / name
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as http:
        about = Examination(
            config.name, name, config.plugins[name], config.settings, config.folder, data, http, online, change
        )
        return await ask(examine, about)


def _plugins(catalogue: Catalogue) -> Iterator[Finding]:
    yield Finding("ok", "plugins", f"installed: {', '.join(catalogue.names) or 'none'}")
    for reason in catalogue.broken.values():
        yield Finding("error", "plugins", reason)


def _tenant(config: TenantConfig, place: Place) -> Iterator[Finding]:
    what, settings = f"tenant {config.name}", config.settings
    for warning in config.warnings:
        if ": cors.allow_origins: " in warning:
            continue  # said below, also where debug is on
        yield Finding("warning", what, warning)
    if settings.debug:
        yield Finding("warning", what, "debug is on: turn it off where customers are")
    if "*" in settings.cors.allow_origins:
        yield Finding(
            "warning", what, 'cors.allow_origins is "*": every web page may call this tenant; name the origins'
        )
    if settings.public_url.startswith("http://"):
        yield Finding(
            "warning", what, f"public_url {settings.public_url} is not encrypted: put TLS in front, use https://"
        )
    if settings.auth.open_routes:
        yield Finding(
            "warning",
            what,
            f"auth.open_routes opens {', '.join(settings.auth.open_routes)} without a key "
            f"(to this machine only); empty it in production",
        )
    if not settings.auth.secret and not place.database_url(settings.database).startswith("sqlite:"):
        yield Finding(
            "warning",
            what,
            "auth.secret is not set: who signs in on one process of this database is a stranger to the others",
        )
    if settings.auth.registration:
        yield Finding(
            "warning", what, "auth.registration is on: anybody may make an account that sees what a viewer does"
        )
    if not settings.ratelimit.requests:
        yield Finding("warning", what, "ratelimit.requests is 0: a client may send as much as it likes")
    for secret in set(secrets_in([settings, *config.plugins.values()])):
        if _SAMPLE.match(secret):
            yield Finding("warning", what, "a secret still has a sample's value; set one of your own")
    try:
        log_file(place.data, settings.logging.file or "log", config.name)
    except ConfigError as error:
        yield Finding("error", what, str(error))


def _data(place: Place) -> Iterator[Finding]:
    folder = place.data.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield Finding(
            "error", "data folder", f"{folder} can't be written; make it writable, or name another with --data"
        )
        return
    free = shutil.disk_usage(existing).free
    if free < _ROOM:
        yield Finding("warning", "data folder", f"{folder}: only {free // 1024**2} MiB are free on its disk")
    else:
        yield Finding("ok", "data folder", f"{folder}, {free // 1024**3} GiB free")


def _database(place: Place, catalogue: Catalogue) -> Iterator[Finding]:
    url = place.database_url()
    embedded = url.startswith("sqlite:")
    if embedded and not Path(url.removeprefix("sqlite:///")).exists():
        yield Finding("ok", "database", f"{url}: not there yet; the first start makes it")
        return
    try:
        behind = [row for row in migrate.status(url, catalogue.plugins) if row.current != row.head]
    except HooklineError as error:
        yield Finding("error", "database", str(error))
        return
    if behind:
        names = ", ".join(row.name for row in behind)
        remedy = "the next start upgrades it" if embedded else "run `hookline db upgrade`"
        yield Finding("warning" if embedded else "error", "database", f"the schema of {names} is behind: {remedy}")
    else:
        yield Finding("ok", "database", "the schema is what this version needs")


async def _server(place: Place) -> Any:
    try:
        tenants = await call(place.control_socket, "status")
    except NotRunning:
        yield Finding("ok", "server", f"none is running on {place.data.absolute()}")
        return
    except HooklineError as error:
        yield Finding("error", "server", str(error))
        return
    for name, state in tenants.items():
        if not state["serving"]:
            yield Finding("error", "server", f"tenant {name} is out of service: {state['error']}")
        elif state["error"]:
            yield Finding("error", "server", f"tenant {name} serves its old configuration: {state['error']}")
        else:
            yield Finding("ok", "server", f"tenant {name} is served")
