"""What customers say of themselves in their own words: name, age, size of the family."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from .calendars import PARTS, RELATIVE, months, weekdays
from .numerals import look_up
from .reading import Found, Reading
from .tokens import key
from .units import time_unit

_LEADS = sorted(
    (
        tuple(key(w) for w in lead.split())
        for lead in (
            "my name is|my name's|name is|my full name is|name :|i am called|call me|myself|this is|i am|i'm|im|je m' appelle|je m appelle|"
            "mon nom est|mon nom c' est|je me nomme|moi c' est|c' est|je suis|nom :|mera naam|mera name|mera nam|mera poora naam|main|mai|mein|naam hai|"
            "मेरा नाम|मेरा पूरा नाम|मैं|नाम :|माझे नाव|माझं नाव|मी|મારું નામ|મારુ નામ|હું|என் பெயர்|என்னுடைய பெயர்|எனது பெயர்|నా పేరు|ನನ್ನ ಹೆಸರು"
        ).split("|")
    ),
    key=len,
    reverse=True,
)
_WEAK = {("i", "am"), ("i'm",), ("im",), ("this", "is"), ("c", "est"), ("je", "suis"), ("main",), ("mai",), ("mein",), ("मैं",), ("मी",), ("હું",), ("call", "me"), ("myself",)}  # fmt: skip
_SPEAKS = {"bol", "baat", "speaking", "calling", "here", "बोल", "बात", "बोलतोय", "બોલું"}
_STOPS = {
    key(w)
    for w in (
        "and from hai hain h is i my calling here but aur et de la je mon ma mes with at the a an for in on of speaking bol raha rahi hoon hu hun baat "
        "se ka ki ke ko please sir madam not so looking interested number phone mobile email mail age years who want need have am are was will would "
        "can live born since by to this that it your you me we our main mera meri mai aapka bhai ji sahab chahta chahti chahiye habite suis ai "
        "है हैं और से मैं मेरा मेरी मेरे हूँ हूं बोल रहा रही का की के को जी आहे आणि मी माझा माझी माझे છે અને હું મારો મારી ஆகும் நான் மற்றும் "
        "అని నేను మరియు ಮತ್ತು ನಾನು yahan se speaking any anyone anybody someone nobody yaar just very also already only now happy sorry sure fine good okay ok done ready "
        "going misspelled misspelt wrong spelled spelt changed correct incorrect showing under then or if but because as when where what how why which there here mr mrs ms dr shri smt monsieur madame"
    ).split()
}
_HINDI = {"main", "mai", "mein", "मैं", "मी", "હું"}
_RELATIVES = set(
    "son daughter wife husband child mother father mom dad brother sister wife's son's daughter's car bike beta beti patni pati biwi maa papa bhai fils fille femme "
    "mari mere pere बेटा बेटी पत्नी पति माँ पिता भाई मुलगा मुलगी".split()
)
_AM = {"hoon", "hun", "hu", "हूं", "हूँ"}
_TITLES = {"mr", "mrs", "ms", "dr", "shri", "smt", "monsieur", "madame", "mme", "श्री", "श्रीमती", "mister", "miss"}
_NOT_NAMES = frozenset("not interested looking going trying married single".split())
_AGE_LEADS = {key(w) for w in "age aged umar umr ayu उम्र आयु वय ઉંમર வயது వయసు వయస్సు ವಯಸ್ಸು".split()}
_KIDS = {
    key(w)
    for w in "kids kid children child bachche bache bacche bachcha bacha enfants enfant बच्चे बच्चा बच्चों मुले બાળકો குழந்தைகள் పిల్లలు ಮಕ್ಕಳು".split()
}
_MEMBERS = {
    key(w) for w in "people members member persons personnes log लोग सदस्य लोक સભ્યો உறுப்பினர்கள் మంది ಸದಸ್ಯರು".split()
}
_FAMILY = {
    key(w) for w in "family parivar famille परिवार कुटुंब કુટુંબ પરિવાર குடும்பம் குடும்பத்தில் కుటుంబం కుటుంబంలో ಕುಟುಂಬ".split()
}


def find(reading: Reading, text: str) -> Iterator[Found]:
    """Name, age, number of children and size of the family; `text` is the message as it was written."""
    yield from _name(reading, text)
    yield from _ages(reading)
    for number in reading.numbers:
        follows, value = reading.key(number.last), number.value
        if number.scaled or value != int(value) or value > 25:
            continue
        start, end = reading.tokens[number.first].start, reading.tokens[min(number.last, len(reading.tokens) - 1)].end
        if follows in _KIDS:
            yield Found("children", int(value), start, end, "", 0.9, 58)
        elif (
            follows in _MEMBERS and set(reading.before(number.first, 5)) | set(reading.after(number.last, 5)) & _FAMILY
        ):
            near = set(reading.before(number.first, 5)) | set(reading.after(number.last, 5))
            if near & _FAMILY:
                yield Found("family_size", int(value), start, end, "", 0.9, 58)
        elif set(reading.before(number.first, 3)[:3]) & _FAMILY and {"of", "de"} & set(reading.before(number.first, 1)):
            yield Found("family_size", int(value), start, reading.tokens[number.last - 1].end, "", 0.85, 58)


def _ages(reading: Reading) -> Iterator[Found]:
    for number in reading.numbers:
        value = number.value
        if number.scaled or value != int(value) or not 1 <= value <= 110:
            continue
        before, after = reading.before(number.first, 4), reading.after(number.last, 4)
        year = bool(after) and time_unit(after[0]) == "year"
        end = reading.tokens[number.last - 1].end
        start = reading.tokens[number.first].start
        found = False
        if year and (
            after[1:2] in (["old"], ["ka"], ["की"], ["का"], ["ki"])
            or after[1:3] == ["of", "age"]
            or "umar" in before
            or "j" in before[1:2] + before[:1]
        ):
            found = not (
                after[1:2] == ["old"] and set(after[2:]) & {"car", "bike", "vehicle", "house", "flat", "phone"}
            )
            if after[1:2] in (["ka"], ["का"], ["ki"], ["की"]):
                found = bool(set(before) & {"main", "mai", "मैं", "i"}) and bool(
                    set(after) & {"hoon", "hu", "hun", "हूँ", "हूं"}
                )
            if before[:2] == ["ai", "j"] or before[:1] == ["j'ai"]:
                found = True
        elif before[:2] == ["ai", "j"] and year:
            found = True
        if not found and set(before[:3]) & _AGE_LEADS:
            found = not (after and after[0] in {"lakh", "%", "km"})
        if (not found and before[:2] in (["am", "i"], ["i'm"])) or before[:1] in (["i'm"], ["im"]):
            found = (
                number.digits
                and 16 <= value <= 99
                and (
                    not after or after[0] in {",", "and", "years", "yrs", "yr", "old", "male", "female", "now", "this"}
                )
            )
        if found and not set(before) & _RELATIVES:
            if year:
                end = reading.tokens[number.last + (1 if after[1:2] == ["old"] else 0)].end
            yield Found("age", int(value), start, end, "year", 0.92, 64)


def _name(reading: Reading, text: str) -> Iterator[Found]:
    keys = [t.key for t in reading.tokens]
    taken = -1
    for at in range(len(keys)):
        if at <= taken:
            continue
        for lead in _LEADS:
            if keys[at] != lead[0] or tuple(keys[at : at + len(lead)]) != lead:
                continue
            found = _after(reading, text, at + len(lead), weak=lead in _WEAK)
            if found is not None:
                taken = at + len(lead)
                yield found
            break
    if len(keys) >= 2 and keys[-1] == "here" and all(t.kind == "w" for t in reading.tokens) and len(keys) <= 4:
        start = reading.folded.span(reading.tokens[0].start, reading.tokens[0].end)[0]
        if text[start].isupper() and keys[0] not in _STOPS:
            yield from filter(None, [_after(reading, text, 0, weak=False)])


def _after(reading: Reading, text: str, at: int, *, weak: bool) -> Found | None:
    tokens = reading.tokens
    while at < len(tokens) and (
        tokens[at].text in ":-'"
        or tokens[at].key in _TITLES
        or (tokens[at].text == "." and tokens[at - 1].key in _TITLES)
    ):
        at += 1
    words: list[str] = []
    place = at
    while place < len(tokens) and len(words) < 4:
        token = tokens[place]
        said = text[slice(*reading.folded.span(token.start, token.end))]
        if token.text == "." and words and len(tokens[place - 1].text) == 1 and place + 1 < len(tokens):
            place += 1
            continue
        if (
            token.kind != "w"
            or token.key in _STOPS
            or _no_name(token.key)
            or (weak and said.isascii() and not said[0].isupper())
        ):
            break
        words.append(said)
        place += 1
    if not words or (len(words[0]) == 1 and len(words) == 1):
        return None
    follows = set(reading.after(place, 3))
    if weak and not words[0][0].isupper() and not follows & _SPEAKS:
        return None
    if (
        weak
        and reading.key(at - 1) in _HINDI
        and not (set(reading.after(place, 2)) & _SPEAKS or set(reading.after(place, 1)) & _AM)
    ):
        return None
    if weak and words[0].isupper() and len(words[0]) > 1 and text.isupper():
        return None
    if weak and tokens[at].key in _NOT_NAMES:
        return None
    start, end = tokens[at].start, tokens[place - 1].end
    said = text[slice(*reading.folded.span(start, end))]
    value = said.title() if said.isascii() and (said.islower() or (said.isupper() and len(said) > 3)) else said
    return Found("name", regex.sub(r"\s+", " ", value), start, end, "", 0.7 if weak else 0.92, 57)


def _no_name(word: str) -> bool:
    return (
        word in RELATIVE
        or word in PARTS
        or (word in months() and len(word) > 5)
        or word in weekdays()
        or (look_up(word) is not None and not (look_up(word) or look_up("one")).weak)  # type: ignore[union-attr]  # "one" is a number
    )
