"""What the plugin does; knows nothing of hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hookline.errors import ConfigError

from .closing import closed, missing
from .entities import Entities
from .intents import Intents

if TYPE_CHECKING:
    from hookline.message import Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class Service:
    """The service of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.intents = Intents(tenant)
        self.entities = Entities(tenant)

    def names(self) -> Mapping[str, Sequence[str]]:
        """The names of facts and intents, by the hook that finds them."""
        return {"extract_entities": self.entities.names(), "classify_intent": self.intents.names()}

    async def start(self) -> None:
        """Read what is declared, and learn from it."""
        await self.tenant.compute.batch(self.entities.warm)
        await self.intents.start()
        if problems := missing(self.tenant, self.intents.by_name):
            raise ConfigError("\n".join(problems))

    def closed(self, turn: Turn, reply: Reply) -> Reply:
        """The reply with what replies to the turn's intent end with."""
        return closed(self.tenant, turn, reply, self.intents.by_name)
