"""What became of messages: noted, shown on the pages, and a failure is told to the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import statements as sql
from .failures import meaning_of
from .numbers import SIMULATED, known
from .pacing import pacer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.tenant import Tenant

    from .incoming import StatusUpdate

_AT_ONCE = 500
_RANKS = {"sent": 1, "delivered": 2, "failed": 3, "read": 4}
"""A report does not undo a higher one: they come in any order, and more than once."""


async def take(tenant: Tenant, updates: Sequence[StatusUpdate]) -> None:
    """Store the reports, durably, then tell who has to know."""
    fresh: list[tuple[StatusUpdate, str]] = []
    if not updates:
        return
    async with tenant.action(by="whatsapp") as act:
        furthest = _furthest(updates)
        noted = await _noted(tenant, [one.id for one in furthest])
        for one in furthest:
            row, rank = noted.get(one.id), _RANKS[one.state]
            if row is not None and row.rank >= rank:
                if row.rank == rank and one.state == "failed" and await _final(tenant, row):
                    fresh.append((one, row.message))  # what follows from it may have been lost with a crash
                continue
            message, part = _meant(one)
            message = (row.message if row else "") or message
            conversation = row.conversation if row else ""
            report = {
                "provider_id": one.id,
                "message": message,
                "part": part,
                "conversation": conversation,
                "state": one.state,
                "rank": rank,
                "error": _cause(one),
                "at": one.at or tenant.clock.now(),
            }
            act.write(sql.REPORT, report)
            told = {"message": message, "state": one.state, **({"code": one.code} if one.code else {})}
            act.event("whatsapp.status", told, conversation=conversation)
            if conversation:
                act.publish(f"conversation:{conversation}", "delivery", told)
            fresh.append((one, message))
    for one, message in fresh:
        if one.state == "failed":
            await _failed(tenant, one, message)


async def _noted(tenant: Tenant, ids: Sequence[str]) -> dict[str, Any]:
    """What is noted of these messages, by the provider's ids."""
    found: dict[str, Any] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        rows = await tenant.db.fetch(sql.SAID, {"p_ids": ids[begin : begin + _AT_ONCE]})
        found |= {row.provider_id: row for row in rows}
    return found


async def _final(tenant: Tenant, row: Any) -> bool:
    """Whether what failed was not sent again since."""
    parts = await tenant.db.fetch(sql.PARTS, {"p_message": row.message}) if row.message else ()
    return not any(one.part == row.part and one.state != "failed" for one in parts)


def _furthest(updates: Sequence[StatusUpdate]) -> list[StatusUpdate]:
    """The report of each message that went furthest, where the batch has several; by id, so that two batches don't lock each other."""
    found: dict[str, StatusUpdate] = {}
    for one in updates:
        if one.id not in found or _RANKS[one.state] > _RANKS[found[one.id].state]:
            found[one.id] = one
    return [found[ident] for ident in sorted(found)]


def _meant(one: StatusUpdate) -> tuple[str, int]:
    """Our message's id and the part, from the tag that was sent along."""
    ident, _, part = one.tag.rpartition("/")
    return (ident, int(part)) if ident and part.isascii() and part.isdigit() and len(part) < 5 else ("", 0)


def _cause(one: StatusUpdate) -> str:
    return f"code {one.code}: {one.error}".strip(": ")[:500] if one.code or one.error else ""


async def _failed(tenant: Tenant, one: StatusUpdate, message: str) -> None:
    """The provider took it and could not deliver it."""
    tenant.log.warning("a message was not delivered", message=message, code=one.code, reason=one.error)
    meaning = meaning_of(tenant.config.carrier, one.code)
    number = known(tenant, one.number) or SIMULATED
    if meaning == "throttled":
        (await pacer_of(tenant)).stop(number.id)
    if meaning == "window" and one.address:
        shut = {"p_address": one.address, "p_number": number.id, "p_at": one.at or tenant.clock.now()}
        await tenant.db.write((sql.SHUT, shut))
    if message:
        await tenant.refused(message, f"the provider reports: {_cause(one) or 'not delivered'}")
