"""The language of a conversation: what each message says of it, and when it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from hookline import languages
from hookline.errors import ConfigError

from .config import Config
from .detect import Detector, Guess
from .switching import requested

Note = Literal["", "switched", "unlisted"]


@attrs.frozen
class Chosen:
    """A message's language, what is kept of it, and what the customer is to be told.

    `state` is what the next message finds.  `about` is the language that a note is about; `bare`: the message asks for
    the language and nothing else.
    """

    language: str
    state: Mapping[str, Any]
    note: Note = ""
    about: str = ""
    bare: bool = False


class Chooser:
    """Chooses among the languages of one tenant."""

    def __init__(self, own: str, listed: Sequence[str], config: Config) -> None:
        self.tags = tuple(dict.fromkeys(tag for one in (own, *listed) if (tag := languages.canonical(one))))
        self.detector = Detector(self.tags)
        self._config = config
        self._instead = {languages.first(tag): self._spoken(tag, used) for tag, used in config.instead.items()}

    def _spoken(self, tag: str, used: str) -> str:
        found = languages.canonical(used)
        if found not in self.tags:
            known = ", ".join(self.tags)
            raise ConfigError(
                f"[plugins.language] instead.{tag}: given {used!r}; allowed: the tenant's languages, {known}"
            )
        return found

    def nearest(self, tag: str) -> str:
        """The tenant's language that is nearest to the tag: itself, its parent, the same in another script, or what the
        config names instead; or ""."""
        for near in languages.lineage(tag):
            if near in self.tags:
                return near
        first = languages.first(tag)
        return next((one for one in self.tags if first and languages.first(one) == first), self._instead.get(first, ""))

    def choose(self, text: str, field: str, preferred: str, state: Mapping[str, Any]) -> Chosen:
        """`field` is the message's own language, as its channel says; `preferred` is the contact's."""
        asked = requested(text, self.tags)
        if asked is not None:
            tag = self.nearest(asked.tag)
            if tag:
                kept = {**state, "language": tag, "weak": False, "asked": True, "field": field}
                return Chosen(tag, kept, "switched", tag, asked.bare)
            return self._unlisted(self._now(field, preferred, state), asked.tag, state, bare=asked.bare)
        told = self.nearest(field)
        if told and self._field_counts(field, state):
            return Chosen(told, {**state, "language": told, "weak": False, "asked": False, "field": field})
        if not told or self._config.explicit != "hint":
            return self._by_text(text, self._now("", preferred, state), state)
        fresh = {} if state.get("language") else {"weak": True}
        return self._by_text(text, self._now(field, preferred, state), {**state, **fresh, "field": field})

    def _field_counts(self, field: str, state: Mapping[str, Any]) -> bool:
        if self._config.explicit == "hint":
            return bool(state.get("field", field) != field)  # it has changed: somebody chose it
        if state.get("asked") and state.get("field") == field:
            return False  # the customer has asked for another since
        return self._config.explicit == "always" or not state.get("language")

    def _now(self, field: str, preferred: str, state: Mapping[str, Any]) -> str:
        """The language so far."""
        return str(state.get("language") or self.nearest(field) or self.nearest(preferred))

    def _by_text(self, text: str, now: str, state: Mapping[str, Any]) -> Chosen:
        guess = self.detector.detect(text)
        if guess.foreign:
            return self._unlisted(guess.tag or now, guess.foreign, state)
        if not guess.tag or (guess.tag == now and not state.get("weak", True)):
            return Chosen(now or self.tags[0], state)
        if not now or guess.tag == now:
            if guess.evidence or guess.confidence >= self._config.sure:
                return Chosen(guess.tag, {**state, "language": guess.tag, "weak": guess.evidence < 2})
            return Chosen(now or self.tags[0], state)
        if self._enough(guess, now, weak=bool(state.get("weak", False))):
            return Chosen(guess.tag, {**state, "language": guess.tag, "weak": False})
        return Chosen(now, state)

    def _enough(self, guess: Guess, now: str, *, weak: bool) -> bool:
        """Whether a message changes the language of the conversation: not a borrowed word, a name, an "ok"."""
        if weak and guess.evidence and guess.confidence >= self._config.sure:
            return True
        return guess.evidence >= self._config.words and guess.confidence >= self._config.sure

    def _unlisted(self, now: str, foreign: str, state: Mapping[str, Any], *, bare: bool = False) -> Chosen:
        """A language that is not spoken here: the closest is used, and said once."""
        used = self.nearest(foreign) or now or self.tags[0]
        said = list(state.get("told", ()))
        if languages.first(used) == languages.first(foreign):
            return Chosen(used, {**state, "language": used})
        if languages.first(foreign) in said and not bare:
            return Chosen(used, {**state, "language": used})
        told = list(dict.fromkeys([*said, languages.first(foreign)]))[-8:]
        return Chosen(used, {**state, "language": used, "told": told}, "unlisted", foreign, bare)
