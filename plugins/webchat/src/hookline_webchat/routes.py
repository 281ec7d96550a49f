"""The HTTP routes of webchat; the sockets have modules of their own."""

from __future__ import annotations

import attrs
from aiohttp import web

from hookline.app import EDGE
from hookline.auth import is_opened
from hookline.plugin import Page, Router
from hookline.problems import Problem
from hookline.tenant import Tenant
from hookline.wire import json_response, query_number, read_body

from .events import bearer, serve_events
from .pages import PACKAGE, show_chat
from .recordings import get_file, post_recording
from .rooms import serve_socketio
from .service import (
    accepted_languages,
    acknowledged,
    choose,
    describe,
    history,
    is_open,
    last_seq,
    open_session,
    read_token,
    send,
    show_read,
    show_typing,
    view,
)
from .websocket import serve_websocket

_UPLOAD = ("POST /rag/documents", "GET /rag/documents")
_SEQ = 2**31 - 1


@attrs.frozen
class SessionBody:
    """All may be left out: `token` of an earlier session, the `language` to use, `fresh` for a new conversation."""

    token: str = ""
    language: str = ""
    fresh: bool = False


@attrs.frozen
class MessageBody:
    """A visitor's message; `id` is the client's own, so that sending it again is harmless."""

    id: str
    text: str


@attrs.frozen
class TypingBody:
    """Whether the visitor is typing."""

    on: bool = True


@attrs.frozen
class ReadBody:
    """Up to which message the visitor has read."""

    seq: int


def register(router: Router) -> None:
    """Register all routes."""
    router.add("POST", "/webchat/session", post_session, access="public")
    router.add("GET", "/webchat/messages", get_messages, access="public")
    router.add("POST", "/webchat/messages", post_message, access="public")
    router.add("POST", "/webchat/recordings", post_recording, access="public")
    router.add("GET", "/webchat/messages/{seq:[0-9]{1,10}}/files/{n:[0-9]{1,3}}", get_file, access="public")
    router.add("POST", "/webchat/typing", post_typing, access="public", body=TypingBody)
    router.add("POST", "/webchat/read", post_read, access="public", body=ReadBody)
    router.add("GET", "/webchat/ws", serve_websocket, access="public")
    router.add("GET", "/webchat/events", serve_events, access="public")
    router.add("*", "/socket.io/", serve_socketio, access="public")
    router.add("GET", "/", show_chat, access="public", page=Page())
    router.static("/webchat", PACKAGE)


async def post_session(request: web.Request, tenant: Tenant) -> web.Response:
    """Open a visitor's session, or go on with the one of the token."""
    body = await read_body(request, SessionBody) if request.can_read_body else SessionBody()
    visitor, token = await open_session(tenant, body.token, body.language, fresh=body.fresh)
    wanted = [visitor.language, *accepted_languages(request.headers.get("Accept-Language", ""))]
    language = choose([one for one in wanted if one], tenant.settings.languages)
    opened = is_opened(request, tenant.settings, _UPLOAD, loopback=request.app[EDGE].loopback)
    return json_response(
        {
            "token": token,
            "visitor": visitor.id,
            "conversation": visitor.conversation,
            "config": describe(tenant, language, await tenant.hooks.describe_recorder(), admin=opened),
        }
    )


async def get_messages(request: web.Request, tenant: Tenant) -> web.Response:
    """The visitor's messages in order: the newest, those before `before`, or the first after `after`."""
    visitor = await read_token(tenant, bearer(request))
    limit = max(1, query_number(request, "limit", 100, 500))
    before = query_number(request, "before", 0, _SEQ)
    after = query_number(request, "after", 0, _SEQ) if request.query.get("after") else None
    told = await history(tenant, visitor.conversation, after=after, before=before, limit=limit)
    newest = await last_seq(tenant, visitor.conversation)
    return json_response({"messages": [view(message) for message in told], "last_seq": newest})


async def post_message(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a visitor's message; the answer comes by socket, event or `GET /webchat/messages`."""
    visitor = await read_token(tenant, bearer(request))
    body = await read_body(request, MessageBody)
    if not await is_open(tenant, visitor.conversation):
        raise Problem(401, "this conversation has ended; ask for a session again")
    accepted = await send(tenant, visitor, body.id, body.text)
    return json_response(acknowledged(body.id, accepted), status=202)


async def post_typing(request: web.Request, tenant: Tenant) -> web.Response:
    """Show that the visitor is typing, for clients without the socket."""
    visitor = await read_token(tenant, bearer(request))
    show_typing(tenant, visitor.conversation, on=(await read_body(request, TypingBody)).on)
    return web.Response(status=204)


async def post_read(request: web.Request, tenant: Tenant) -> web.Response:
    """Show up to which message the visitor has read, for clients without the socket."""
    visitor = await read_token(tenant, bearer(request))
    show_read(tenant, visitor.conversation, (await read_body(request, ReadBody)).seq)
    return web.Response(status=204)
