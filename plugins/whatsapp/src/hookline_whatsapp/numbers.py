"""Which of the tenant's numbers a message goes out from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .config import Number

if TYPE_CHECKING:
    from hookline.message import Message
    from hookline.tenant import Tenant

SIMULATED = Number("simulator")
"""The number that the simulator has where none is configured."""


def number_for(tenant: Tenant, message: Message, chats: Sequence[Any]) -> Number | None:
    """The number that the customer wrote to, else the one they wrote to last, else the first; None if there is none.

    `chats` are the customer's, the latest first.
    """
    told = message.data.get("whatsapp")
    named = [str(told.get("number", ""))] if isinstance(told, Mapping) else []
    for ident in [*named, *(chat.number for chat in chats)]:
        found = known(tenant, ident)
        if found is not None:
            return found
    numbers: Mapping[str, Number] = tenant.config.numbers
    if numbers:
        return next(iter(numbers.values()))
    return SIMULATED if tenant.config.carrier == "simulator" else None


def known(tenant: Tenant, ident: str) -> Number | None:
    """The tenant's number with the provider's id; None for a number that is not the tenant's."""
    found: Number | None = tenant.config.number_of(ident)
    if found is None and tenant.config.carrier == "simulator" and ident in ("", SIMULATED.id):
        return SIMULATED
    return found
