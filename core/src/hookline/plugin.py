"""What a plugin declares about itself, and what it is handed to register routes.

A plugin's `__init__` holds one `plugin = Plugin(...)`; its distribution's entry point in the group
`hookline.plugins` names it.  Everything else is found from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    import sqlalchemy as sa
    from aiohttp import web

    from .tenant import Tenant


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
    check       says what is wrong with files of its own in the tenant's folder (prompts, flows), given its config and
                the folder; called whenever the config is loaded, each text is a problem that names its file and line
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


Handler = Callable[["web.Request", "Tenant"], Awaitable["web.StreamResponse"]]
Progress = Callable[[Mapping[str, Any]], None]
CommandHandler = Callable[["Tenant", Mapping[str, Any], Progress], Awaitable[Any]]
"""A command: the tenant, its arguments, and where to report progress; returns JSON values."""


class Router(Protocol):
    """Where `add_routes` registers; paths are relative to the tenant (`/webchat/messages`).

    A handler gets the request and the tenant's snapshot, and is not called where the tenant does not have the
    plugin (404) or could not start (503).  `access` is who may call it: "public" (the handler checks what it must),
    "admin", "agent", or "viewer".
    """

    def add(self, method: str, path: str, handler: Handler, *, access: str = "admin", body: Any = None) -> None:
        """Register one route of the plugin; `body` is the type of its JSON body, for the API page."""

    def static(self, path: str, package: str, folder: str = "static") -> None:
        """Serve the files of `folder` in the plugin's package, publicly, cached by content hash."""

    def command(self, name: str, handler: CommandHandler) -> None:
        """Register a command, which the command line reaches as `<plugin>.<name>`, also in a running server."""
