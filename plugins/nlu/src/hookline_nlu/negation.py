"""Whether what was found is denied: "I don't want diesel", "petrol nahi", "pas d'essence"."""

from __future__ import annotations

from .reading import Reading
from .tokens import key

BEFORE = {
    key(w)
    for w in (
        "no not don't dont doesn't doesnt didn't didnt won't wont isn't isnt wasn't ain't never without except neither nor can't cannot cant haven't "
        "hasn't pas sans ni aucun aucune jamais sauf bina बिना न"
    ).split()
}
AFTER = {
    key(w)
    for w in "nahi nahin nahee nai nhi mat नहीं नही मत नको नकोय नाही નથી નહીં નહિ નકો வேண்டாம் இல்லை வேணாம் వద్దు కాదు లేదు ಬೇಡ ಅಲ್ಲ ಇಲ್ಲ".split()
}
_FILL = {
    key(w)
    for w in (
        "want need like have any a an the of for looking really interested in do i to buy get take prefer my it is with de du d des la le un une veux "
        "voudrais suis interesse par car cars one ones colour color rang or ou own already much very that so such at all"
    ).split()
}
_FILL_AFTER = {
    key(w)
    for w in "wali wala bhi भी gaadi gadi car rang rangachi color me mein ka ki ke to toh hi वाली वाला रंग में का की तो गाड़ी कार".split()
}


def denied(reading: Reading, first: int, last: int) -> bool:
    """Whether the tokens `first` to before `last` are denied by a word before or, in Indian languages, after them."""
    if reading.before(first, 2) in (["but", "anything"], ["but", "any"], ["but", "everything"]):
        return True
    for word in reading.before(first, 6):
        if word in BEFORE:
            return True
        if word not in _FILL:
            break
    for word in reading.after(last, 3):
        if word in AFTER:
            return True
        if word not in _FILL_AFTER:
            break
    return False


def answers_no(reading: Reading, first: int) -> bool:
    """Whether the only denial is a "no" that opens the message: "no diesel" may well be "no, diesel"."""
    return first == 1 and reading.key(0) in {"no", "non", "nahi", "नहीं"}


_I = {
    key(w) for w in "i i'm im am je j suis main mai mein hoon hun hu मैं हूं हूँ मी आहे હું છું நான் నేను ನಾನು myself we're".split()
}
_SOUGHT = set("find call see visit need want hire consult contact from with to chercher voir appeler".split())
_OTHERS = {
    key(w)
    for w in "my the your his her their our this that any mon ma mes le la les votre son sa leur mera meri mere मेरा मेरी मेरे".split()
}


def of_customer(reading: Reading, first: int) -> bool:
    """Whether customers say it of themselves: in the first person, or as a short answer."""
    if reading.key(first - 1 - (reading.key(first - 1) in {"a", "an", "un", "une"})) in _SOUGHT:
        return False
    words = sum(token.kind == "w" for token in reading.tokens)
    return reading.key(first - 1) not in _OTHERS and (words <= 3 or bool(reading.keys & _I))
