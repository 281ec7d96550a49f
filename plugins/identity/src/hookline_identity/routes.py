"""Codes over HTTP, for clients that have a form of their own for it, and what the staff may do.

The same answer, and the same work, whether there is such a customer or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from hookline.api import session_of
from hookline.app import caller, client_address
from hookline.binding import is_made_up
from hookline.clients import check, client_of, give
from hookline.contacts import channel_of
from hookline.errors import BadRequest, Conflict
from hookline.ledger import new_id
from hookline.problems import Problem
from hookline.proxies import bucket_of
from hookline.tokens import digest, random_token
from hookline.wire import json_response, read_body, shown_time

from . import checking, codes, commands, joining, proofs, registered
from . import statements as sql
from .codes import Wanted
from .reading import plain, read
from .sealing import keys_of

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_LONGEST = 200
_TRIES = 8


@attrs.frozen
class OtpBody:
    """Who asks for a code: a customer number, or a registered phone or e-mail address; `session_id` is proved by it."""

    customer_id: str
    session_id: str = ""
    language: str = ""


@attrs.frozen(repr=False)
class VerifyBody:
    """The code that came; `customer_id` may be left out where the session is named that asked."""

    otp: str
    customer_id: str = ""
    session_id: str = ""


@attrs.frozen(repr=False)
class LogoutBody:
    """Which session; or the token in the header Authorization."""

    session_id: str = ""


def register(router: Router) -> None:
    """Add all routes."""
    router.add("POST", "/identity/otp", post_otp, access="public", body=OtpBody)
    router.add("POST", "/identity/verify", post_verify, access="public", body=VerifyBody)
    router.add("POST", "/identity/logout", post_logout, access="public", body=LogoutBody)
    router.add("GET", "/identity/status", get_status, access="public")
    router.add("GET", "/identity/merges", get_merges, access="agent")
    router.add("POST", "/identity/merges/{id}/undo", post_undo, access="supervisor")
    router.add("POST", "/identity/conversations/{id}/end", post_end, access="agent")
    router.static("/identity/static", __package__ or "hookline_identity")
    commands.register(router)


async def post_otp(request: web.Request, tenant: Tenant) -> web.Response:
    """Have a code sent to the registered address of a customer; who is none gets the same answer."""
    body = await read_body(request, OtpBody)
    claim = _claim(body.customer_id)
    conversation, contact = await _session(tenant, body.session_id, request)
    account = await registered.account_of(tenant, claim)
    wanted = Wanted(claim, account, conversation, contact, _address(request), "http", body.language)
    async with tenant.action(by="identity") as act:
        asked = await codes.ask_for(tenant, act, wanted)
    if not asked.sent:
        raise _later(asked.wait, "too many codes were asked for" if asked.limited else "a code was sent a moment ago")
    return json_response(
        {
            "sent": True,
            "phone": asked.mask or registered.DOTS,
            "expires_in": int(tenant.config.otp.seconds),
            "resend_after": int(tenant.config.otp.resend_seconds),
            "session_id": body.session_id or None,
        }
    )


async def post_verify(request: web.Request, tenant: Tenant) -> web.Response:
    """Give the code back: 200 and a token, 401 for a wrong, used or expired one, 429 when no try is left."""
    body = await read_body(request, VerifyBody)
    code = read(f"code {body.otp}").code if len(body.otp) <= 40 else ""
    if not code:
        raise Problem(400, "otp: give the six digits", field="otp")
    if not (body.customer_id or body.session_id):
        raise BadRequest("customer_id: missing; name the customer, or the session that asked", "customer_id")
    claim = _claim(body.customer_id) if body.customer_id else ""
    conversation, contact = await _session(tenant, body.session_id, request)
    address, keys = _address(request), await keys_of(tenant)
    who = registered.claim_of(tenant, keys, claim) if claim else ""
    for _ in range(_TRIES):
        row = await _asked(tenant, conversation, who)
        verdict = await checking.judge(tenant, row, code, contact, address)
        try:
            if verdict.outcome == "right":
                return await _proved(request, tenant, verdict, conversation, contact, address)
            async with tenant.action(by="identity") as act:
                checking.settle(tenant, keys, act, verdict, contact, address)
        except Conflict:
            continue  # somebody else tried at the same time: look again
        break
    else:
        raise Problem(409, "others try codes at the same time; try again")
    if verdict.unavailable:
        raise Problem(503, "the code can't be checked just now; try again", headers={"Retry-After": "10"})
    if verdict.outcome == "locked" and (
        verdict.spent or row is None or row.tries_left != 1 or verdict.row.state == "locked"
    ):
        raise _later(verdict.wait, "no try is left: ask for another code")
    raise Problem(401, "the code is wrong, used or expired")


async def _proved(
    request: web.Request, tenant: Tenant, verdict: Any, conversation: str, contact: str, address: str
) -> web.Response:
    keys, row, token = await keys_of(tenant), verdict.row, random_token()
    if not conversation:
        conversation, contact = await tenant.conversations.open(channel_of(tenant), f"guest-{new_id()}", fresh=True)
    known = await tenant.conversations.get(conversation)
    assert known is not None
    client = client_of(request, tenant.name, tenant.settings, known.conversation)
    if is_made_up(known.conversation):
        token = client.key
    async with tenant.action(by="identity") as act:
        checking.settle(tenant, keys, act, verdict, contact, address)
        until = await proofs.prove(
            tenant,
            act,
            conversation=conversation,
            contact=contact,
            channel=known.conversation.channel,
            account=row.account,
            method=f"code by {row.way}, over HTTP",
            token=digest(token),
            client=client.digest if is_made_up(known.conversation) else "",
        )
    response = json_response(
        {
            "authenticated": True,
            "session_id": conversation,
            "token": token,
            "expires_at": shown_time(until),
            "expires_in": round(until - tenant.clock.now()),
        }
    )
    if is_made_up(known.conversation):
        give(response, request, tenant.name, tenant.settings, token)
    return response


async def post_logout(request: web.Request, tenant: Tenant) -> web.Response:
    """End what a session has proved; it is no error if there is nothing to end."""
    body = await read_body(request, LogoutBody) if request.can_read_body else LogoutBody()
    proof = await _shown(request, tenant, body.session_id)
    if proof.account:
        async with tenant.action(by="identity") as act:
            proofs.end(tenant, act, proof.conversation, "http")
            act.write(sql.REPLACE_HERE, {"p_conversation": proof.conversation})
    return json_response({"authenticated": False})


async def get_status(request: web.Request, tenant: Tenant) -> web.Response:
    """Whether a session (or the token in the header Authorization) is proved, and until when."""
    proof = await _shown(request, tenant, request.query.get("session_id", ""))
    now = tenant.clock.now()
    if not proof.account:
        return json_response({"authenticated": False, "expires_at": None, "expires_in": 0})
    return json_response(
        {
            "authenticated": True,
            "expires_at": shown_time(proof.expires_at),
            "expires_in": round(proof.expires_at - now),
            "method": proof.method,
        }
    )


async def get_merges(request: web.Request, tenant: Tenant) -> web.Response:
    """Contacts that were merged because they proved to be one customer, newest first; of one `contact`."""
    return json_response({"merges": await joining.merges(tenant, request.query.get("contact", ""))})


async def post_undo(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a merge apart: the other contact is there again, with what came from it."""
    return json_response(await joining.part(tenant, request.match_info["id"], caller(request).who))


