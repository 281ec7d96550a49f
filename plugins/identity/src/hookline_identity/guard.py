"""The last look at a reply: nothing that the tenant's patterns name is said to somebody who is not proved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookline.message import Reply

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn


class Guard:
    """The patterns of `guard`, each compiled once."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._patterns = [re.compile(one, re.IGNORECASE) for one in tenant.config.guard]

    def review(self, turn: Turn, reply: Reply) -> Reply:
        """The reply, or words that say that a proof is needed."""
        if turn.account or not self._patterns:
            return reply
        shown = [reply.text, *reply.quick_replies, *(one.text for one in reply.citations)]
        if not any(pattern.search(text) for pattern in self._patterns for text in shown):
            return reply
        turn.flag("guarded")
        return Reply(self.tenant.phrase("identity-guarded", turn.language), answered=False, partial=reply.partial)
