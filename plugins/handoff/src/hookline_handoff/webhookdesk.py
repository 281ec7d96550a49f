"""Any system that takes signed webhooks: `handoff.opened`, `handoff.closed`, `message` and `conversation.erased`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec

from hookline.errors import GiveUp, ServiceUnavailable
from hookline.signing import signed_headers

from .backend import Case

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_RETRIED = (408, 425, 429)


class WebhookDesk:
    """One tenant's receiver; what it is sent has an id in `webhook-id`, the same at each try."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config = tenant.config.webhook

    async def open(self, case: Case) -> str:
        """Send `handoff.opened`; the task's id is ours."""
        seen = case.handoff
        ident = f"{seen.id}-{case.n}"
        await self._send(
            ident,
            "handoff.opened",
            {
                "handoff": seen.id, "task": ident, "conversation": seen.conversation, "channel": seen.channel,
                "reason": seen.reason, "priority": seen.priority, "language": seen.language, "score": seen.score,
                "customer": case.customer, "summary": case.summary,
                "said": [{"author": author, "text": text} for author, text in case.said],
            },
        )  # fmt: skip
        return ident

    async def close(self, task: str, reason: str, *, done: bool) -> None:
        """Send `handoff.closed`."""
        await self._send(f"{task}-closed", "handoff.closed", {"task": task, "reason": reason, "resolved": done})

    async def room(self, conversation: str, title: str) -> str:
        """The conversation's own id."""
        return conversation

    async def tell(self, room: str, conversation: str, ident: str, author: str, text: str) -> None:
        """Send `message`."""
        told = {"conversation": conversation, "message": ident, "author": author, "text": text}
        await self._send(f"message-{ident}", "message", told)

    async def forget(self, room: str, conversation: str) -> None:
        """Send `conversation.erased`."""
        await self._send(f"erased-{conversation}", "conversation.erased", {"conversation": conversation})

    async def _send(self, ident: str, event: str, told: dict[str, Any]) -> None:
        body = msgspec.json.encode({"type": event, "tenant": self.tenant.name, "data": told})
        now = self.tenant.clock.now()
        headers = {"Content-Type": "application/json", **signed_headers(self.config.secret.value, ident, body, now)}
        timeout = aiohttp.ClientTimeout(total=self.config.timeout)
        where = f"the desk at {self.config.url}"
        try:
            async with self.tenant.http.post(
                self.config.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ServiceUnavailable(f"{where} does not answer: {type(error).__name__}") from error
        if status in _RETRIED or status >= 500:
            raise ServiceUnavailable(f"{where} answered {status} to {event}")
        if status >= 300:
            raise GiveUp(
                f"{where} answered {status} to {event}: look at `url` and `secret` in [plugins.handoff.webhook]"
            )
