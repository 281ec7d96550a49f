"""Which of several things an answer means: by value, label or other words, number, place ("the second one"), mistyped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .wording import LONG, alike, lists, ordinals, plain, polite

_MOST = 60  # words of a message that are looked at


@attrs.frozen(eq=False)
class Forms:
    """The things to choose from, each with the forms in which it is said, as they are compared."""

    values: tuple[Any, ...]
    forms: Mapping[tuple[str, ...], Any]
    longest: int

    @classmethod
    def of(cls, given: Mapping[Any, Iterable[str]]) -> Forms:
        """By value: what each may be called.  A form that means two of them means neither."""
        found: dict[tuple[str, ...], Any] = {}
        twice: set[tuple[str, ...]] = set()
        for value, names in given.items():
            for name in dict.fromkeys([str(value), str(value).replace("_", " "), *names]):
                form = tuple(plain(name).split())
                if not form:
                    continue
                if form in found and found[form] != value:
                    twice.add(form)
                found[form] = value
        for form in twice:
            del found[form]
        return cls(tuple(given), found, max((len(form) for form in found), default=0))

    def find(self, text: str, *, many: bool = False, order: Sequence[Any] = (), typed: bool = True) -> tuple[Any, ...]:
        """The values that the text means, in its order; without `many` at most one is meant, and several mean that it is not clear.

        `order` is that in which they were shown, for an answer that is a number.  `typed`: slips of typing count.
        """
        said = plain(text).split()[:_MOST]
        if not said:
            return ()
        whole = self.forms.get(tuple(said))
        if whole is not None:
            return (whole,)
        place = self._place(said, order or self.values, many=many)
        if place:
            return place
        found = self._within(said, exact=True)
        if not found and typed and len(text) <= LONG:
            found = self._within(said, exact=False)
        return tuple(dict.fromkeys(found))

    def exactly(self, text: str, order: Sequence[Any] = ()) -> Any:
        """The value that the text is a name or the number of; None where it says more, or something else."""
        said = polite(plain(text).split())
        whole = self.forms.get(tuple(said)) if said else None
        if whole is None and said:
            places = self._place(said, order or self.values, many=False)
            whole = places[0] if places else None
        return whole

    def _place(self, said: Sequence[str], order: Sequence[Any], *, many: bool) -> tuple[Any, ...]:
        """By number: "2", "option 2", "the second one"; "1 and 3" where many may be."""
        bare = [
            w
            for w in polite(said)
            if w not in ("option", "number", "no", "numero", "choix", "n", "and", "et", "aur", "the", "le", "la")
        ]
        if not bare:
            return ()
        numbers = [int(w) for w in bare if w.isdigit() and len(w) <= 3]
        if len(numbers) == len(bare) and (many or len(numbers) == 1):
            return tuple(order[n - 1] for n in numbers) if all(0 < n <= len(order) for n in numbers) else ()
        at = ordinals().get(" ".join(said)) or ordinals().get(" ".join(bare))
        if at is None and 0 < len(bare) <= 3:
            at = next(
                (ordinals()[w] for w in bare if w in ordinals() and w not in ("one", "un", "second", "two", "deux")),
                None,
            )
            if at is not None and len(bare) > 1 and not {"one", "option", "choix"} & {*said}:
                at = None
        if at is None:
            return ()
        if at == -1:
            return (order[-1],)
        return (order[at - 1],) if at <= len(order) else ()

    def _within(self, said: Sequence[str], *, exact: bool) -> list[Any]:
        """What stands in the text, the longest forms first, without what is denied."""
        taken = [False] * len(said)
        found: list[tuple[int, Any]] = []
        for form in sorted(self.forms, key=lambda f: (-len(f), -sum(map(len, f)))):
            if not exact and sum(map(len, form)) < 4:
                continue
            if len(form) == 1 and (form[0].isdigit() or len(form[0]) == 1):
                continue  # a number alone is a place; within a text it may be anything
            for at in range(len(said) - len(form) + 1):
                span = range(at, at + len(form))
                if any(taken[i] for i in span):
                    continue
                if all(
                    a == b or (not exact and alike(a, b)) for a, b in zip(form, (said[i] for i in span), strict=True)
                ):
                    for i in span:
                        taken[i] = True
                    if not _denied(said, at, at + len(form)):
                        found.append((at, self.forms[form]))
        return [value for _, value in sorted(found, key=lambda one: one[0])]


def _denied(said: Sequence[str], first: int, last: int) -> bool:
    """Whether what stands there is denied: "not a car", "voiture nahi", "pas une maison"."""
    deny = lists()["deny"]
    before = [w for w in said[max(0, first - 4) : first] if w not in _FILL]
    if (
        before
        and deny.opens(before[-1:])
        and not (first and before == [said[0]] and said[0] in ("no", "non", "nahi", "नहीं"))
    ):
        return True
    if len(before) >= 2 and deny.opens(before[-2:]) == 2:
        return True
    after = [w for w in said[last : last + 2] if w not in _FILL]
    return bool(after) and after[0] in _DENY_AFTER


_LISTING = {plain(w) for w in "and or & et ou aur ya और या आणि किंवा અને અથવા மற்றும் அல்லது మరియు లేదా ಮತ್ತು ಅಥವಾ plus".split()}
_LISTED = {
    plain(w)
    for w in "a an one two another also my the un une deux mon ma le la ek एक do दो mera meri mere ek bhi".split()
}


def listing(between: str) -> bool:
    """Whether what stands between two things lists them side by side: "house and a shop", "maison, terrain"."""
    said = plain(between.replace("&", " and ")).split()
    joins = bool({*said} & _LISTING) or between.strip().startswith((",", "/", "+"))
    return joins and all(word in _LISTING or word in _LISTED for word in said)


_FILL = set("a an the of for want need like any de du des d un une la le les veux mein me want to".split())
_DENY_AFTER = {plain(w) for w in "nahi nahin nhi नहीं नही नको नाही નથી નહીં இல்லை வேண்டாம் అక్కర్లేదు వద్దు కాదు ಬೇಡ ಅಲ್ಲ".split()}
