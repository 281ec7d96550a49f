"""Which namespaces a question is looked for in: by its intent, by words of a rule, else in all that there are.

The order of a route's namespaces is their priority: what comes from the first is put into the context first, and is
the last to be cut where the context is too small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .terms import stem, words

if TYPE_CHECKING:
    from hookline.message import Intent

    from .config import Config

_SURE = 0.4  # an intent's score from which it decides


def route(config: Config, text: str, intents: Sequence[Intent] = (), language: str = "") -> tuple[str, ...]:
    """The namespaces to search, the most important first."""
    if not config.routes:
        return config.searched
    names = {name.casefold(): name for name in config.routes}
    for intent in sorted(intents, key=lambda one: -one.score):
        if intent.score >= _SURE and intent.name.casefold() in names:
            return config.routes[names[intent.name.casefold()]]
    named = _by_words(config.route_words, text, language or "en")
    return config.routes[named] if named else config.searched


def _by_words(rules: Mapping[str, Sequence[str]], text: str, language: str) -> str:
    """The rule with most of its words and phrases in the text; "" where none has any, or two have as many."""
    told = f" {' '.join(stem(word, language) for word in words(text))} "
    counts = {
        name: sum(f" {' '.join(stem(word, language) for word in words(phrase))} " in told for phrase in phrases)
        for name, phrases in rules.items()
    }
    best = sorted(counts.items(), key=lambda item: -item[1])
    if not best or not best[0][1] or (len(best) > 1 and best[1][1] == best[0][1]):
        return ""
    return best[0][0]
