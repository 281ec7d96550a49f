"""Registers; the behaviour is in `service` and `routes`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from hookline.hookspecs import hookimpl
from hookline.message import Job, Message, Receipt, Reply, Segment, Timer
from hookline.plugin import Router
from hookline.tenant import Tenant
from hookline.turn import Turn

from . import routes
from .service import Postman


class ProcessHooks:
    """The webhook's route."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        routes.add(router)


class TenantHooks:
    """Answers and delivers."""

    def __init__(self, tenant: Tenant) -> None:
        self.postman = Postman(tenant)
        self.serves = {"call_function": ("book",)}

    @hookimpl
    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        return self.postman.book(turn, arguments)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        return self.postman.respond(turn)

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        return await self.postman.deliver(message)

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        self.postman.echo(turn, job)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        self.postman.ring(turn, timer)
