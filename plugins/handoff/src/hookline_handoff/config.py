"""What `[plugins.handoff]` in a tenant's config may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from .backendconfig import TwilioDesk, WebhookDesk
from .deskconfig import Csat, Desk, Escalation, Files, SlaPolicy, SummaryConfig
from .hours import CalendarConfig

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
PositiveSeconds = Annotated[float, msgspec.Meta(gt=0)]

TRIGGERS = (
    "user_request",
    "low_confidence",
    "long_conversation",
    "intents",
    "feedback",
    "qualified_lead",
    "repeated_fallback",
    "sentiment",
)
"""Those that `triggers = [...]` may name; keywords and topics are the tenant's own words, and need the table."""


@attrs.frozen
class Triggers:
    """When the bot asks for a person by itself.

    user_request       the customer asks for one, in any of the languages that `asking` knows
    low_confidence     the answer's confidence is below this, strictly; 0: never.  Greetings, thanks and flows have none
    long_conversation  after so many exchanges (a message and its answer) the next message is for a person; 0: never
    keywords           words and phrases of frustration: whole words, any case, any spaces between them
    topics             sensitive topics, written in the same way
    exceptions         phrases in which those words do not count: "angry birds", "refund policy"
    inflections        other forms of the same words count too ("refunded" for "refund")
    intents            names of intents
    intent_score       what the intent must have at least
    ratings            ratings that are poor, e.g. "Poor", or "1" and "2" of a scale
    nps                a score of "how likely would you recommend us" (0 to 10) up to this; -1: none
    qualified_lead     the lead's score is at least this; 0: never
    repeated_fallback  so many questions in a row that the bot could not answer; 0: never
    sentiment          the message's sentiment (-1 to 1) is at most this; -2: never
    """

    user_request: bool = True
    low_confidence: Share = 0.0
    long_conversation: Count = 0
    keywords: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    inflections: bool = False
    intents: tuple[str, ...] = ()
    intent_score: Share = 0.5
    ratings: tuple[str, ...] = ()
    nps: Annotated[int, msgspec.Meta(ge=-1, le=10)] = -1
    qualified_lead: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0
    repeated_fallback: Count = 3
    sentiment: Annotated[float, msgspec.Meta(ge=-2, le=1)] = -2.0

    def __attrs_post_init__(self) -> None:
        """Refuse a keyword that has no letter: it would match nothing, or everything."""
        for key, words in (("keywords", self.keywords), ("topics", self.topics), ("exceptions", self.exceptions)):
            for word in words:
                if not any(letter.isalnum() for letter in word):
                    raise ValueError(f"{key}: given {word!r}; allowed: a word or phrase")


NO_TRIGGERS = Triggers(user_request=False, repeated_fallback=0)
_NAMED = {
    "user_request": {"user_request": True},
    "low_confidence": {"low_confidence": 0.6},
    "long_conversation": {"long_conversation": 10},
    "intents": {"intents": ("ESCALATION", "COMPLAINT")},
    "feedback": {"ratings": ("Poor",), "nps": 6},
    "qualified_lead": {"qualified_lead": 70.0},
    "repeated_fallback": {"repeated_fallback": 3},
    "sentiment": {"sentiment": -0.7},
}


@attrs.frozen
class Assignment:
    """Who gets a handoff.

    auto            assign by itself; else agents claim
    by              round_robin (whoever was assigned one longest ago) or least_loaded
    match           what an agent must have to be assigned: the customer's `language`, the handoff's `skill`.  Where
                    nobody has it, it waits in the queue
    capacity        conversations at a time of an agent for whom a supervisor has set none; 0: no limit
    skills          which skill a handoff needs, by its reason or the part before the colon: `frustration = "care"`
    wait_minute     a minute of waiting counts as so many points of the lead's score, in the order of the queue
    """

    auto: bool = False
    by: Literal["round_robin", "least_loaded"] = "round_robin"
    match: tuple[Literal["language", "skill"], ...] = ("language", "skill")
    capacity: Count = 5
    skills: Mapping[str, str] = attrs.Factory(dict)
    wait_minute: Annotated[float, msgspec.Meta(ge=0)] = 5.0


@attrs.frozen
class Presence:
    """Whether agents are there.

    heartbeat   seconds between the signs of life of the console
    away_after  seconds without one, after which an agent is away
    reassign    what an agent who is away has in hand and has not answered goes back to the queue
    """

    heartbeat: PositiveSeconds = 20.0
    away_after: PositiveSeconds = 90.0
    reassign: bool = True

    def __attrs_post_init__(self) -> None:
        """Refuse what would make everybody away between two signs of life."""
        if self.away_after < 2 * self.heartbeat:
            raise ValueError("away_after: must be at least twice the heartbeat, or agents are away between two of them")


