"""What staff see of flows: the page `/flows` with their pictures, where a conversation is, how it came there; and the panel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from aiohttp import web

from hookline.assets import show_page
from hookline.errors import HooklineError
from hookline.message import Panel
from hookline.models import conversation as conversations
from hookline.models import event
from hookline.plugin import Page
from hookline.problems import Problem
from hookline.wire import json_response, shown_time

from .model import Flow, Text, lines
from .picture import draw
from .picturewords import Told
from .service import service_of
from .stack import PLUGIN
from .texts import is_key

if TYPE_CHECKING:
    from hookline.message import Conversation
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .service import Service

PACKAGE = "hookline_flows"
_TITLE = {"en": "Flows", "fr": "Parcours", "hi": "प्रवाह"}
_LATEST, _HISTORY = 200, 500
_STAYS = frozenset({"ask", "again", "proof"})  # what the log notes of a step that waits: no way out of it
_KINDS = ("flows.started", "flows.step", "flows.ended")


def register(router: Router) -> None:
    """Register the page and what it asks for."""
    router.add("GET", "/flows", show, access="public", page=Page(_TITLE, order=40))
    router.add("GET", "/flows/", show, access="public", page=Page())
    router.static("/flows/static", PACKAGE)
    router.add("GET", "/api/v1/flows", list_flows, access="viewer")
    router.add("GET", "/api/v1/flows/conversations", list_conversations, access="agent")
    router.add("GET", "/api/v1/flows/conversations/{id}", get_conversation, access="agent")
    router.add("GET", "/api/v1/flows/{name}/picture", get_picture, access="viewer")


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """The page of flows."""
    return await show_page(request, tenant, PACKAGE, "flows.html")


async def list_flows(request: web.Request, tenant: Tenant) -> web.Response:
    """The tenant's flows: their steps and when they begin."""
    service = service_of(tenant)
    language = request.query.get("language", "") or tenant.settings.language
    return json_response(
        {
            "flows": [
                {
                    "name": name,
                    "title": service.title(name, one.flow, language),
                    "version": one.flow.version,
                    "intents": list(one.flow.starts.intents),
                    "words": list(one.flow.starts.words),
                    "states": list(one.flow.states),
                    "steps": [{"id": s.id, "kind": s.kind, "state": s.state} for s in one.flow.steps],
                }
                for name, one in service.flows.by_name.items()
            ]
        }
    )


