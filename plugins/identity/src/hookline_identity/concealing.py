"""Before a message is stored: where a code is expected, what may hold one is sealed, so that no table, no log of the database and
no page ever has it as it was typed.  The turn opens it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import statements as sql
from .dialogue import SEALED
from .reading import hides, masked
from .sealing import keys_of

if TYPE_CHECKING:
    from hookline.ledger import Inbound
    from hookline.tenant import Tenant


async def conceal(tenant: Tenant, inbound: Inbound) -> Inbound:
    """The message as it may be stored: masked, with the text sealed beside it, if its conversation has a code open."""
    if SEALED in inbound.data:  # nobody outside seals for us
        inbound = attrs.evolve(inbound, data={k: v for k, v in inbound.data.items() if k != SEALED})
    if not hides(inbound.text):
        return inbound
    conversation = inbound.conversation
    if not conversation:
        last = await tenant.conversations.last(inbound.channel, inbound.address)
        conversation = last[0] if last else ""
    rows = await tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": conversation}) if conversation else ()
    if not rows or rows[0].state == "void":
        return inbound
    keys = await keys_of(tenant)
    sealed = keys.seal(inbound.text, inbound.channel + inbound.address)
    return attrs.evolve(inbound, text=masked(inbound.text), data={**inbound.data, SEALED: sealed})
