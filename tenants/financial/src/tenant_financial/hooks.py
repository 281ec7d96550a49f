"""The hooks of this plugin: registered here, done in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from . import calls, collecting, customers
from .answers import FUNCTIONS, Answers
from .guard import Guard
from .routes import register

if TYPE_CHECKING:
    from hookline.message import Account, Message, Passage, Record, Reply
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.serves = {"call_function": (*FUNCTIONS, *calls.FUNCTIONS)}
        self.answers = Answers(tenant)
        self.guard = Guard(tenant)

    @hookimpl
    async def find_account(self, claim: str) -> Account | None:
        """The customer whose number, telephone or e-mail it is."""
        return await customers.find(self.tenant, claim)

    @hookimpl
    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """What the customer's own record says."""
        if name in calls.FUNCTIONS:
            return await calls.call(self.tenant, turn, name, arguments)
        return await self.answers.call(turn, name)

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        """Note what is written back to the collections."""
        await collecting.note(self.tenant, turn)
        return turn.message

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Answer for the collections, where the assistant has no say."""
        return await collecting.reply(self.tenant, turn)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Note at the collections' tasks how calls went."""
        await collecting.follow(self.tenant, record)

    @hookimpl
    async def review_passages(self, turn: Turn, passages: Sequence[Passage]) -> Sequence[Passage]:
        """Keep out of answers what a document says of a certain customer."""
        return await self.guard.passages(turn, passages)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Put the own instalment beside what the documents say of missing it; let no figure of another customer out."""
        return await self.guard.reply(turn, await self.answers.beside(turn, reply))


class ProcessHooks:
    """Routes."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Add the routes under `/financial/`."""
        register(router)
