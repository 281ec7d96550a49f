"""What the model is told: the tenant's instructions, the documents as data, what is known, and the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import attrs

from hookline.message import Message, Prompt

from .sources import Source, disarm, render
from .tokens import LLAMA, Weights, estimate_messages

if TYPE_CHECKING:
    from hookline.turn import Turn

    from .packs import Pack

Role = Literal["system", "user", "assistant"]
NO_ANSWER = "NO_ANSWER"
_TURN_CHARS = 500
_FACT_CHARS = 200
_MOST_FACTS = 30
_GUIDANCE_CHARS = 1000
LANGUAGES = {"en": "English", "hi-Latn": "Hinglish (Hindi in Latin letters, with everyday English words)", "fr": "français", "hi": "हिन्दी", "ta": "தமிழ்", "te": "తెలుగు", "kn": "ಕನ್ನಡ", "mr": "मराठी",
             "gu": "ગુજરાતી", "de": "Deutsch", "es": "español", "id": "bahasa Indonesia"}  # fmt: skip


@attrs.frozen
class Material:
    """What a prompt is made of; `values` are the template's variables besides the documents.

    `guidance` is what other plugins have the model know or do in this turn (`turn.guide`), below the instructions.
    """

    pack: Pack
    values: Mapping[str, str]
    sources: Sequence[Source]
    history: Sequence[Message]
    guidance: str = ""

    def compose(self, *, max_tokens: int, temperature: float) -> Prompt:
        """The prompt."""
        system, user = self.pack.render({**self.values, "documents": render(self.sources)})
        if self.guidance:
            system = f"{system.rstrip()}\n\n{self.guidance}\n"
        earlier: list[tuple[Role, str]] = []
        for message in self.history:
            role: Role = "assistant" if message.direction == "outbound" else "user"
            earlier.append((role, disarm(message.text)[:_TURN_CHARS]))
        return Prompt(
            (("system", system), *(e for e in earlier if e[1].strip()), ("user", user)),
            temperature=temperature,
            max_tokens=max_tokens,
        )

    def fit(
        self, room: int, *, max_tokens: int, temperature: float, weights: Weights = LLAMA
    ) -> tuple[Prompt, int] | None:
        """The prompt in at most `room` tokens (estimated), and how many passages it holds.

        Passages go first, the last ones before the others, then the oldest messages; what the instructions and the
        customer say never goes.  None where nothing of the documents would be left, or it does not fit even so.
        """
        one = self
        while True:
            prompt = one.compose(max_tokens=max_tokens, temperature=temperature)
            if estimate_messages((text for _, text in prompt.messages), weights) <= room:
                return prompt, len(one.sources)
            if len(one.sources) > 1:
                one = attrs.evolve(one, sources=one.sources[:-1])
            elif one.history:
                one = attrs.evolve(one, history=one.history[1:])
            else:
                return None


def values(turn: Turn, title: str, facts: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a prompt for the turn, but for the documents."""
    language = turn.language
    at = dt.datetime.fromtimestamp(turn.started_at or turn.message.created_at, dt.UTC)
    lines = [f"{disarm(name)}: {disarm(value)[:_FACT_CHARS]}" for name, value in list(facts.items())[:_MOST_FACTS]]
    return {
        **variables,
        "title": title,
        "language": LANGUAGES.get(language) or LANGUAGES.get(language.split("-", maxsplit=1)[0], language or "English"),
        "no_answer": NO_ANSWER,
        "question": disarm(turn.message.text),
        "facts": "\n".join(lines),
        "intent": turn.intents[0].name if turn.intents else "",
        "customer": disarm(turn.contact.name)[:100],
        "date": at.date().isoformat(),
    }


def guidance(turn: Turn) -> str:
    """What other plugins have the model know or do: a line each, without what would open or close a fence."""
    return "\n".join(f"- {' '.join(disarm(text).split())[:_GUIDANCE_CHARS]}" for text in turn.guidance)


def known_facts(turn: Turn) -> dict[str, str]:
    """What is known: the contact's own data, what other plugins keep under "facts" in their state, what the conversation
    has told so far, and the entities of this message, which win."""
    found: dict[str, str] = {}
    shared = [turn.contact.data.get("facts"), turn.conversation.data.get("facts")]
    shared += [state.get("facts") for plugin, state in turn.plugin_state.items() if plugin != "llm"]
    for some in (turn.plugin_state.get("llm", {}).get("facts"), *shared):
        if isinstance(some, Mapping):
            found |= {str(name): str(value) for name, value in some.items() if value not in (None, "")}
    for entity in (*turn.known.values(), *turn.entities):
        found[entity.name] = f"{entity.value} {entity.unit}".strip()
    return found
