"""Canned replies: shared ones and one's own, found by shortcut, title and words, filled with the conversation's values."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import regex
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import BadRequest, Conflict
from hookline.ledger import new_id
from hookline.problems import Problem

from . import fill
from .cannedbodies import CannedBody, CannedPage, CannedView, Preview
from .deskmodels import canned
from .models import handoff

if TYPE_CHECKING:
    from hookline.roles import Caller
    from hookline.tenant import Tenant

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_MOST = 2000


async def find(
    tenant: Tenant, caller: Caller, text: str, *, language: str = "", conversation: str = "", limit: int = 20
) -> CannedPage:
    """Those that fit what was typed, the best first: shortcut, then title, then text; in the language first."""
    rows = await tenant.db.fetch(sa.select(canned).where(canned.c.owner.in_(["", caller.id])).limit(_MOST))
    values = await values_for(tenant, caller, conversation) if conversation else None
    ranked = []
    for row in rows:
        rank = _rank(row, text, language)
        if rank is not None:
            ranked.append((rank, row))
    ranked.sort(key=lambda one: (one[0], -one[1].used, one[1].shortcut, one[1].id))
    return CannedPage([view(row, values) for _, row in ranked[:limit]], list(fill.VARIABLES))


async def create(tenant: Tenant, caller: Caller, body: CannedBody) -> CannedView:
    """Store a new one; shared ones are for supervisors to make."""
    _check(caller, body)
    ident = new_id()
    values = {
        "id": ident,
        "owner": "" if body.shared else caller.id,
        "shortcut": body.shortcut,
        "language": body.language,
        "title": body.title,
        "text": body.text,
        "used": 0,
        "updated_at": tenant.clock.now(),
    }
    try:
        async with tenant.action(by=caller.who) as act:
            act.write(sa.insert(canned), values, rows=1)
            act.audit("handoff.canned.created", ident, {"shortcut": body.shortcut, "shared": body.shared})
    except ConstraintViolated:
        raise _taken(body) from None
    return view(await _get(tenant, ident))


async def change(tenant: Tenant, caller: Caller, ident: str, body: CannedBody) -> CannedView:
    """Change one's own; shared ones are for supervisors."""
    _check(caller, body)
    row = await _mine(tenant, caller, ident)
    values = {
        **attrs.asdict(body),
        "owner": "" if body.shared else row.owner or caller.id,
        "updated_at": tenant.clock.now(),
    }
    del values["shared"]
    try:
        async with tenant.action(by=caller.who) as act:
            act.write(sa.update(canned).where(canned.c.id == ident).values(**values), rows=1)
            act.audit("handoff.canned.changed", ident, {"shortcut": body.shortcut, "shared": body.shared})
    except ConstraintViolated:
        raise _taken(body) from None
    return view(await _get(tenant, ident))


async def remove(tenant: Tenant, caller: Caller, ident: str) -> None:
    """Remove one's own; shared ones are for supervisors."""
    row = await _mine(tenant, caller, ident)
    async with tenant.action(by=caller.who) as act:
        act.write(sa.delete(canned).where(canned.c.id == ident), rows=1)
        act.audit("handoff.canned.removed", ident, {"shortcut": row.shortcut})


async def use(tenant: Tenant, caller: Caller, ident: str, conversation: str) -> CannedView:
    """The text filled for the conversation; that it was used is counted, so that it comes sooner next time."""
    row = await _get(tenant, ident)
    if row is None or row.owner not in ("", caller.id):
        raise _unknown(ident)
    values = await values_for(tenant, caller, conversation)
    await tenant.db.write(sa.update(canned).where(canned.c.id == ident).values(used=canned.c.used + 1))
    return view(row, values)


async def preview(tenant: Tenant, caller: Caller, text: str, conversation: str = "") -> Preview:
    """The text as the customer would read it, or what keeps it from being one; raises `Problem` 404."""
    try:
        fill.check(text)
    except BadRequest as error:
        return Preview(text, (), str(error))
    if conversation:
        values = await values_for(tenant, caller, conversation)
    else:
        nobody = {"name": "", "email": "", "phone": "", "conversation": "", "channel": "", "handoff": ""}
        values = fill.values_of(agent=caller.name, title=tenant.settings.title, **nobody)
    filled = fill.fill(text, values)
    return Preview(filled.text, filled.missing)


async def values_for(tenant: Tenant, caller: Caller, conversation: str) -> Mapping[str, str]:
    """What the variables mean for this caller in this conversation; raises `Problem` 404."""
    known = await tenant.conversations.get(conversation)
    if known is None:
        raise Problem(404, f"there is no conversation {conversation[:60]!r}")
    rows = await tenant.db.fetch(
        sa.select(handoff.c.id)
        .where(handoff.c.conversation == conversation)
        .order_by(handoff.c.requested_at.desc())
        .limit(1)
    )
    return fill.values_of(
        name=known.contact.name,
        email=known.contact.email,
        phone=known.contact.phone,
        agent=caller.name,
        conversation=conversation,
        channel=known.conversation.channel,
        handoff=rows[0].id if rows else "",
        title=tenant.settings.title,
    )


def view(row: Any, values: Mapping[str, str] | None = None) -> CannedView:
    """One as pages show it; filled where values are given."""
    filled = fill.fill(row.text, values) if values is not None else None
    return CannedView(
        row.id,
        row.shortcut,
        row.text,
        row.title,
        row.language,
        row.owner == "",
        row.owner,
        row.used,
        row.updated_at,
        filled.text if filled else None,
        filled.missing if filled else (),
    )


def _rank(row: Any, text: str, language: str) -> tuple[int, int] | None:
    """How well it fits, less being better; None if it does not."""
    foreign = int(bool(language and row.language) and row.language.partition("-")[0] != language.partition("-")[0])
    wanted = _plain(text.lstrip("/"))
    if not wanted:
        return (foreign, 9)
    shortcut, title = _plain(row.shortcut), _plain(row.title)
    if shortcut == wanted:
        return (0, foreign)
    if shortcut.startswith(wanted):
        return (1, foreign)
    if wanted in shortcut:
        return (2, foreign)
    words = _WORD.findall(wanted)
    if words and _has(words, title):
        return (3, foreign)
    if words and _has(words, f"{shortcut} {title} {_plain(row.text)}"):
        return (4, foreign)
    return None


def _has(words: Sequence[str], text: str) -> bool:
    """Whether each word begins one of the text's."""
    there = _WORD.findall(text)
    return all(any(one.startswith(word) for one in there) for word in words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _check(caller: Caller, body: CannedBody) -> None:
    fill.check(body.text)
    if body.shared and not caller.has("supervisor"):
        raise Problem(403, "canned replies that all share are for supervisors to change; keep it for yourself")


async def _get(tenant: Tenant, ident: str) -> Any:
    rows = await tenant.db.fetch(sa.select(canned).where(canned.c.id == ident))
    return rows[0] if rows else None


async def _mine(tenant: Tenant, caller: Caller, ident: str) -> Any:
    """The row, if the caller may change it; others' own ones are not there for them."""
    row = await _get(tenant, ident)
    if row is None or row.owner not in ("", caller.id):
        raise _unknown(ident)
    if row.owner == "" and not caller.has("supervisor"):
        raise Problem(403, "canned replies that all share are for supervisors to change; make one of your own")
    return row


def _unknown(ident: str) -> Problem:
    return Problem(404, f"there is no canned reply {ident[:60]!r}")


def _taken(body: CannedBody) -> Conflict:
    where = f" in {body.language}" if body.language else ""
    return Conflict(f"shortcut: /{body.shortcut} is taken{where}; choose another one or change that one")
