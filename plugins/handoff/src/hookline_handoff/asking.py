"""Whether a message asks for a person: "I want to talk to a human", "agent please", "mujhe insaan se baat karni hai".

Rules, clause by clause: a verb of talking near a word for a person, or a verb of wanting near a firm one, or such a
word alone; not where the clause says the contrary ("I don't need an agent"), asks who the bot is ("are you human?") or
means another thing ("the travel agent", "customer care number").
"""

from __future__ import annotations

import unicodedata

import attrs
import regex

from .asking_words import BY_SCRIPT, Words

_LONGEST = 2000  # a request stands near the beginning of a message, or the message is a letter
_SPACES = regex.compile(r"\s+")
_SCRIPTS = {name: regex.compile(rf"\p{{Script={name}}}") for name in BY_SCRIPT}
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "…": ".", "\u200b": None, "\u200c": None, "\u200d": None}
)
_EDGE_L, _EDGE_R = r"(?<![\p{L}\p{M}\p{N}])", r"(?![\p{L}\p{M}\p{N}])"
_WORD = r"[\p{L}\p{M}\p{N}'-]+ "
_URGE = regex.compile(
    rf"{_EDGE_L}(?:now|please|pl[sz]+|asap|immediately|urgent(?:ly)?|svp|stp|vite|maintenant|s'il (?:vous|te) pla[iî]t"
    rf"|jaldi|abhi|turant|अभी|कृपया|तुरंत|प्लीज़?|जल्दी){_EDGE_R}"
)
# What may stand between "I need" and "agent": another noun there would be what is needed.
_SMALL = (
    r"(?:(?:a|an|the|to|me|us|some|your|with|from|one|of|any|please|another|different|see|have|get|call|talk|speak|proper|help|assistance|support|advice|answers?"
    r"|un|une|des|le|la|l'|d'|à|de|vrai|autre|moi|nous|votre) ){0,4}?"
)


@attrs.frozen
class Grammar:
    """The patterns of one language."""

    hint: regex.Pattern[str]
    clauses: regex.Pattern[str]
    yes: tuple[regex.Pattern[str], ...]
    always: regex.Pattern[str]
    no: regex.Pattern[str]
    never: regex.Pattern[str]
    machine: regex.Pattern[str]
    filler: regex.Pattern[str]
    alone: regex.Pattern[str]
    why: regex.Pattern[str]


def asks_for_person(text: str) -> bool:
    """Whether the customer asks to talk to a person, in any language that is known."""
    said = _plain(text)
    if not said:
        return False
    return any(
        _asks(said, grammar) for script, seen in _SCRIPTS.items() if seen.search(said) for grammar in _OF[script]
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", text[:_LONGEST]).translate(_QUOTES).casefold()
    return _SPACES.sub(" ", folded).strip()


def _asks(said: str, grammar: Grammar) -> bool:
    if not grammar.hint.search(said):
        return False
    bare = _SPACES.sub(" ", regex.sub(r"[^\p{L}\p{M}\p{N}' -]+", " ", said))
    rest = _SPACES.sub(" ", grammar.filler.sub(" ", bare)).strip()
    if rest and grammar.alone.fullmatch(rest) and not grammar.no.search(bare):
        return True
    return any(_clause(clause, grammar) for part in grammar.clauses.split(said) if (clause := _clean(part)))


def _clean(clause: str | None) -> str:
    return _SPACES.sub(" ", regex.sub(r"[^\p{L}\p{M}\p{N}' -]+", " ", clause or "")).strip()


def _clause(clause: str, grammar: Grammar) -> bool:
    if grammar.never.search(clause):
        return False
    if grammar.machine.search(clause):  # "I don't want to talk to a bot"
        return True
    if grammar.no.search(clause) and not grammar.why.match(clause):
        return False
    rest = _SPACES.sub(" ", grammar.filler.sub(" ", clause)).strip()
    if rest and _URGE.search(clause) and grammar.alone.fullmatch(rest):  # "this is useless, agent now"
        return True
    return grammar.always.search(clause) is not None or any(pattern.search(clause) for pattern in grammar.yes)


def _grammar(words: Words) -> Grammar:
    def whole(pattern: str) -> str:
        return f"{_EDGE_L}(?:{pattern}){_EDGE_R}"

    def near(first: str, second: str, between: str) -> str:
        return f"{whole(first)} {between}{whole(second)}"

    person, someone = words.person, words.someone
    firm = words.firm or person
    few = f"(?:{_WORD}){{0,{words.reach}}}?"
    yes = [near(words.talk, f"{person}|{someone}", few), near(words.fetch, firm, few if words.free else _SMALL)]
    machine = [near(words.against or words.no, words.machine, few)]
    if words.free:
        yes += [near(f"{person}|{someone}", words.talk, few), near(firm, words.fetch, few)]
        machine += [near(words.machine, words.no, few)]
    but = f"|{_EDGE_L}(?:{words.but}){_EDGE_R}" if words.but else ""
    return Grammar(
        hint=regex.compile(f"{person}|{someone}|{words.machine}|{words.always}"),
        clauses=regex.compile(rf"[.!?;,:\n।॥]+{but}"),
        yes=tuple(regex.compile(one) for one in yes),
        always=regex.compile(whole(words.always)),
        no=regex.compile(whole(words.no) if not words.no.endswith("$") else f"{_EDGE_L}(?:{words.no})"),
        never=regex.compile(whole(words.never)),
        machine=regex.compile("|".join(machine)),
        filler=regex.compile(whole(words.filler)),
        alone=regex.compile(f"(?:(?:{firm}) ?)+"),
        why=regex.compile(r"(?:why|pourquoi|kyu|kyun|kyon|क्यों|का |কেন)"),
    )


_GRAMMARS = {id(words): _grammar(words) for several in BY_SCRIPT.values() for words in several}
_OF = {script: tuple(_GRAMMARS[id(words)] for words in several) for script, several in BY_SCRIPT.items()}
