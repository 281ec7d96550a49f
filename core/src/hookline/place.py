"""Where a command works: the tenants' folder, the data folder and the database; and how it reaches a running server.

A plugin's command looks like this:

    @click.command()
    @click.argument("paths", nargs=-1, required=True)
    @place_options(tenant=True)
    def ingest(place: Place, tenant: str, paths: tuple[str, ...]) -> None:
        place.run("rag.ingest", tenant, {"paths": [os.path.abspath(p) for p in paths]}, progress=show)
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

if TYPE_CHECKING:
    from .plugin import Progress

F = TypeVar("F", bound=Callable[..., Any])
_NOTE = "database"  # in the data folder: the embedded database's file that its last server used


@attrs.frozen
class Place:
    """`database` "" means: what the data folder was last served with, else its `hookline.db`."""

    tenants: Path
    data: Path
    database: str = ""

    @property
    def control_socket(self) -> Path:
        """Where a running server listens for commands."""
        return self.data / "control.sock"

    def folders(self) -> dict[str, Path]:
        """The tenants' folders by name; raises ConfigError if there is none."""
        from .config import find_tenants
        from .errors import ConfigError

        found = find_tenants(self.tenants)
        if not found:
            raise ConfigError(
                f"no tenant found: {self.tenants.absolute()} has no folder with a tenant.toml; "
                f"another folder is named by --tenants DIR or HOOKLINE_TENANTS"
            )
        return found

    def folder(self, tenant: str) -> Path:
        """The tenant's folder; raises UnknownTenant with the nearest name."""
        from .config import find_tenant

        return find_tenant(self.tenants, tenant)

    def one_tenant(self, name: str) -> str:
        """That name, if there is such a tenant; "" means the only one that there is."""
        from .errors import UnknownTenant

        if name:
            self.folder(name)
            return name
        names = list(self.folders())
        if len(names) > 1:
            raise UnknownTenant(f"which tenant? --tenant NAME says it; there are: {', '.join(names)}")
        return names[0]

    def database_url(self, configured: str = "") -> str:
        """The database's URL; `configured` is the tenant's own.  A relative file is one of the data folder."""
        url = self.database or configured or self._noted()
        if not url.startswith("sqlite:"):
            return url or f"sqlite:///{(self.data / 'hookline.db').absolute()}"
        from .db import normalise_url

        file = Path(normalise_url(url).database or "")
        return f"sqlite:///{file if file.is_absolute() else (self.data / file).absolute()}"

    def note_database(self, url: str) -> None:
        """Remember the embedded database for commands that come later; a shared one's URL may hold a password."""
        if url.startswith("sqlite:"):
            (self.data / _NOTE).write_text(f"{url}\n", encoding="utf-8")

    def _noted(self) -> str:
        try:
            return (self.data / _NOTE).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def run(
        self,
        command: str,
        tenant: str = "",
        arguments: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> Any:
        """Have the running server do it, or else do it here; raises HooklineError subclasses for what goes wrong."""
        from .server import run_command

        return asyncio.run(run_command(self, command, tenant, arguments or {}, progress or (lambda _told: None)))


def place_options(*, tenant: bool = False, optional: bool = False) -> Callable[[F], F]:
    """Give a click command the options that make a `Place`, and with `tenant` the name of one.

    The command gets `place` and `tenant` as keyword arguments; `optional`: without a name `tenant` is "".
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, tenants: Path, data: Path, database: str, **kwargs: Any) -> Any:
            place = Place(tenants, data, database)
            if tenant:
                name = kwargs.get("tenant") or ""
                kwargs["tenant"] = name if optional and not name else place.one_tenant(name)
            return function(*args, place=place, **kwargs)

        options = [
            click.option(
                "--tenants",
                type=click.Path(path_type=Path, file_okay=False),
                envvar="HOOKLINE_TENANTS",
                default=Path("tenants"),
                show_default=True,
                help="The folder with the tenants' folders.",
            ),
            click.option(
                "--data",
                type=click.Path(path_type=Path, file_okay=False),
                envvar="HOOKLINE_DATA",
                default=Path("var"),
                show_default=True,
                help="The folder for everything that is written.",
            ),
            click.option(
                "--database",
                envvar="HOOKLINE_DATABASE",
                default="",
                help="The database's URL.  [default: a SQLite file in the data folder]",
            ),
        ]
        if tenant:
            options.append(click.option("--tenant", envvar="HOOKLINE_TENANT", default="", help="The tenant's name."))
        wrapped: Any = call
        for option in options:
            wrapped = option(wrapped)
        return wrapped  # type: ignore[no-any-return]  # click's decorators keep the function

    return decorate


def environment_port() -> int | None:
    """The port that HOOKLINE_PORT or PORT asks for; raises ConfigError for one that is none."""
    from .errors import ConfigError

    for name in ("HOOKLINE_PORT", "PORT"):
        text = os.environ.get(name, "").strip()
        if text:
            if not text.isdigit() or int(text) > 65535:
                raise ConfigError(f"{name} is set to {text!r}; allowed: 0 to 65535")
            return int(text)
    return None


def shown_time(seconds: float) -> str:
    """A time as commands print it: to the minute, in UTC."""
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M")
