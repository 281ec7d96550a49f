"""What a message is in mid-flow: a yes or no, a command, a question, a correction; in any of the languages, in other words too."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Literal

from . import assent
from .amounts import figures
from .wording import lists, plain, polite, words

Command = Literal["cancel", "back", "restart", "skip", "recap", "resume", "greeting"]
COMMANDS: tuple[Command, ...] = ("recap", "restart", "cancel", "back", "skip", "resume", "greeting")
_FIRST = {
    plain(w)
    for w in "please pls so ok okay well hi hello hey and sir madam but bonjour salut alors et mais svp euh acha accha achha toh lekin sorry excuse me thanks merci".split()
}
_SENTENCE = re.compile(r"(?<=[.!?।…])\s+|\n+")
_TYPED_PAS = "pa"  # French "pas", as it is typed on a telephone
_SAID = 9  # words of a message that does nothing but turn something down
_STATED = 4  # words of a sentence that tells something


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no; None for anything else, as a question, "no idea", or a yes with a but."""
    return assent.said(text, asks=asks(text)).yes


def certain(text: str) -> bool:
    """Whether it is a yes or no and nothing besides, such as an objection."""
    return assent.said(text, asks=asks(text)).certain


def numbered(text: str) -> bool | None:
    """The answer by its number, where yes and no are offered as a list; None for anything else."""
    return {"1": True, "2": False}.get(" ".join(words(text)))


@functools.lru_cache(maxsize=1024)
def command(text: str) -> Command | None:
    """The command that the whole message is; None where it is none, or says more."""
    said = words(text)
    if not said or len(said) > 9:
        return None
    core = polite(said)
    for name in COMMANDS:
        listed = lists()[name]
        if listed.is_one(said) or (core and listed.is_one(core)):
            return name
        if name in ("recap", "resume") and 3 <= listed.opens(said) >= len(said) - 3:
            return name
    return _led(core)


_LEAD = {"cancel": ("cancel", "stop", "annuler", "annule", "arreter", "radd"), "restart": ("restart", "recommencer")}
_ABOUT = {"this", "it", "that", "everything", "all", "the", "my", "request", "application", "flow", "process", "form", "simulation", "conversation", "karo", "kar", "do", "dijiye",
          "tout", "la", "le", "ma", "mon", "demande", "dossier", "ca", "cela", "again", "whole", "thing", "here", "asking", "de", "i", "want", "to", "would", "like", "can", "we", "you", "lets",
          "let's", "je", "veux", "voudrais", "peut", "on", "s'il", "plait", "vous"}  # fmt: skip


def _led(said: Sequence[str]) -> Command | None:
    """Such as "please cancel my application", "je voudrais tout annuler": a word that orders, and nothing of weight besides."""
    if not said or len(said) > 7:
        return None
    if "cancel" in said or "annuler" in said or "annule" in said:
        return "cancel" if all(w in _ABOUT or w in _LEAD["cancel"] for w in said) else None
    if {"restart", "recommencer"} & {*said}:
        return "restart" if all(w in _ABOUT or w in _LEAD["restart"] for w in said) else None
    return None


def asks(text: str) -> bool:
    """Whether the message asks something."""
    if any(sign in text for sign in "?？؟"):
        return True
    return wonders(text)


@functools.lru_cache(maxsize=1024)
def tells(text: str) -> bool:
    """Whether it begins with a statement, whatever is asked after it: "I was charged twice. Why?"."""
    first, *rest = [part for part in _SENTENCE.split(text.strip()) if words(part)] or [""]
    return bool(rest) and len(words(first)) >= _STATED and not asks(first)


def wonders(text: str) -> bool:
    """Whether it asks with a word for it ("how much"), not only by its sign: "15 years?" is an answer, if a shy one."""
    said = words(text)
    while len(said) > 1 and said[0] in _FIRST:
        said = said[1:]
    if lists()["yes"].is_one(said):
        return False  # "do it"
    return bool(lists()["asks"].opens(said)) or lists()["asks_anywhere"].anywhere(said)


def denies(text: str) -> bool:
    """Whether something in it is denied: "je ne veux pas de crédit"."""
    return lists()["deny"].anywhere(words(text))


def unwanted(text: str) -> bool:
    """Whether it says that something is not wanted: "je veux pas de crédit"."""
    said = words(text)
    return len(said) <= _SAID and lists()["unwanted"].anywhere(said)


def unsure(text: str) -> bool:
    """Whether the customer does not know."""
    said = words(text)
    return lists()["unsure"].is_one(said) or lists()["unsure"].is_one(polite(said))


def supposes(text: str) -> bool:
    """Whether it tries out another value: "what if it were 12 years?", "et si j'étais en CDI", "how much would it be over 5 years?"."""
    said = words(text)
    while len(said) > 1 and said[0] in _FIRST:
        if lists()["supposes"].opens(said):
            break
        said = said[1:]
    return bool(lists()["supposes"].opens(said)) or lists()["reckons"].anywhere(said)


def none(text: str, name: str = "") -> bool:
    """Whether it says only that there is none: "il n'y en a pas", "pas de montant", of a slot of that name."""
    said = words(text)
    if not said or len(said) > 8:
        return False
    bare = [word.removeprefix("d'") for word in polite(said)]
    left = [word for word in bare if word not in words(name) and not lists()["none_there"].is_one([word])]
    denying = [
        word for word in left if lists()["deny"].opens([word]) or lists()["no"].opens([word]) or word == _TYPED_PAS
    ]
    return bool(denying) and len(denying) == len(left)


def correction(text: str) -> str:
    """What follows the words that take something back ("no, 12 years": "12 years"); "" where nothing is taken back."""
    rest = _taken_back(text)
    while rest and (more := _taken_back(rest)):
        rest = more  # "non finalement épargne"
    return rest


def _taken_back(text: str) -> str:
    said = words(text)
    dropped = 0
    while len(said) - dropped > 1 and said[dropped] in _FIRST and not lists()["correction"].opens(said[dropped:]):
        dropped += 1
    if dropped and lists()["correction"].opens(said[dropped:]):
        text, said = _after(text, dropped), said[dropped:]  # "ok et avec 6 millions"
    size = lists()["correction"].opens(said)
    if not size:
        core = polite(said)
        size = lists()["correction"].opens(core)
        if not size or size == len(core):
            return ""
        said = core
    if size == len(said):
        return ""
    return _after(text, len(words(text)) - len(said) + size) if said == words(text) else " ".join(said[size:])


def amended(text: str, *, comma: bool) -> int:
    """Where a figure is taken back and another follows ("5 lakh, no sorry, 6 lakh"): the place of what takes it back; 0: nowhere."""
    place = 0
    for piece in re.finditer(r"\S+", text):
        rest = text[piece.start() :]
        takes_back = piece.start() and lists()["amends"].opens(words(rest))
        if takes_back and figures(text[place : piece.start()], comma=comma) and figures(rest, comma=comma):
            place = piece.start()
    return place


def instead(text: str) -> str:
    """The text without what another value takes the place of: "800 000 au lieu de 1 million" is "800 000"."""
    for piece in re.finditer(r"\S+", text):
        if piece.start() and lists()["instead"].opens(words(text[piece.start() :])):
            return text[: piece.start()].rstrip(" ,")
    return text


def _after(text: str, count: int) -> str:
    """The text without its first `count` words."""
    rest, dropped = text, 0
    while dropped < count and rest:
        head = rest.split(maxsplit=1)
        dropped += max(1, len(words(head[0]))) if words(head[0]) else 0
        rest = head[1] if len(head) > 1 else ""
    return rest.strip(" ,.;:!-")
