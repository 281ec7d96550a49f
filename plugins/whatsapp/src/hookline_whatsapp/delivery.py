"""Sends a message, part by part; what the provider took is noted at once, so that a second try goes on where the first
broke off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.message import Receipt

from . import outfiles
from . import statements as sql
from .failures import OptedOut, SendRefused, Throttled, WindowShut
from .numbers import number_for
from .outgoing import compose
from .pacing import pacer_of
from .parts import MediaPart
from .providers import sender_of

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant

    from .config import Number
    from .parts import Part

SENT = 1
_FAILED = "failed"


async def deliver(tenant: Tenant, message: Message) -> Receipt:
    """Send what was not sent yet; the receipt has the provider's id of the first part."""
    chats = await tenant.db.fetch(sql.CHATS, {"p_address": message.address})
    number = number_for(tenant, message, chats)
    if number is None:
        raise SendRefused("no number is configured to send from")
    composed = compose(tenant, await outfiles.typed(tenant, message), sender_of(tenant).abilities(tenant))
    rows = await tenant.db.fetch(sql.PARTS, {"p_message": message.id})
    took = {row.part: row.provider_id for row in rows if row.state != _FAILED}
    if composed.numbered:  # before they go out: the answer to them may be faster than our note
        offered = {"p_address": message.address, "p_number": number.id, "p_options": list(composed.numbered)}
        await tenant.db.write((sql.OFFER, offered))
    heard = max((chat.heard_at for chat in chats if chat.number == number.id), default=0.0)
    for n, part in enumerate(composed.parts):
        if n not in took:
            took[n] = await _send(tenant, number, message, part, n, heard)
    if len(composed.parts) > 1:  # the first may have been reported on while the others waited for their turn
        for row in await tenant.db.fetch(sql.PARTS, {"p_message": message.id}):
            if row.provider_id in took.values() and row.state == _FAILED:
                raise _reported(row.error)
    return Receipt(took[0])


async def _send(tenant: Tenant, number: Number, message: Message, part: Part, n: int, heard: float) -> str:
    """Send one part, and note it; `heard` is when the customer had last written.  The provider's id."""
    sender, pacer = sender_of(tenant), await pacer_of(tenant)
    if isinstance(part, MediaPart):
        part = await outfiles.ready(tenant, number, part)
    await pacer.slot(number.id, number.per_second or sender.abilities(tenant).per_second)
    try:
        ident = await sender.send(tenant, number, message.address, part, f"{message.id}/{n}")
    except Throttled as error:
        pacer.stop(number.id, error.retry_after)
        raise
    except WindowShut:
        shut = {"p_address": message.address, "p_number": number.id, "p_at": heard}
        await tenant.db.write((sql.SHUT, shut))
        raise
    except OptedOut:
        row = {"address": message.address, "contact": message.contact, "at": tenant.clock.now()}
        await tenant.db.write((sql.OPT_OUT, row))
        raise
    except SendRefused:
        if isinstance(part, MediaPart) and part.media:
            (await outfiles.uploads_of(tenant)).forget(part.media)
        raise
    pacer.went(number.id)
    row = {
        "provider_id": ident,
        "message": message.id,
        "part": n,
        "conversation": message.conversation,
        "state": "sent",
        "rank": SENT,
        "error": "",
        "at": tenant.clock.now(),
    }
    (noted,) = await tenant.db.write((sql.TOOK, row))
    if noted.rows[0].state == _FAILED:
        raise _reported(noted.rows[0].error)
    return ident


def _reported(cause: str) -> SendRefused:
    return SendRefused(f"the provider has reported already: {cause or 'not delivered'}")
