"""A call from request to request: each answer is a durable message, and what follows from it is said once it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hookline.ledger import Inbound

from . import twiml
from .calllanguages import nearest, spoken_here
from .callorders import Orders
from .callpages import CallPages
from .callprogress import CHANNEL, Question
from .callrefusing import Refused
from .callstore import Call, CallStore
from .callwords import agreed, asks_language, chosen_language, digits, pressed, spoken
from .callwords import chosen as option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookline.message import InputType, Message
    from hookline.tenant import Tenant

    from .callsconfig import Calls
    from .callsigned import Asked

_REACHED = ("completed", "answered", "bridged", "redirected", "redirected-from-bridged", "leave", "hangup")
_CONSENT = "consent"
_YES_OR_NO = Question(kind="boolean", replies=("yes", "no"))
_PAUSE = 2  # seconds of silence before it is looked again


class Calling:
    """The calls of one snapshot of a tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.store = CallStore(tenant)
        self.orders = Orders(tenant)
        self.config: Calls = tenant.config.calls

    # -- requests -----------------------------------------------------------------------------------------------------

    async def say(self, asked: Asked, step: str, prefix: str) -> str:
        """What is said at a step; `step` "": where the call is.  A call that is not known begins."""
        if asked.token and (kept := await self.store.kept(asked.call, f"say:{step}:{asked.token}")):
            return kept
        one = await self.known(asked)
        machine = one.direction == "outbound" and asked.form.get("AnsweredBy", "").startswith(("machine", "fax"))
        if machine and self.config.outbound.machine == "hangup":
            await self.store.settle(one, "machine")
            return CallPages(self.tenant, one, prefix).hangup()
        recording = self.config.recording.mode
        begins = not one.seq and one.direction != "rehearsal"
        if begins and recording == "ask" and not await self.store.kept(one.id, _CONSENT):
            return CallPages(self.tenant, one, prefix).consent()
        if self.config.mode == "relay" and not step:
            return self._recorded(one, prefix, CallPages(self.tenant, one, prefix).relay(), begins=begins)
        inbox_id = 0
        if not one.seq:
            one, inbox_id = await self.begin(one, asked)
        pages = CallPages(self.tenant, one, prefix)
        if inbox_id:
            waits = twiml.pause(f"{prefix}/voice/calls/later/{inbox_id}", _PAUSE)
            return self._recorded(one, prefix, waits, begins=begins and not machine)
        body = pages.message() if machine else pages.step(step) if step else pages.answered("")
        body = self._recorded(one, prefix, body, begins=begins and not machine)
        return await self._kept(asked, f"say:{step}", body)

    async def hear(self, asked: Asked, step: str, prefix: str) -> str:
        """What follows an answer to a step."""
        if asked.token and (kept := await self.store.kept(asked.call, f"hear:{step}:{asked.token}")):
            return kept
        one = await self.store.find(asked.call)
        if one is None or not one.seq:
            return await self.say(asked, step, prefix)
        self._fresh(one)
        pages = CallPages(self.tenant, one, prefix)
        if step != one.progress.at:
            return await self.store.latest(one.id, f"hear:{step}") or pages.step(step)
        keys, speech = digits(asked.keys), spoken(asked.speech)
        if not keys and not speech:
            return await self._kept(asked, f"hear:{step}", await self._silence(one, step, prefix, asked.token))
        inbox_id = await self.answer(one, step, keys, speech, asked.form)
        after = await self.after(one, inbox_id)
        if after is None:
            return twiml.pause(f"{prefix}/voice/calls/later/{inbox_id}?step={step}", _PAUSE)
        body = CallPages(self.tenant, after, prefix).answered(step)
        key = f"hear:{step}:{asked.token or one.seq}"
        return await self.store.keep(one.id, key, f"hear:{step}", body)

    async def later(self, asked: Asked, inbox_id: int, prefix: str) -> str:
        """What was not ready in time."""
        one = await self.known(asked)
        after = await self.after(one, inbox_id)
        step = asked.form.get("step", "")
        if after is None:
            more = f"?step={step}" if step else ""
            return twiml.pause(f"{prefix}/voice/calls/later/{inbox_id}{more}", _PAUSE)
        body = CallPages(self.tenant, after, prefix).answered(step)
        return await self.store.keep(one.id, f"later:{inbox_id}", f"hear:{step}", body)

    async def transferred(self, asked: Asked, prefix: str) -> str:
        """A person had the call, or nobody came."""
        one = await self.known(asked)
        how = asked.form.get("DialCallStatus") or asked.form.get("QueueResult") or ""
        pages = CallPages(self.tenant, one, prefix)
        return pages.hangup() if how in _REACHED else pages.goodbye("voice-no-person")

    def _recorded(self, one: Call, prefix: str, body: str, *, begins: bool) -> str:
        """Have a call recorded that begins, where callers are told of it."""
        if not begins or self.config.recording.mode != "announce":
            return body
        return CallPages(self.tenant, one, prefix).recorded(body, announced=True)

    async def consent(self, asked: Asked, prefix: str) -> str:
        """What the caller says to being recorded; whoever says nothing is not."""
        one = await self.known(asked)
        yes = digits(asked.keys) == "1" or agreed(spoken(asked.speech), _YES_OR_NO) == 1
        said = await self.store.keep(one.id, _CONSENT, "consent", "yes" if yes else "no")
        body = await self.say(attrs.evolve(asked, token=""), "", prefix)
        return CallPages(self.tenant, one, prefix).recorded(body, announced=False) if said == "yes" else body

    async def relayed(self, asked: Asked, prefix: str) -> str:
        """After the conversation on the socket."""
        return CallPages(self.tenant, await self.known(asked), prefix).relayed()

    async def _kept(self, asked: Asked, what: str, body: str) -> str:
        return await self.store.keep(asked.call, f"{what}:{asked.token}", what, body) if asked.token else body

    async def _silence(self, one: Call, step: str, prefix: str, token: str) -> str:
        pages = CallPages(self.tenant, one, prefix)
        if await self.store.silent(one, token) >= self.config.silences:
            await self.store.settle(one, "no_input")
            return pages.goodbye()
        return pages.answered(step, "voice-silence")

    # -- the call -----------------------------------------------------------------------------------------------------

    async def known(self, asked: Asked, *, old: bool = False) -> Call:
        """The call, stored if it is new; raises `Refused` 403 for one that ended long ago, unless `old` ones are wanted too."""
        found = await self.store.find(asked.call)
        if found is None:
            found = await self.store.add(asked.call, await self._new(asked))
        if not old:
            self._fresh(found)
        return found

    async def _new(self, asked: Asked) -> Mapping[str, Any]:
        ordered = await self.orders.find(asked.form["order"]) if asked.form.get("order") else None
        if ordered is not None and ordered.address == asked.customer:
            return self.ordered(ordered)
        return {
            "direction": asked.direction, "number": asked.number, "address": asked.customer,
            "language": self._language(""), "flow": self.config.flow, "plan": "",
        }  # fmt: skip

    def ordered(self, row: Any) -> Mapping[str, Any]:
        """The row of a call that was ordered."""
        return {
            "direction": "outbound", "number": row.number, "address": row.address, "language": self._language(row.language),
            "flow": row.flow, "plan": row.id,
        }  # fmt: skip

    def _language(self, wished: str) -> str:
        own = self.tenant.settings.language
        return nearest(self.tenant, wished) or nearest(self.tenant, own) or own

    def _fresh(self, one: Call) -> None:
        now = self.tenant.clock.now()
        if one.ended_at is not None and now - one.ended_at > self.config.stale_seconds:
            raise Refused(403, "stale", "the call has ended; nothing of it is told any more")

    async def begin(self, one: Call, asked: Asked) -> tuple[Call, int]:
        """Have the bot speak first: the flow begins.  The inbox id, if it is not ready in time."""
        address = one.address or f"anonymous-{one.id}"
        _, contact = await self.tenant.conversations.open(CHANNEL, address, ident=one.conversation)
        await self.store.belongs(one, contact)
        data: dict[str, Any] = {"voice": {"call": one.id, "input": "begin", "direction": one.direction}}
        if one.flow:
            ordered = await self.orders.find(one.plan) if one.plan else None
            data["flow"] = {"begin": one.flow, "slots": dict(ordered.slots) if ordered is not None else {}}
        inbox_id = await self._accept(one, "", "begin", "event", data)
        after = await self.after(one, inbox_id)
        return (one, inbox_id) if after is None else (after, 0)

    async def answer(
        self, one: Call, step: str, keys: str, speech: str, form: Mapping[str, str], number: str = ""
    ) -> int:
        """Store what the caller pressed or said; the inbox id.

        What has the same `number` is a repeat; "": whatever is said in answer to the same question.
        """
        question = one.progress.question
        text = pressed(keys, question) if keys else speech
        language = one.language
        if asks_language(question, spoken_here(self.tenant)):
            chosen = chosen_language(keys or speech, question)
            if chosen:
                language, text = nearest(self.tenant, chosen) or language, str(question.values.index(chosen) + 1)
        told: dict[str, Any] = {"call": one.id, "step": step, "input": "keys" if keys else "speech"}
        if not keys and text == speech:
            if n := option(speech, question):
                text = str(n)
            elif n := agreed(speech, question):
                text = question.replies[n - 1]
        if not keys and text != speech:
            told["said"] = speech
        if not keys and form.get("Confidence"):
            told["confidence"] = form["Confidence"][:12]
        return await self._accept(
            one, text, number or str(one.seq), "text" if keys else "audio", {"voice": told}, language
        )

    async def _accept(
        self, one: Call, text: str, number: str, kind: InputType, data: Mapping[str, Any], language: str = ""
    ) -> int:
        """`number` counts the messages of the call, so that a repeat is known for one, also after a crash."""
        longest = self.tenant.settings.limits.message_chars
        accepted = await self.tenant.accept(
            Inbound(
                CHANNEL,
                one.address or f"anonymous-{one.id}",
                text[:longest],
                provider_id=f"{one.id}:{number}",
                conversation=one.conversation,
                language=language or one.language,
                input_type=kind,
                data=data,
                begins=True,
            )
        )
        return accepted.inbox_id

    async def after(self, one: Call, inbox_id: int) -> Call | None:
        """The call after the bot's replies; None if they are not there in time."""
        replies = await self.tenant.wait(inbox_id, self.config.wait)
        if replies is None:
            return None
        for told in replies:
            one = await self.store.advance(one, told)
        if not replies:  # as where a person has the conversation: what was delivered meanwhile counts
            one = await self.store.find(one.id) or one
        return one

    async def deliver(self, told: Message) -> str:
        """Hand a message over to its call, which says it when it is next asked; "" where there is no such call, or no more.

        What the bot was about to say when the caller hung up is no failure; what comes of itself later, or from a person, is.
        """
        one = await self.store.of(told.conversation)
        if one is None or (self._over(one, told) and told.seq > one.seq):
            return ""
        await self.store.advance(one, told)
        return f"{one.id}:{told.seq}"

    def _over(self, one: Call, told: Message) -> bool:
        """Whether nobody is there any more to hear it."""
        if one.ended_at is None:
            return False
        return told.author == "agent" or self.tenant.clock.now() - one.ended_at > self.config.stale_seconds


def calling_of(tenant: Tenant) -> Calling:
    """The calls of the tenant's snapshot."""
    found: Calling = tenant.implementation.calling
    return found
