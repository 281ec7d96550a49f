"""A question that leans on the one before it: "and in Europe?", "what about data?", "how much is it?".

By rule, without a model: where the follow-up names the same kind of place or thing as the earlier question ("in
Europe" for "in Switzerland"), it takes its place; else the earlier question's words are looked for too.  With a
model (`rewrite` in the config) the model is asked for the whole question, and the rule is what remains when it fails.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from hookline.message import Prompt

from .script import is_stopword, language_of
from .terms import words

_SHORT = 6  # words of meaning from which a question stands alone, unless it says "it"
_MOST = 400  # characters of a question that a model is trusted to have written

_OPENS = regex.compile(
    r"""(?ix)^(?:
    (?:and|or|but|also|then|so)\b | (?:what|how)\s+about\b | (?:same|the\s+same)\b | (?:why|how\s+so|how\s+come)\W*$ |
    (?:et|mais|ou)\b | qu['’]en\s+est-il\b | (?:und|oder|aber)\b | was\s+ist\s+mit\b | (?:y(?!\s+a-t-)|pero|o)\b | qué\s+tal\b |
    (?:और|लेकिन|तो|या)(?=\s) | (?:aur|lekin|magar)\b | (?:e|ma|mas)\b | மற்றும் | మరియు | ಮತ್ತು | અને | आणि
    )\s*"""
)
_LEANS = regex.compile(
    r"""(?ix)\b(?:it|its|that|this|these|those|they|them|there|one|ones|he|she|his|her|
    ça|cela|celui-ci|celle-ci|ceux-ci|y(?!\s+a-t-)|en|(?<!\b(?:fait|faut|pleut|y\s+a-t)-)il|elle|ils|elles|
    es|das|dies|diese|dieser|dafür|davon|dort|sie|
    eso|esto|esa|ese|allí|lo|
    यह|वह|ये|वे|इसका|इसकी|इसके|इसमें|उसका|उसकी|उसके|वहाँ|वहां|yeh|woh|iska|iski|iske|uska|uski|uske)\b"""
)
_PLACED = regex.compile(
    r"""(?x)\b(?P<word>(?i:in|for|to|from|with|on|at|of|during|en|à|au|aux|pour|de|avec|sur|für|mit|nach|von|bei|
    para|con|a|desde))\s+(?P<rest>(?i:the\s+|my\s+|a\s+|an\s+|la\s+|le\s+|les\s+|der\s+|die\s+|das\s+|el\s+|los\s+)?
    [\p{L}\p{M}\p{N}'’-]+(?:\s+[\p{Lu}\p{N}][\p{L}\p{M}\p{N}'’-]*)*)"""
)
_AFTER = regex.compile(
    r"(?P<rest>[\p{L}\p{M}\p{N}-]+)\s+(?P<word>में|के लिए|के साथ|पर|से|mein|me|ke liye|ke saath|par|se)(?!\S)"
)
_ABOUT = regex.compile(r"(?ix)^(?:what|how)\s+about\s+|^was\s+ist\s+mit\s+|^qu['’]en\s+est-il\s+(?:de|des|du)\s+")
_MARKS = " ,.!:;?？؟\n\t"

_ASK = (
    "Rewrite the customer's last message as one question that can be understood without the conversation. Keep its "
    "language. Keep names and numbers as they are. Add nothing that was not said. Answer with the question alone."
)


def leans(text: str) -> bool:
    """Whether a question is a follow-up: it opens like one, points back, or has next to no words of its own."""
    language = language_of(text)
    told = words(text)
    own = [word for word in told if not is_stopword(word, language)]
    if _OPENS.match(text):
        return len(own) < _SHORT
    if len(own) <= 2 and _LEANS.search(text):
        return True
    return not own and bool(told)


def alone(text: str) -> bool:
    """Whether a follow-up has enough words of its own to be about something else than the question before it."""
    language = language_of(text)
    return sum(not is_stopword(word, language) for word in words(text)) > 1


def resolve(text: str, earlier: str) -> str:
    """The follow-up with what it leaves out, taken from the earlier question."""
    rest = _ABOUT.sub("", text)
    if rest == text:
        rest = _OPENS.sub("", text).strip() or text
    rest = rest.strip(_MARKS)
    before = earlier.strip(_MARKS)
    for pattern in (_PLACED, _AFTER):
        replaced = _replaced(pattern, rest, before)
        if replaced is not None:
            return replaced
    return f"{before} {rest}".strip()


def _replaced(pattern: regex.Pattern[str], rest: str, before: str) -> str | None:
    new = pattern.search(rest)
    if new is None or len(words(rest)) > len(words(new.group())) + 1:
        return None
    for old in reversed(list(pattern.finditer(before))):
        if old.group("word").casefold() == new.group("word").casefold():
            return f"{before[: old.start()]}{new.group()}{before[old.end() :]}"
    return None


def prompt(history: Sequence[tuple[str, str]], text: str) -> Prompt:
    """What a model is asked; `history` are (role, text) of the conversation, oldest first."""
    talk = "\n".join(f"{role}: {said}" for role, said in history)
    return Prompt((("system", _ASK), ("user", f"{talk}\ncustomer: {text}")), max_tokens=120)


def trusted(answer: str, text: str, earlier: str) -> str:
    """The model's question where it can be one; "" where it answered, chatted, or made numbers up."""
    lines = [line.strip().strip('"“”') for line in answer.strip().splitlines() if line.strip()]
    if len(lines) != 1 or not 0 < len(lines[0]) <= _MOST:
        return ""
    known = set(words(f"{text} {earlier}"))
    told = words(lines[0])
    if any(word not in known and any(letter.isdigit() for letter in word) for word in told):
        return ""
    language = language_of(text)
    own = {word for word in words(text) if not is_stopword(word, language)}
    return lines[0] if not own or own & set(told) else ""
