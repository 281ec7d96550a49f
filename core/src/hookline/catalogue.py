"""The plugins that are installed: read once a process from the entry points of the group `hookline.plugins`."""

from __future__ import annotations

import difflib
import importlib.metadata
from collections.abc import Iterable, Mapping

from .errors import PluginError
from .plugin import Plugin

GROUP = "hookline.plugins"


class Catalogue:
    """The installed plugins by name; those that can't be loaded are kept with the cause, and asked for in vain."""

    def __init__(self, plugins: Mapping[str, Plugin], broken: Mapping[str, str] | None = None) -> None:
        self._plugins = dict(plugins)
        self.broken = dict(broken or {})

    @classmethod
    def load(cls) -> Catalogue:
        """Read the entry points; a broken one takes nothing away from the others.

        Raises PluginError if two distributions bring a plugin of one name.
        """
        return cls.read(importlib.metadata.entry_points(group=GROUP))

    @classmethod
    def read(cls, entry_points: Iterable[importlib.metadata.EntryPoint]) -> Catalogue:
        """The plugins of these entry points; see `load`."""
        plugins: dict[str, Plugin] = {}
        broken: dict[str, str] = {}
        owners: dict[str, str] = {}
        for point in sorted(entry_points, key=lambda p: (p.name, _distribution(p))):
            owner = f"{point.value!r} of distribution {_distribution(point)!r}"
            if point.name in owners:
                if owners[point.name] == owner:  # the same distribution twice on the path
                    continue
                raise PluginError(
                    f"two plugins are called {point.name!r}: {owners[point.name]} and {owner}; uninstall one of them"
                )
            owners[point.name] = owner
            try:
                plugins[point.name] = _load(point)
            except Exception as error:  # noqa: BLE001  a plugin's import may fail with anything
                broken[point.name] = f"plugin {point.name!r} ({owner}) can't be loaded: {_cause(error)}"
        return cls(plugins, broken)

    @classmethod
    def of(cls, plugins: Iterable[Plugin]) -> Catalogue:
        """A catalogue of these plugins; raises PluginError for a name that occurs twice."""
        by_name: dict[str, Plugin] = {}
        for plugin in plugins:
            if plugin.name in by_name:
                raise PluginError(f"two plugins are called {plugin.name!r}; plugin names are unique")
            by_name[plugin.name] = plugin
        return cls(by_name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the plugins that can be used, in alphabetical order."""
        return tuple(sorted(self._plugins))

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugins that can be used, by name."""
        return tuple(self._plugins[name] for name in self.names)

    def get(self, name: str) -> Plugin:
        """The plugin; raises PluginError that says why there is none, and how to get it."""
        plugin = self._plugins.get(name)
        if plugin is not None:
            return plugin
        if name in self.broken:
            raise PluginError(self.broken[name])
        near = difflib.get_close_matches(name, self.names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        installed = ", ".join(self.names) or "none"
        own = name.startswith("tenant_")
        source = f"-e tenants/{name.removeprefix('tenant_')}" if own else f"hookline-{name.replace('_', '-')}"
        raise PluginError(
            f"plugin {name!r} is not installed{hint} (installed: {installed}); install it with: pip install {source}"
        )

    def __contains__(self, name: object) -> bool:
        return name in self._plugins

    def __len__(self) -> int:
        return len(self._plugins)


def _distribution(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "unknown"


def _load(point: importlib.metadata.EntryPoint) -> Plugin:
    plugin = point.load()
    if not isinstance(plugin, Plugin):
        raise PluginError(f"{point.value} is a {type(plugin).__name__}, must be a hookline.plugin.Plugin")
    if plugin.name != point.name:
        raise PluginError(f"the plugin calls itself {plugin.name!r}, its entry point {point.name!r}; they must agree")
    return plugin


def _cause(error: BaseException) -> str:
    return str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
