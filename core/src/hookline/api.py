"""The core's own routes: of the process (health, metrics, the API page) and of each tenant (ask, chat, sessions)."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa
import structlog
from aiohttp import web

from . import (
    accounts,
    adminpage,
    clients,
    contacts,
    loginpage,
    metrics,
    openapi,
    recordroutes,
    signin,
    staffpages,
    unfinished,
)
from .auth import SERVER, is_local, presented
from .binding import CLIENT, address_of, is_made_up
from .contacts import channel_of, user_of
from .errors import BadRequest, HooklineError
from .gate import check_access
from .ledger import Inbound, new_id
from .message import Citation, Conversation, Message, Passage
from .models import inbox
from .problems import Problem
from .routing import Route
from .wire import json_response, path_number, query_number, read_body, shown_time

if TYPE_CHECKING:
    from .runtime import Runtime
    from .tenant import Tenant

log = structlog.get_logger("hookline.api")

_OWN_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_TURN = sa.select(inbox.c.state, inbox.c.lane).where(
    inbox.c.tenant == sa.bindparam("p_tenant"), inbox.c.id == sa.bindparam("p_id"), inbox.c.kind == "message"
)


@attrs.frozen
class AskBody:
    """A question that leaves no trace."""

    message: str = ""
    text: str = ""
    language: str = ""


@attrs.frozen
class ChatBody:
    """A customer's message; without `session_id` it opens a session, of `user_id` if that is given."""

    message: str = ""
    text: str = ""
    session_id: str = ""
    user_id: str = ""
    language: str = ""


@attrs.frozen
class SessionBody:
    """Whose session it will be."""

    user_id: str


def tenant_routes() -> list[Route]:
    """The core's routes of each tenant."""
    return [
        Route("GET", "/health", health, access="public"),
        Route("POST", "/ask", ask, access="public", body=AskBody),
        Route("POST", "/chat", chat, access="public", body=ChatBody),
        Route("GET", "/turns/{id:[0-9]+}", get_turn, access="public"),
        Route("POST", "/sessions", create_session, access="public", body=SessionBody),
        Route("POST", "/sessions/cleanup", clean_up_sessions, access="supervisor", scope="sessions"),
        Route("GET", "/sessions/{id}", get_session, access="public"),
        Route("GET", "/sessions/{id}/messages", get_messages, access="public"),
        *unfinished.routes(),
        *signin.routes(),
        *loginpage.routes(),
        *adminpage.routes(),
        *staffpages.routes(),
        *accounts.routes(),
        *contacts.routes(),
        *recordroutes.routes(),
    ]


def add_process_routes(router: web.UrlDispatcher) -> None:
    """Register the process's own routes."""
    router.add_get("/health", process_health)
    router.add_get("/ready", process_ready)
    router.add_get("/metrics", process_metrics)
    router.add_get("/docs", openapi.page)
    router.add_get("/openapi.json", openapi.document)
    router.add_get("/api/v1/tenants", get_tenants)


# -- questions and messages ----------------------------------------------------------------------------------------------


async def ask(request: web.Request, tenant: Tenant) -> web.Response:
    """Answer a question without opening a session: the same hooks, nothing stored, nobody called."""
    body = await read_body(request, AskBody)
    text = _text(body.message or body.text, tenant)
    started = time.perf_counter()
    turn = await tenant.ask(text, language=body.language)
    reply = turn.reply
    log.info("asked", tenant=tenant.name, responder=turn.responder, ms=round((time.perf_counter() - started) * 1e3, 1))
    if reply is None:
        return web.json_response({"answer": "", "confidence": 0.0, "sources": [], "answered": False})
    return json_response(
        {
            "answer": reply.text,
            "confidence": _confidence(reply.confidence, answered=reply.answered),
            "sources": _sources(reply.citations, turn.passages),
            "answered": reply.answered,
        }
    )


async def chat(request: web.Request, tenant: Tenant) -> web.Response:
    """Send a message and get its reply; 202 with an address to poll where that takes too long."""
    body = await read_body(request, ChatBody)
    text = _text(body.message or body.text, tenant)
    client = None
    if body.session_id:
        about = await session_of(tenant, body.session_id, request)
        client = clients.client_of(request, tenant.name, tenant.settings, about) if is_made_up(about) else None
        told = Inbound(
            about.channel,
            about.address,
            text,
            conversation=about.id,
            begins=not about.created_at,
            language=body.language,
            data={CLIENT: client.digest} if client else {},
        )
    else:
        address = user_of(body.user_id) if body.user_id else f"guest-{new_id()}"
        told = Inbound(channel_of(tenant), address, text, conversation=new_id(), begins=True, language=body.language)
    accepted = await tenant.accept(told)
    started = time.perf_counter()
    replies = await tenant.wait(accepted.inbox_id)
    log.info(
        "chatted",
        tenant=tenant.name,
        session_id=accepted.conversation,
        turn_id=accepted.inbox_id,
        answered=replies is not None,
        ms=round((time.perf_counter() - started) * 1e3, 1),
    )
    response = _turn(accepted.conversation, accepted.inbox_id, replies)
    if client and client.fresh:
        clients.give(response, request, tenant.name, tenant.settings, client.key)
    return response


