"""The core's own commands of a process: what `hookline reload`, `inbox`, `outbox`, `key` and others have it do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from . import configview, deadletters, undelivered
from .auth import SERVER, KeyStore
from .control import Commands
from .errors import BadRequest
from .plugin import Progress
from .recordcommands import register_records
from .runtime import Runtime
from .staffcommands import register_staff
from .wire import moment

if TYPE_CHECKING:
    from .tenants import TenantRuntime

Reload = Callable[[str], Awaitable[bool]]


def register_commands(commands: Commands, runtime: Runtime, keys: KeyStore, reload: Reload) -> None:
    """The core's own commands of a runtime."""
    register_keys(commands, keys)
    register_staff(commands, runtime.logins)
    register_records(commands, runtime)

    async def reload_(tenant: str, _arguments: Mapping[str, Any], _progress: Progress) -> Any:
        names = [tenant] if tenant else list(runtime.tenants.names)
        return {name: "" if await reload(name) else runtime.tenants.get(name).error for name in names}

    async def status(_tenant: str, _arguments: Mapping[str, Any], _progress: Progress) -> Any:
        found = [runtime.tenants.get(name) for name in runtime.tenants.names]
        return {t.name: {"serving": t.available, "error": t.error, "warnings": list(t.warnings)} for t in found}

    async def hooks(tenant: str, _arguments: Mapping[str, Any], _progress: Progress) -> Any:
        return order_of_hooks(runtime.tenants.get(tenant))

    async def config(tenant: str, _arguments: Mapping[str, Any], _progress: Progress) -> Any:
        with runtime.tenants.get(tenant).acquire() as snapshot:
            return [attrs.asdict(shown) for shown in configview.view(snapshot)]

    async def inbox_list(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        runtime.tenants.get(tenant)
        found = await deadletters.dead_letters(runtime, tenant, after=int(arguments.get("after", 0)))
        return [attrs.asdict(letter) for letter in found]

    async def inbox_retry(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        runtime.tenants.get(tenant)
        if not await deadletters.retry(runtime, tenant, int(arguments["id"])):
            raise BadRequest(
                f"tenant {tenant!r} has no dead letter {arguments['id']}; `hookline inbox list` shows them"
            )
        return None

    for name, handler in (
        ("reload", reload_),
        ("status", status),
        ("hooks", hooks),
        ("config", config),
        ("inbox.list", inbox_list),
        ("inbox.retry", inbox_retry),
    ):
        commands.register(name, handler)
    _register_outbox(commands, runtime)


def _register_outbox(commands: Commands, runtime: Runtime) -> None:
    def unknown(tenant: str, ident: Any) -> BadRequest:
        return BadRequest(
            f"tenant {tenant!r} has no failed, ambiguous or parked message {ident}; `hookline outbox list` shows them"
        )

    async def list_(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        runtime.tenants.get(tenant)
        state = str(arguments.get("state") or "")
        states = (state,) if state else undelivered.STUCK
        found = await undelivered.undelivered(runtime, tenant, states=states, after=int(arguments.get("after", 0)))
        return [attrs.asdict(row) for row in found]

    async def retry(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        runtime.tenants.get(tenant)
        if not await undelivered.retry(runtime, tenant, int(arguments["id"])):
            raise unknown(tenant, arguments["id"])
        return None

    async def drop(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        runtime.tenants.get(tenant)
        if not await undelivered.drop(runtime, tenant, int(arguments["id"]), by="the command line"):
            raise unknown(tenant, arguments["id"])
        return None

    for name, handler in (("outbox.list", list_), ("outbox.retry", retry), ("outbox.drop", drop)):
        commands.register(name, handler)


def register_keys(commands: Commands, keys: KeyStore) -> None:
    """Those on API keys, which need the database alone."""

    async def create(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        expires = str(arguments.get("expires", ""))
        key, text = await keys.create(
            tenant,
            str(arguments["name"]),
            str(arguments["role"]),
            scopes=[str(scope) for scope in arguments.get("scopes", ())],
            expires_at=moment(expires) if expires else None,
        )
        return {**attrs.asdict(key), "key": text}

    async def list_(tenant: str, _arguments: Mapping[str, Any], _progress: Progress) -> Any:
        return [attrs.asdict(key) for key in await keys.list(tenant)]

    async def revoke(tenant: str, arguments: Mapping[str, Any], _progress: Progress) -> Any:
        if not await keys.revoke(tenant, str(arguments["id"])):
            whose = f"tenant {tenant!r}" if tenant != SERVER else "the server"
            raise BadRequest(f"{whose} has no working key {arguments['id']!r}; `hookline key list` shows them")
        return None

    for name, handler in (("key.create", create), ("key.list", list_), ("key.revoke", revoke)):
        commands.register(name, handler)


def order_of_hooks(tenant: TenantRuntime) -> dict[str, list[str]]:
    """Each hook with the plugins that implement it, in the order in which they are called."""
    from .hookspecs import HOOKS, Scope

    with tenant.acquire() as snapshot:
        dispatcher = snapshot.hooks.dispatcher
        found = {
            name: [implementation.plugin for implementation in dispatcher.implementations(name)]
            for name, spec in HOOKS.items()
            if spec.scope is Scope.TENANT
        }
    return {name: plugins for name, plugins in found.items() if plugins}