async def post_end(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a conversation's proof back."""
    conversation = request.match_info["id"]
    proof = await proofs.find(tenant, conversation)
    if not proof.account:
        raise Problem(404, "nothing is proved in this conversation")
    async with tenant.action(by=caller(request).who) as act:
        proofs.end(tenant, act, conversation, "staff")
        act.audit("identity.ended", conversation)
    return json_response({"authenticated": False})


# -- in ----------------------------------------------------------------------------------------------------------------


def _claim(text: str) -> str:
    told = plain(text).strip()
    if not told or len(told) > _LONGEST or "\x00" in told:
        raise BadRequest(f"customer_id: give 1 to {_LONGEST} characters", "customer_id")
    return told


async def _session(tenant: Tenant, session: str, request: web.Request) -> tuple[str, str]:
    """The session's conversation and contact; a session that its first message will open is opened now."""
    if not session:
        return "", ""
    about = await session_of(tenant, session, request)
    if about.created_at:
        return about.id, about.contact
    return await tenant.conversations.open(about.channel, about.address, ident=about.id)


async def _asked(tenant: Tenant, conversation: str, who: str) -> Any:
    """The newest code that this session, or without one this customer, asked for; it must fit both if both are named."""
    if conversation:
        rows = await tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": conversation})
        fits = rows and (not who or rows[0].who == who)
        return rows[0] if fits else None
    rows = await tenant.db.fetch(sql.NEWEST_WITHOUT_SESSION, {"p_who": who})
    return rows[0] if rows else None


async def _shown(request: web.Request, tenant: Tenant, session: str) -> proofs.Proof:
    """The proof of the token or of the session."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        rows = await tenant.db.fetch(sql.PROOF_BY_TOKEN, {"p_token": digest(token.strip())})
        return proofs.read(rows[0], tenant.clock.now()) if rows else proofs.Proof("")
    if not session:
        raise BadRequest("session_id: missing; or show the token: Authorization: Bearer …", "session_id")
    known = await tenant.conversations.get(session[:64])
    if known is not None:
        check(request, tenant.name, tenant.settings, known.conversation)
    return await proofs.find(tenant, session[:64])


def _address(request: web.Request) -> str:
    return bucket_of(client_address(request))


def _later(wait: float, why: str) -> Problem:
    seconds = int(wait) + 1
    return Problem(429, f"{why}; try again in {seconds} seconds", headers={"Retry-After": str(seconds)})
