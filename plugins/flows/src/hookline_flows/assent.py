"""Whether a message says yes or no: only where it does say so, in any of the languages.

A word for yes may open a message that says something else ("right now I am driving", "ok, let me think").  So each word beside it is
looked at: it may say the same again, or what is agreed to, and when; fear, haste and conditions make it no answer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import attrs

from .wording import Words, alike, lists, polite, words

_LONGEST = 16  # words of a message that may be a yes or no
_LOOSE = 9  # words of one that says more than yes or no
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_INFLECTED = 2  # letters from which a word in a script that inflects is compared by its beginning
_DIALLED = 7  # digits from which a number is one to dial
_SIGNS = ",.;:!–—-"
_COUNTED = {"matter", "idea", "longer", "doubt", "one", "clue"}  # "no" before these is not a no


@attrs.frozen
class Said:
    """`yes` is True for yes, False for no, None for neither; `certain`: the message says nothing else."""

    yes: bool | None = None
    certain: bool = False


NEITHER = Said()


def said(text: str, *, asks: bool) -> Said:
    """What the text says; `asks`: it is known to ask something."""
    every = [_STRETCHED.sub(r"\1", word) for word in words(text)]
    if not every or len(every) > _LONGEST:
        return NEITHER
    core = polite(every)
    for form in (every, core):
        if lists()["unsure"].is_one(form):
            return NEITHER
        for yes, listed in ((True, lists()["yes"]), (False, lists()["no"])):
            if form and listed.is_one(form):
                return Said(yes, certain=True)
    if asks or not core or lists()["but"].anywhere(every):
        return NEITHER
    if _any(core, "worry") and _denied(every):
        return Said(True)
    if size := lists()["elliptic"].opens(every):
        return _stated(every, size)
    form = every if polite(every[:1]) else core
    return _opened(form, parted=_parted(text, len(every) - len(form)))


def _parted(text: str, dropped: int) -> int:
    """After how many words of what is left the first sign stands that parts a sentence; 0 where none does."""
    for at, piece in enumerate(text.split(), 1):
        if piece[-1] in _SIGNS and at > dropped:
            return at - dropped
    return 0


def _opened(form: Sequence[str], *, parted: int) -> Said:
    """What a message of more words says, by its first ones and by what stands beside them; after `parted` of them is a comma."""
    for listed, yes in (("affirms", True), ("refuses", False)):
        size = _longest(form, listed, "yes" if yes else "no")
        if size and not yes and parted != size and not (form[size:] and _stands(form[size])):
            return _refused(form)  # "no hidden charges", "नहीं लगा"
        if size:
            return _clear(form[size:], yes=yes)
    size = lists()["yes"].opens(form)
    if size and size >= lists()["no"].opens(form):
        return _faint(form[size:])
    return _closed(form) or _refused(form)


def _stated(form: Sequence[str], size: int) -> Said:
    """After "I am" or "it is": a yes if what is stated agrees ("I am interested"), and else another matter ("I am busy")."""
    rest = form[size:]
    if not any(_is(word, "willing") for word in rest) or not all(
        _is(word, "willing") or _is(word, "fillers") for word in rest
    ):
        return NEITHER
    return Said(not _denied(form[:size]))


def _closed(form: Sequence[str]) -> Said | None:
    """Where a clear yes or no closes the message: "you may call me, yes", "my answer is no"."""
    for listed, yes in (("affirms", True), ("refuses", False)):
        left = _but(form, listed)
        if 0 < len(left) < len(form) <= _LOOSE and all(_stands(word) and not _denied([word]) for word in left):
            return Said(yes)
    return None


def _longest(form: Sequence[str], listed: str, whole: str) -> int:
    """How many words at the beginning say it clearly, unless longer ones say the opposite ("bilkul" in "bilkul nahi")."""
    size = lists()[listed].opens(form)
    other = lists()["no" if whole == "yes" else "yes"].opens(form)
    return size if size and size >= other else 0


def _clear(rest: Sequence[str], *, yes: bool) -> Said:
    """After a clear yes or no: what else is said must not take it back."""
    if yes and rest in (["not"], ["pas"], ["nahi"]):
        return Said(False)
    if not yes and rest and rest[0] in _COUNTED:
        return NEITHER
    again = _denied(_but(rest, "yes", "affirms"))
    if (yes and again) or _any(rest, "hesitates") or _figure(rest) or len(rest) > _LOOSE:
        return NEITHER
    if not yes and not again and lists()["yes"].is_one(rest):
        return NEITHER
    covered = all(_stands(word) or _is(word, "times") or word.isdigit() for word in _without(rest))
    return Said(yes, certain=covered and not _about(rest))


def _faint(rest: Sequence[str]) -> Said:
    """After such as "ok" or "good", which may open anything: all else has to agree."""
    left = _without(rest)
    if _denied(_but(rest, "yes", "affirms")) or _any(rest, "hesitates") or _figure(rest):
        return NEITHER
    if all(_stands(word) or _is(word, "times") or word.isdigit() for word in left):
        return Said(True, certain=True) if not left or any(_stands(word) for word in left) else NEITHER
    return NEITHER


def _refused(form: Sequence[str]) -> Said:
    """Denied without a word for no at the beginning: "call mat karo", "please don't call me"."""
    if len(form) > _LOOSE or not _denied(form) or _any(form, "hesitates") or _figure(form):
        return NEITHER
    left = [word for word in form if not lists()["deny"].opens([word]) and not lists()["no"].opens([word])]
    return Said(False) if all(_stands(word) or _negative(word) for word in left) else NEITHER


def _without(rest: Sequence[str]) -> list[str]:
    """What is left besides other words for yes and no, and polite ones."""
    return _but(polite(rest), "yes", "no", "affirms", "refuses")


def _but(form: Sequence[str], *names: str) -> list[str]:
    """The words without those of the lists."""
    kept: list[str] = []
    at = 0
    while at < len(form):
        size = max(lists()[name].opens(form[at:]) for name in names)
        if not size:
            kept.append(form[at])
        at += size or 1
    return kept


def _figure(rest: Sequence[str]) -> bool:
    """Whether a number stands there that is neither a time of day nor one to dial: it is a value, which may be a correction."""
    digits = [word for word in rest if any(c.isdigit() for c in word)]
    timed = any(_is(word, "times") for word in rest)
    return any(not word.isdigit() or (len(word) < _DIALLED and not timed) for word in digits) and not all(
        re.fullmatch(r"\d{1,2}(?:am|pm|h|baje)", word) for word in digits
    )


def _about(rest: Sequence[str]) -> bool:
    """Whether what is denied there may be something else than what was asked."""
    return _denied(rest) and len(rest) > 2


def _denied(some: Sequence[str]) -> bool:
    return lists()["deny"].anywhere(some) or any(_negative(word) for word in some)


_SUFFIXES = ("ಬೇಡಿ", "ಬೇಡ", "వద్దు", "కండి", "ாதீர்கள்", "மாட்டேன்", "வேண்டாம்")


def _negative(word: str) -> bool:
    """Whether a verb is denied by its ending, as in Kannada, Telugu and Tamil."""
    return any(len(word) > len(ending) and word.endswith(ending) for ending in _SUFFIXES)


def _stands(word: str) -> bool:
    return _is(word, "beside")


def _any(some: Sequence[str], listed: str) -> bool:
    """Whether a word or phrase of the list stands there, inflected too."""
    return lists()[listed].anywhere(some) or any(_is(word, listed) for word in some)


@functools.lru_cache(maxsize=4096)
def _is(word: str, listed: str) -> bool:
    """Whether the word is of the list; a word in a script that inflects by its beginning, another but for a slip."""
    found: Words = lists()[listed]
    if word in found.phrases:
        return True
    if word.isascii():
        return len(word) > 5 and any(alike(word, one) for one in found.phrases if one.isascii() and " " not in one)
    return any(
        word.startswith(one) for one in found.phrases if not one.isascii() and " " not in one and len(one) > _INFLECTED
    )