async def get_picture(request: web.Request, tenant: Tenant) -> web.Response:
    """The flow as an SVG picture; `step` is shown as the live one, and with `conversation` the way that it went.

    With `language` it says what customers read at each step.
    """
    service = service_of(tenant)
    name = request.match_info["name"]
    one = service.flows.by_name.get(name)
    if one is None:
        raise Problem(404, f"there is no flow {name!r}; flows: {', '.join(service.flows.by_name) or 'none'}")
    walked: set[tuple[str, str]] = set()
    about = request.query.get("conversation", "")
    if about:
        for row in await _events(tenant, about):
            path = row.payload.get("path", ())
            walked |= {(step, edge) for flow, step, edge in path if flow == name and edge not in _STAYS}
    language = request.query.get("language", "")
    told = Told(language, service.title(name, one.flow, language), _reader(tenant, language)) if language else None
    step = request.query.get("step", "")
    text = await tenant.compute.run(lambda: draw(name, one.flow, live=step, walked=walked, told=told))
    return web.Response(text=text, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _reader(tenant: Tenant, language: str) -> Callable[[Text], str]:
    """What a text of a flow says in the language; "" where it needs values that are not there."""

    def read(text: Text) -> str:
        if not isinstance(text, str):
            return text.get(language) or text.get(tenant.settings.language) or next(iter(text.values()), "")
        if not is_key(text):
            return text
        with contextlib.suppress(HooklineError):
            return tenant.phrase(text, language)
        return ""

    return read


async def list_conversations(_request: web.Request, tenant: Tenant) -> web.Response:
    """The conversations of late that are in a flow now, the latest first."""
    asked = (
        sa.select(
            conversations.c.id,
            conversations.c.channel,
            conversations.c.held_by,
            conversations.c.state,
            conversations.c.updated_at,
        )
        .where(conversations.c.status == "open")
        .order_by(conversations.c.updated_at.desc())
        .limit(_LATEST)
    )
    found = []
    for row in await tenant.db.fetch(asked):
        stack = row.state.get(PLUGIN, {}).get("stack") or ()
        if stack:
            top = stack[-1]
            found.append(
                {
                    "id": row.id,
                    "channel": row.channel,
                    "held_by": row.held_by,
                    "flow": top["flow"],
                    "step": top["step"],
                    "updated_at": shown_time(row.updated_at),
                }
            )
    return json_response({"conversations": found})


async def get_conversation(request: web.Request, tenant: Tenant) -> web.Response:
    """Where a conversation is in its flows, what was found out, and how it came there."""
    ident = request.match_info["id"]
    known = await tenant.conversations.get(ident)
    if known is None:
        raise Problem(404, "there is no such conversation")
    service = service_of(tenant)
    rows = await _events(tenant, ident)
    return json_response(
        {
            **placed(service, known.state.get(PLUGIN, {}), known.conversation),
            "history": [
                {"at": shown_time(row.at), "kind": row.kind.partition(".")[2], **_told(service, row.payload)}
                for row in rows
            ],
        }
    )


async def panels(service: Service, conversation: Conversation) -> Sequence[Panel]:
    """The panel beside a conversation, where it is or was in a flow."""
    known = await service.tenant.conversations.get(conversation.id)
    state: Mapping[str, Any] = known.state.get(PLUGIN, {}) if known else {}
    if not state:
        return []
    return [Panel("Flow", "hookline-flow-panel", "flows/static/flow-panel.js", placed(service, state, conversation))]


def placed(service: Service, state: Mapping[str, Any], conversation: Conversation) -> dict[str, Any]:
    """The flows under way, the innermost first, and the last one that ended."""
    stack = [_frame(service, frame) for frame in reversed(state.get("stack") or ())]
    last = state.get("last")
    return {
        "id": conversation.id,
        "stack": stack,
        "last": {"flow": last["flow"], "title": _title(service, last["flow"]), "outcome": last["outcome"]}
        if last
        else None,
    }


def _frame(service: Service, frame: Mapping[str, Any]) -> dict[str, Any]:
    one = service.flows.by_name.get(frame["flow"])
    flow = one.flow if one is not None and one.digest == frame["digest"] else None
    step = flow.step(frame["step"]) if flow else None
    slots = flow.slots if flow else {}
    return {
        "flow": frame["flow"],
        "title": _title(service, frame["flow"]),
        "version": frame["version"],
        "step": frame["step"],
        "state": step.state if step else "",
        "waiting": frame.get("waiting", ""),
        "began": shown_time(frame["began"]) if frame.get("began") else "",
        "slots": [
            {
                "name": name,
                "label": _called(service, flow, name),
                "value": _spoken(frame["slots"].get(name)),
                "filled": name in frame["slots"],
                "asked": name in frame["asked"],
            }
            for name in dict.fromkeys([*slots, *frame["slots"]])
        ],
    }


def _title(service: Service, name: str) -> str:
    one = service.flows.by_name.get(name)
    return service.title(name, one.flow, service.tenant.settings.language) if one else name


def _called(service: Service, flow: Flow | None, name: str) -> str:
    slot = flow.slots.get(name) if flow else None
    said = lines(slot.name) if slot is not None and slot.name else ()
    if said and flow is not None:
        return service.texts.say(said[0].text, service.tenant.settings.language, {})
    return name.replace("_", " ")


def _spoken(value: Any) -> str:
    """A slot's value in a line, as it is stored."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _told(service: Service, payload: Mapping[str, Any]) -> dict[str, Any]:
    """An event as the history shows it: the steps gone through, with the states that they belong to."""
    told = {key: payload[key] for key in ("flow", "step", "state", "outcome", "version") if payload.get(key)}
    path = []
    for name, step, edge in payload.get("path", ()):
        one = service.flows.by_name.get(name)
        found = one.flow.step(step) if one else None
        path.append({"flow": name, "step": step, "edge": edge, "state": found.state if found else ""})
    return {**told, **({"path": path} if path else {})}


async def _events(tenant: Tenant, ident: str) -> Sequence[Any]:
    """The flow events of a conversation, the oldest first; of one turn the way that it went stands before an end."""
    asked = (
        sa.select(event.c.id, event.c.kind, event.c.at, event.c.payload)
        .where(event.c.conversation == ident, event.c.kind.in_(_KINDS))
        .order_by(event.c.id.desc())
        .limit(_HISTORY)
    )
    rows = await tenant.db.fetch(asked)
    return sorted(rows, key=lambda row: (row.at, _KINDS.index(row.kind), row.id))
