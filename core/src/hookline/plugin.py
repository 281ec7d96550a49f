"""What a plugin declares about itself, and what it is handed to register routes.

A plugin's `__init__` holds one `plugin = Plugin(...)`; its distribution's entry point in the group
`hookline.plugins` names it.  Everything else is found from there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from .errors import PluginError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from aiohttp import web

    from .examination import Examine
    from .phrases import Needed
    from .records import RecordType
    from .roles import Caller
    from .tenant import Tenant


_RECORD = re.compile(r"[a-z][a-z0-9_]*")


@attrs.frozen
class NoConfig:
    """The configuration of a plugin that has none."""


@attrs.frozen(eq=False)
class Plugin:
    """A plugin as its distribution declares it.

    name        the key in `plugins = [...]` and `[plugins.<name>]`; also the prefix of its tables
    config      an attrs class; msgspec decodes `[plugins.<name>]` into it, strictly
    hooks       makes the object with the tenant hooks, once for each snapshot of each tenant's config; its
                `tenant.config` is an instance of `config`
    process     makes the object with the process hooks (`add_routes`, `add_commands`), once a process
    metadata    its tables, all named `<name>_*`, each with a `tenant` column in its primary key
    migrations  the package with its Alembic versions, e.g. "hookline_rag.migrations"
    channels    the channels it delivers on
    resends     whether a delivery that a crash left in doubt may be sent again (False: it is flagged)
    in_process  its channels hand over within this process (webchat), so nothing is noted before a delivery
    records     the kinds of records that staff look after (`hookline.records`); their tables are in `metadata`
    check       says what is wrong with files of its own in the tenant's folder (prompts, flows), given its config and
                the folder; called whenever the config is loaded, each text is a problem that names its file and line
    phrases     which phrases such files name, given the same: each must be there in the tenant's languages
    files       which files of the tenant's folder it reads, given the same: patterns relative to the folder, as
                "flows/*.yaml"; a change of one is taken up by a running server as one of `tenant.toml` is
    examine     its part of `hookline doctor`: says of a tenant (`hookline.examination`) what is well, wrong, or to be
                pasted elsewhere, and with `--set` puts right what it can
    """

    name: str
    hooks: Callable[[Tenant], object]
    config: type[Any] = NoConfig
    process: Callable[[], object] | None = None
    metadata: sa.MetaData | None = None
    migrations: str = ""
    channels: tuple[str, ...] = ()
    resends: bool = True
    in_process: bool = False
    check: Callable[[Any, Path], Iterable[str]] | None = None
    records: tuple[RecordType, ...] = ()
    phrases: Callable[[Any, Path], Iterable[Needed]] | None = None
    files: Callable[[Any, Path], Iterable[str]] | None = None
    examine: Examine | None = None

    def __attrs_post_init__(self) -> None:
        """Check the records; raises `PluginError`."""
        names: set[str] = set()
        for kind in self.records:
            where = f"plugin {self.name!r}: record type {kind.name!r}"
            if not _RECORD.fullmatch(kind.name) or kind.name in names:
                raise PluginError(f"{where}: names are lower case letters, digits and _, and each is there once")
            if kind.metadata is not self.metadata:
                raise PluginError(f"{where}: its table is not in the plugin's metadata; hand the type that metadata")
            if not kind.table_name.startswith(f"{self.name}_"):
                raise PluginError(f"{where}: its table is called {self.name}_…, not {kind.table_name!r}")
            names.add(kind.name)


@attrs.frozen(eq=False)
class Page:
    """A page in a browser, which the route that it is given with answers with.

    title  what the navigation of staff's pages calls it, by language, English at least; empty: it is not in there
    role   the least role that has something to do there
    order  its place among the others
    shown  whether it is there for this caller, given the plugin's tenant: where not every tenant has a use for it
    """

    title: Mapping[str, str] = attrs.Factory(dict)
    role: str = "viewer"
    order: int = 50
    shown: Callable[[Tenant, Caller], bool] | None = None


Handler = Callable[["web.Request", "Tenant"], Awaitable["web.StreamResponse"]]
Progress = Callable[[Mapping[str, Any]], None]
CommandHandler = Callable[["Tenant", Mapping[str, Any], Progress], Awaitable[Any]]
"""A command: the tenant, its arguments, and where to report progress; returns JSON values."""


class Router(Protocol):
    """Where `add_routes` registers; paths are relative to the tenant (`/webchat/messages`).

    A handler gets the request and the tenant's snapshot, and is not called where the tenant does not have the
    plugin (404) or could not start (503).  `access` is who may call it: "public" (the handler checks what it must),
    "admin", "supervisor", "agent", or "viewer".  `hookline.app.caller(request)` says who it is.
    """

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
        """Register one route of the plugin; `body` is the type of its JSON body, for the API page.

        `scope` is the area that API keys with scopes know it by (default: the plugin's name), as "knowledge".
        `limited` is False for the webhook of a provider, which calls for all customers from a few addresses: the rate limit
        of an address would refuse them.  Its handler checks a signature first of all.
        `page` says that it answers with a page, and what staff's navigation calls it; pages have a rate limit of their
        own, so that looking at them leaves the API's alone.
        """

    def static(self, path: str, package: str, folder: str = "static") -> None:
        """Serve the files of `folder` in the plugin's package, publicly, cached by content hash."""

    def command(self, name: str, handler: CommandHandler) -> None:
        """Register a command, which the command line reaches as `<plugin>.<name>`, also in a running server."""
