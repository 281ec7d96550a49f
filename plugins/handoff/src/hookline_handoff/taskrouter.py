"""Twilio: tasks of TaskRouter, and rooms of Conversations, by Twilio's own client.

Neither API has an idempotency key.  A conversation has a name of ours, which is unique there; a task is looked for by its
attributes before it is made at a second try; a message by its attributes too.
Source: the published descriptions taskrouter_v1 and conversations_v1.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

import aiohttp

from hookline.errors import GiveUp, PluginError, ServiceUnavailable
from hookline.tenant import ResourceKey

from .backend import Case

if TYPE_CHECKING:
    from twilio.rest import Client

    from hookline.tenant import Tenant

    from .backendconfig import TwilioDesk as Config

T = TypeVar("T")
_MODULES = (
    "twilio.http.async_http_client",
    "twilio.rest.taskrouter",
    "twilio.rest.taskrouter.v1.workspace.task",
    "twilio.rest.conversations",
    "twilio.rest.conversations.v1.service.conversation.message",
)
_SECONDS = 20.0
_QUIET = logging.getLogger("hookline.handoff.twilio")
_QUIET.disabled = True  # the client logs what it sends, and that is what customers said
_LONGEST = 1500  # characters of the summary; a task's attributes have at most 4 KiB
_FOUND_BEFORE = 50353  # "Conversation with provided unique name already exists"
_CLOSED = ("completed", "canceled")
_BODY = 1600  # characters of a message
_LATEST = 20  # messages that are looked through for one that may be there already


class _Pool:
    """The client of one account, kept over reloads, closed with the tenant."""

    def __init__(self, config: Config) -> None:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        self._http = AsyncTwilioHttpClient(timeout=_SECONDS, logger=_QUIET)
        self.client: Client = Client(config.account_sid, config.auth_token.value, http_client=self._http)
        self.client.taskrouter.base_url = config.taskrouter_url
        self.client.conversations.base_url = config.conversations_url

    async def close(self) -> None:
        """Hang up."""
        session = self._http.session
        if session is not None:
            await session.close()


def _import() -> None:
    """Import the client, which takes a second."""
    try:
        for name in _MODULES:
            importlib.import_module(name)
    except ImportError:
        raise PluginError(
            "plugin 'handoff': backend = \"twilio_taskrouter\" needs Twilio's client: "
            "python -m pip install 'hookline-handoff[twilio]'"
        ) from None


class TwilioDesk:
    """A tenant's workspace."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config.twilio

    async def open(self, case: Case) -> str:
        """Make a task; where one may be there already, it is that one."""
        tasks = (await self._client()).taskrouter.v1.workspaces(self.config.workspace_sid).tasks
        ident = f"{case.handoff.id}-{case.n}"
        found = await _done(tasks.list_async(evaluate_task_attributes=f'hookline_task == "{ident}"', limit=1))
        if found:
            return str(found[0].sid)
        seen = case.handoff
        attributes = {
            "hookline_task": ident, "handoff": seen.id, "cid": seen.conversation, "tenant": self.tenant.name,
            "channel": seen.channel, "reason": seen.reason, "summary": case.summary[:_LONGEST],
            "name": case.customer, "from": case.address, "language": seen.language, "skill": seen.skill,
            "team": seen.team, "score": seen.score,
        }  # fmt: skip
        made = await _done(
            tasks.create_async(
                attributes=json.dumps(attributes, ensure_ascii=False),
                workflow_sid=self.config.workflow_sid,
                task_channel=self.config.task_channel,
                priority=max(0, seen.priority),
                timeout=self.config.task_timeout,
            )
        )
        return str(made.sid)

    async def close(self, task: str, reason: str, *, done: bool) -> None:
        """Complete or cancel the task, if it is not over.

        Only a task that somebody has can be completed; another is cancelled.
        """
        one = (await self._client()).taskrouter.v1.workspaces(self.config.workspace_sid).tasks(task)
        try:
            status = (await _done(one.fetch_async())).assignment_status
        except GiveUp:
            return  # Twilio removes tasks some minutes after they are over
        if status in _CLOSED:
            return
        wanted = "completed" if done and status in ("assigned", "wrapping") else "canceled"
        await _done(one.update_async(assignment_status=wanted, reason=reason[:200] or wanted))

    async def room(self, conversation: str, title: str) -> str:
        """The conversation of that name in the service, made if it is not there."""
        if not self.config.conversations_service_sid:
            return ""
        service = (await self._client()).conversations.v1.services(self.config.conversations_service_sid)
        name = f"{self.tenant.name}:{conversation}"
        attributes = json.dumps({"cid": conversation, "tenant": self.tenant.name})
        try:
            made = await _done(
                service.conversations.create_async(unique_name=name, friendly_name=title[:256], attributes=attributes)
            )
        except _Refused as refused:
            if refused.code != _FOUND_BEFORE:
                raise
            made = await _done(service.conversations(name).fetch_async())
        return str(made.sid)

    async def tell(self, room: str, conversation: str, ident: str, author: str, text: str) -> None:
        """Put a message into the room, unless it is there."""
        if not room:
            return
        service = (await self._client()).conversations.v1.services(self.config.conversations_service_sid)
        messages = service.conversations(room).messages
        latest = await _done(messages.list_async(order="desc", limit=_LATEST))
        there = {own_id(one.attributes) for one in latest}
        for n, at in enumerate(range(0, len(text), _BODY)):
            part = f"{ident}/{n}" if n else ident
            if part not in there:
                await _done(
                    messages.create_async(
                        author=author,
                        body=text[at : at + _BODY],
                        attributes=json.dumps({"hookline": part}),
                        x_twilio_webhook_enabled="false",
                    )
                )

    async def forget(self, room: str, conversation: str) -> None:
        """Remove the room with all that was said in it."""
        if not room:
            return
        service = (await self._client()).conversations.v1.services(self.config.conversations_service_sid)
        try:
            await _done(service.conversations(room).delete_async())
        except GiveUp as error:
            self.tenant.log.info("the room was gone already", room=room, reason=str(error))

    async def _client(self) -> Client:
        async def make() -> _Pool:
            await asyncio.to_thread(_import)
            return _Pool(self.config)

        key = f"twilio:{self.config.account_sid}:{self.config.taskrouter_url}:{self.config.conversations_url}"
        return (await self.tenant.keep(ResourceKey[_Pool](key), make)).client


def own_id(attributes: str | None) -> str:
    """The id of our own message that the attributes of one there name; "" if it is none of ours."""
    try:
        found = json.loads(attributes or "{}")
    except ValueError:
        return ""
    return str(found.get("hookline", "")) if isinstance(found, dict) else ""


class _Refused(GiveUp):
    """Twilio refuses it; `code` is Twilio's own."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


async def _done(work: Awaitable[T]) -> T:
    """Await a call of Twilio's client; its failures by what they mean."""
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return await work
    except TwilioRestException as error:
        told = f"Twilio answered {error.status} to {error.method} {error.uri}: {error.msg} (code {error.code})"
        if error.status == 429 or error.status >= 500:
            raise ServiceUnavailable(told) from error
        raise _Refused(told, int(error.code or 0)) from error
    except (TwilioException, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ServiceUnavailable(f"Twilio does not answer: {type(error).__name__}: {error}") from error
