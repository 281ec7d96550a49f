"""Counts the messages of a conversation, and says the number: a turn that ran twice would be heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientError, ClientTimeout

from hookline import failpoints
from hookline.errors import HooklineError
from hookline.message import Job, Message, Receipt, Reply, Timer
from hookline.tenant import Tenant
from hookline.turn import Turn


class ProviderFailed(HooklineError):
    """The provider did not take the message."""


class Postman:
    """The service of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def respond(self, turn: Turn) -> Reply:
        """The number of the message, and what it said."""
        state = turn.state("postman")
        state["count"] = state.get("count", 0) + 1
        if self.tenant.config.work:
            turn.job("echo", {"conversation": turn.conversation.id, "of": turn.message.text}, key=turn.message.id)
            turn.timer("ring", 0.05, key=turn.message.id, payload={"of": turn.message.text})
        return Reply(f"{state['count']}:{turn.message.text}")

    def book(self, turn: Turn, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a flow calls: it is noted with the turn, a job says so, and it may be killed in between."""
        turn.event("postman.booked", dict(arguments))
        failpoints.reach("postman.booking")
        of = ":".join(str(value) for value in arguments.values())
        turn.job("echo", {"conversation": turn.conversation.id, "of": of})
        return {"booked": of}

    def echo(self, turn: Turn, job: Job) -> None:
        """Say that the job ran."""
        turn.send(Reply(f"job:{job.payload['of']}"), conversation=job.payload["conversation"])

    def ring(self, turn: Turn, timer: Timer) -> None:
        """Say that the timer rang."""
        turn.send(Reply(f"timer:{timer.payload['of']}"))

    async def deliver(self, message: Message) -> Receipt:
        """POST it to the provider, with its id as the idempotency key."""
        body = {"key": message.id, "to": message.address, "text": message.text, "seq": message.seq}
        try:
            async with self.tenant.http.post(
                self.tenant.config.provider, json=body, timeout=ClientTimeout(total=10)
            ) as response:
                if response.status != 200:
                    raise ProviderFailed(f"the provider at {self.tenant.config.provider} answered {response.status}")
                return Receipt(provider_id=(await response.json())["id"])
        except (ClientError, TimeoutError) as error:
            raise ProviderFailed(f"the provider at {self.tenant.config.provider} can't be reached: {error}") from error
