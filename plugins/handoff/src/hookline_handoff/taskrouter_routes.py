"""Twilio's callbacks: TaskRouter's events and assignments, messages of Conversations; each signed by Twilio.

Source: twilio.com/docs, "TaskRouter Event Callbacks", "Assignment Callback", "Conversations Webhooks", "Validating requests".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from hookline.errors import PluginError
from hookline.ledger import Inbound
from hookline.problems import Problem
from hookline.wire import json_response

from . import agents, handling
from . import backendheard as hear
from .agents import AVAILABLE, AWAY
from .backendpersons import worker
from .backendwork import WORKER, BackendWork, in_state
from .taskrouter import own_id

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .records import Actor, Handoff

_TAKEN = ("reservation.accepted",)
_LOST = ("reservation.canceled", "reservation.rescinded", "reservation.timeout", "reservation.rejected")
_OVER = ("task.canceled", "task.deleted")
_LONGEST = 100_000


def register_twilio(router: Router) -> None:
    """Add the routes."""
    add, base = router.add, "/handoff/twilio"
    add("POST", f"{base}/events", events, access="public")
    add("POST", f"{base}/assignment", assignment, access="public")
    add("POST", f"{base}/messages", messages, access="public")
    add("GET", f"{base}/conversation", conversation, access="agent")


async def events(request: web.Request, tenant: Tenant) -> web.Response:
    """What happens to tasks, reservations and workers; what is not known is answered with 200, and logged."""
    form = await _form(request, tenant)
    event, ident = form.get("EventType", ""), form.get("TaskSid", "")
    by = await _who(tenant, form)
    log = tenant.log.bind(event=event, task=ident)
    try:
        if event == "task.completed":
            seen = await hear.ended(tenant, ident, by, form.get("TaskCompletedReason", ""), done=True)
        elif event in _OVER:
            seen = await hear.ended(tenant, ident, by, form.get("TaskCanceledReason", ""), done=False)
        elif event in _TAKEN:
            seen = await hear.took(tenant, ident, by)
        elif event in _LOST:
            seen = await _lost(tenant, ident, by.id, event)
        elif event == "worker.activity.update":
            return await _activity(tenant, form)
        else:
            log.info("an event of TaskRouter that nothing follows from")
            return json_response({"result": "ignored"})
    except Problem as problem:
        if problem.status != 409:
            raise
        log.info("an event of TaskRouter comes too late", reason=problem.detail)
        return json_response({"result": "too late", "detail": problem.detail})
    if seen is None:
        log.info("an event of TaskRouter about a task that is not ours")
        return json_response({"result": "unknown"})
    return json_response({"result": "ok", "handoff": seen.id, "state": seen.state})


async def assignment(request: web.Request, tenant: Tenant) -> web.Response:
    """A worker is offered a task: they have the conversation from now on, and TaskRouter is told to accept.

    Where somebody else has it, or the task is not ours, TaskRouter is told to reject.
    """
    form = await _form(request, tenant)
    by = await _who(tenant, form)
    try:
        seen = await hear.took(tenant, form.get("TaskSid", ""), by)
    except Problem as problem:
        tenant.log.info("an assignment is refused", task=form.get("TaskSid", ""), reason=problem.detail)
        return json_response({"instruction": "reject"})
    return json_response({"instruction": "accept" if seen is not None else "reject"})


async def messages(request: web.Request, tenant: Tenant) -> web.Response:
    """A message in a room (`onMessageAdded`): an agent's goes to the customer, a customer's to the conversation.

    Our own echoes, and what is no new message, are left alone.
    """
    form = await _form(request, tenant)
    ident = await hear.conversation_of(tenant, form.get("ConversationSid", ""))
    author, text = form.get("Author", ""), form.get("Body", "")
    if form.get("EventType") != "onMessageAdded" or not ident or own_id(form.get("Attributes")):
        return json_response({"result": "ignored"})
    if not text.strip():
        tenant.log.warning("a message without text is not passed on", room=form["ConversationSid"])
        return json_response({"result": "ignored"})
    about = await handling.conversation(tenant, ident)
    if author in (about.address, f"whatsapp:{about.address}", "customer"):
        inbound = Inbound(about.channel, about.address, text, provider_id=form["MessageSid"], conversation=ident)
        told = await tenant.accept(inbound)
        return json_response({"result": "accepted", "duplicate": told.duplicate})
    by = await worker(tenant, author, name=author)
    again = await hear.answered(tenant, ident, by, text, form["MessageSid"])
    return json_response({"result": "sent", "duplicate": again})


async def conversation(request: web.Request, tenant: Tenant) -> web.Response:
    """The Twilio conversation of a customer's session (`cid`), made where there is none."""
    ident = request.query.get("cid") or request.query.get("session_id", "")
    await handling.conversation(tenant, ident)
    if tenant.config.backend != "twilio_taskrouter" or not tenant.config.twilio.conversations_service_sid:
        raise Problem(404, "this tenant has no service of Twilio Conversations: conversations_service_sid is not set")
    sid = await BackendWork(tenant).room(ident)
    return json_response({"conversation_sid": sid, "cid": ident})


