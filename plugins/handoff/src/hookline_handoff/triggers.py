"""When the bot asks for a person by itself: the tenant's rules, each with the reason that is recorded.

`before` looks at what was said, `after` at how the answer went.  Neither looks at greetings, thanks and flows, whose
answers have no confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from .asking import asks_for_person
from .config import Triggers
from .farewell import is_farewell
from .wording import Wording

if TYPE_CHECKING:
    from hookline.message import Entity, Intent, Score
    from hookline.turn import Turn

USER_REQUEST, LOW_CONFIDENCE, LONG = "user_request", "low_confidence", "long_conversation"
QUALIFIED_LEAD, FALLBACK, SENTIMENT = "qualified_lead", "repeated_fallback", "sentiment"
HIGH = 1
STATE = "handoff"


@attrs.frozen
class Fired:
    """A rule that applies: `reason` is recorded; `replaces`: the customer is told of the person in place of an answer.

    Where it does not, the answer stays, and that a person comes stands below it.
    """

    reason: str
    priority: int = 0
    replaces: bool = True
    data: Mapping[str, Any] = attrs.Factory(dict)


def count(turn: Turn) -> None:
    """Note in the conversation's state that a message came, or (`turn.reply`) how it was answered.

    An exchange is a message with its answer; those that an agent held are none.
    """
    state = turn.state(STATE)
    if turn.reply is None:
        state["exchanges"] = state.get("exchanges", 0) + 1
    else:
        state["unanswered"] = 0 if turn.reply.answered else state.get("unanswered", 0) + 1


def offered(turn: Turn) -> bool:
    """Whether the message is one of the quick replies of what was said last: then it is first of all the answer to that."""
    last = next((told for told in reversed(turn.history) if told.direction == "outbound"), None)
    said = turn.message.text.strip().casefold()
    return last is not None and said in {text.strip().casefold() for text in last.quick_replies}


class Rules:
    """The rules of one tenant."""

    def __init__(self, triggers: Triggers) -> None:
        self.triggers = triggers
        inflections, exceptions = triggers.inflections, triggers.exceptions
        self._frustration = Wording(triggers.keywords, inflections=inflections, exceptions=exceptions)
        self._topics = Wording(triggers.topics, inflections=inflections, exceptions=exceptions)
        self._intents = {name.casefold() for name in triggers.intents}
        self._ratings = {rating.casefold() for rating in triggers.ratings}

    def before(self, turn: Turn) -> Fired | None:
        """What the message itself gives reason for; called before the bot answers."""
        text, rules = turn.message.text, self.triggers
        if rules.user_request and not offered(turn) and asks_for_person(text):
            return Fired(USER_REQUEST)
        topic = self._topics.find(text, turn.language)
        if topic:
            return Fired(f"sensitive: {topic}", HIGH)
        keyword = self._frustration.find(text, turn.language)
        if keyword:
            return Fired(f"frustration: {keyword}", HIGH)
        return (
            self._intent(turn.intents)
            or self._feedback(turn.entities)
            or self._sentiment(turn.entities)
            or self._long(turn)
        )

    def after(self, turn: Turn) -> Fired | None:
        """What the answer, or the lead's score, gives reason for; called after the bot has answered."""
        reply, rules = turn.reply, self.triggers
        if turn.refusal:
            return None
        unheard = rules.user_request and (reply is None or not reply.answered) and offered(turn)
        if unheard and asks_for_person(turn.message.text):
            return Fired(USER_REQUEST)
        if reply is None:
            return None
        if rules.low_confidence and reply.confidence is not None and reply.confidence < rules.low_confidence:
            return Fired(LOW_CONFIDENCE, replaces=False, data={"confidence": reply.confidence})
        if rules.repeated_fallback and turn.state(STATE).get("unanswered", 0) >= rules.repeated_fallback:
            return Fired(FALLBACK, replaces=False, data={"unanswered": turn.state(STATE)["unanswered"]})
        return self._lead(turn.scores)

    def _intent(self, intents: Sequence[Intent]) -> Fired | None:
        for intent in intents[:1]:
            if intent.name.casefold() in self._intents and intent.score >= self.triggers.intent_score:
                return Fired(f"intent: {intent.name}", HIGH, data={"score": intent.score})
        return None

    def _feedback(self, entities: Sequence[Entity]) -> Fired | None:
        for entity in entities:
            value = str(entity.value).strip()
            if entity.name == "rating" and value.casefold() in self._ratings:
                return Fired(f"feedback: {value}", HIGH, replaces=False)
            if entity.name == "nps" and value.lstrip("-").isdigit() and 0 <= int(value) <= self.triggers.nps:
                return Fired(f"nps: {value}", replaces=False)
        return None

    def _sentiment(self, entities: Sequence[Entity]) -> Fired | None:
        for entity in entities:
            felt = entity.value if entity.name == "sentiment" and isinstance(entity.value, int | float) else 0.0
            if entity.name == "sentiment" and felt <= self.triggers.sentiment:
                return Fired(SENTIMENT, HIGH, data={"sentiment": felt})
        return None

    def _long(self, turn: Turn) -> Fired | None:
        """Once a conversation: whoever was handed over for its length and came back is not again at each message."""
        most, state = self.triggers.long_conversation, turn.state(STATE)
        if not most or state.get("long") or state.get("exchanges", 0) <= most or is_farewell(turn.message.text):
            return None
        state["long"] = True
        return Fired(LONG, replaces=False)

    def _lead(self, scores: Sequence[Score]) -> Fired | None:
        least = self.triggers.qualified_lead
        for score in scores:
            if least and score.name == "lead" and score.value >= least:
                return Fired(QUALIFIED_LEAD, HIGH, replaces=False, data={"score": score.value})
        return None
