"""The hooks of this plugin: registered here, done in `service`.

FAISS, tantivy and numpy are imported when a tenant is made, so that commands that need none of them answer at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

if TYPE_CHECKING:
    import click

    from hookline.message import Job, Passage, Reply, Timer
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        from .service import Service

        self.service = Service(tenant)

    @hookimpl
    async def start(self) -> None:
        """Load the index, and go on with documents that a crash left unfinished."""
        await self.service.start()

    @hookimpl
    async def retrieve(self, turn: Turn) -> Sequence[Passage]:
        """Passages of the tenant's documents, within the budget."""
        return await self.service.passages(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """The sentences that answer, a greeting for a greeting, or an honest "I don't know"."""
        return await self.service.reply(turn)

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Make documents live, or bring the index up to date."""
        await self.service.work(turn, job)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Look for stale documents."""
        await self.service.tick(turn)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """The state of the vector store."""
        return await self.service.health()


class ProcessHooks:
    """Routes and the command line."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the routes under `/rag/` and the command that `hookline ingest` reaches."""
        from .routes import register

        register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """Add `hookline ingest` and `hookline knowledge`."""
        from .commands import ingest, knowledge

        cli.add_command(ingest)
        cli.add_command(knowledge)
