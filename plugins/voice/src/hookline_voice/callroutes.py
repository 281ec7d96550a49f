"""The addresses that Twilio calls: a call that begins, steps of its flow, answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from hookline.wire import path_number

from . import callrecording, callstatus
from .calling import calling_of
from .callrefusing import Refused, malformed, noted
from .callsigned import Asked, asked, verify
from .relay import Relay

if TYPE_CHECKING:
    from hookline.plugin import Handler, Router
    from hookline.tenant import Tenant


_STEPS = "/voice/calls/steps/{step:[A-Za-z0-9_-]+}"


def register(router: Router) -> None:
    """Add the routes; each checks the signature first of all."""
    for path, handler in (
        ("/voice/calls/answer", answer),
        (_STEPS, say),
        (f"{_STEPS}/answer", hear),
        ("/voice/calls/later/{inbox:[0-9]+}", later),
    ):
        for method in ("GET", "POST"):
            router.add(method, path, _checked(handler), access="public", limited=False)
    router.add("GET", "/voice/calls/relay", relay, access="public", limited=False)
    router.add("POST", "/voice/calls/relay/ended", _checked(relay_ended), access="public", limited=False)
    router.add("POST", "/voice/calls/consent", _checked(consent), access="public", limited=False)
    router.add("POST", "/voice/calls/recorded", _checked(recorded), access="public", limited=False)
    router.add("POST", "/voice/calls/status", _checked(status), access="public", limited=False)
    router.add("POST", "/voice/calls/transferred", _checked(transferred), access="public", limited=False)


def _checked(handler: Callable[[web.Request, Tenant, Asked], Awaitable[str]]) -> Handler:
    async def handle(request: web.Request, tenant: Tenant) -> web.Response:
        try:
            body = await handler(request, tenant, await asked(tenant, request))
        except Refused as refused:
            raise noted(tenant, refused) from None
        return web.Response(text=body, content_type="text/xml")

    handle.__doc__ = handler.__doc__
    return handle


def prefix_of(request: web.Request, tenant: Tenant) -> str:
    """What stands before the tenant's own paths: nothing where it is mounted at the root."""
    prefix = f"/t/{tenant.name}"
    return prefix if request.path.startswith(f"{prefix}/") else ""


async def answer(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """A call begins: what it hears first."""
    return await calling_of(tenant).say(told, "", prefix_of(request, tenant))


async def say(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Say a step of the flow; one that the call has not come to leads back to the question before it."""
    return await calling_of(tenant).say(told, request.match_info["step"], prefix_of(request, tenant))


async def hear(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Take the answer to a step: keys, speech, or silence."""
    if len(told.keys) > 64 or len(told.speech) > 5000:
        raise malformed("the answer is longer than any that is given in a call")
    return await calling_of(tenant).hear(told, request.match_info["step"], prefix_of(request, tenant))


async def later(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Say what was not ready in time."""
    return await calling_of(tenant).later(told, path_number(request, "inbox"), prefix_of(request, tenant))


async def status(_request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Take a report of what became of a call."""
    await callstatus.report(tenant, calling_of(tenant), told)
    return "<Response/>"


async def transferred(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """After the call was given to a person: the end; where nobody came, somebody calls back."""
    return await calling_of(tenant).transferred(told, prefix_of(request, tenant))


async def relay(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """The socket of a live call; its upgrade is signed."""
    try:
        if not tenant.config.calls.twilio.auth_token:
            raise Refused(
                503, "unconfigured", "plugins.voice.calls.twilio.auth_token is not set, so no live call is taken"
            )
        verify(tenant, request, {}, "ws")
    except Refused as refused:
        raise noted(tenant, refused) from None
    socket = web.WebSocketResponse(heartbeat=25.0, max_msg_size=64 * 1024)
    await socket.prepare(request)
    await Relay(tenant, calling_of(tenant), socket).run()
    return socket


async def relay_ended(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """After a live call: to a person, where one was asked for; else the end."""
    return await calling_of(tenant).relayed(told, prefix_of(request, tenant))


async def consent(request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Take what the caller says to being recorded."""
    return await calling_of(tenant).consent(told, prefix_of(request, tenant))


async def recorded(_request: web.Request, tenant: Tenant, told: Asked) -> str:
    """Note a recording, so that it is removed when its time is up."""
    await callrecording.note(tenant, told)
    return "<Response/>"