# -- who calls, and who is meant ---------------------------------------------------------------------------------------------


async def _form(request: web.Request, tenant: Tenant) -> Mapping[str, str]:
    """The fields of a request that Twilio has signed; raises `Problem` 503, 403 or 400."""
    token = tenant.config.twilio.auth_token.value
    if tenant.config.backend != "twilio_taskrouter":
        raise Problem(404, "this tenant's desk is not Twilio's")
    if not token:
        raise Problem(503, "no auth_token is configured in [plugins.handoff.twilio] to check Twilio's signature by")
    try:
        from twilio.request_validator import RequestValidator
    except ImportError:
        raise PluginError("the plugin handoff needs Twilio's client: install hookline-handoff[twilio]") from None
    body = await request.read()
    if len(body) > _LONGEST or request.content_type != "application/x-www-form-urlencoded":
        raise Problem(400, "Twilio sends a form of at most 100,000 bytes")
    form = {key: str(value) for key, value in (await request.post()).items()}
    public = tenant.settings.public_url.rstrip("/")
    url = f"{public}{request.path_qs}" if public else str(request.url)
    given = request.headers.get("X-Twilio-Signature", "")
    if not given or not RequestValidator(token).validate(url, form, given):
        tenant.log.warning("a request that Twilio has not signed", path=request.path, signed=bool(given))
        raise Problem(403, "the request is not signed by Twilio for this address; check public_url and auth_token")
    if form.get("AccountSid", tenant.config.twilio.account_sid) != tenant.config.twilio.account_sid:
        raise Problem(403, "the request is of another account")
    return form


async def _who(tenant: Tenant, form: Mapping[str, str]) -> Actor:
    return await worker(tenant, form.get("WorkerSid", ""), form.get("WorkerName", ""), form.get("WorkerAttributes", ""))


async def _lost(tenant: Tenant, ident: str, by: str, event: str) -> Handoff | None:
    """The worker does not have it after all: it waits again."""
    found = await hear.case_of(tenant, ident)
    if found is None:
        return None
    _, seen = found
    if seen.agent != by:
        return seen
    await tenant.db.write(in_state(ident, "open"))
    return await handling.release(tenant, seen, event)


async def _activity(tenant: Tenant, form: Mapping[str, str]) -> web.Response:
    """A worker is there, or not."""
    by = await _who(tenant, form)
    if not by.id.removeprefix(WORKER):
        return json_response({"result": "ignored"})
    await agents.ensure(tenant, by)
    there = tenant.config.twilio.activities.get(form.get("WorkerActivityName", ""), False)
    await agents.change(tenant, by.id, by, availability=AVAILABLE if there else AWAY)
    return json_response({"result": "ok", "available": there})
