"""The summary of a conversation without a model: the customer's own sentences that say most, in their order.

Pure and deterministic; the same for every language that is written in words: sentences and words are found by
Unicode's classes, and what is said often, or early, weighs more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import attrs
import regex

from hookline.message import Citation, Message

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_EMPTY = frozenset(
    """
    a an the i me my we our you your he she it its they them this that these those is are was were be been am do does did
    have has had will would can could shall should may might must and or but if so then to of in on at for from with by as
    not no yes please ok okay thanks thank hi hello hey there need want tell know
    le la les un une des de du je tu il elle nous vous ils elles mon ma mes votre vos est sont être ai as a avons avez ont et
    ou mais si pour par avec dans sur ce cette ces que qui quoi ne pas oui non merci bonjour salut
    है हैं था थे थी हूँ हो का की के को से में पर और या मैं मुझे मेरा मेरी मेरे हम आप आपका यह वह ये वो क्या कैसे नहीं हाँ जी कृपया
    नमस्ते धन्यवाद ठीक main mujhe mera meri mere hai hain ka ki ke ko se mein aap kya kaise nahi haan ji namaste
    """.split()
)
_GREETING = regex.compile(
    r"(?:hi+|hello|hey|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|namaste|namaskar|नमस्ते|नमस्कार|thanks?(?: you)?|"
    r"merci(?: beaucoup)?|धन्यवाद|ok(?:ay)?|yes|no|oui|non|हाँ|नहीं|ठीक है)[\s!.,।]*",
    regex.IGNORECASE,
)
_FOR_A_PERSON = regex.compile(
    r"\b(?:human|agent|person|representative|operator|someone real|real person|conseiller|conseillère|humain|"
    r"quelqu'un|insaan|manager)\b|इंसान|एजेंट|प्रतिनिधि|व्यक्ति",
    regex.IGNORECASE,
)
_ANSWER_CHARS, _ASKED_CHARS, _MOST = 280, 300, 6


@attrs.frozen
class Answer:
    """A question of the customer and what the bot said to it."""

    question: str
    text: str
    citations: tuple[Citation, ...]


@attrs.frozen
class Digest:
    """What can be said of a conversation without a model: `problem` is one to three of the customer's sentences."""

    problem: str
    asked: tuple[str, ...]
    answered: tuple[Answer, ...]
    unanswered: tuple[str, ...]


def digest(messages: Sequence[Message], *, sentences: int = 3) -> Digest:
    """Sum up the messages, which are in the order of the conversation."""
    asked: list[str] = []
    answered: list[Answer] = []
    unanswered: list[str] = []
    question = ""
    for told in messages:
        text = " ".join(told.text.split())
        if told.author == "contact":
            if text:
                question = _short(text, _ASKED_CHARS)
                asked.append(question)
        elif told.author == "bot" and text and question and not _GREETING.fullmatch(question):
            if told.data.get("answered", True):
                answered.append(Answer(question, _short(text, _ANSWER_CHARS), told.citations))
            elif question not in unanswered:
                unanswered.append(question)
            question = ""
    worth = [text for text in asked if not _GREETING.fullmatch(text)]
    return Digest(
        _problem(worth or asked, sentences), tuple(worth[-_MOST:]), tuple(answered[-_MOST:]), tuple(unanswered[-_MOST:])
    )


def _problem(texts: Sequence[str], most: int) -> str:
    """The sentences with the most of what the customer spoke of, in their order."""
    found = [s for text in texts for s in split(text)]
    found = list(dict.fromkeys(found))
    about = [s for s in found if not _GREETING.fullmatch(s) and not (_FOR_A_PERSON.search(s) and len(_words(s)) < 6)]
    about = about or found
    if not about:
        return ""
    words = [_words(s) for s in about]
    counted = Counter(word for one in words for word in set(one))
    said = []
    for n, one in enumerate(words):
        weight = sum(1.0 + math.log(counted[word]) for word in set(one)) / math.sqrt(4 + len(one)) if one else 0.0
        weight *= 1.25 if n == 0 else 1.0  # people say first what they come for
        weight *= 1.15 if about[n].rstrip().endswith("?") else 1.0
        said.append((weight, -n))
    chosen = sorted(-n for _, n in sorted(said, reverse=True)[:most])
    return " ".join(about[n] for n in chosen)


def split(text: str) -> list[str]:
    """The sentences of a text; 4.20 is no end of one."""
    parts = [part.strip() for part in regex.split(r"(?<=[.!?।॥…])\s+|\n+", text)]
    return [part for part in parts if part]


def _words(text: str) -> list[str]:
    return [word for word in (w.casefold() for w in _WORD.findall(text)) if word not in _EMPTY]


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    cut = text[:most].rsplit(" ", 1)[0]
    return f"{cut or text[:most]} …"
