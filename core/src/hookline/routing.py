"""Routes: registered once a process, found by tenant, method and path, with each tenant's own aliases.

aiohttp takes no routes once it has started, and a tenant's aliases change with its config; so one resource answers
for all tenants, by tables of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs
from aiohttp import web

from .assets import Assets
from .dispatch import Dispatcher
from .errors import PluginError
from .plugin import CommandHandler, Handler, Page
from .settings import Settings

T = TypeVar("T")

CORE = "core"
ACCESS = ("public", "viewer", "agent", "supervisor", "admin")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "*")
_KNOWN = 4096
_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]+(?:\{[^{}]*\}[^{}]*)*))?\}")


@attrs.frozen(eq=False)
class Route:
    """One registered route; `path` is relative to the tenant.  `body` is the type of its JSON body, where known;
    `scope` the area of the API that it belongs to (default: the plugin's name).  `limited`: its calls count against the
    rate limit of the client's address; those of a `page` against one of their own."""

    method: str
    path: str
    handler: Handler
    plugin: str = CORE
    access: str = "admin"
    body: Any = None
    static: bool = False
    scope: str = ""
    limited: bool = True
    page: Page | None = None

    @property
    def area(self) -> str:
        """What a key's scope calls the part of the API that it belongs to."""
        return self.scope or self.plugin

    @property
    def verb(self) -> str:
        """What a key's scope calls it: "read" for what changes nothing."""
        asks = self.method == "POST" and self.access == "viewer"  # with a body, as a search does
        return "read" if self.method == "GET" or asks else "write"

    @property
    def name(self) -> str:
        """As in `auth.open_routes`: method and path."""
        return f"{self.method} {self.path}"

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return ((self.handler.__doc__ or "").strip().splitlines() or [""])[0]


@attrs.frozen
class Found:
    """A route for a method and path, with the path's variables; `alias` is the tenant's own name for it."""

    route: Route
    variables: Mapping[str, str]
    alias: str = ""


class Paths(Generic[T]):
    """Values by path; a path without variables is found first, then those with, in the order they were added."""

    def __init__(self) -> None:
        self._plain: dict[str, T] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], T]] = {}

    def setdefault(self, path: str, default: T) -> T:
        """The value at the path, which is `default` if there was none."""
        if "{" not in path:
            return self._plain.setdefault(path, default)
        return self._patterns.setdefault(path, (_pattern(path), default))[1]

    def match(self, path: str) -> Iterator[tuple[T, dict[str, str]]]:
        """All values whose path fits, with the variables."""
        value = self._plain.get(path)
        if value is not None:
            yield value, {}
        for pattern, other in self._patterns.values():
            found = pattern.fullmatch(path)
            if found:
                yield other, found.groupdict()

    def __iter__(self) -> Iterator[T]:
        yield from self._plain.values()
        for _, value in self._patterns.values():
            yield value


