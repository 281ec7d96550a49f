"""Amounts of money in texts, and which of them a conversation was told on whose proof."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from hookline.turn import Turn

PLUGIN = "tenant_financial"
_KEPT = 50
_LONGEST = 15
_PAISA = Decimal("0.01")
# Digits, with whatever parts them; then what they are to be multiplied by.
_NUMBER = regex.compile(
    r"(?<![\p{L}\p{N}])(\d(?:[\d,.'’\s]*\d)?)(?!\d)"
    r"(?:[\s-]*(k|thousand|हज़ार|हजार|hazaar|hazar|હજાર|lakhs?|lacs?|लाख|લાખ|crores?|cr|करोड़|कोटी|કરોડ))?(?![\p{L}])",
    regex.IGNORECASE,
)
_DECIMALS = regex.compile(r"(.*\d)[.,](\d{1,2})", regex.DOTALL)
_SCALED = regex.compile(r"(.*\d)[.](\d{1,8})", regex.DOTALL)
_SCALES = {"k": 3, "t": 3, "h": 3, "ह": 3, "હ": 3, "l": 5, "ल": 5, "લ": 5, "c": 7, "क": 7, "ક": 7}


def amounts(text: str) -> set[Decimal]:
    """All that may be an amount of money in the text, with two places; digits of any script, "1.2 lakh" too."""
    found: set[Decimal] = set()
    for match in _NUMBER.finditer(plain(text)):
        scale = _SCALES[match[2][0].casefold()] if match[2] else 0
        for part in (match[1], *match[1].split()):  # a space may part two numbers as well as thousands
            decimal = (_SCALED if scale else _DECIMALS).fullmatch(part)
            whole, rest = (decimal[1], decimal[2]) if decimal else (part, "0")
            for figures in {f"{_bare(whole)}.{rest}", _bare(part)}:
                if len(figures) <= _LONGEST:
                    found.add(Decimal(figures).scaleb(scale).quantize(_PAISA))
    return found


def _bare(text: str) -> str:
    return regex.sub(r"\D", "", text)


def plain(text: str) -> str:
    """The text with the digits of all scripts as 0 to 9, and wide letters as usual ones."""
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in unicodedata.normalize("NFKC", text))


def digits(amount: Decimal) -> int:
    """How many digits say what it is: without zeros at its ends."""
    return len(str(int(amount * 100)).rstrip("0")) if amount else 0


def told(turn: Turn, rows: Iterable[Any]) -> None:
    """Note which amounts this conversation is told, and on whose proof."""
    state = turn.state(PLUGIN).setdefault("told", {})
    before: Sequence[str] = state.get(turn.account, ())
    new = [str(value) for row in rows for value in row if isinstance(value, Decimal)]
    state[turn.account] = list(dict.fromkeys([*new, *before]))[:_KEPT]


def told_to_others(turn: Turn) -> set[Decimal]:
    """What this conversation was told on the proof of somebody who it is not any more."""
    state = turn.state(PLUGIN).get("told", {})
    return {Decimal(text) for owner, known in state.items() if owner != turn.account for text in known}
