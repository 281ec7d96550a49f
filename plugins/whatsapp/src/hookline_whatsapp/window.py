"""May a message go out now: within the window anything, outside of it the configured template, or it is parked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookline.message import Drop, Park, Send, Template

from . import statements as sql
from .incoming import CHANNEL
from .numbers import number_for
from .outgoing import template_language
from .pacing import pacer_of
from .providers import sender_of

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant

_NO_NUMBER = "no number is configured to send from: [plugins.whatsapp.numbers.NAME]"
_SHUT = "outside the {hours:g}-hour window: the customer has to write first, or window.template has to be set"
_STALE = 3600.0
_PLACE = re.compile(r"\{(text|title|name)\}")
_LONGEST = 900  # characters of a parameter; the whole body of a template has 1,024
_TALK = 3600.0  # seconds that a talk goes on after what the customer last said


async def decide(tenant: Tenant, message: Message) -> Send | Template | Park | Drop | None:
    """What becomes of the message now; None where it is none of WhatsApp's."""
    if message.channel != CHANNEL:
        return None
    chats = await tenant.db.fetch(sql.CHATS, {"p_address": message.address})
    number = number_for(tenant, message, chats)
    now = tenant.clock.now()
    if number is None:
        return Park(_NO_NUMBER, now + _STALE)
    heard = max((chat.heard_at for chat in chats if chat.number == number.id), default=0.0)
    if unasked(message) and await _opted_out(tenant, message.address, heard):
        return Drop("the customer has opted out of messages that are sent unasked")
    window = tenant.config.window
    if "template" not in message.data and now - heard >= window.seconds:
        if not window.template:
            return Park(_SHUT.format(hours=window.seconds / 3600), aside=True)  # a template may go before it
        return await _template(tenant, message)
    rate = number.per_second or sender_of(tenant).abilities(tenant).per_second
    wait = (await pacer_of(tenant)).wait_for(number.id, rate)
    return Park(f"the number {number.phone or number.id} may send no faster", now + wait) if wait else None


def unasked(message: Message) -> bool:
    """Whether nobody asked for it: neither an answer to what the customer wrote, nor an agent's."""
    return message.author != "agent" and "whatsapp" not in message.data


async def _opted_out(tenant: Tenant, address: str, heard: float) -> bool:
    """Whether the customer wants nothing unasked: what belongs to a talk that they have begun since is none of it."""
    rows = await tenant.db.fetch(sql.OPTED_OUT, {"p_address": address})
    return bool(rows) and not (heard > rows[0].at and tenant.clock.now() - heard < _TALK)


async def _template(tenant: Tenant, message: Message) -> Template:
    window = tenant.config.window
    known = {"text": message.text, "title": tenant.settings.title, "name": ""}
    if any("{name}" in value for value in window.variables.values()):
        about = await tenant.conversations.get(message.conversation)
        known["name"] = about.contact.name if about else ""
    filled = {}
    for key, value in window.variables.items():
        told = _PLACE.sub(lambda found: known[found[1]], value)
        filled[key] = told[:_LONGEST]
    return Template(window.template, filled, template_language(tenant, message.language))