class Routes:
    """All routes of a process, and the commands that reach a running server through its control socket."""

    def __init__(self) -> None:
        self._paths: Paths[dict[str, Route]] = Paths()
        self.commands: dict[str, tuple[str, CommandHandler]] = {}
        self._aliases: dict[str, tuple[Settings, Paths[dict[str, tuple[str, str, str]]]]] = {}
        # What was found where the path has no variables, at most `_KNOWN` of it, each for one `Settings`.
        self._known: dict[tuple[str, str, str], tuple[Settings | None, Found]] = {}

    def add(self, route: Route) -> None:
        """Register a route; raises PluginError if it is taken or can't be one."""
        where = f"plugin {route.plugin!r}: route {route.name!r}"
        if route.method not in METHODS:
            raise PluginError(f"{where}: unknown method; allowed: {', '.join(METHODS)}")
        if not route.path.startswith("/") or re.search(r"[\s?#]", route.path):
            raise PluginError(f"{where}: a path starts with / and has no spaces, ? or #")
        if route.access not in ACCESS:
            raise PluginError(f"{where}: unknown access {route.access!r}; allowed: {', '.join(ACCESS)}")
        try:
            methods = self._paths.setdefault(route.path, {})
        except re.error as error:
            raise PluginError(f"{where}: the path is no pattern: {error}") from error
        if route.method in methods:
            raise PluginError(f"{where}: plugin {methods[route.method].plugin!r} has registered it already")
        methods[route.method] = route
        self._known.clear()

    def __iter__(self) -> Iterator[Route]:
        for methods in self._paths:
            yield from methods.values()

    def find(self, method: str, path: str, tenant: str = "", settings: Settings | None = None) -> Found | set[str]:
        """The route, or the methods that are allowed for the path (empty: there is nothing there).

        With a tenant's settings its aliases are looked at first.
        """
        key = (tenant, method, path)
        known = self._known.get(key)
        if known is not None and known[0] is settings:
            return known[1]
        found = self._look(method, path, tenant, settings)
        if isinstance(found, Found) and not found.variables:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key] = (settings, found)
        return found

    def _look(self, method: str, path: str, tenant: str, settings: Settings | None) -> Found | set[str]:
        allowed: set[str] = set()
        if settings is not None and settings.routes:
            for methods, variables in self._aliased(tenant, settings).match(path):
                alias = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
                if alias is None:
                    allowed.update(methods)
                    continue
                name, target_method, target_path = alias
                found = self._find(target_method, _filled(target_path, variables), allowed)
                if found is not None:
                    return attrs.evolve(found, alias=name)
        return self._find(method, path, allowed) or allowed

    def _find(self, method: str, path: str, allowed: set[str]) -> Found | None:
        for methods, variables in self._paths.match(path):
            route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None) or methods.get("*")
            if route is not None:
                return Found(route, variables)
            allowed.update(methods)
        return None

    def _aliased(self, tenant: str, settings: Settings) -> Paths[dict[str, tuple[str, str, str]]]:
        known = self._aliases.get(tenant)
        if known is None or known[0] is not settings:
            paths: Paths[dict[str, tuple[str, str, str]]] = Paths()
            for alias, target in settings.routes.items():
                method, _, path = alias.partition(" ")
                target_method, _, target_path = target.partition(" ")
                paths.setdefault(path, {})[method] = (alias, target_method, target_path)
            known = self._aliases[tenant] = (settings, paths)
        return known[1]

    def dangling(self, settings: Settings) -> list[str]:
        """The aliases whose target is no route of this process."""
        known = {(route.method, _blank(route.path)) for route in self}
        return [
            alias
            for alias, target in settings.routes.items()
            for method, _, path in (target.partition(" "),)
            if not {(method, _blank(path)), ("*", _blank(path))} & known and not self._fits(method, path)
        ]

    def _fits(self, method: str, path: str) -> bool:
        return isinstance(self.find(method, path), Found)


class PluginRouter:
    """What a plugin's `add_routes` is handed: see `plugin.Router`."""

    def __init__(self, routes: Routes, plugin: str) -> None:
        self._routes = routes
        self._plugin = plugin

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        access: str = "admin",
        body: Any = None,
        scope: str = "",
        limited: bool = True,
        page: Page | None = None,
    ) -> None:
        """Register one route; `body` is the type of its JSON body, for the API page; the others: see `Route`."""
        verb = method.upper()
        route = Route(verb, path, handler, self._plugin, access, body, scope=scope, limited=limited, page=page)
        self._routes.add(route)

    def static(self, path: str, package: str, folder: str = "static") -> None:
        """Serve the files of `folder` in the package, publicly, cached by content hash."""
        assets = Assets(package, folder)
        prefix = path.rstrip("/")
        self._routes.add(Route("GET", prefix + "/{file:.+}", assets.serve, self._plugin, "public", static=True))

    def command(self, name: str, handler: CommandHandler) -> None:
        """Register a command, which the command line reaches as `<plugin>.<name>`, also in a running server."""
        full = f"{self._plugin}.{name}"
        if full in self._routes.commands:
            raise PluginError(f"plugin {self._plugin!r}: command {full!r} is registered already")
        self._routes.commands[full] = (self._plugin, handler)


def collect(processes: Dispatcher, core: Sequence[Route] = ()) -> Routes:
    """The routes and commands of the core and of all plugins; raises PluginError naming the plugin that fails."""
    routes = Routes()
    for route in core:
        routes.add(route)
    for implementation in processes.implementations("add_routes"):
        try:
            implementation((PluginRouter(routes, implementation.plugin),))
        except PluginError:
            raise
        except Exception as error:
            raise PluginError(
                f"plugin {implementation.plugin!r}: add_routes failed: {type(error).__name__}: {error}"
            ) from error
    return routes


class Match(web.UrlMappingMatchInfo):
    """What the resource found: the tenant's name and the route in it."""

    def __init__(self, tenant: str, found: Found, route: web.AbstractRoute) -> None:
        super().__init__(dict(found.variables), route)
        self.tenant = tenant
        self.found = found


def _pattern(path: str) -> re.Pattern[str]:
    text, at = "", 0
    for variable in _VARIABLE.finditer(path):
        text += re.escape(path[at : variable.start()]) + f"(?P<{variable[1]}>{variable[2] or '[^{}/]+'})"
        at = variable.end()
    rest = path[at:]
    if "{" in rest or "}" in rest:
        raise re.error(f"{rest!r} is no variable")
    return re.compile(text + re.escape(rest))


def _filled(path: str, variables: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), path)


def _blank(path: str) -> str:
    return _VARIABLE.sub("{}", path)
