"""The dialogue in a conversation: who are you, a code, and then the question that waited is answered in the same turn.

What is kept in the conversation's state: `stage` ("claim": a customer number is asked for, "code": a code, "merge": whether two
conversations are one customer's), `purpose` and `question` (what waits), `at`, and the `claim`, sealed, for another code.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import attrs

from hookline.binding import CLIENT, is_made_up
from hookline.message import Reply

from . import checking, codes, joining, proofs, registered
from . import statements as sql
from .codes import Wanted
from .config import KINDS
from .heard import CODE_BUTTONS, Heard, minutes
from .reading import Reading, asks_for_code, claims, masked, plain, read
from .sealing import Unsealable, keys_of
from .spelling import spelled

if TYPE_CHECKING:
    from hookline.message import Account, Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .proofs import Proof

PLUGIN = "identity"
SEALED = "identity_sealed"
_SURE = 0.5  # an intent that is not the best counts from this score on
_WAITS = 900.0  # seconds for which a question waits
_CLAIMS = 3  # messages in which any claim counts; later only a customer number alone


class Dialogue:
    """One for each snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config = tenant.config
        self._heard: WeakKeyDictionary[Turn, Heard] = WeakKeyDictionary()
        self._purposes = tuple(
            p if p.partition(":")[0] in KINDS and ":" in p else f"intent:{p}" for p in self.config.protects
        )

    # -- before anybody looks at the message -----------------------------------------------------------------------

    async def receive(self, turn: Turn) -> Message:
        """The message without a code, or the question that waited for it; the turn knows then who is proved."""
        told = await self._opened(turn.message)
        if not self._alone(turn):
            self._heard[turn] = Heard(proofs.Proof(turn.conversation.id))
            turn.hide({m.id for m in turn.history})
            return told
        proof = await proofs.find(self.tenant, turn.conversation.id)
        heard = self._heard[turn] = Heard(proof)
        self._trust(turn, proof)
        if turn.dry:
            return told
        reading, state = read(told.text), turn.state(PLUGIN)
        if state and self.tenant.clock.now() - state.get("at", 0.0) > _WAITS:
            state.clear()
        if reading.wish == "logout" and (proof.account or state):
            await self._leave(turn, state, heard)
            return told
        if state.get("stage") == "merge":
            return joining.answered(self, turn, told, reading, state, heard)
        if reading.code or reading.almost or state.get("stage") == "code":
            return await self._coded(turn, told, reading, state, heard)
        if state.get("stage") == "claim":
            return await self._claimed(turn, told, reading, state, heard)
        if self._purposes and not proof.account and asks_for_code(told.text):
            await self._ask(turn, "", heard)
            state["question"] = ""
        return told

    def _alone(self, turn: Turn) -> bool:
        """Whether nobody else can be in the conversation: of one with an id that others may guess a key is asked for."""
        mine, whose = (about.data.get(CLIENT, "") for about in (turn.message, turn.conversation))
        return not is_made_up(turn.conversation) or (bool(mine) and whose in ("", mine))

    def _trust(self, turn: Turn, proof: Proof) -> None:
        if proof.account:
            turn.prove(proof.account)
        hidden = proof.hidden(turn.history)
        if hidden:
            turn.hide(hidden)

    async def _opened(self, told: Message) -> Message:
        """The message as it was written: what might be a code was sealed before it was stored."""
        sealed = told.data.get(SEALED)
        if not sealed:
            return told
        data = {key: value for key, value in told.data.items() if key != SEALED}
        try:
            text = (await keys_of(self.tenant)).unseal(str(sealed), told.channel + told.address)
        except Unsealable as error:
            self.tenant.log.warning("a message is left masked", reason=str(error))
            text = told.text
        return attrs.evolve(told, text=text, data=data)

    async def _leave(self, turn: Turn, state: dict[str, Any], heard: Heard) -> None:
        state.clear()
        proofs.end(self.tenant, turn, turn.conversation.id, "customer")
        turn.write(sql.REPLACE_HERE, {"p_conversation": turn.conversation.id})
        turn.prove("")
        turn.hide(
            {m.id for m in turn.history if m.created_at >= heard.proof.proved_at} if heard.proof.account else set()
        )
        heard.proof = proofs.Proof(turn.conversation.id)
        heard.answer = ("identity-logged-out", {})

    # -- a code --------------------------------------------------------------------------------------------------------

    async def _coded(self, turn: Turn, told: Message, reading: Reading, state: dict[str, Any], heard: Heard) -> Message:
        rows = await self.tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": turn.conversation.id})
        row = rows[0] if rows else None
        expected = state.get("stage") == "code" or (row is not None and row.state in ("queued", "open"))
        if not expected:
            return await self._claimed(turn, told, reading, state, heard) if state.get("stage") == "claim" else told
        if reading.code:
            return await self._tried(turn, told, reading.code, row, state, heard)
        if reading.wish == "cancel":
            return self._cancelled(turn, told, state, heard)
        if reading.wish == "resend":
            await self._again(turn, state, heard)
            return told
        if reading.almost:
            turn.redact(masked(told.text))
            heard.answer = ("identity-not-six", {})
            heard.buttons = CODE_BUTTONS
            return attrs.evolve(told, text=masked(told.text))
        return told

    async def _tried(
        self, turn: Turn, told: Message, code: str, row: Any, state: dict[str, Any], heard: Heard
    ) -> Message:
        told = attrs.evolve(told, text=masked(told.text))
        turn.redact(told.text)
        contact, address = turn.contact.id, self._address(turn)
        verdict = await checking.judge(self.tenant, row, code, contact, address)
        checking.settle(self.tenant, await keys_of(self.tenant), turn, verdict, contact, address)
        if verdict.outcome != "right":
            heard.refused(verdict)
            return told
        await proofs.prove(
            self.tenant,
            turn,
            conversation=turn.conversation.id,
            contact=contact,
            channel=turn.conversation.channel,
            account=row.account,
            method=f"code by {row.way}",
            client=turn.message.data.get(CLIENT, "") if is_made_up(turn.conversation) else "",
        )
        turn.prove(row.account)
        heard.proof = attrs.evolve(heard.proof, account=row.account)
        await joining.propose(self, turn, row.account, heard, state)
        return self._go_on(turn, told, state, heard)

    def _go_on(self, turn: Turn, told: Message, state: dict[str, Any], heard: Heard) -> Message:
        """The question that waited takes the message's place; without one the customer is thanked."""
        question, purpose = str(state.get("question", "")), str(state.get("purpose", ""))
        for key in ("purpose", "question", "claim", "tries"):
            state.pop(key, None)
        if state.get("stage") in ("claim", "code"):
            state.clear()
        if purpose.startswith("step:"):
            return told
        if not question:
            heard.answer = ("identity-proved", {})
            return told
        return attrs.evolve(told, text=question)

    def _cancelled(self, turn: Turn, told: Message, state: dict[str, Any], heard: Heard) -> Message:
        turn.write(sql.REPLACE_HERE, {"p_conversation": turn.conversation.id})
        turn.event("identity.cancelled")
        purpose = str(state.get("purpose", ""))
        state.clear()
        if not purpose.startswith(("flow:", "step:")):  # a flow hears it itself, and gives its place up
            heard.answer = ("identity-cancelled", {})
        return told

    async def _again(self, turn: Turn, state: dict[str, Any], heard: Heard) -> None:
        """Another code, for the same claim."""
        claim = await self._kept_claim(turn, state)
        if not claim:
            heard.answer = ("identity-who", {})
            state["stage"] = "claim"
            return
        await self._send(turn, claim, state, heard, again=True)

    # -- a claim -------------------------------------------------------------------------------------------------------

    async def _claimed(
        self, turn: Turn, told: Message, reading: Reading, state: dict[str, Any], heard: Heard
    ) -> Message:
        if reading.wish == "cancel":
            return self._cancelled(turn, told, state, heard)
        found = claims(told.text, self.config.claim_pattern)
        state["tries"] = tries = int(state.get("tries", 0)) + 1
        if not found or (tries > _CLAIMS and not self._alone_is(told.text)):  # what comes later is about something else
            if reading.wish in ("help", "yes", "no") and tries <= _CLAIMS:
                heard.answer, heard.buttons = ("identity-help", {}), ("identity-button-cancel",)
            return told
        account = await registered.account_of(self.tenant, found[0])
        await self._send(turn, found[0], state, heard, account=account)
        return told

    def _alone_is(self, text: str) -> bool:
        pattern = self.config.claim_pattern
        said = plain(text).strip()
        whole = (said, next(spelled(said), ""))
        return bool(pattern) and any(re.fullmatch(pattern, one, re.IGNORECASE) for one in whole)

    async def _send(
        self,
        turn: Turn,
        claim: str,
        state: dict[str, Any],
        heard: Heard,
        *,
        account: Account | None = None,
        again: bool = False,
    ) -> None:
        if again:
            account = await registered.account_of(self.tenant, claim)
        asked = await codes.ask_for(
            self.tenant,
            turn,
            Wanted(
                claim,
                account,
                turn.conversation.id,
                turn.contact.id,
                self._address(turn),
                "turn",
                turn.language,
            ),
        )
        keys = await keys_of(self.tenant)
        state.update(stage="code", claim=keys.seal(claim, turn.conversation.id), at=self.tenant.clock.now())
        heard.buttons = CODE_BUTTONS
        if asked.limited:
            heard.answer = ("identity-limited", {"minutes": minutes(asked.wait)})
        elif not asked.sent:
            heard.answer = ("identity-wait", {"seconds": int(asked.wait) + 1})
        else:
            heard.answer = ("identity-resent" if again else "identity-sent", {"mask": asked.mask, **self._lasts()})

    def _lasts(self) -> dict[str, int]:
        return {"minutes": minutes(self.config.otp.seconds)}

    async def _kept_claim(self, turn: Turn, state: dict[str, Any]) -> str:
        sealed = state.get("claim")
        if not sealed:
            return ""
        try:
            return (await keys_of(self.tenant)).unseal(str(sealed), turn.conversation.id)
        except Unsealable:
            return ""

    def _address(self, turn: Turn) -> str:
        return f"{turn.conversation.channel}:{turn.conversation.address}"

    # -- the challenge ---------------------------------------------------------------------------------------------------

    def needs(self, purpose: str) -> bool:
        """Whether the purpose needs proof."""
        return purpose.startswith("step:") or any(fnmatch.fnmatchcase(purpose, one) for one in self._purposes)

    async def challenge(self, turn: Turn, purpose: str) -> Reply | None:
        """What the customer has to do before `purpose`; None: nothing.  The same again in the same turn."""
        if turn.account or not self.needs(purpose):
            return None
        heard = self._heard.setdefault(turn, Heard(proofs.Proof(turn.conversation.id)))
        if heard.challenge is None:
            await self._ask(turn, purpose, heard)
            if str(turn.account):  # asking may have proved it
                return None
            heard.challenge = heard.reply(self.tenant, turn.language)
        return heard.challenge

    async def _ask(self, turn: Turn, purpose: str, heard: Heard) -> None:
        if turn.dry or not turn.conversation.id or not self._alone(turn):
            heard.answer = ("identity-only-in-chat", {})
            return
        state, now = turn.state(PLUGIN), self.tenant.clock.now()
        waiting = state.get("stage")
        state.update(purpose=purpose, question=turn.message.text if turn.redacted is None else "", at=now)
        rows = await self.tenant.db.fetch(sql.NEWEST_HERE, {"p_conversation": turn.conversation.id})
        if rows and rows[0].state in ("queued", "open") and rows[0].expires_at > now:
            state["stage"] = "code"
            heard.answer = ("identity-still", {"mask": rows[0].mask})
            heard.buttons = CODE_BUTTONS
            return
        trust = self.config.trusted(turn.conversation.channel)
        if trust.claim == "address":
            claim = turn.conversation.address
            account = await registered.account_of(self.tenant, claim)
            if account is not None and trust.proves and self._registered(turn, account):
                await self._proved_by_address(turn, account, state, heard)
                return
            if account is not None:
                await self._send(turn, claim, state, heard, account=account)
                return
        found = claims(turn.message.text, self.config.claim_pattern) if self.config.claim_pattern else ()
        if found:
            account = await registered.account_of(self.tenant, found[0])
            await self._send(turn, found[0], state, heard, account=account)
            return
        state["stage"] = "claim"
        if waiting != "claim":
            state["tries"] = 0
        heard.answer = ("identity-who", {})
        heard.buttons = ("identity-button-cancel",)

    def _registered(self, turn: Turn, account: Account) -> bool:
        mine = registered.canonical(self.tenant, turn.conversation.channel, turn.conversation.address)
        return bool(mine) and any(
            registered.canonical(self.tenant, kind, one) == mine for kind, one in account.addresses
        )

    async def _proved_by_address(self, turn: Turn, account: Account, state: dict[str, Any], heard: Heard) -> None:
        await proofs.prove(
            self.tenant,
            turn,
            conversation=turn.conversation.id,
            contact=turn.contact.id,
            channel=turn.conversation.channel,
            account=account.id,
            method="registered address",
        )
        state.clear()
        turn.prove(account.id)
        heard.proof = attrs.evolve(heard.proof, account=account.id)
        await joining.propose(self, turn, account.id, heard, state)

    # -- what is said ------------------------------------------------------------------------------------------------------

    async def respond(self, turn: Turn) -> Reply | None:
        """The answer to a code, a claim or a wish; a challenge where a protected question is asked; else None."""
        heard = self._heard.get(turn)
        if heard is not None and heard.answer is not None:
            return heard.reply(self.tenant, turn.language)
        if turn.account:
            return None
        for n, intent in enumerate(turn.intents):
            if n == 0 or intent.score >= _SURE:
                found = await self.challenge(turn, f"intent:{intent.name}")
                if found is not None:
                    return found
        return None

    def offered(self, turn: Turn, reply: Reply) -> Reply:
        """The reply with the question whether two conversations are one customer's, where there is one."""
        heard = self._heard.get(turn)
        return reply if heard is None else heard.offered(self.tenant, turn.language, reply)
