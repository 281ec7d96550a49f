"""The command `hookline`.  What a command needs is imported when it runs: `hookline --help` answers at once."""

from __future__ import annotations

import asyncio
import gc
import secrets
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .errors import HooklineError
from .place import Place, place_options

if TYPE_CHECKING:
    from .server import Serving

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
DEMO_KEY = "demo"
DEMO_ADMIN = "admin@demo.example"


class CommandLine(click.Group):
    """The core's commands, and those of the installed plugins, which are asked for theirs only when they are needed."""

    _borrowed: Mapping[str, tuple[str, str]] = {
        "new": ("hookline.scaffold", "new_group"),
        "check": ("hookline.check", "check_command"),
        "docs": ("hookline.hookdocs", "docs_group"),
        "db": ("hookline.schema", "database_group"),
        "key": ("hookline.keys", "key_group"),
        "user": ("hookline.users", "user_group"),
        "audit": ("hookline.users", "audit_group"),
        "inbox": ("hookline.backlog", "inbox_group"),
        "outbox": ("hookline.backlog", "outbox_group"),
        "records": ("hookline.recordcli", "records_group"),
        "tenant": ("hookline.tenantcli", "tenant_group"),
        "test": ("hookline.testing.command", "test_command"),
    }
    _plugins_added = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands."""
        self._add_plugins()
        return sorted({*super().list_commands(ctx), *self._borrowed})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in self._borrowed:
            import importlib

            module, name = self._borrowed[cmd_name]
            borrowed: click.Command = getattr(importlib.import_module(module), name)
            return borrowed
        if found is None:
            self._add_plugins()
            found = super().get_command(ctx, cmd_name)
        return found

    def _add_plugins(self) -> None:
        if self._plugins_added:
            return
        self._plugins_added = True
        from .catalogue import Catalogue
        from .dispatch import Dispatcher, make_manager
        from .hookspecs import Scope
        from .watchdog import Watchdog

        catalogue = Catalogue.load()
        for reason in catalogue.broken.values():
            click.echo(f"hookline: warning: {reason}", err=True)
        processes = [(plugin.name, plugin.process()) for plugin in catalogue.plugins if plugin.process is not None]
        Dispatcher(make_manager(processes, Scope.PROCESS), Watchdog()).sync("add_commands", self)


@click.group(cls=CommandLine, context_settings=CONTEXT)
@click.version_option(package_name="hookline", prog_name="hookline")
def cli() -> None:
    """Customer-service bots: durable, in order, made of plugins."""
    import structlog

    # what a command has to say it prints itself; the servers set up their own logs
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; what goes wrong is one clear message, and the exit status 2."""
    from .dotenv import load_project

    try:
        load_project()
        status = cli.main(args=arguments, prog_name="hookline", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except (click.Abort, KeyboardInterrupt):
        click.echo("hookline: interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except HooklineError as error:
        lines = str(error).splitlines() or [type(error).__name__]
        for line in lines:
            click.echo(f"hookline: error: {line}", err=True)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1


# -- serving ---------------------------------------------------------------------------------------------------------

_set = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a value of the tenants' config, e.g. history.store=sql; repeatable.",
)
_log_style = click.option(
    "--log",
    "style",
    type=click.Choice(["json", "console"]),
    envvar="HOOKLINE_LOG",
    help="The form of log lines.  [default: console on a terminal, else json]",
)
_log_level = click.option(
    "--log-level",
    "level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    envvar="HOOKLINE_LOG_LEVEL",
    default="info",
    show_default=True,
    help="The least to log.",
)
_host = click.option(
    "--host", envvar="HOOKLINE_HOST", default="127.0.0.1", show_default=True, help="The address to listen on."
)
_proxies = click.option(
    "--trusted-proxies",
    envvar="HOOKLINE_TRUSTED_PROXIES",
    default="127.0.0.0/8, ::1/128",
    show_default=True,
    metavar="LIST",
    help="Addresses and networks of the proxies that are believed about the client's address, or none.",
)
_proxy_header = click.option(
    "--proxy-header",
    type=click.Choice(["X-Forwarded-For", "Forwarded"], case_sensitive=False),
    envvar="HOOKLINE_PROXY_HEADER",
    default="X-Forwarded-For",
    show_default=True,
    help="The header in which they say it.",
)


@cli.command()
@place_options(tenant=True, optional=True)
@_host
@_proxies
@_proxy_header
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port; 0 takes a free one.  [default: $HOOKLINE_PORT, $PORT, the tenant's config, 8080]",
)
@_set
@_log_style
@_log_level
def serve(
    place: Place,
    tenant: str,
    host: str,
    port: int | None,
    settings: tuple[str, ...],
    style: Any,
    level: str,
    trusted_proxies: str,
    proxy_header: str,
) -> None:
    """Serve all tenants under /t/NAME/, or with --tenant that one, also at /."""
    gc.disable()  # until it serves: what is imported and made stays, and looking through it would take a sixth of it
    from .config import parse_overrides
    from .proxies import Proxies
    from .server import Plan
    from .server import serve as run

    async def ready(serving: Serving) -> None:
        _announce(serving, tenant)

    proxies = Proxies.parse(trusted_proxies, proxy_header)
    plan = Plan(place, tenant, host, port, parse_overrides(settings), proxies=proxies)
    asyncio.run(run(plan, _logs(style, level), ready))


@cli.command()
@place_options(tenant=True, optional=True)
@_set
@_log_style
@_log_level
def work(place: Place, tenant: str, settings: tuple[str, ...], style: Any, level: str) -> None:
    """Process messages without serving HTTP; for more processes on one PostgreSQL database."""
    gc.disable()  # as in `serve`
    from .config import parse_overrides
    from .server import Plan
    from .server import serve as run

    async def ready(serving: Serving) -> None:
        click.echo(f"working for {', '.join(serving.runtime.tenants.available)}; Ctrl-C ends")

    plan = Plan(place, tenant, overrides=parse_overrides(settings), http=False)
    asyncio.run(run(plan, _logs(style, level), ready))


@cli.command()
@place_options(tenant=True, optional=True)
@_host
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    envvar="HOOKLINE_PORT",
    default=8080,
    show_default=True,
    help="The port; 0 takes a free one.",
)
@_set
@_log_style
def demo(place: Place, tenant: str, host: str, port: int, settings: tuple[str, ...], style: Any) -> None:
    """Serve the sample tenant (telecom) with its documents taken in, and say where everything is."""
    from .config import parse_overrides
    from .server import Plan
    from .server import serve as run

    name = tenant or "telecom"

    async def ready(serving: Serving) -> None:
        await _take_in(serving, place, name)
        await serving.commands.run("records.seed", name, {}, _unheard)
        key = await _demo_key(serving, name)
        about = serving.runtime.tenants.get(name).settings
        pages = [(page.title["en"].lower(), path) for path, page in serving.pages(name)]
        places = [("chat", "/"), *pages, ("API", "/docs"), ("health", "/health")]
        told = [(label, f"{serving.url}{path}") for label, path in places]
        told += [("sign in", await _demo_admin(serving, name)), ("admin key", key)]
        told += [("data", str(place.data.absolute()))]
        width = max(len(label) for label, _ in told) + 2
        click.echo(f"\n{about.title} is here:")
        for label, text in told:
            click.echo(f"  {label:<{width}}{text}")
        click.echo("Ctrl-C ends.")

    overrides = {"history.store": "sql", **parse_overrides(settings)}
    asyncio.run(run(Plan(place, name, host, port, overrides), _logs(style or "console", "warning"), ready))


