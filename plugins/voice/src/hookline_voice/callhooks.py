"""What calls do at the hooks of a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import GiveUp
from hookline.message import Receipt, Reply

from . import callrecording, callstatus
from .callprogress import CHANNEL

if TYPE_CHECKING:
    from hookline.message import Job, Message, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .calling import Calling


@attrs.frozen(eq=False)
class CallHooks:
    """The hooks' part that is about calls."""

    tenant: Tenant
    calling: Calling

    def review(self, turn: Turn, reply: Reply) -> Reply:
        """A reply that asks for a person says so, so that the call is connected."""
        if turn.conversation.channel != CHANNEL or turn.handoff is None or reply.partial:
            return reply
        return attrs.evolve(reply, data={**reply.data, "voice": {"transfer": turn.handoff.reason}})

    def respond(self, turn: Turn) -> Reply | None:
        """A call that walks no flow begins with the tenant's greeting."""
        told = turn.message.data.get("voice")
        begins = isinstance(told, Mapping) and told.get("input") == "begin" and "flow" not in turn.message.data
        if turn.conversation.channel != CHANNEL or not begins:
            return None
        return Reply(self.tenant.phrase("greeting", turn.language))

    async def deliver(self, message: Message) -> Receipt:
        """The message is the call's from now on; Twilio asks for it, or has asked already."""
        ident = await self.calling.deliver(message)
        if not ident:
            raise GiveUp("there is no call of this conversation any more; reach the customer on another channel")
        return Receipt(ident)

    async def work(self, turn: Turn, job: Job) -> bool:
        """Order or place a call; False for a job that is not about calls."""
        if job.kind == "place":
            self.calling.orders.submitted(turn, job)
        elif job.kind == "call":
            await self.calling.orders.placing.work(turn, job)
        elif job.kind == callrecording.JOB:
            await callrecording.remove(self.tenant, turn, job)
        else:
            return False
        return True

    async def ring(self, turn: Turn, timer: Timer) -> bool:
        """Ask what became of a call; False for a timer that is not about calls."""
        if timer.kind != "call":
            return False
        await callstatus.ask(self.tenant, self.calling, turn, timer)
        return True

    async def state(self) -> Mapping[str, Any]:
        """Of the calls that were ordered, where any can be."""
        return {"calls": await self.calling.orders.state()} if self.calling.config.numbers else {}
