"""Typing and reading, both ways: live events on the conversation, and how far each has read in the database.

`aside` says that it comes from somebody who looks on: colleagues see it, the customer does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import thread

if TYPE_CHECKING:
    from hookline.message import Conversation
    from hookline.tenant import Tenant

    from .records import Actor


def typing_sign(tenant: Tenant, about: Conversation, by: Actor, *, on: bool) -> None:
    """Show that the agent is typing, or is not any more."""
    aside = about.held_by != by.id
    told = {"author": "agent", "agent": by.id, "agent_name": by.name, "on": on, "aside": aside}
    tenant.live.publish(tenant.name, f"conversation:{about.id}", "typing", told)


async def read_sign(tenant: Tenant, about: Conversation, by: Actor, seq: int) -> None:
    """Note up to where the agent has read, and show it."""
    if await thread.mark_read(tenant, about.id, by.id, seq):
        told = {"author": "agent", "agent": by.id, "seq": seq, "aside": about.held_by != by.id}
        tenant.live.publish(tenant.name, f"conversation:{about.id}", "read", told)