def _announce(serving: Serving, tenant: str) -> None:
    tenants = serving.runtime.tenants
    for name in tenants.names:
        if not tenants.get(name).available:
            click.echo(f"hookline: tenant {name} is out of service: {tenants.get(name).error}", err=True)
    click.echo(f"serving on {serving.url}")
    click.echo(f"  API     {serving.url}/docs")
    click.echo(f"  health  {serving.url}/health")
    for name in tenants.available:
        click.echo(f"  {name}  {serving.url}{'/' if name == tenant else f'/t/{name}/'}")


async def _take_in(serving: Serving, place: Place, tenant: str) -> None:
    """Take in the tenant's sample documents, with a progress bar; documents that are there already cost nothing."""
    folder = place.folder(tenant) / "knowledge"
    if not folder.is_dir() or "rag.ingest" not in serving.commands:
        return
    with click.progressbar(length=1, label="taking in the sample documents", show_eta=False, file=sys.stderr) as bar:

        def show(told: Mapping[str, Any]) -> None:
            bar.length = max(1, int(told.get("total", 1)))
            bar.update(int(told.get("done", 0)) - bar.pos)

        await serving.commands.run("rag.ingest", tenant, {"paths": [str(folder.absolute())]}, show)
        bar.update((bar.length or 1) - bar.pos)


