"""A flow as its file declares it: slots, steps, ways out of them.  Everything that reads flows reads these.

A flow is `tenants/X/flows/NAME.yaml`; `loading` reads it, `checking` says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Text = str | Mapping[str, str]
"""The key of a phrase, or the text itself by language."""

Kind = Literal[
    "text", "person", "number", "money", "date", "duration", "phone", "email", "choice", "boolean", "list", "file"
]
Unit = Literal["days", "weeks", "months", "years", "hours", "minutes"]
ACTIONS = (
    "ask", "confirm", "say", "set", "branch", "call", "flow", "handoff", "task", "timer", "reference", "end",
)  # fmt: skip
WAITING = ("ask", "confirm")
"""What waits for the customer."""

END = "end"
BACK = "back"
CHANGE = "change"


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a flow file."""


class Choice(Struct, frozen=True):
    """One of the answers to choose from: what its button says, and other words for it in any language."""

    label: Text = ""
    words: tuple[str, ...] = ()


class Call(Struct, frozen=True):
    """A function of the tenant's code; for a check its arguments are `value` and those of `arguments` (CEL)."""

    call: str
    arguments: Mapping[str, str] = msgspec.field(name="with", default_factory=dict)


class Slot(Struct, frozen=True):
    """Something to find out.

    kind       what it is
    choices    of a choice or list: the value to its label and words
    entities   the facts (of nlu or others) that fill it, best first; left out: those of its own name
    fresh      only what was said since the flow began fills it, its first message included
    min, max   of a number, money, duration: the bounds in `unit`; of a date: "today", "2026-12-31" or "+30d"; of a list: how many
    unit       of a duration: what it is kept in; `bare`: what a number alone means
    whole      of a number: no decimals
    named      of a text: it is a name, as of a town; what is said around it is no part of it, and a sentence is no answer
    pattern    of a text: a regular expression (RE2) that the whole answer fits
    types      of a file: the media types that it may be of, as "image/*" or "application/pdf"; none: any
    max_bytes  of a file: how large it may be
    check      a CEL condition on `value`, or a function of the tenant's that refuses with its reason
    part_of    of a number or money: a CEL value that "half of it" and "60 %" are a part of
    most       of a number, money, duration: what "the maximum" is, a CEL value or a function of the tenant's
    name       what the customer knows it as, in summaries and when asked what to change; left out: the phrase
               `slot-<name>` where there is one, else the name
    personal   never put into events or summaries
    """

    kind: Kind
    choices: Mapping[str, Choice] = msgspec.field(default_factory=dict)
    entities: tuple[str, ...] | None = None
    optional: bool = False
    fresh: bool = False
    min: float | str | None = None
    max: float | str | None = None
    unit: Unit | Literal[""] = ""
    bare: Unit | Literal[""] = ""
    whole: bool = False
    min_chars: int = 1
    max_chars: int = 1000
    named: bool = False
    types: tuple[str, ...] = ()
    max_bytes: int = 0
    pattern: str = ""
    check: str | Call | None = None
    part_of: str = ""
    most: str | Call | None = None
    name: Text = ""
    personal: bool = False


class Transition(Struct, frozen=True):
    """A way out of a step, or of all steps, besides an answer.

    It is taken if the message has one of the intents (or is one of the `words`, or has one of the `entities`, or `says` yes or no), and
    `when` holds.
    Then `set` is done, `say` said, `flow` begun; and the conversation goes to the step `go`, or `then`: back to the open question (default),
    end the flow, or stay silent about it.
    """

    intent: str | tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    entity: str | tuple[str, ...] = ()
    says: Literal["", "yes", "no"] = ""
    when: str = ""
    set: Mapping[str, str] = msgspec.field(default_factory=dict)
    say: Any = ()
    flow: str = ""
    handoff: str = ""
    go: str = ""
    then: Literal["", "back", "end"] = ""
    state: str = ""


class Arm(Struct, frozen=True):
    """One way of a branch; without `when` it is taken where no other is."""

    go: str
    when: str = ""


class Line(Struct, frozen=True):
    """One of the texts of a step, said where its condition holds."""

    text: Text
    when: str = ""


class Task(Struct, frozen=True):
    """Something for the staff to do; `due` like 48h, `reference` and the arguments of `title` are CEL expressions."""

    title: Text
    detail: Text = ""
    due: str = ""
    reference: str = ""
    kind: str = ""


class Wait(Struct, frozen=True):
    """A timer: `after` so long ("24h", or a CEL expression that gives that), or `at` a time (CEL, ISO 8601), the flow goes on at `go`,
    or `say` is said.  `cancel`: the waiting timer of that kind is not wanted any more."""

    kind: str = "followup"
    after: str = ""
    at: str = ""
    go: str = ""
    say: Any = ()
    cancel: bool = False


class Timeout(Struct, frozen=True):
    """What to do when the customer says nothing for so long in mid-flow."""

    after: str
    say: Any = ()
    then: Literal["wait", "end"] = "wait"
    go: str = ""


