"""A call without a telephone: staff walk a flow in a page that speaks and listens, by the same way from the answer on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from hookline.assets import show_page
from hookline.errors import BadRequest
from hookline.ledger import new_id
from hookline.plugin import Page
from hookline.problems import Problem
from hookline.wire import json_response, read_body

from .calling import calling_of
from .calllanguages import locale, nearest, spoken_here
from .callpages import CallPages
from .callsigned import Asked, phone
from .callwords import digits, spoken

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.roles import Caller
    from hookline.tenant import Tenant

    from .callstore import Call
    from .twiml import Spoken

PACKAGE = "hookline_voice"
BASE = "/voice/calls"
_API = f"{BASE}/rehearsals"
_REHEARSAL = "rehearsal"
_TITLE = {"en": "Test call", "fr": "Appel d'essai", "hi": "परीक्षण कॉल"}


@attrs.frozen
class RehearsalBody:
    """Which `flow` is walked, in which `language` it begins, and whose telephone it is ("": a number that is withheld)."""

    flow: str = ""
    language: str = ""
    customer: str = ""


@attrs.frozen
class AnswerBody:
    """What was pressed, or said; neither is silence."""

    keys: str = ""
    speech: str = ""


def register(router: Router) -> None:
    """Add the page, which anybody may load, and what it asks for, which takes an agent."""
    router.add("GET", BASE, show, access="public", page=Page(_TITLE, "agent", 65, _has_calls))
    router.add("GET", f"{BASE}/", show, access="public", page=Page())
    router.add("GET", _API, get_choices, access="agent")
    router.add("POST", _API, post_rehearsal, access="agent", body=RehearsalBody)
    router.add("POST", f"{_API}/{{id}}", post_answer, access="agent", body=AnswerBody)


def _has_calls(tenant: Tenant, _caller: Caller) -> bool:
    return bool(tenant.config.calls.flow)


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """The page that walks a flow as a call."""
    return await show_page(request, tenant, PACKAGE, "calls.html")


async def get_choices(_request: web.Request, tenant: Tenant) -> web.Response:
    """The flows and languages that a call can have."""
    return json_response(
        {
            "title": tenant.settings.title,
            "flows": await tenant.compute.run(_flows, tenant),
            "flow": tenant.config.calls.flow,
            "languages": [{"tag": tag, "locale": locale(tenant, tag)} for tag in spoken_here(tenant)],
        }
    )


def _flows(tenant: Tenant) -> list[str]:
    folder = tenant.folder / "flows" if tenant.folder is not None else None
    found = folder.glob("*.yaml") if folder is not None and folder.is_dir() else ()
    return sorted(path.stem for path in found if not path.stem.startswith("_"))


async def post_rehearsal(request: web.Request, tenant: Tenant) -> web.Response:
    """Begin a call: what the caller hears first."""
    body, calling = await read_body(request, RehearsalBody), calling_of(tenant)
    customer = phone(body.customer)
    if body.customer and not customer:
        raise BadRequest(
            f"customer: given {body.customer!r}; allowed: a number such as '+919812345678', or none", "customer"
        )
    ident = f"{_REHEARSAL}-{new_id()}"
    language = nearest(tenant, body.language) or nearest(tenant, tenant.settings.language) or tenant.settings.language
    told = {
        "direction": _REHEARSAL,
        "address": customer,
        "language": language,
        "flow": body.flow or tenant.config.calls.flow,
    }
    one = await calling.store.add(ident, told)
    one, late = await calling.begin(one, Asked(ident, _REHEARSAL, customer, "", {}))
    if late:
        raise Problem(503, "the bot did not speak in time; try again")
    return json_response(_view(tenant, one), status=201)


async def post_answer(request: web.Request, tenant: Tenant) -> web.Response:
    """Answer: what the caller hears next."""
    body, calling = await read_body(request, AnswerBody), calling_of(tenant)
    one = await calling.store.find(request.match_info["id"])
    if one is None or one.direction != _REHEARSAL:
        raise Problem(404, "there is no such test call")
    if one.progress.ended:
        raise Problem(409, "the call has ended")
    keys, speech = digits(body.keys)[:64], spoken(body.speech)[:5000]
    if not keys and not speech:
        return json_response(_view(tenant, one, "voice-silence"))
    inbox_id = await calling.answer(one, one.progress.at, keys, speech, {})
    after = await calling.after(one, inbox_id)
    if after is None:
        raise Problem(503, "the bot did not answer in time; it is answered when you ask again")
    return json_response(_view(tenant, after))


def _view(tenant: Tenant, one: Call, lead: str = "") -> dict[str, Any]:
    pages, progress = CallPages(tenant, one), one.progress
    heard: list[Spoken] = pages.heard(lead)
    return {
        "id": one.id, "conversation": one.conversation, "language": locale(tenant, one.language),
        "say": [{"text": said.text, "language": said.language} for said in heard],
        "step": progress.at, "options": list(progress.question.replies), "ended": progress.ended,
        "outcome": progress.outcome, "transfer": progress.transfer,
    }  # fmt: skip