async def _demo_key(serving: Serving, tenant: str) -> str:
    """An admin key, made at the first start and shown that once."""
    for key in await serving.keys.list(tenant):
        if key.name == DEMO_KEY and key.revoked_at is None:
            return f"made before ({key.id}); another: hookline key create --tenant {tenant} --name NAME --role admin"
    _, text = await serving.keys.create(tenant, DEMO_KEY, "admin")
    return f"{text}   (shown this once)"


async def _demo_admin(serving: Serving, tenant: str) -> str:
    """An account for the pages of the staff, made at the first start with a password of its own that is shown that once."""
    accounts = await serving.commands.run("user.list", tenant, {}, _unheard)
    if any(account["email"] == DEMO_ADMIN for account in accounts):
        return f"as {DEMO_ADMIN}; another password: hookline user reset-password {DEMO_ADMIN} --tenant {tenant}"
    password = secrets.token_urlsafe(12)
    told = {"email": DEMO_ADMIN, "role": "admin", "name": "Demo", "password": password}
    await serving.commands.run("user.create", tenant, told, _unheard)
    return f"{DEMO_ADMIN}   {password}   (shown this once)"


def _unheard(_told: Mapping[str, Any]) -> None:
    """Nobody looks at the progress."""


def _logs(style: Any, level: str) -> Any:
    from .logs import Logs

    return Logs(style=style, level=level)


# -- the rest ------------------------------------------------------------------------------------------------------------


@cli.command()
@place_options(tenant=True)
def plugins(place: Place, tenant: str) -> None:
    """Print the order of a tenant's hooks: which plugin is asked first."""
    found = place.run("hooks", tenant)
    width = max((len(name) for name in found), default=0)
    for name, order in found.items():
        click.echo(f"{name:<{width}}  {' > '.join(order)}")


@cli.command()
@place_options(tenant=True, optional=True)
def reload(place: Place, tenant: str) -> None:
    """Have the running server read the configuration anew; a bad one leaves the old one serving."""
    failed = False
    for name, error in place.run("reload", tenant).items():
        failed = failed or bool(error)
        click.echo(
            f"{name}: not reloaded, the old configuration goes on serving: {error}" if error else f"{name}: reloaded",
            err=bool(error),
        )
    if failed:
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("plugin", default="")
@click.option(
    "--set", "change", is_flag=True, help="Set right outside what the plugin can, such as a webhook's address."
)
@place_options(tenant=True, optional=True)
def doctor(place: Place, tenant: str, plugin: str, change: bool) -> None:
    """Look for what is wrong or unwise, and say what to do about it; exit status 1 if something is wrong.

    With PLUGIN: that plugin alone, which then also asks the services that it needs, and says what to paste where.
    """
    from .doctor import examine, examine_plugin

    if change and not plugin:
        raise click.UsageError("--set needs a plugin's name, as in: hookline doctor whatsapp --set")
    work = examine_plugin(place, plugin, tenant, change=change) if plugin else examine(place, tenant)
    findings = asyncio.run(work)
    marks = {"ok": "ok     ", "note": "note   ", "warning": "warning", "error": "ERROR  "}
    for finding in findings:
        click.echo(f"{marks[finding.weight]}  {finding.what}: {finding.text}")
    if any(finding.weight == "error" for finding in findings):
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    sys.exit(main())