class Starts(Struct, frozen=True):
    """When a flow begins: one of the intents, one of the words, or one of the facts (but not in a question), and `when` holds.

    `likely` is how likely one of the intents has to be where the message tells facts that the flow asks for, each of which
    makes up for some of what is missing, and three of which do without any; 0: an intent that is not sure begins nothing. With it, what
    is said not to be wanted ("je veux pas de crédit") begins nothing either.
    """

    intents: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    when: str = ""
    likely: float = 0.0


class Step(Struct, frozen=True):
    """One step; exactly one of the keys in `ACTIONS` says what it does."""

    id: str = ""
    state: str = ""
    when: str = ""
    identity: bool = False
    ask: str = ""
    confirm: Text = ""
    say: Any = ()
    set: Mapping[str, str] = msgspec.field(default_factory=dict)
    branch: tuple[Arm, ...] = ()
    call: str = ""
    flow: str = ""
    handoff: str = ""
    task: Task | None = None
    timer: Wait | None = None
    reference: str = ""
    end: str | bool = ""
    text: Any = ()
    again: Text = ""
    tries: int = 3
    otherwise: str = ""
    on: tuple[Transition, ...] = ()
    open: bool = False
    no: str = CHANGE
    attachments: tuple[str, ...] = ()
    replies: tuple[Text, ...] = ()
    first: str = ""
    arguments: Mapping[str, str] = msgspec.field(name="with", default_factory=dict)
    into: str | Mapping[str, str] = ""
    next: str = ""

    def __post_init__(self) -> None:
        """Check what belongs together; raises ValueError that says what is wrong."""
        given = self.actions
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "does nothing"
            raise ValueError(f"a step needs exactly one of {', '.join(ACTIONS)}; this one {found}")

    @property
    def actions(self) -> list[str]:
        """Which of the actions are given."""
        return [name for name in ACTIONS if getattr(self, name)]

    @property
    def kind(self) -> str:
        """What it does: one of `ACTIONS`."""
        return self.actions[0]

    @property
    def outcome(self) -> str:
        """How an end names the outcome."""
        return self.end if isinstance(self.end, str) and self.end else "done"


class Flow(Struct, frozen=True):
    """The content of a file.  `steps` all have ids once it is loaded; their order is the way through them.

    `given` are values besides slots that a system gives when it starts the flow; `learn` names values that other plugins shall
    know as facts of the conversation, as they know the answers.
    """

    version: int = 1
    title: Text = ""
    identity: bool = False
    starts: Starts = Starts()
    states: tuple[str, ...] = ()
    slots: Mapping[str, Slot] = msgspec.field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    timeout: Timeout | None = None
    on: tuple[Transition, ...] = ()
    given: tuple[str, ...] = ()
    learn: tuple[str, ...] = ()
    extends: str = ""
    without: tuple[str, ...] = ()
    migrate: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)

    def step(self, ident: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.steps if step.id == ident), None)

    def place(self, ident: str) -> int:
        """Where the step stands; -1 where there is none of that id."""
        return next((n for n, step in enumerate(self.steps) if step.id == ident), -1)

    def after(self, ident: str) -> str:
        """The step that follows it: `next`, or the one below; `END` after the last."""
        at = self.place(ident)
        if at < 0:
            return END
        if self.steps[at].next:
            return self.steps[at].next
        return self.steps[at + 1].id if at + 1 < len(self.steps) else END

    @property
    def names(self) -> set[str]:
        """The names that expressions of this flow know besides `RESERVED`: slots, what is set and what results go into."""
        return {*self.slots, *self.given, *self.computed}

    @property
    def computed(self) -> set[str]:
        """The names that steps and transitions set, and that results go into."""
        found: set[str] = set()
        for step in self.steps:
            found |= set(step.set)
            found |= {step.into} if isinstance(step.into, str) and step.into else set(step.into or ())
        for way in ways(self):
            found |= set(way.set)
        return found

    @property
    def filled(self) -> set[str]:
        """The slots that the flow itself fills: it asks, computes or finds them in what is said."""
        found = {step.ask for step in self.steps if step.kind == "ask"} | self.computed
        return found | {name for name, slot in self.slots.items() if slot.entities}


RESERVED = (
    "slots",
    "known",
    "account",
    "channel",
    "language",
    "intent",
    "text",
    "today",
    "now",
    "tries",
    "value",
    "contact",
)
"""Names in expressions that are always there."""


def ways(flow: Flow) -> list[Transition]:
    """All transitions of a flow."""
    return [*flow.on, *(way for step in flow.steps for way in step.on)]


def lines(said: Any) -> tuple[Line, ...]:
    """What `say` and `text` hold, as lines: a key or text, a line, or a list of them; raises `TypeError` or `msgspec.ValidationError`."""
    if not said:
        return ()
    if isinstance(said, Line):
        return (said,)
    if isinstance(said, str):
        return (Line(text=said),)
    if isinstance(said, Mapping):
        if "text" in said:
            return (msgspec.convert(dict(said), Line),)
        return (Line(text=dict(said)),)
    if not isinstance(said, (list, tuple)):
        raise TypeError(f"given {said!r}")
    return tuple(line for one in said for line in lines(one))


def texts(said: Any) -> list[Text]:
    """The texts alone."""
    return [line.text for line in lines(said)]
