"""A customer who writes faster than `ratelimit.contact_requests`: told once to wait, where the provider does not send again.

Meta repeats what is refused with 429 for days, Twilio never: there a refusal would lose the message without a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.message import Reply
from hookline.tenant import ResourceKey

from .incoming import CHANNEL
from .refusing import count

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import Incoming

NOT_REPEATED = ("twilio",)
_CALM = 60.0  # seconds after a warning in which there is no other
_REMEMBERED = 10_000


class Warned:
    """When each address was last warned, in this process, as the limit is counted."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def again(self, address: str, now: float) -> bool:
        """Whether it is time for a warning, which is then noted."""
        if now - self._at.pop(address, -_CALM) < _CALM:
            self._at[address] = now
            return False
        while len(self._at) >= _REMEMBERED:
            self._at.pop(next(iter(self._at)))
        self._at[address] = now
        return True


async def warn(tenant: Tenant, number: Number, one: Incoming) -> None:
    """The message is not taken; the customer is told so, once for all that come one after the other."""

    async def make() -> Warned:
        return Warned()

    count(tenant, "flood")
    tenant.log.warning("a customer writes too much, and is not heard", number=number.id)
    warned = await tenant.keep(ResourceKey[Warned]("flood"), make)
    if not warned.again(one.sender, tenant.clock.now()):
        return
    conversation, _ = await tenant.conversations.open(CHANNEL, one.sender)
    said = await tenant.conversations.history(conversation)
    language = next((before.language for before in reversed(said) if before.language), "")
    text = tenant.phrase("whatsapp-too-fast", language)
    await tenant.send(Reply(text, data={"whatsapp": {"number": number.id}}), conversation=conversation)
