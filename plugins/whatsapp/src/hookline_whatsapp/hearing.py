"""A customer's message in its turn: when they wrote, what they chose, their files; opting out; what can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hookline.message import Refusal, Reply

from . import statements as sql
from .files import Files
from .incoming import CHANNEL
from .opening import is_blank, phrase_of
from .optwords import OptWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.message import Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_SILENT = {"reaction": "a reaction", "deleted": "the customer deleted a message", "sticker": "a sticker"}
_UNREAD = {"audio": "whatsapp-unread-voice", "unsupported": "whatsapp-unread-kind", "welcome": "greeting"}
_GREETED = ("sticker",)  # is silent too, but for a customer who says hello with it


class Hearing:
    """What is done with messages of WhatsApp in a turn; those of other channels are left alone."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.words = OptWords(tenant.config.opt_out)

    async def receive(self, turn: Turn) -> Message:
        """Note that the customer wrote, take a number for what it stands for, and get the files."""
        message, told = turn.message, self._told(turn)
        if told is None or turn.dry:
            return message
        chats = await self.tenant.db.fetch(sql.CHATS, {"p_address": message.address})
        mine = next((chat for chat in chats if chat.number == told["number"]), None)
        self._heard(turn, told, mine)
        if mine is not None and told["kind"] == "text" and (option := _option(message.text, mine.options)):
            message = attrs.evolve(message, text=option, input_type="choice")
        if told.get("media"):
            message = await Files(self.tenant).take(turn, message, told)
        return message

    def _heard(self, turn: Turn, told: dict[str, Any], chat: Any) -> None:
        message = turn.message
        now = self.tenant.clock.now()
        row = {
            "address": message.address,
            "number": told["number"],
            "contact": message.contact,
            "conversation": message.conversation,
            "heard_at": min(float(told.get("at") or now), now),
            "options": [],
        }
        turn.write(sql.NOTICED if told["kind"] in _SILENT else sql.HEARD, row)
        shut = chat is None or now - chat.heard_at >= self.tenant.config.window.seconds
        if shut and turn.history:
            turn.job("release", {"conversation": message.conversation}, key=message.id)

    async def screen(self, turn: Turn) -> Refusal | None:
        """Be silent where nothing is to be said, and hear the words for opting out and in."""
        told = self._told(turn)
        if told is None:
            return None
        if told["kind"] in _SILENT and (turn.history or told["kind"] not in _GREETED):
            return Refusal(_SILENT[told["kind"]])
        text, address = turn.message.text, turn.message.address
        if self.words.stops(text):
            turn.write(sql.OPT_OUT, {"address": address, "contact": turn.contact.id, "at": self.tenant.clock.now()})
            turn.event("whatsapp.opted_out")
            return Refusal("the customer opts out", self.tenant.phrase("whatsapp-opted-out", turn.language))
        if self.words.starts(text) and await self.tenant.db.fetch(sql.OPTED_OUT, {"p_address": address}):
            turn.write(sql.OPT_IN, {"p_address": address})
            turn.event("whatsapp.opted_in")
            return Refusal("the customer opts in", self.tenant.phrase("whatsapp-opted-in", turn.language))
        return None

    async def respond(self, turn: Turn) -> Reply | None:
        """Say kindly what can't be read, and greet who begins without a word; None for all that has words."""
        told = self._told(turn)
        if told is None:
            return None
        if not turn.history and (key := phrase_of(told, turn.message.text)):
            return Reply(self.tenant.phrase(key, turn.language), answered=key == "greeting")
        if not is_blank(turn.message.text):
            return None
        if refused := told.get("refused"):
            key = f"whatsapp-file-{refused}" if refused in ("size", "type") else "whatsapp-file-lost"
            return Reply(self.tenant.phrase(key, turn.language), answered=False)
        key = _UNREAD.get(told["kind"], "whatsapp-unread-file" if turn.message.attachments else "whatsapp-unread-kind")
        return Reply(self.tenant.phrase(key, turn.language), answered=told["kind"] == "welcome")

    def review(self, turn: Turn, reply: Reply) -> Reply:
        """Have the reply go out from the number that was written to."""
        told = self._told(turn)
        if told is None or reply.partial:
            return reply
        return attrs.evolve(reply, data={**reply.data, "whatsapp": {"number": told["number"], "answers": told["id"]}})

    @staticmethod
    def _told(turn: Turn) -> dict[str, Any] | None:
        found = turn.message.data.get("whatsapp")
        return found if turn.message.channel == CHANNEL and isinstance(found, dict) else None


def _option(text: str, options: Sequence[str]) -> str:
    """The option that a number stands for; "" where it stands for none."""
    digits = text.strip().rstrip(".)").strip()
    if not digits.isdecimal() or len(digits) > 2:
        return ""
    number = int(digits)  # also of digits in other scripts
    return options[number - 1] if 1 <= number <= len(options) else ""
