"""What a call hears next, from how far it is: words, questions, ways to other steps, a person, the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from hookline.errors import HooklineError

from . import twiml
from .calllanguages import locale, spoken_here, voice
from .callprogress import Said
from .callsconfig import Calls, Pages
from .callwords import asks_language
from .spoken import speakable
from .twiml import Listening, Spoken

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .callstore import Call

_NOTHING = Pages()
_ONE_KEY = 9


@attrs.frozen
class CallPages:
    """The documents of one call; `prefix` is what stands before the tenant's paths in this request."""

    tenant: Tenant
    call: Call
    prefix: str = ""

    # -- where --------------------------------------------------------------------------------------------------------

    def path(self, step: str) -> str:
        """The address that says a step."""
        return self.prefix + (self._pages(step).say or f"/voice/calls/steps/{step}")

    def hears(self, step: str) -> str:
        """The address that takes the answer to a step."""
        return self.prefix + (self._pages(step).hear or f"/voice/calls/steps/{step}/answer")

    def _pages(self, step: str) -> Pages:
        config: Calls = self.tenant.config.calls
        return config.steps.get(step, _NOTHING)

    def _has_place(self, step: str) -> bool:
        return self._pages(step).say != ""

    # -- documents ----------------------------------------------------------------------------------------------------

    def step(self, step: str) -> str:
        """A step that the provider asks for: what was said there, or the way back to what comes before it."""
        progress = self.call.progress
        said = progress.said.get(step)
        if said is not None and (step in progress.order or not said.asked):
            return self._from(step)
        if progress.ended:
            return self.closing()
        target = (self._before(step) if said is None else "") or progress.at
        return twiml.redirect(self.path(target)) if target and target != step else self.closing()

    def _before(self, step: str) -> str:
        """The first question before the step that is not answered yet: nothing is told before it is.

        The choice of a language is passed over, as whoever asks for that question is led on to it.
        """
        config: Calls = self.tenant.config.calls
        listed, progress = list(config.steps), self.call.progress
        earlier = listed[: listed.index(step)] if step in listed else []
        open_ones = [
            one for one in earlier if self._pages(one).hear and (one not in progress.said or one == progress.at)
        ]
        if (
            len(open_ones) > 1
            and open_ones[0] == progress.at
            and asks_language(progress.question, spoken_here(self.tenant))
        ):
            return open_ones[1]
        return open_ones[0] if open_ones else progress.at

    def answered(self, step: str, lead: str = "") -> str:
        """After an answer to the step: the way to the next, or the same question once more."""
        progress = self.call.progress
        first = next(iter(progress.order), "")
        if not first:
            return self.closing()
        if first != step and self._has_place(first):
            return twiml.redirect(self.path(first))
        return self._from(first, lead)

    def closing(self) -> str:
        """The call has come to its end."""
        progress = self.call.progress
        last = next(reversed(progress.order), "")
        if last and progress.ended and last in progress.said:
            return self._from(last)
        return self.hangup()

    def hangup(self) -> str:
        """Not another word."""
        document = twiml.response()
        document.hangup()
        return str(document)

    def consent(self) -> str:
        """May the call be recorded?"""
        document = twiml.response()
        config: Calls = self.tenant.config.calls
        how = Listening(
            f"{self.prefix}/voice/calls/consent", locale(self.tenant, self.call.language), (), 1, config.timeout
        )
        twiml.gather(document, self._own("voice-consent"), how)
        return str(document)

    def recorded(self, body: str, *, announced: bool) -> str:
        """The document, with the call recorded from here on, which is said first where nobody was asked."""
        callback = f"{self.prefix}/voice/calls/recorded"
        document = twiml.response()
        if announced:
            twiml.say(document, self._own("voice-recorded"))
        lead = str(document).partition("<Response>")[2].partition("</Response>")[0]
        return twiml.record(body.replace("<Response>", f"<Response>{lead}", 1), callback)

    def relay(self) -> str:
        """Hand the call over to a socket of ours, where it is a conversation."""
        base = self.tenant.settings.public_url.rstrip("/")
        url = f"{re.sub('^http', 'ws', base)}/t/{quote(self.tenant.name)}/voice/calls/relay"
        tongues = [(locale(self.tenant, tag), voice(self.tenant, tag)) for tag in spoken_here(self.tenant)]
        return twiml.relay(
            url,
            f"{self.prefix}/voice/calls/relay/ended",
            locale(self.tenant, self.call.language),
            tongues,
            self.call.plan,
        )

    def relayed(self) -> str:
        """After the conversation: to a person, or the end."""
        document = twiml.response()
        if self.call.progress.transfer:
            self._connect(document)
        else:
            document.hangup()
        return str(document)

    def message(self) -> str:
        """What is left on an answering machine: the first words, and no question."""
        progress = self.call.progress
        first = next(iter(progress.order), "")
        document = twiml.response()
        twiml.say(document, self._words(progress.said.get(first, Said("", self.call.language))))
        document.hangup()
        return str(document)

    def goodbye(self, phrase: str = "voice-goodbye") -> str:
        """The last words, which are our own: nobody answers any more."""
        document = twiml.response()
        twiml.say(document, self._own(phrase))
        document.hangup()
        return str(document)

    def _from(self, step: str, lead: str = "") -> str:
        """Say the step, and those after it that have no address of their own; then ask, connect, or hang up."""
        progress = self.call.progress
        order = list(progress.order)
        rest = order[order.index(step) :] if step in order else [step]
        document = twiml.response()
        if lead:
            twiml.say(document, self._own(lead))
        for n, name in enumerate(rest):
            if n and self._has_place(name):
                document.redirect(self.path(name), method="POST")
                return str(document)
            said = progress.said.get(name, Said("", self.call.language))
            if name == progress.at:
                twiml.gather(document, [*self._words(said), *self.options()], self._listening(name))
                return str(document)
            twiml.say(document, self._words(said))
        if progress.at and step not in order:
            document.redirect(self.path(progress.at), method="POST")
        elif progress.ended and progress.transfer:
            self._connect(document)
        else:
            document.hangup()
        return str(document)

    def _connect(self, document: Any) -> None:
        call = self.call
        about = {
            "conversation": call.conversation, "call": call.id, "language": call.language, "reason": call.progress.transfer,
            "channel": "voice", "customer": call.address,
        }  # fmt: skip
        action = f"{self.prefix}/voice/calls/transferred"
        twiml.transfer(document, self.tenant.config.calls.transfer, call.conversation, about, action)

    # -- words --------------------------------------------------------------------------------------------------------

    def _words(self, said: Said) -> list[Spoken]:
        text = speakable(said.text)
        return [self._spoken(text, said.language or self.call.language)] if text else []

    def _spoken(self, text: str, language: str) -> Spoken:
        return Spoken(text, locale(self.tenant, language), voice(self.tenant, language))

    def _own(self, phrase: str, language: str = "", **values: Any) -> list[Spoken]:
        language = language or self.call.language
        try:
            return [self._spoken(self.tenant.phrase(phrase, language, **values), language)]
        except HooklineError as error:
            self.tenant.log.warning("a phrase could not be said", phrase=phrase, reason=str(error))
            return []

    def heard(self, lead: str = "") -> list[Spoken]:
        """All that is said now, at every step of the last reply, with the options of the question."""
        progress = self.call.progress
        said = [word for step in progress.order for word in self._words(progress.said[step])]
        return [*(self._own(lead) if lead else ()), *said, *(() if progress.ended else self.options())]

    def options(self) -> list[Spoken]:
        """The ways to answer, each with its key; languages are offered in themselves."""
        question = self.call.progress.question
        if asks_language(question, spoken_here(self.tenant)):
            return [
                one
                for n, (value, label) in enumerate(zip(question.values, question.replies, strict=False), 1)
                for one in self._own("voice-option", value, option=label, key=str(n))
            ]
        if question.kind == "boolean" or (question.waiting in ("confirm", "offer") and len(question.replies) == 2):
            return self._own("voice-yes-no")
        if question.replies:
            return [
                one
                for n, label in enumerate(question.replies, 1)
                for one in self._own("voice-option", option=label, key=str(n))
            ]
        if question.kind in ("number", "money", "duration", "phone"):
            return self._own("voice-keys")
        return []

    def _listening(self, step: str) -> Listening:
        question, config = self.call.progress.question, self.tenant.config.calls
        single = 0 < len(question.replies) <= _ONE_KEY
        return Listening(
            self.hears(step), locale(self.tenant, self.call.language), self._hints(), 1 if single else 0, config.timeout
        )

    def _hints(self) -> Sequence[str]:
        """What is likely to be said."""
        question = self.call.progress.question
        numbers = [str(n) for n in range(1, len(question.replies) + 1)]
        return [*question.replies, *(value.replace("_", " ") for value in question.values), *numbers]
