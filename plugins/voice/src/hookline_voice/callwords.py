"""What a caller pressed or said, as the text of a message: keys mean the option that was read out with them."""

from __future__ import annotations

import re
import unicodedata

import regex

from hookline import languages

from .callprogress import Question

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_NASAL = regex.compile(r"[ङञणनम]्(?=[क-ह])")  # written either way: हिन्दी, हिंदी
_COUNTED = (
    "one two three four five six seven eight nine",
    "ek do teen char paanch chhe saat aath nau",
    "एक दो तीन चार पाँच छह सात आठ नौ",
    "un deux trois quatre cinq six sept huit neuf",
    "एक दोन तीन चार पाच सहा सात आठ नऊ",
    "એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ",
    "ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது",
    "ఒకటి రెండు మూడు నాలుగు ఐదు ఆరు ఏడు ఎనిమిది తొమ్మిది",
    "ಒಂದು ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು",
)
_ARTICLES = frozenset("a an the un une le la les des du de".split())
_DENIALS = frozenset(
    "no not don't dont t never neither none pas ne non ni nahi nahin nhi nako mat na नहीं नही मत न नको नाही ना નથી ના இல்லை வேண்டாம் కాదు వద్దు ಬೇಡ ಇಲ್ಲ".split()
)
_YES = frozenset(
    "yes yeah yep yup speaking correct right haan han haa ha हां हाँ हा जी oui ouais si हो होय હા હાં ஆம் ஆமாம் అవును ಹೌದು".split()
)
_YES_PAIRS = frozenset(
    {("this", "is"), ("i", "am"), ("that", "is"), ("जी", "हाँ"), ("ji", "haan"), ("ji", "han"), ("c", "est")}
)
_NO = frozenset("no nope not wrong nahin nahi nai नहीं नही ना non नाही नको ના નથી இல்லை కాదు లేదు ಇಲ್ಲ ಅಲ್ಲ".split())
_NUMBERS = {word: n for some in _COUNTED for n, word in enumerate(some.split(), 1)}


def digits(given: str) -> str:
    """The keys as ASCII digits and stars, whatever script they came in; without the hash that ends them, and pauses."""
    found = []
    for letter in unicodedata.normalize("NFKC", given):
        value = unicodedata.decimal(letter, None)
        if value is not None:
            found.append(str(value))
        elif letter == "*":
            found.append(letter)
    return "".join(found)


def pressed(keys: str, question: Question) -> str:
    """The text of a message for these keys."""
    if question.kind in ("number", "money", "duration"):
        return keys.replace("*", ".")
    if question.kind == "date" and re.fullmatch(r"\d{8}", keys):
        return _day(keys)
    if not question.replies or not keys.isdigit() or len(keys) > 2:
        return keys
    n = int(keys)
    if question.kind in ("choice", "list") and n <= len(question.values):
        return keys if n else _none(keys)
    return question.replies[n - 1] if 0 < n <= len(question.replies) else _none(keys)


def _none(keys: str) -> str:
    """Keys that mean no option; more than options ever are, so that nobody takes them for one."""
    return f"{keys} ?" if keys else "?"


def _day(keys: str) -> str:
    """Eight keys as a day: 25122026, or 20261225."""
    if keys[:2] in ("19", "20") and 1 <= int(keys[4:6]) <= 12:
        return f"{keys[:4]}-{keys[4:6]}-{keys[6:]}"
    return f"{keys[4:]}-{keys[2:4]}-{keys[:2]}"


def spoken(text: str) -> str:
    """What was said, without the full stop and the null bytes that recognisers add."""
    return text.replace("\x00", "").strip().rstrip(".।").strip()


def asks_language(question: Question, spoken_here: tuple[str, ...]) -> bool:
    """Whether the question is which language to go on in: all its choices are languages."""
    known = {languages.canonical(tag) for tag in spoken_here}
    return bool(question.values) and all(languages.canonical(value) in known for value in question.values)


def chosen_language(text: str, question: Question) -> str:
    """The choice of language that keys or words mean; "" where they mean none, or several."""
    said = _words(text)
    named = [value for n, value in enumerate(question.values) if any(_stands(f, said) for f in _forms(question, n))]
    if len(named) == 1:
        return named[0]
    places = [n for word in said if (n := _number(word))]
    if not named and len(places) == 1 and places[0] <= len(question.values):
        return question.values[places[0] - 1]
    return ""


def chosen(text: str, question: Question) -> int:
    """The place of the option that the words name, from 1; 0 where they name none, several, or deny one.

    An option that was read out is taken by its place: its words alone could as well begin something else.
    """
    said = _words(text)
    if question.kind != "choice" or _DENIALS.intersection(said):
        return 0
    found = {n for n in range(len(question.values)) if any(_stands(form, said) for form in _named(question, n))}
    return found.pop() + 1 if len(found) == 1 else 0


def agreed(text: str, question: Question) -> int:
    """1 for a yes, 2 for a no, 0 where the words are not plainly one of them; they begin with it."""
    said = _words(text)
    if (
        not said
        or len(question.replies) < 2
        or not (question.kind == "boolean" or question.waiting in ("confirm", "offer"))
    ):
        return 0
    yes, no = said[0] in _YES or tuple(said[:2]) in _YES_PAIRS, said[0] in _NO
    if yes and not _NO.intersection(said):
        return 1
    return 2 if no and not _YES.intersection(said) else 0


def _named(question: Question, n: int) -> list[tuple[str, ...]]:
    label = question.replies[n] if n < len(question.replies) else ""
    words = [word for word in _words(label) if word not in _ARTICLES]
    value = _words(question.values[n].replace("_", " "))
    return [tuple(form) for form in (words, value) if form]


def _number(word: str) -> int:
    keys = digits(word)
    if keys and keys.isdigit():
        return int(keys) if len(keys) < 3 else 0
    return _NUMBERS.get(word, 0)


def _forms(question: Question, n: int) -> set[tuple[str, ...]]:
    """What one of the languages may be called: in each of them, and as it was read out."""
    value = question.values[n]
    names = {languages.shown(value, other) for other in (*question.values, "en")}
    names |= {question.replies[n]} if n < len(question.replies) else set()
    return {form for name in names if (form := tuple(_words(name)))}


def _words(text: str) -> list[str]:
    return [_NASAL.sub("ं", word.casefold()) for word in _WORD.findall(unicodedata.normalize("NFC", text))]


def _stands(form: tuple[str, ...], said: list[str]) -> bool:
    return any(tuple(said[at : at + len(form)]) == form for at in range(len(said) - len(form) + 1))
