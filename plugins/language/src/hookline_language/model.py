"""What tells the languages apart that have no word lists here: py3langid, which knows 97, offline."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping

from hookline import languages


@functools.cache
def _identifier() -> object:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]  # it has no types

    return LanguageIdentifier.from_model_file("data/model.npz.xz")


def load() -> None:
    """Read the model, some 0.2 s, so that no message waits for it."""
    _identifier()


@functools.lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The languages that the model knows."""
    return frozenset(_identifier().labels)  # type: ignore[attr-defined]  # py3langid has no types


def shares(text: str, tags: Iterable[str]) -> Mapping[str, float]:
    """How likely the text is in each of the languages that the model knows; they add up to 1.  Empty for none known."""
    wanted = {languages.first(tag): tag for tag in tags if languages.first(tag) in known()}
    if not wanted:
        return {}
    scored = [(tag, score) for tag, score in _identifier().rank(text) if tag in wanted]  # type: ignore[attr-defined]
    most = max(score for _, score in scored)
    odds = {wanted[tag]: math.exp(max(-60.0, score - most)) for tag, score in scored}
    total = sum(odds.values())
    return {tag: share / total for tag, share in odds.items()}
