"""What customers tell of themselves, checked as they type it: names, telephone numbers of Senegal, days that have passed."""

from __future__ import annotations

import datetime as dt

import phonenumbers
import regex

_NAME = regex.compile(r"[\p{L}][\p{L}\p{M}'’. -]{0,78}[\p{L}\p{M}.]|[\p{L}]{2}")
_LEAD = regex.compile(
    r"^(?:bonjour[ ,]+)?(?:c'?est|moi c'?est|je m'?appelle|je suis|mon (?:pr[ée])?nom (?:de famille )?(?:est|c'est)|"
    r"(?:pr[ée])?nom\s*:|il s'agit de|mr|mme|mlle|m\.|monsieur|madame|mademoiselle)\s+",
    regex.IGNORECASE,
)
_FULL = regex.compile(
    r"(?:.*\s)?(?:je m'?appelle|mon nom (?:complet )?(?:est|c'?est)|moi c'?est|je suis)\s", regex.IGNORECASE
)
_INTRODUCED = regex.compile(
    r"\b(?i:je m'?appelle|mon nom (?:complet )?(?:est|c'?est)|moi c'?est|je suis|je me nomme)\s+((?:\p{Lu}[\p{L}'-]+\s+){1,3}\p{Lu}[\p{L}'-]+)"
)
_NO_NAME = frozenset(
    "oui ouais non nan ok okay d'accord daccord merci bonjour bonsoir salut aucun aucune rien test quoi pourquoi comment combien "
    "hier avant-hier demain aujourd'hui maintenant peut-être bof euh stop suivant passer retour aide idem pareil".split()
)
_TIMES = frozenset(
    "hier avant-hier demain aujourd'hui ce matin midi après-midi soir nuit lundi mardi mercredi jeudi vendredi samedi dimanche dernier "
    "dernière semaine passé passée janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_SENTENCE = regex.compile(
    r"^(?:je|j'\p{L}+|tu|vous|nous|ils?|elles?|ça|ca|cela|c'est|est-ce|que|qui|quels?|quelles?|pas|ne|aucune?|plus tard)\b"
    r"|\b(?:pas|jamais|plus tard|mon (?:pré)?nom)$",
    regex.IGNORECASE,
)
_YEARLY = regex.compile(
    r"\b(?:par an(?:n[ée]e)?|l'an(?:n[ée]e)?|chaque ann[ée]e|annuel\w*|à l'ann[ée]e)\b|/ ?an\b", regex.IGNORECASE
)
_MONTHLY = regex.compile(r"\bmois\b|\bmensuel", regex.IGNORECASE)
OLDEST = dt.timedelta(days=5 * 366)


class NotUsable(ValueError):
    """The text can't be what was asked for; `reason` is the end of the phrase's key that says so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def name(text: str) -> str:
    """A name as it is kept: without "je m'appelle", spaces put in order, the customer's capitals.

    Raises NotUsable for what is no name: figures, signs, a question, a whole sentence.
    """
    told = " ".join(text.replace("’", "'").split())
    while found := _LEAD.match(told):
        told = told[found.end() :]
    told = told.rstrip(" .!,;")
    timed = all(word in _TIMES for word in told.casefold().split())  # "hier soir"
    if (
        timed
        or not _NAME.fullmatch(told)
        or told.casefold() in _NO_NAME
        or _SENTENCE.search(told)
        or len(told.split()) > 5
    ):
        raise NotUsable("name")
    return told if any(letter.isupper() for letter in told) else told.title()


def first_and_last(full: str) -> tuple[str, str]:
    """A full name as first and last name: capitals alone mark the last name ("DIOP Fatou"), else it is the last word.

    Raises NotUsable for what is no full name.
    """
    parts = name(full).split()
    if len(parts) < 2:
        raise NotUsable("name")
    capitals = [part for part in parts if part.isupper() and len(part) > 1]
    last = capitals if capitals and len(capitals) < len(parts) else parts[-1:]
    return " ".join(part for part in parts if part not in last), " ".join(last)


def introduced(text: str) -> tuple[str, str]:
    """First and last name in a message that says more: "mon nom c'est Moussa Diagne et je veux un compte".

    Names are two to four words with capitals after the words that introduce them.  Raises NotUsable where there are none.
    """
    found = _INTRODUCED.search(" ".join(text.replace("’", "'").split()))
    if found is None:
        raise NotUsable("name")
    return first_and_last(found[1])


def both_names(said: str, kept: str) -> tuple[str, str]:
    """First and last name where an answer certainly gives both: it introduces somebody ("je m'appelle Awa Diop"), or has one in
    capitals ("FALL Aminata").  Raises NotUsable where it may well be a last name of two words.
    """
    parts = kept.split()
    capitals = [part for part in parts if part.isupper() and len(part) > 1]
    introduced = _FULL.match(" ".join(said.replace("’", "'").split())) is not None
    if len(parts) < 2 or not (introduced or 0 < len(capitals) < len(parts)):
        raise NotUsable("name")
    return first_and_last(kept)


def without(last: str, first: str) -> str:
    """The last name without the first one, where somebody gave both when asked for one: "Fatou Diop", and then "Fatou"."""
    told = {part.casefold() for part in first.split()}
    left = [part for part in last.split() if part.casefold() not in told]
    return " ".join(left) or last


def is_yearly(text: str) -> bool:
    """Whether an income is said by the year: "6 millions par an"."""
    told = text.replace("’", "'")
    return _YEARLY.search(told) is not None and _MONTHLY.search(told) is None


def phone(text: str) -> str:
    """A telephone number of Senegal as "+221771234567": nine digits that begin with 7 or 3 (D28).  Raises NotUsable."""
    try:
        found = phonenumbers.parse(text, "SN")
    except phonenumbers.NumberParseException:
        raise NotUsable("phone") from None
    digits = str(found.national_number)
    if found.country_code != 221 or len(digits) != 9 or digits[0] not in "73":
        raise NotUsable("phone")
    return f"+221{digits}"


def spoken_phone(number: str) -> str:
    """As it is said in Senegal: "77 123 45 67"."""
    digits = number.removeprefix("+221")
    return f"{digits[:2]} {digits[2:5]} {digits[5:7]} {digits[7:]}" if len(digits) == 9 else number


def spoken_reached(number: str, email: str) -> str:
    """Where a customer can be reached, as it is said: the telephone number, and the address of who has one."""
    return ", ".join(part for part in (spoken_phone(number), email) if part)


def happened(text: str, today: dt.date) -> dt.date:
    """The day of something that has happened, given in ISO 8601.  Raises NotUsable: "future", "old" or "date"."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise NotUsable("date") from None
    if day > today:
        raise NotUsable("future")
    if day < today - OLDEST:
        raise NotUsable("old")
    return day
