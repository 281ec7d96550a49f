"""A live conversation by telephone: Twilio's ConversationRelay over a socket, carried by the same turns as any message.

Source: twilio.com/docs/voice/conversationrelay, "WebSocket messages": setup, prompt, interrupt, dtmf and error come in; text, language
and end go out.  A reply is spoken as it is streamed; who breaks in ends it, and the transcript keeps what was heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import WSMsgType, web

from hookline.errors import HooklineError
from hookline.ledger import new_id

from .calllanguages import locale, nearest
from .callpages import CallPages
from .callrefusing import Refused
from .callsigned import Asked, clean, of
from .callwords import digits, spoken
from .spoken import speakable

if TYPE_CHECKING:
    from hookline.live import LiveEvent
    from hookline.message import Message
    from hookline.tenant import Tenant

    from .calling import Calling
    from .callstore import Call

_LONGEST = 5000
_MOST_KEYS = 64
_SETUP_SECONDS = 10.0
_HUSHED_SECONDS = 5.0  # in which a reply that was broken into is committed
_SENTENCE = re.compile(r"(?<=[.!?।…])\s+")


@attrs.define(eq=False)
class Utterance:
    """What the bot says at one go.

    inbox_id  the message that it answers, 0 for what it says of itself
    said      the committed messages
    heard     what the caller heard of them before breaking in, None while nobody has
    over      it is committed, and all of it is with Twilio
    """

    inbox_id: int = 0
    said: Sequence[Message] = ()
    heard: str | None = None
    over: bool = False


@attrs.define(eq=False)
class Relay:
    """One call on its socket."""

    tenant: Tenant
    calling: Calling
    socket: web.WebSocketResponse
    call: Call = attrs.field(init=False)
    language: str = ""
    speaking: asyncio.Task[None] | None = None
    playing: Utterance | None = None
    hushed: Utterance | None = None
    keys: str = ""
    ident: str = attrs.Factory(new_id)
    prompts: int = 0
    waiting: dict[str, tuple[str, str, str]] = attrs.Factory(dict)

    async def run(self) -> None:
        """Carry the call from its setup to its end."""
        try:
            asked = await self._setup()
        except Refused as refused:
            self.tenant.log.warning("a live call is refused", reason=refused.reason, detail=refused.detail)
            await self.socket.close(code=1008, message=refused.detail.encode()[:120])
            return
        self.speaking = asyncio.create_task(self._begin(asked))
        self.speaking.add_done_callback(self._done)
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._heard(_decoded(message.data))
        finally:
            if self.hushed is not None and not self.hushed.over:  # who breaks in may hang up at once
                await asyncio.wait([self.speaking], timeout=_HUSHED_SECONDS)
            if not self.speaking.done():
                self.speaking.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await self.speaking
            await self._last_words()

    async def _setup(self) -> Asked:
        """The first message says whose call it is."""
        try:
            async with asyncio.timeout(_SETUP_SECONDS):
                first = await self.socket.receive()
        except TimeoutError:
            raise Refused(400, "malformed", "no setup message came") from None
        told = _decoded(first.data) if first.type is WSMsgType.TEXT else {}
        if told.get("type") != "setup":
            raise Refused(400, "malformed", "the first message has to be a setup")
        account = self.tenant.config.calls.twilio.account_sid
        if _text({"accountSid": account, **told}, "accountSid") != account:
            raise Refused(403, "forged", "the setup is of another account than calls.twilio.account_sid")
        names = {"CallSid": "callSid", "From": "from", "To": "to", "Direction": "direction"}
        fields = {key: _text(told, name) for key, name in names.items()}
        parameters = told.get("customParameters")
        if isinstance(parameters, Mapping) and (order := _text(parameters, "order")):
            fields["order"] = order
        asked = of(self.tenant, fields)
        self.call = await self.calling.known(asked)
        self.language = self.call.language
        return asked

    # -- what comes in ------------------------------------------------------------------------------------------------

    async def _heard(self, told: Mapping[str, Any]) -> None:
        kind = told.get("type")
        if kind == "prompt":
            await self._prompted(told)
        elif kind == "dtmf":
            await self._pressed(_text(told, "digit"))
        elif kind == "interrupt":
            await self._broken_in(_text(told, "utteranceUntilInterrupt"))
        elif kind == "error":
            self.tenant.log.warning("the relay reports an error", reason=_text(told, "description")[:300])

    async def _prompted(self, told: Mapping[str, Any]) -> None:
        """What the caller said; pieces of it come before the last."""
        if not told.get("last", True):
            return
        text = spoken(_text(told, "voicePrompt"))[:_LONGEST]
        if text:
            self.keys = ""  # what was begun with keys is said now
            language = nearest(self.tenant, _text(told, "lang"))
            self._next("", text, language)

    async def _pressed(self, key: str) -> None:
        """A key; several make a number, which the hash key ends."""
        one = await self.calling.store.find(self.call.id) or self.call
        single = 0 < len(one.progress.question.replies) <= 9
        if key == "#":
            keys, self.keys = self.keys, ""
        else:
            self.keys = (self.keys + digits(key))[:_MOST_KEYS]
            if not single or not self.keys:
                return
            keys, self.keys = self.keys, ""
        if keys:
            self._next(keys, "", "")

    async def _broken_in(self, heard: str) -> None:
        """The caller speaks while the bot does: it falls silent, and what was not heard was not said."""
        utterance, self.playing = self.playing, None
        if utterance is None:
            return
        utterance.heard = heard
        if utterance.over:
            await self._cut(utterance)
        else:  # its turn ends now, in whichever process it runs; then it is cut
            self.hushed = utterance
            self.tenant.hush(self.call.conversation, utterance.inbox_id)

    async def _cut(self, utterance: Utterance) -> None:
        """Keep what was heard, message by message."""
        heard = utterance.heard or ""
        for told in utterance.said:
            whole = await self.tenant.overheard(told, heard) is told
            heard = " ".join(heard.split()[len(told.text.split()) :]) if whole else ""

    # -- turns --------------------------------------------------------------------------------------------------------

    def _next(self, keys: str, speech: str, language: str) -> None:
        """What was said or pressed, after what is being said now."""
        before = self.speaking
        self.prompts += 1
        number = f"{self.ident}:{self.prompts}"  # Twilio says each once, also while another is being answered
        self.waiting[number] = (keys, speech, language)
        self.speaking = asyncio.create_task(self._turn(before, number))
        self.speaking.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.tenant.log.error("a live call could not go on", exc_info=error)

    async def _begin(self, asked: Asked) -> None:
        """The bot speaks first; a call that comes back goes on where it was."""
        if not self.call.seq:
            self.call, late = await self.calling.begin(self.call, asked)
            if late:
                replies = await self.tenant.wait(late, self.tenant.settings.turns.limit)
                for told in replies or ():
                    self.call = await self.calling.store.advance(self.call, told)
        one = self.call
        latest = await self.tenant.conversations.history(one.conversation, limit=1)
        utterance = Utterance(said=[told for told in latest if told.direction == "outbound"], over=True)
        text = " ".join(said.text for step in one.progress.order if (said := one.progress.said.get(step)))
        await self._speak(utterance, text, one.language)
        await self._settled(utterance, one)

    async def _turn(self, before: asyncio.Task[None] | None, number: str) -> None:
        if before is not None:
            with contextlib.suppress(Exception):
                await before
        one = await self.calling.store.find(self.call.id) or self.call
        utterance = Utterance()
        topic = f"conversation:{one.conversation}"
        async with self.tenant.live.subscribe(self.tenant.name, topic) as events:
            utterance.inbox_id = await self._taken(one, number)
            streamed, replies = await self._stream(events, utterance)
        utterance.said = [told for told in replies if told.conversation == one.conversation]
        for told in utterance.said:
            if utterance.heard is None:
                await self._rest(utterance, told, streamed)
            one = await self.calling.store.advance(one, told)
        self.call = one
        utterance.over = True
        if utterance.heard is None:
            await self._settled(utterance, one)
        else:
            await self._cut(utterance)

    async def _taken(self, one: Call, number: str) -> int:
        """Store what was said or pressed, in answer to what is asked now; the inbox id."""
        keys, speech, language = self.waiting[number]
        if language and not keys:
            one = attrs.evolve(one, language=language)
        inbox_id = await self.calling.answer(one, one.progress.at, keys, speech, {}, number)
        del self.waiting[number]
        return inbox_id

    async def _last_words(self) -> None:
        """Store what was said and not come to its turn yet when the caller hung up: nobody says it again."""
        one = await self.calling.store.find(self.call.id) or self.call
        for number in list(self.waiting):
            try:
                await self._taken(one, number)
            except HooklineError as error:
                self.tenant.log.warning("the last words of a call were not taken", call=one.id, reason=str(error))

    async def _stream(self, events: Any, utterance: Utterance) -> tuple[str, tuple[Message, ...]]:
        """Speak segments as they are published; what was spoken, and the committed replies."""
        mine, limit = str(utterance.inbox_id), self.tenant.settings.turns.limit
        final = asyncio.ensure_future(self.tenant.wait(utterance.inbox_id, limit))
        coming: asyncio.Future[LiveEvent] = asyncio.ensure_future(anext(events))
        told = ""
        try:
            while True:
                await asyncio.wait((final, coming), return_when=asyncio.FIRST_COMPLETED)
                while coming.done():
                    event = coming.result()
                    coming = asyncio.ensure_future(anext(events))
                    about = event.data if event.data.get("turn") == mine else {}
                    if event.kind == "segment" and about and utterance.heard is None:
                        text = str(about["text"])
                        await self._token(utterance, text, last=False, language=str(about.get("language", "")))
                        told += text
                    elif event.kind == "turn" and about.get("state") == "finished" and not final.done():
                        final.cancel()  # where the turn ran elsewhere, it looks in the database ever more seldom
                        final = asyncio.ensure_future(self.tenant.wait(utterance.inbox_id, limit))
                    await asyncio.sleep(0)  # the next may be there already
                if final.done():
                    return told, final.result() or ()
        finally:
            coming.cancel()
            final.cancel()

    async def _rest(self, utterance: Utterance, told: Message, before: str) -> None:
        """What the stream has not said of a reply; a segment that was spoken is final."""
        spoken_before, text = before.strip(), told.text.strip()
        if not spoken_before:
            await self._speak(utterance, text, told.language)
        elif text.startswith(spoken_before) and len(text) > len(spoken_before):
            await self._speak(utterance, text[len(spoken_before) :], told.language)
        else:
            await self._token(utterance, "", last=True, language=told.language)

    async def _settled(self, utterance: Utterance, one: Call) -> None:
        """Read out the options of a question; end the call where it has come to its end."""
        if one.progress.ended:
            reason = {
                "outcome": one.progress.outcome,
                "transfer": one.progress.transfer,
                "conversation": one.conversation,
            }
            await self._send({"type": "end", "handoffData": json.dumps(reason)})
            return
        for option in CallPages(self.tenant, one).options():
            if utterance.heard is None:
                await self._send({"type": "text", "token": option.text, "last": True, "lang": option.language})

    # -- what goes out ------------------------------------------------------------------------------------------------

    async def _speak(self, utterance: Utterance, text: str, language: str) -> None:
        pieces = [piece for piece in _SENTENCE.split(speakable(text)) if piece] or [""]
        for n, piece in enumerate(pieces):
            last = n == len(pieces) - 1
            await self._token(utterance, piece if last else f"{piece} ", last=last, language=language)

    async def _token(self, utterance: Utterance, text: str, *, last: bool, language: str) -> None:
        tag = nearest(self.tenant, language)
        if tag and tag != self.language:
            self.language = tag
            name = locale(self.tenant, tag)
            await self._send({"type": "language", "ttsLanguage": name, "transcriptionLanguage": name})
        if text:
            self.playing = utterance
        if text or last:
            await self._send({"type": "text", "token": text, "last": last, "lang": locale(self.tenant, self.language)})

    async def _send(self, told: Mapping[str, Any]) -> None:
        if not self.socket.closed:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_json(told)


def _decoded(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(str(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _text(told: Mapping[str, Any], name: str) -> str:
    """What is told under the name; "" for what is no text.  A number counts as its digits, as Twilio writes them now so, now so."""
    value = told.get(name)
    return clean(str(value)) if isinstance(value, str) or type(value) is int else ""
