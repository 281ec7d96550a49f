r"""Conversation files: what is said and what is expected, as YAML that people who don't program can write.

name: asks about roaming
rows: [T02]
documents:                      # ingested before, for tenants with rag
  - {title: Roaming, content: "Roaming costs 4 dollars a minute."}
turns:
  - say: How much is roaming?
    expect:
      text: 4 dollars           # the reply holds this
      not_text: sorry
      matches: "\\d dollars"    # a regular expression finds something in it
      answered: true
      confidence: ">= 0.6"
      citations: [Roaming]      # titles of cited documents
      intent: roaming           # the best intent
      state: {flow: {step: 2}}  # a part of what the plugins keep
      handoff: low_confidence   # the reason of the handoff asked for; "": none was
      silent: false             # the bot says nothing
  - after: 25h                  # so much time passes first; without `say` what the bot wrote meanwhile is looked at
    expect: {text: still interested}
  - say: What is my balance?
    proved: C001                # the customer has proved to be that account
    failing: [get_balance]      # these functions of the tenant fail, as if what they need were down
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import msgspec
import yaml

from hookline.errors import ConfigError
from hookline.message import Message, Record

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


_AFTER = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Expect(msgspec.Struct, forbid_unknown_fields=True):
    """What a reply must be; what is not given is not looked at."""

    text: str | list[str] | None = None
    not_text: str | list[str] | None = None
    matches: str | None = None
    answered: bool | None = None
    confidence: str | None = None
    citations: list[str] | None = None
    intent: str | None = None
    state: dict[str, Any] | None = None
    handoff: str | None = None
    silent: bool | None = None


class Exchange(msgspec.Struct, forbid_unknown_fields=True):
    """One message of the customer, or a while without one, and what is expected of the bot."""

    say: str = ""
    expect: Expect = msgspec.field(default_factory=Expect)
    who: str = "customer"
    language: str = ""
    after: str = ""
    proved: str = ""
    failing: list[str] = msgspec.field(default_factory=list)

    def __post_init__(self) -> None:
        """Check what belongs together; raises ValueError."""
        if not self.say and not self.after:
            raise ValueError("`say` is missing: what the customer says, or `after`: how long nobody says anything")
        if self.after and not _AFTER.fullmatch(self.after):
            raise ValueError(f'after: given {self.after!r}; allowed: a number with s, m, h or d, as "25h"')

    @property
    def seconds(self) -> float:
        """How much time passes before it."""
        found = _AFTER.fullmatch(self.after)
        return float(found[1]) * _UNITS[found[2]] if found else 0.0


class ConversationFile(msgspec.Struct, forbid_unknown_fields=True):
    """A file; `rows` are the checklist rows it shows, `documents` are ingested before the first turn."""

    turns: list[Exchange]
    name: str = ""
    rows: list[str] = msgspec.field(default_factory=list)
    documents: list[dict[str, Any]] = msgspec.field(default_factory=list)


@attrs.frozen
class Outcome:
    """What the bot did with one message."""

    replies: tuple[Message, ...]
    state: Mapping[str, Any]
    record: Record | None


def read(file: Path) -> ConversationFile:
    """Read a conversation file; raises `ConfigError` naming the file and the place that is wrong."""
    try:
        return msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), ConversationFile)
    except yaml.YAMLError as error:
        raise ConfigError(f"{file}: not YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {error}") from error


def failures(expect: Expect, outcome: Outcome) -> list[str]:
    """What of the expectation does not hold, a line each."""
    said = outcome.replies[-1] if outcome.replies else None
    if expect.silent is not None and expect.silent != (said is None):
        return ["the bot was to be silent" if expect.silent else "the bot said nothing"]
    if said is None:
        wanted = attrs_given(expect) - {"silent", "state", "handoff", "intent"}
        return [f"the bot said nothing; expected {', '.join(sorted(wanted))}"] if wanted else []
    text = " ".join(m.text for m in outcome.replies)
    found = [f"no {part!r} in {text!r}" for part in _list(expect.text) if part.casefold() not in text.casefold()]
    found += [f"{part!r} is in {text!r}" for part in _list(expect.not_text) if part.casefold() in text.casefold()]
    if expect.matches is not None and not re.search(expect.matches, text):
        found.append(f"{expect.matches!r} matches nothing in {text!r}")
    if expect.answered is not None and bool(said.data.get("answered")) != expect.answered:
        found.append(f"answered is {said.data.get('answered')}, expected {expect.answered}")
    if expect.confidence is not None and not _compares(expect.confidence, said.confidence):
        found.append(f"confidence is {said.confidence}, expected {expect.confidence}")
    titles = {c.title for m in outcome.replies for c in m.citations}
    found += [
        f"{title!r} is not cited; cited: {sorted(titles)}" for title in expect.citations or () if title not in titles
    ]
    return found + _record_failures(expect, outcome)


def attrs_given(expect: Expect) -> set[str]:
    """The names of what is expected."""
    return {name for name in expect.__struct_fields__ if getattr(expect, name) is not None}


def _record_failures(expect: Expect, outcome: Outcome) -> list[str]:
    found = []
    payload = outcome.record.payload if outcome.record else {}
    intents = [name for name, _ in payload.get("intents", ())]
    if expect.intent is not None and intents[:1] != [expect.intent]:
        found.append(f"the intent is {intents[:1] or 'none'}, expected {expect.intent!r}")
    handoff = (payload.get("handoff") or {}).get("reason", "")
    if expect.handoff is not None and handoff != expect.handoff:
        found.append(f"the handoff is {handoff!r}, expected {expect.handoff!r}")
    if expect.state is not None and not _part(expect.state, outcome.state):
        found.append(f"the state is {outcome.state!r}, expected {expect.state!r} in it")
    return found


def _list(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def _compares(wanted: str, value: float | None) -> bool:
    found = re.fullmatch(r"\s*(>=|<=|==|>|<)?\s*([0-9.]+)\s*", wanted)
    if found is None:
        raise ConfigError(f"confidence {wanted!r}: write a comparison such as '>= 0.6'")
    return value is not None and _COMPARE[found[1] or "=="](value, float(found[2]))


def _part(part: Any, whole: Any) -> bool:
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(k in whole and _part(v, whole[k]) for k, v in part.items())
    return bool(part == whole)