async def get_turn(request: web.Request, tenant: Tenant) -> web.Response:
    """The reply to a message sent before; 202 as long as there is none.  `session_id` must be the message's own."""
    number, session = path_number(request, "id"), request.query.get("session_id", "")
    rows = await _runtime(request).database.fetch(_TURN, {"p_tenant": tenant.name, "p_id": number}, tenant=tenant.name)
    if not rows or rows[0].lane != session:
        raise Problem(404, "there is no such turn in this session", field="session_id")
    await _known(tenant, session, request)
    return _turn(session, number, await tenant.wait(number, 0.0))


# -- sessions --------------------------------------------------------------------------------------------------------------


async def create_session(request: web.Request, tenant: Tenant) -> web.Response:
    """Open a session for a user."""
    body = await read_body(request, SessionBody)
    about = await _open(tenant, user_of(body.user_id))
    return json_response(_view(about), status=201)


async def get_session(request: web.Request, tenant: Tenant) -> web.Response:
    """A session as it stands."""
    return json_response(_view(await _known(tenant, request.match_info["id"], request)))


async def get_messages(request: web.Request, tenant: Tenant) -> web.Response:
    """The session's messages in order: the last ones, or those after the number `after`; at most `limit`."""
    about = await _known(tenant, request.match_info["id"], request)
    after, limit = query_number(request, "after", 0, 2**31 - 1), query_number(request, "limit", 100, 1000)
    told = await tenant.conversations.history(about.id, after=after, limit=limit)
    return json_response({"session_id": about.id, "messages": [_message(message) for message in told]})


async def session_of(tenant: Tenant, session: str, request: web.Request) -> Conversation:
    """The session of that id, or with `conversations.own_ids` the one that its first message will open.

    That one has no `created_at` yet; its address is that of the room which Socket.IO's clients join by the same id.
    Raises `Problem` 404, 400 for what can be no id, and 403 for one that is another client's (`binding`).
    """
    if not tenant.settings.conversations.own_ids:
        return await _known(tenant, session, request)
    if not _OWN_ID.fullmatch(session):
        raise Problem(400, "session_id: give 1 to 64 letters, digits or . _ : -", field="session_id")
    if await tenant.conversations.get(session) is None:
        return Conversation(session, channel_of(tenant), address_of(session), "")
    return await _known(tenant, session, request)


async def _open(tenant: Tenant, user: str) -> Conversation:
    conversation, _ = await tenant.conversations.open(channel_of(tenant), user, fresh=True)
    known = await tenant.conversations.get(conversation)
    assert known is not None
    return known.conversation


async def _known(tenant: Tenant, session: str, request: web.Request) -> Conversation:
    known = await tenant.conversations.get(session) if len(session) <= 64 else None
    if known is None:
        raise Problem(404, "there is no such session", field="session_id")
    clients.check(request, tenant.name, tenant.settings, known.conversation)
    return known.conversation


def _view(about: Conversation) -> dict[str, Any]:
    return {
        "id": about.id,
        "session_id": about.id,
        "user_id": about.address,
        "agent_id": about.held_by or None,
        "room_id": about.id,
        "status": about.status,
        "created_at": shown_time(about.created_at),
        "updated_at": shown_time(about.updated_at),
    }


async def clean_up_sessions(request: web.Request, tenant: Tenant) -> web.Response:
    """End the sessions that were silent for longer than `conversations.expires_after`; `removed` says how many ended since the
    last call, by themselves or now."""
    from .app import caller

    if tenant.settings.conversations.expires_after <= 0:
        raise Problem(409, "sessions never expire here: conversations.expires_after is 0")
    return json_response({"removed": await tenant.conversations.clean(caller(request).who)})


# -- health and figures ------------------------------------------------------------------------------------------------------


async def health(request: web.Request, tenant: Tenant) -> web.Response:
    """The state of the tenant's parts; 200 also where one is degraded, 503 without a database."""
    parts: dict[str, Any] = {
        "database": await _database_health(_runtime(request)),
        "vector_store": {"status": "off"},
        "llm": {"status": "off"},
        **await tenant.hooks.check_health(),
    }
    parts["sockets"] = {"status": "ok", "open": metrics.open_sockets(tenant.name)}
    states = {str(part.get("status", "ok")) for part in parts.values()}
    status = "ok" if states <= {"ok", "off"} else "degraded"
    down = parts["database"]["status"] == "down"
    return json_response({"status": "down" if down else status, **parts}, status=503 if down else 200)


async def process_health(request: web.Request) -> web.Response:
    """The process answers."""
    del request
    return json_response({"status": "ok"})


