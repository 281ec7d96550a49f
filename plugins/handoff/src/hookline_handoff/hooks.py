"""The hooks of this plugin: registered here, done in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl
from hookline.message import ContactData

from . import aftermath, assignment, backenddata, commands, contacts, deskdata, deskroutes, routes
from .backendwork import BackendWork
from .desk import Desk
from .taskrouter_routes import register_twilio
from .turns import Turns
from .webhookdesk_routes import register_webhook

if TYPE_CHECKING:
    from hookline.message import Command, File, HandoffRequest, Hold, Job, Record, Reply, Timer
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class ProcessHooks:
    """One for the process."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """The console's API and socket, and the API for programs."""
        routes.register(router)
        deskroutes.register_desk(router)
        register_twilio(router)
        register_webhook(router)


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.turns = Turns(tenant)
        self.desk = Desk(tenant)
        self.backend = BackendWork(tenant)

    @hookimpl
    async def start(self, tenant: Tenant) -> None:
        """Begin the upkeep of files."""
        del tenant
        await self.desk.files.begin()

    @hookimpl
    async def hold(self, turn: Turn) -> Hold | None:
        """Keep the bot silent while a person has the conversation, and on a rating."""
        return await self.desk.hold(turn) or await self.turns.hold(turn)

    @hookimpl
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        """Ask for a person where one of the tenant's rules says so."""
        return self.desk.request(turn) or await self.turns.request(turn)

    @hookimpl
    async def open_handoff(self, turn: Turn, request: HandoffRequest) -> Reply | None:
        """Store the request, whoever made it, and tell the customer."""
        return await self.turns.begin(turn, request)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Tell who waits and asks again how many are before them."""
        return await self.turns.answer(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Tell who waits that somebody comes, in place of not knowing."""
        return await self.turns.review(turn, reply)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Time moves a handoff on, a promise is due, or an agent was not seen for a while."""
        if not await self.desk.on_timer(turn, timer) and not await assignment.on_timer(self.tenant, turn, timer):
            await self.turns.due(turn, timer)

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Assign what waits, sum up, ask for a rating, tell whom it has climbed to."""
        done = await self.desk.on_job(turn, job) or await self.backend.on_job(turn, job)
        if not done and job.kind == "assign":
            await assignment.assign(self.tenant)

    @hookimpl
    async def on_command(self, turn: Turn, command: Command) -> None:
        """Do for a person what another plugin asks."""
        await commands.obey(self.tenant, turn, command)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Follow what happened: promises, search, summaries, ratings; contacts merged, conversations removed."""
        if await aftermath.follow(self.tenant, record):
            return
        await self.desk.observe(record)
        await self.backend.observe(record)

    @hookimpl
    async def open_file(self, path: str) -> File | None:
        """A file that an agent sends."""
        return await self.desk.files.opened(path)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """Whether another desk, where there is one, is set up."""
        return self.backend.health()

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """The contact's handoffs, and what the desk has."""
        life = await contacts.export(self.tenant, contact)
        desk, other = await deskdata.export(self.tenant, contact), await backenddata.export(self.tenant, contact)
        return ContactData(life.plugin, {**life.rows, **desk, **other})

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove the contact's handoffs, and what the desk has."""
        desk = {**await deskdata.erase(self.tenant, contact), **await backenddata.erase(self.tenant, contact)}
        life = await contacts.erase(self.tenant, contact)
        return ContactData(life.plugin, {**life.rows, **desk})
