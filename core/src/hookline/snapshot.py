"""One snapshot of a tenant's config, with its plugins made and registered.

A turn sees one snapshot from start to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from .dispatch import Dispatcher, make_manager
from .errors import ConfigError, HooklineError, PluginError
from .hooks import Hooks
from .hookspecs import HOOKS, SERVICES, Scope
from .plugin import Plugin
from .settings import Settings
from .tenant import Tenant

if TYPE_CHECKING:
    from .config import TenantConfig
    from .tenants import TenantRuntime


class Snapshot:
    """A tenant's config, immutable, with its plugins made and registered.

    In a `with` it is in use: a reload stops its plugins only after the last has left.
    """

    def __init__(
        self,
        settings: Settings,
        plugins: Mapping[str, Plugin],
        tenants: Mapping[str, Tenant],
        core: Tenant,
        hooks: Hooks,
    ) -> None:
        self.settings = settings
        self.phrases = core.phrases
        self.plugins = plugins
        self.tenants = tenants
        self.core = core
        self.hooks = hooks
        self.in_use = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self._channels = {channel: plugin for plugin in plugins.values() for channel in plugin.channels}

    def __enter__(self) -> Self:
        self.in_use += 1
        self.idle.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self.in_use -= 1
        if not self.in_use:
            self.idle.set()

    def plugin(self, name: str) -> Tenant | None:
        """What the plugin sees; None where the tenant does not have it."""
        return self.tenants.get(name)

    def channel(self, name: str) -> Plugin | None:
        """The plugin that serves the channel."""
        return self._channels.get(name)


def make_snapshot(runtime: TenantRuntime, config: TenantConfig) -> Snapshot:
    """Make the plugins of the config and register them; raises `PluginError` and `ConfigError` naming the culprit."""
    catalogue, data = runtime.process.catalogue, runtime.process.data
    plugins = {name: catalogue.get(name) for name in config.settings.plugins}

    def seen_by(name: str) -> Tenant:
        folder = data.plugin_folder(runtime.name, name)
        return Tenant(runtime, name, config.plugins.get(name), config.settings, folder, config.phrases)

    tenants = {name: seen_by(name) for name in plugins}
    core = seen_by("core")
    objects: list[tuple[str, object]] = []
    for name, plugin in plugins.items():
        try:
            objects.append((name, plugin.hooks(tenants[name])))
        except HooklineError:
            raise
        except Exception as error:
            raise PluginError(
                f"tenant {runtime.name!r}: plugin {name!r} can't be made: {type(error).__name__}: {error}"
            ) from error
    limits = config.settings.turns.hook_limits
    unknown = [name for name in limits if name not in HOOKS]
    if unknown:
        raise ConfigError(
            f"tenant {runtime.name!r}: turns.hook_limits names {', '.join(unknown)}, which is no hook; "
            f"hooks are {', '.join(HOOKS)}"
        )
    dispatcher = Dispatcher(make_manager(objects, Scope.TENANT), runtime.process.watchdog, runtime.name, limits)
    _address(runtime.name, dispatcher, plugins, objects)
    hooks = Hooks(dispatcher, dict(objects))
    for tenant in (*tenants.values(), core):
        tenant.hooks = hooks
    return Snapshot(config.settings, plugins, tenants, core, hooks)


def _address(
    tenant: str, dispatcher: Dispatcher, plugins: Mapping[str, Plugin], objects: Iterable[tuple[str, object]]
) -> None:
    """Say which plugin serves which channel, service name and kind of work; one address, one plugin."""
    for hook in ("on_timer", "on_job", "on_command"):
        dispatcher.address(hook, {name: name for name in plugins})
    claims: dict[str, dict[str, str]] = {"deliver": {}}
    for name, plugin in plugins.items():
        for channel in plugin.channels:
            _claim(tenant, claims["deliver"], "channel", channel, name)
    for name, hooks in objects:
        serves: Mapping[str, Iterable[str]] = getattr(hooks, "serves", {})
        for hook, addresses in serves.items():
            if hook not in SERVICES:
                raise PluginError(f"plugin {name!r}: serves {hook!r}, which is no service hook; known: {SERVICES}")
            for address in addresses:
                _claim(tenant, claims.setdefault(hook, {}), hook, address, name)
    for hook, addressees in claims.items():
        dispatcher.address(hook, addressees)


def _claim(tenant: str, taken: dict[str, str], what: str, address: str, plugin: str) -> None:
    if address in taken:
        raise PluginError(
            f"tenant {tenant!r}: plugins {taken[address]!r} and {plugin!r} both serve {what} {address!r}; "
            f"rename one in the config, or leave one plugin out"
        )
    taken[address] = plugin