@attrs.frozen
class Tasks:
    """`remind`: so many seconds before a task of the staff is due its people are reminded of it; 0: never."""

    remind: Seconds = 3600.0


@attrs.frozen
class Config:
    """How conversations come to people, and back to the bot.

    triggers        a table, or a list of names with the defaults of each: `[]` for none
    while_waiting   whether the bot goes on answering until somebody has the conversation, or is silent: answer, silent
    wait_limit      seconds after which the customer is told that nobody came, and the bot has it again; 0: never
    transfer_limit  seconds after which what was transferred and not taken is offered to everybody; 0: never
    callback        seconds of working time within which the customer is promised a call back when nobody came
    reopen_within   seconds in which a customer's message after the end goes to a person again; 0: to the bot
    returned_kept   seconds after which what was given back to the bot is resolved by itself; 0: never
    bot_on_resolve  what is said to the customer when a handoff is resolved: the text `handoff_resolved`, or nothing
    windows         by channel: seconds after a customer's message in which the channel takes free text
    statuses        words for where the work on a handoff stands
    calendars       when people work, by name; `default` is that of the queue, and always where it is not named
    sla             promises of service; the first that applies to a handoff counts
    escalation      the matrix that an unresolved handoff climbs
    summary         how the summary for the agent is made
    csat            the question after a handoff is resolved
    files           what may be uploaded
    desk            the rest of the desk
    tasks           what the staff has to do for customers by a certain time
    backend         whose people take conversations: builtin (our console), twilio_taskrouter, webhook (another system)
    twilio          where Twilio's TaskRouter and Conversations are
    webhook         where the other system is
    """

    triggers: Triggers | tuple[str, ...] = Triggers()
    while_waiting: Literal["answer", "silent"] = "answer"
    wait_limit: Seconds = 900.0
    transfer_limit: Seconds = 300.0
    callback: Seconds = 14_400.0
    reopen_within: Seconds = 0.0
    returned_kept: Seconds = 86_400.0
    bot_on_resolve: bool = True
    windows: Mapping[str, PositiveSeconds] = attrs.Factory(lambda: {"whatsapp": 86_400.0})
    statuses: tuple[str, ...] = ("in_progress", "on_hold")
    assignment: Assignment = Assignment()
    presence: Presence = Presence()
    calendars: Mapping[str, CalendarConfig] = attrs.Factory(dict)
    sla: tuple[SlaPolicy, ...] = ()
    escalation: Escalation = attrs.Factory(Escalation)
    summary: SummaryConfig = attrs.Factory(SummaryConfig)
    csat: Csat = attrs.Factory(Csat)
    files: Files = attrs.Factory(Files)
    desk: Desk = attrs.Factory(Desk)
    tasks: Tasks = attrs.Factory(Tasks)
    backend: Literal["builtin", "twilio_taskrouter", "webhook"] = "builtin"
    twilio: TwilioDesk = attrs.Factory(TwilioDesk)
    webhook: WebhookDesk = attrs.Factory(WebhookDesk)

    def __attrs_post_init__(self) -> None:
        """Refuse names of triggers that there are none of."""
        for name in self.triggers if isinstance(self.triggers, tuple) else ():
            if name not in TRIGGERS:
                raise ValueError(f"triggers: given {name!r}; allowed: {', '.join(TRIGGERS)}, or a table")
        named = [("sla", policy.calendar) for policy in self.sla] + [("escalation", self.escalation.calendar)]
        for key, calendar in named:
            if calendar not in ("", "default", *self.calendars):
                raise ValueError(f"{key}.calendar: given {calendar!r}; allowed: default, {', '.join(self.calendars)}")

    @property
    def backend_missing(self) -> list[str]:
        """The keys of the other desk that are not set."""
        if self.backend == "builtin":
            return []
        table = "twilio" if self.backend == "twilio_taskrouter" else "webhook"
        return [f"{table}.{name}" for name in (self.twilio if table == "twilio" else self.webhook).missing()]

    @property
    def rules(self) -> Triggers:
        """The triggers, also where they are only named."""
        if isinstance(self.triggers, Triggers):
            return self.triggers
        rules = NO_TRIGGERS
        for name in self.triggers:
            rules = attrs.evolve(rules, **_NAMED[name])  # type: ignore[arg-type]  # each is one of its own fields
        return rules