async def process_ready(request: web.Request) -> web.Response:
    """Whether traffic may come: the database answers, and a tenant serves."""
    runtime = _runtime(request)
    database = await _database_health(runtime)
    serving, known = len(runtime.tenants.available), len(runtime.tenants.names)
    ready = database["status"] == "ok" and (serving > 0 or known == 0)
    body = {
        "status": "ready" if ready else "not ready",
        "database": database["status"],
        "tenants": {"serving": serving, "out_of_service": known - serving},
    }
    return json_response(body, status=200 if ready else 503)


async def process_metrics(request: web.Request) -> web.Response:
    """The figures, for Prometheus: without a key on this machine alone, else with one of the server."""
    if not is_local(request):
        await _server_key(request, SERVER, "viewer")
    return web.Response(body=metrics.render(), headers={"Content-Type": metrics.CONTENT_TYPE})


async def get_tenants(request: web.Request) -> web.Response:
    """The tenants that the key may see: all with a key of the server, else its own."""
    runtime, keys = _runtime(request), _keys(request)
    key = await keys.find(presented(request)) if presented(request) else None
    scope = key.tenant if key is not None else SERVER
    await _server_key(request, scope, "admin")
    names = runtime.tenants.names if scope == SERVER else [n for n in runtime.tenants.names if n == scope]
    return json_response({"tenants": [_tenant_view(runtime, name) for name in names]})


def _tenant_view(runtime: Runtime, name: str) -> dict[str, Any]:
    tenant = runtime.tenants.get(name)
    title = tenant.settings.title if tenant.available else ""
    status = "serving" if tenant.available else "out of service"
    return {"id": name, "name": title or name, "status": status, "error": tenant.error}


async def _database_health(runtime: Runtime) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        await runtime.database.fetch(sa.select(sa.literal_column("1")), tenant=SERVER)
    except HooklineError as error:
        log.exception("the database does not answer", reason=str(error))
        return {"status": "down"}
    return {"status": "ok", "ms": round((time.perf_counter() - started) * 1e3, 2)}


# -- in and out ----------------------------------------------------------------------------------------------------------------


def _runtime(request: web.Request) -> Runtime:
    from .app import RUNTIME

    return request.app[RUNTIME]


def _keys(request: web.Request) -> Any:
    from .app import KEYS

    return request.app[KEYS]


async def _server_key(request: web.Request, tenant: str, access: str) -> None:
    """Raise `Problem` unless a key of that tenant ("": of the server) with the role is shown."""
    from .app import GATE

    check_access(await request.app[GATE].by_key(presented(request), tenant), access)


def _text(text: str, tenant: Tenant) -> str:
    limit = tenant.settings.limits.message_chars
    if not text.strip():
        raise BadRequest("message: missing or empty; send what the customer said", "message")
    if len(text) > limit:
        raise BadRequest(f"message: has {len(text)} characters; at most {limit} are allowed", "message")
    return text.replace("\x00", "")


def _turn(session: str, number: int, replies: Sequence[Message] | None) -> web.Response:
    about = {"session_id": session, "turn_id": number}
    if replies is None:
        where = f"turns/{number}?session_id={session}"
        return json_response({**about, "status": "pending", "poll": where}, status=202)
    last = replies[-1] if replies else None
    answered = bool(last and last.data.get("answered", True))
    return json_response(
        {
            **about,
            "status": "answered" if replies else "held",
            "answer": "\n\n".join(message.text for message in replies),
            "confidence": _confidence(last.confidence, answered=answered) if last else None,
            "sources": _sources([c for message in replies for c in message.citations], ()),
            "answered": answered,
            "intent": last.data.get("intent", "") if last else "",
            "quick_replies": list(last.quick_replies) if last else [],
            "messages": [_message(message) for message in replies],
        }
    )


def _message(told: Message) -> dict[str, Any]:
    return {
        "id": told.id,
        "seq": told.seq,
        "author": told.author,
        "text": told.text,
        "citations": [attrs.asdict(c) for c in told.citations],
        "quick_replies": list(told.quick_replies),
        "attachments": [attrs.asdict(a) for a in told.attachments],
        "created_at": shown_time(told.created_at),
    }


def _sources(citations: Sequence[Citation], passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """The citations, each with what is known of the passage that it is from."""
    return [{**_meta(citation, passages), **attrs.asdict(citation)} for citation in citations]


def _meta(cited: Citation, passages: Sequence[Passage]) -> Mapping[str, Any]:
    for passage in passages:
        same = (passage.document, passage.version) == (cited.document, cited.version)
        if same and passage.start <= cited.start and cited.end <= passage.end:
            return passage.meta
    return {}


def _confidence(confidence: float | None, *, answered: bool) -> float:
    """Between 0 and 1; where a reply has none (a greeting, a flow) it is as sure as its answer."""
    return min(1.0, max(0.0, confidence)) if confidence is not None else float(answered)
