"""The hooks of this plugin: registered here, done in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import hookimpl

from . import callcontacts, callrecording, contacts, upkeep
from .callhooks import CallHooks
from .calling import Calling
from .notes import Notes
from .speech import Hearing, Speaking, state

if TYPE_CHECKING:
    import click

    from hookline.message import (
        Attachment,
        Audio,
        ContactData,
        File,
        Job,
        Message,
        Receipt,
        Record,
        Recorder,
        Reply,
        Timer,
    )
    from hookline.plugin import Router
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class TenantHooks:
    """One for each snapshot of each tenant's config."""

    serves: Mapping[str, tuple[str, ...]]

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.hearing = Hearing(tenant)
        self.speaking = Speaking(tenant)
        self.notes = Notes(tenant, self.hearing)
        self.calling = Calling(tenant)
        self.calls = CallHooks(tenant, self.calling)
        self.serves = {"transcribe": self.hearing.names, "synthesize": self.speaking.names}

    @hookimpl
    async def start(self, tenant: Tenant) -> None:
        """Get ready what hears and speaks, and begin the upkeep."""
        await self.hearing.ready()
        await self.speaking.ready()
        await upkeep.begin(tenant)

    @hookimpl
    async def stop(self) -> None:
        """Close what was opened."""
        await self.hearing.close()
        await self.speaking.close()

    @hookimpl
    async def transcribe(self, name: str, audio: Audio) -> str:
        """What is said, by the transcriber of that config name."""
        return await self.hearing.transcribe(name, audio)

    @hookimpl
    async def synthesize(self, name: str, text: str, language: str) -> Audio:
        """Speech by the speaker of that config name."""
        return await self.speaking.synthesize(name, text, language)

    @hookimpl
    async def describe_recorder(self) -> Recorder | None:
        """What customers may say in place of typing."""
        return await self.notes.recorder()

    @hookimpl
    async def keep_recording(self, audio: Audio) -> Attachment | None:
        """Keep a recording until its message comes."""
        return await self.notes.keep(audio.data, audio.language)

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        """Write a voice note down."""
        return await self.notes.receive(turn)

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Greet a caller; ask for text where a voice note could not be written down."""
        return self.calls.respond(turn) or self.notes.respond(turn)

    @hookimpl
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Note in a call's reply that a person is asked for; have the reply to a voice note spoken."""
        return self.notes.review(turn, self.calls.review(turn, reply))

    @hookimpl
    async def on_job(self, turn: Turn, job: Job) -> None:
        """Speak a reply."""
        if not await self.calls.work(turn, job):
            await self.notes.work(turn, job)

    @hookimpl
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Remove what is kept too long."""
        if not await self.calls.ring(turn, timer):
            callcontacts.expire(self.tenant, turn)
            await callrecording.expire(self.tenant, turn)
            await upkeep.ring(self.tenant, turn)

    @hookimpl
    async def open_file(self, path: str) -> File | None:
        """Sound of ours, for a channel that hands it on."""
        return await self.notes.sounds.open_file(path)

    @hookimpl
    async def deliver(self, message: Message) -> Receipt:
        """Hand a message over to its call."""
        return await self.calls.deliver(message)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        """Follow contacts that are merged, and conversations that are purged."""
        await contacts.follow(self.tenant, record)

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        """The sound that is kept of the contact."""
        return await contacts.export(self.tenant, contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove it."""
        return await contacts.erase(self.tenant, contact)

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        """What hears, what speaks, and the calls that were ordered."""
        return {**await state(self.hearing, self.speaking), **await self.calls.state()}


class ProcessHooks:
    """One for the process."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        """Voice notes and sound; what Twilio calls, and what staff asks about calls."""
        from . import callrehearsal, callroutes, callstaff, routes

        for part in (routes, callroutes, callstaff, callrehearsal):
            part.register(router)

    @hookimpl
    def add_commands(self, cli: click.Group) -> None:
        """`hookline voice fetch`, `hookline calls`."""
        from .callcli import calls
        from .cli import voice

        cli.add_command(voice)
        cli.add_command(calls)
