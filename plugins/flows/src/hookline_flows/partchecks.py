"""What is checked of every part of a flow: names, expressions, texts and targets; each problem with file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import msgspec

from .expressions import ExpressionError, compiled, result, usable
from .loading import Flows, Loaded
from .model import END, RESERVED, Text, lines
from .texts import is_key
from .wording import words

_FIELD = re.compile(r"\{\s*\$?([A-Za-z_][A-Za-z0-9_-]*)\s*\}")
_SHOWN = 80


@attrs.frozen(eq=False)
class Part:
    """One flow among those of its tenant."""

    loaded: Loaded
    flows: Flows

    def at(self, *path: str) -> str:
        """Where it stands, and its name."""
        shown = ".".join(path[2:] if path[0] == "steps" and len(path) > 2 else path)
        inside = f"step {path[1]!r}: " if path[0] == "steps" and len(path) > 2 else ""
        return f"{self.loaded.place(*path)}: {inside}{shown}"

    def name(self, name: str, where: str) -> Iterator[str]:
        """A name that expressions shall know."""
        if not usable(name) or name in RESERVED:
            yield f"{where}: given {name!r}; allowed: small letters, digits and _, and none of {', '.join(RESERVED)}"

    def target(self, target: str, where: str) -> Iterator[str]:
        """A step to go to."""
        steps = [step.id for step in self.loaded.flow.steps]
        if target and target not in (END, *steps):
            yield f"{where}: there is no step {target!r}{near(target, steps)}; steps: {some(steps)}"

    def flow(self, name: str, where: str) -> Iterator[str]:
        """A flow to begin."""
        if name and name not in self.flows.by_name:
            known = self.flows.by_name
            yield f"{where}: there is no flow {name!r}{near(name, known)}; flows: {', '.join(known)}"

    def state(self, name: str, where: str) -> Iterator[str]:
        """A state that steps are in."""
        states = self.loaded.flow.states
        if name and name not in states:
            yield f"{where}: there is no state {name!r}{near(name, states)}; states: {', '.join(states) or 'none'}"

    def expression(self, text: str, where: str) -> Iterator[str]:
        """A CEL expression."""
        if not text:
            return
        names = {*self.loaded.flow.names, *RESERVED}
        try:
            compiled(text, names)
        except ExpressionError as error:
            unknown = re.search(r"undeclared reference to '(\w+)", str(error))
            hint = near(unknown[1], names) if unknown else ""
            if re.search(r"[^=!<>]=[^=]", text):
                hint = "; == compares"
            yield f"{where}: {_cut(text)} is no CEL expression: {error}{hint}"

    def condition(self, text: str, where: str) -> Iterator[str]:
        """A CEL expression that is true or false."""
        found = list(self.expression(text, where))
        yield from found
        kind = result(text, {*self.loaded.flow.names, *RESERVED}) if text and not found else ""
        if kind not in ("", "bool"):
            yield f"{where}: {_cut(text)} is never true or false, but {kind}; compare it with something"

    def texts(self, said: Any, where: str) -> Iterator[str]:
        """One or more texts, each maybe with a condition."""
        try:
            found = lines(said)
        except (TypeError, msgspec.ValidationError) as error:
            yield f"{where}: {error}; allowed: a text, texts by language, {{text, when}}, or a list of them"
            return
        for line in found:
            yield from self.text(line.text, where)
            yield from self.condition(line.when, f"{where}.when")

    def text(self, text: Text, where: str) -> Iterator[str]:
        """A text, or the key of one."""
        said = [text] if isinstance(text, str) else list(text.values())
        if not said or not all(isinstance(one, str) for one in said):
            yield f"{where}: allowed: the key of a phrase, a text, or texts by language"
            return
        if isinstance(text, str) and is_key(text):
            return
        for one in said:
            for name in _FIELD.findall(one):
                if not self.has_value(name):
                    yield f"{where}: {{{name}}} is no slot, and nothing sets it{near(name, self.loaded.flow.names)}"

    def words(self, given: Iterable[str], where: str) -> Iterator[str]:
        """Words that customers say."""
        for one in given:
            if not words(one):
                yield f"{where}: given {one!r}; allowed: a word or phrase that people can write"

    def has_value(self, name: str) -> bool:
        """Whether a text can name the value: a slot, its label, what is set, or a part of a result."""
        names = self.loaded.flow.names
        return (
            name in names or name in ("min", "max", "problem") or any(name.startswith(f"{known}_") for known in names)
        )


def in_order(found: Iterable[str]) -> list[str]:
    """The problems by line, each once."""

    def line(problem: str) -> tuple[str, int]:
        file, _, rest = problem.partition(":")
        number = rest.partition(":")[0]
        return file, int(number) if number.isdigit() else 0

    return sorted(dict.fromkeys(found), key=line)


def near(given: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    found = difflib.get_close_matches(given, list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def some(names: Iterable[str]) -> str:
    """The names, or the first of very many."""
    listed = list(names)
    return ", ".join(listed[:30]) + (", …" if len(listed) > 30 else "") if listed else "none"


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
