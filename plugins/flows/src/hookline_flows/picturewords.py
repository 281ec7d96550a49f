"""The words of pictures of flows, in the languages of the pages: what the steps do, and what the ways between them are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from .model import Flow, Line, Step, Text, lines

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ask": "ask", "say": "say", "confirm": "confirm", "set": "set", "call": "call", "flow": "flow", "end": "end",
        "handoff": "handoff", "reference": "reference", "branch": "branch into {}", "task": "task for the staff",
        "timer": "timer {}", "cancel": "cancel {}", "if": "if {}", "proof": "proof of identity", "any": "at any time",
        "after": "after {}", "silence": "silence of {}", "version": "version {}", "otherwise": "otherwise", "else": "else",
        "yes": "yes", "no": "no", "skipped": "skipped", "unless": "unless {}",
    },
    "fr": {
        "ask": "demande", "say": "dit", "confirm": "résume", "set": "fixe", "call": "appelle", "flow": "parcours", "end": "fin",
        "handoff": "passe à une personne", "reference": "numéro", "branch": "{} chemins possibles",
        "task": "tâche pour l’équipe", "timer": "minuteur {}", "cancel": "arrête {}", "if": "si {}",
        "proof": "preuve d’identité", "any": "à tout moment", "after": "après {}", "silence": "silence de {}",
        "version": "version {}", "otherwise": "sinon", "else": "sinon", "yes": "oui", "no": "non", "skipped": "sans réponse",
        "unless": "sauf si {}",
    },
    "hi": {
        "ask": "पूछता है", "say": "कहता है", "confirm": "पुष्टि", "set": "तय करता है", "call": "बुलाता है", "flow": "फ़्लो", "end": "अंत",
        "handoff": "व्यक्ति को सौंपता है", "reference": "संख्या", "branch": "{} रास्ते", "task": "टीम के लिए काम",
        "timer": "टाइमर {}", "cancel": "रोकता है {}", "if": "अगर {}", "proof": "पहचान का प्रमाण", "any": "कभी भी",
        "after": "{} बाद", "silence": "{} की चुप्पी", "version": "संस्करण {}", "otherwise": "नहीं तो", "else": "नहीं तो",
        "yes": "हाँ", "no": "नहीं", "skipped": "छोड़ा गया", "unless": "जब तक {} न हो",
    },
}  # fmt: skip


@attrs.frozen
class Told:
    """How a picture speaks: its language, the flow's title, and what texts of the flow say ("" where that can't be said)."""

    language: str = "en"
    title: str = ""
    text: Callable[[Text], str] | None = None

    def word(self, key: str, value: object = "") -> str:
        """A word of the picture's own, around a value."""
        known = _WORDS.get(self.language) or _WORDS.get(self.language.partition("-")[0]) or _WORDS["en"]
        return known[key].format(value)

    def label(self, text: str) -> str:
        """What a way is called: fixed names in the language, conditions and outcomes as they are."""
        if text.startswith("unless "):
            return self.word("unless", text.removeprefix("unless "))
        return self.word(text) if text in ("otherwise", "else", "yes", "no", "skipped", "handoff") else text

    def said(self, given: tuple[Line, ...]) -> str:
        """The lines as customers read them; their keys where nothing says them."""
        keys = (one.text if isinstance(one.text, str) else next(iter(one.text.values()), "") for one in given)
        found = [self.text(one.text) for one in given] if self.text is not None else []
        return " ".join(found) if found and all(found) else ", ".join(keys)

    def step(self, flow: Flow, step: Step) -> str:
        """What a step does: the question or the text itself, else a few words of the file's own."""
        told = self._done(flow, step)
        told += f" ({self.word('if', step.when)})" if step.when else ""
        return told + (f" – {self.word('proof')}" if step.identity else "")

    def _done(self, flow: Flow, step: Step) -> str:
        match step.kind:
            case "ask":
                slot = flow.slots.get(step.ask)
                asked = self.said(lines(step.text)[:1]) if self.text is not None else ""
                return asked or f"{self.word('ask')} {step.ask}" + (f": {slot.kind}" if slot else "")
            case "say" | "confirm":
                return f"{self.word(step.kind)} {self.said(lines(getattr(step, step.kind)))}"
            case "set":
                return f"{self.word('set')} " + ", ".join(f"{name} = {value}" for name, value in step.set.items())
            case "branch":
                return self.word("branch", len(step.branch))
            case "task":
                return self.word("task")
            case "timer":
                wait = step.timer
                if wait is None:
                    return self.word("timer").strip()
                return self.word("cancel", wait.kind) if wait.cancel else self.word("timer", wait.after or wait.at)
            case kind:
                return f"{self.word(kind)} {getattr(step, kind)}"
