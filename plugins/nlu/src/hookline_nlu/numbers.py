"""Numbers in a message: written in digits, in words, or both ("1.5 crore", "dedh lakh", "deux millions et demi").

A number's `indian` says that it was counted in lakhs or crores, `scaled` that a word or letter made it a thousand times
larger or more: both are signs of money.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence

import attrs

from .numerals import Word, look_up
from .tokens import Token
from .units import currency

LETTERS = {"k": 1e3, "l": 1e5, "m": 1e6, "b": 1e9, "cr": 1e7, "mn": 1e6, "bn": 1e9, "crs": 1e7, "kk": 1e6, "md": 1e9}
_LARGEST = 1e15
_CRORES = {"cr", "crs"}
_FRENCH = frozenset("deux trois quatre cinq sept huit neuf".split())
_GOES_ON = frozenset("sur pour en par a et de d sous ou mais avec maximum environ svp merci".split())


@attrs.frozen
class Number:
    """A number over the tokens `first` to before `last`.

    `digits`: it begins with digits; `loose`: what it hangs on is one word that may mean another thing; `letter`: the
    letter that scaled it ("5k"); `plain`: it is written with digits alone.
    """

    value: float
    first: int
    last: int
    digits: bool = True
    scaled: bool = False
    indian: bool = False
    loose: bool = False
    letter: str = ""
    decimals: bool = False
    scale: float = 1.0

    @property
    def plain(self) -> bool:
        """Written with digits alone."""
        return self.digits and not self.scaled


def exact(value: float) -> int | float:
    """A whole number as int, so that JSON shows it as it was said."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def digits(text: str, *, comma: bool) -> float | None:
    """The value of a numeral; `comma`: a single comma is a decimal one, as in French.  None for a too long one."""
    if len(text) > 24:
        return None
    text = text.replace(" ", "").replace("'", "")
    commas, points = text.count(","), text.count(".")
    if commas and points:
        whole = (
            text.replace(",", "") if text.rindex(".") > text.rindex(",") else text.replace(".", "").replace(",", ".")
        )
        return float(whole) if whole.count(".") <= 1 else None
    if points > 1:
        return float(text.replace(".", ""))
    if points:
        left, right = text.split(".")
        grouped = comma and len(right) == 3 and len(left) <= 3 and left.strip("0") != ""
        return float(left + right) if grouped else float(text)
    if commas == 1:
        left, right = text.split(",")
        grouped = len(right) == 3 and not comma and left.strip("0") != ""
        return float(left + right) if grouped else float(f"{left}.{right}")
    return float(text.replace(",", ""))


class Reader:
    """Reads numbers from tokens in the tenant's way of writing them.

    `indian`: a lone "L" after a number is a lakh; `comma`: a comma is a decimal one.
    """

    def __init__(self, *, indian: bool, comma: bool) -> None:
        self._indian = indian
        self.comma = comma

    def read(self, tokens: Sequence[Token], is_unit: Callable[[str], bool]) -> list[Number]:
        """All numbers, in order; `is_unit` says whether a key is a unit of measure, which makes a weak word count."""
        found: list[Number] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.kind == "n" or (token.kind == "w" and look_up(token.key) is not None):
                number = _Counting(self, tokens, at, is_unit).number()
                if number is not None:
                    found.append(number)
                    at = number.last
                    continue
            at += 1
        return found

    def letter(self, tokens: Sequence[Token], at: int) -> float | None:
        """What the letters after a numeral multiply it by."""
        token = tokens[at]
        size = LETTERS.get(token.key) if token.kind == "w" else None
        if size is None:
            return None
        glued = tokens[at - 1].end == token.start
        if token.key == "l":
            return size if self._indian and (glued or at + 1 == len(tokens)) else None
        if token.key in {"m", "b", "k", "md"}:
            paid = at + 1 < len(tokens) and currency(tokens[at + 1].key) is not None
            alone = self.comma and len(tokens) == 2  # "5 m" as an answer
            return size if glued or paid or alone or token.key == "k" else None
        return size

    def value(self, token: Token) -> float | None:
        """The value of a numeral."""
        return digits(token.text, comma=self.comma)


@attrs.define
class _Counting:
    """One number while it is read, word by word."""

    reader: Reader
    tokens: Sequence[Token]
    first: int
    is_unit: Callable[[str], bool]
    at: int = attrs.field(init=False)
    total: float = 0.0
    small: float | None = None
    plus: float = 0.0
    last_scale: float = _LARGEST
    last_word: Word | None = None
    strong: bool = False
    indian: bool = False
    scaled: bool = False
    letter: str = ""
    literal: str = ""

    def __attrs_post_init__(self) -> None:
        self.at = self.first

    def number(self) -> Number | None:
        """Read on while what comes still belongs to it."""
        while self.at < len(self.tokens) and self._take(self.tokens[self.at]):
            self.at += 1
        self._trim()
        if self.at == self.first or (self.small is None and not self.scaled):
            return None
        value = self.total + self._implied(self.small or 0.0)
        if self.plus and self.small is not None and not self.scaled:
            value += self.plus
        value = self._halves(value)
        if value > _LARGEST:
            return None
        follows = (
            self.at < len(self.tokens) and self.tokens[self.at].kind == "w" and self.is_unit(self.tokens[self.at].key)
        )
        if not self.strong and not follows and not self.scaled:
            return None
        begins = self.tokens[self.first].kind == "n"
        return Number(
            value,
            self.first,
            self.at,
            digits=begins,
            scaled=self.scaled,
            indian=self.indian,
            loose=not self.strong,
            letter=self.letter,
            decimals=bool({".", ","} & set(self.literal)),
            scale=self.last_scale if self.scaled else 1.0,
        )

    def _take(self, token: Token) -> bool:
        if token.kind == "n":
            return self._take_numeral(token)
        if token.kind == "s":
            joins = token.text == "-" and self.at + 1 < len(self.tokens) and self.last_word is not None
            follows = joins and self.tokens[self.at + 1].kind == "w" and look_up(self.tokens[self.at + 1].key)
            return bool(follows) and self.tokens[self.at - 1].end == token.start
        if self.at > self.first and self.tokens[self.at - 1].kind == "n":
            size = self.reader.letter(self.tokens, self.at)
            if size is not None and self.small is not None:
                self.letter = token.key
                self.indian = self.indian or size in {1e5, 1e7}
                return self._scale(size)
        word = look_up("mille" if token.key == "mil" and self.reader.comma else token.key)
        if word is None:
            return self._joins(token)
        return self._take_word(word)

    def _take_numeral(self, token: Token) -> bool:
        if self.small is not None or (self.at > self.first and not self.scaled and not self.plus):
            return False
        value = self.reader.value(token)
        if value is None or (self.scaled and value >= self.last_scale):
            return False
        if self.letter and not (self.letter in _CRORES and self._smaller_follows(self.at + 1)):
            return False
        if self.scaled and self.tokens[self.at - 1].kind == "s":
            return False
        short = value == int(value) and self._is_short(self.at + 1)
        if self.scaled and self.last_scale > 1e3 and not (self._smaller_follows(self.at + 1) or short):
            return False  # "1 crore 2 cars"
        self.small, self.strong, self.literal, self.last_word = value, True, token.text, None
        return True

    def _is_short(self, at: int) -> bool:
        """Whether what is said ends here, of millions in French: the rest may be said short (`_implied`)."""
        if not self.reader.comma or self.last_scale != 1e6 or self.letter:
            return False
        following = self.tokens[at] if at < len(self.tokens) else None
        if following is None or following.kind == "s":
            return following is None or following.text not in "%/-"
        return following.kind == "w" and (following.key in _GOES_ON or currency(following.key) is not None)

    def _implied(self, rest: float) -> float:
        """In French a million is followed by hundreds of thousands that are not named: "1 million 200", "un million deux"."""
        if not rest or rest >= 1000 or not self._is_short(self.at):
            return rest
        return rest * (1e5 if rest < 10 else 1e3)

    def _smaller_follows(self, at: int) -> bool:
        if at >= len(self.tokens) or self.tokens[at].kind != "w":
            return False
        size = self.reader.letter(self.tokens, at) if self.tokens[at - 1].kind == "n" else None
        if size is not None:
            return size < self.last_scale
        word = look_up(self.tokens[at].key)
        return word is not None and word.role in {"scale", "hundred"} and word.value < self.last_scale

    def _scale_follows(self, at: int) -> bool:
        if (
            at + 1 < len(self.tokens)
            and self.tokens[at].text == "-"
            and self.tokens[at - 1].end == self.tokens[at].start
        ):
            at += 1  # "demi-million"
        if at >= len(self.tokens) or self.tokens[at].kind != "w":
            return False
        word = look_up(self.tokens[at].key)
        return word is not None and word.role in {"scale", "hundred", "about"}

    def _take_word(self, word: Word) -> bool:
        if (
            word.role == "scale"
            and word.weak
            and self.scaled
            and self.small is None
            and self.tokens[self.at].key == "kodi"
        ):
            return False  # Kannada's "give": "50 lakh kodi"
        taken = self._enter(word)
        if taken:
            self.last_word = word
            self.strong = self.strong or not word.weak
            self.indian = self.indian or word.indian
        return taken

    def _enter(self, word: Word) -> bool:
        if word.role == "unit":
            return self._unit(word.value)
        if word.role == "about":
            return self._about(word.value)
        if word.role == "half" and self.small == 1.0 and not self.literal and self._scale_follows(self.at + 1):
            self.small = word.value  # "un demi-million"
            return True
        if word.role in {"fraction", "half", "article"}:
            if word.role == "article" and self.small == 0.5 and self._scale_follows(self.at + 1):
                return True  # "half a million"
            if self.small is not None or self.scaled:
                return False
            if word.role in {"half", "article"} and not (self._scale_follows(self.at + 1) or self._article_half()):
                return False
            self.small = word.value
            return True
        if word.role == "plus":
            if self.small is not None or self.scaled:
                return False
            self.plus = word.value
            if self._scale_follows(self.at + 1):
                self.small = 1.0
            return True
        if word.role == "hundred":
            return self._hundred(word)
        if self.small is None and not self.scaled and not word.alone:
            return False
        return self._scale(word.value)

    def _about(self, value: float) -> bool:
        """As in "une dizaine d'années", "une centaine de milliers": a number with what is counted after "de"."""
        if self.scaled or self.literal or (self.small is not None and self.small > 9):
            return False
        self.small = (self.small or 1.0) * value
        beyond = self.at + 2
        if beyond < len(self.tokens) and self.tokens[self.at + 1].key in {"de", "d"}:
            word = look_up(self.tokens[beyond].key)
            if word is not None and word.role == "scale":
                self.at += 1
        return True

    def _article_half(self) -> bool:
        """As in "half a million", "a half million"."""
        following = self.at + 1
        if following + 1 < len(self.tokens) and self.tokens[following].kind == "w":
            word = look_up(self.tokens[following].key)
            if word is not None and word.role in {"article", "half"} and self._scale_follows(following + 1):
                return True
        return False

    def _unit(self, value: float) -> bool:
        if self.small is None:
            self.small = value
            return True
        if self.literal:
            return False
        tens = self.small % 100
        if (tens in {20, 30, 40, 50, 60, 70, 80, 90} and value < 10) or (tens in {60, 80} and value < 20):
            if tens == 80 and self.small % 100 == 80 and value == 20:
                return False
            self.small += value
            return True
        if tens == 4 and value == 20 and self.last_word is not None:  # quatre-vingts
            self.small += 76
            return True
        if tens == 0 and self.small >= 100 and value < 100:
            self.small += value
            return True
        if tens == 10 and value in {7, 8, 9}:  # dix-sept
            self.small += value
            return True
        if tens in {70, 90} and value in {7, 8, 9} and self.last_word is not None and self.last_word.value == 10:
            self.small += value
            return True
        return False

    def _is_hundred(self) -> bool:
        """Whether "cent" is the French hundred, and no coin."""
        if self.tokens[self.at].key not in {"cent", "cents"}:
            return True
        if self.literal:
            return False
        if self.at > self.first and self.tokens[self.at - 1].key in _FRENCH:
            return True
        following = self.tokens[self.at + 1].key if self.at + 1 < len(self.tokens) else ""
        return self.reader.comma or following in {"mille", "millions", "million", "francs", "euros"}

    def _hundred(self, word: Word) -> bool:
        if not self._is_hundred():
            return False
        if self.small is None and word.value == 100 and self._scale_follows(self.at + 1) and not self.scaled:
            self.small = 100.0
            return True
        if self.small is None:
            if not word.alone and not self.scaled and not word.weak:
                return False
            self.small = 100.0
            return True
        if self.small + self.plus >= 100:
            return False
        self.small = (self.small + self.plus) * 100
        self.plus = 0.0
        return True

    def _scale(self, size: float) -> bool:
        if self.small is not None:
            counted = (
                self.small + self.plus if not (self.plus and self.small == 1.0 and self.plus < 0) else 1.0 + self.plus
            )
            if size >= self.last_scale:
                return False
            self.total += counted * size
        elif self.scaled and size > 1e3 and self.last_scale <= size and self.total < size:
            self.total *= size  # "one lakh crore"
        elif self.scaled:
            return False
        else:
            self.total += size
        self.small, self.plus, self.scaled, self.last_scale, self.literal = None, 0.0, True, size, ""
        return True

    def _joins(self, token: Token) -> bool:
        """Words between: "one hundred and five", "un million et demi", "vingt et un", "two and a half lakh"."""
        if token.key == "and" and self.small is not None and self._half_scale():
            self.small += 0.5
            self.at += 2
            return True
        if token.key == "et" and self.scaled and self.last_scale > 1e3 and self._numeral_follows():
            return True
        if (
            token.key in {"and", "et", "aur", "और", "आणि", "અને"}
            and self.last_word is not None
            and self.at + 1 < len(self.tokens)
        ):
            following = self.tokens[self.at + 1]
            word = look_up(following.key) if following.kind == "w" else None
            if word is None or self.last_word.role not in {"hundred", "scale", "unit"}:
                return False
            if token.key == "et" and word.role == "half":
                return False
            if self.last_word.role == "unit":
                return token.key == "et" and word.value in {1, 11} and (self.small or 0) % 10 == 0
            counted = self.small is not None or (self.scaled and self.tokens[self.first].kind == "w")
            return word.role == "unit" and not word.weak and counted
        if token.key in {"point", "virgule", "दशमलव"} and self.small is not None:
            return self._decimal()
        return False

    def _numeral_follows(self) -> bool:
        """As in "2 millions et 500 mille"."""
        following = self.at + 1
        return (
            following < len(self.tokens) and self.tokens[following].kind == "n" and self._smaller_follows(following + 1)
        )

    def _half_scale(self) -> bool:
        words = [t.key for t in self.tokens[self.at : self.at + 3]]
        return words == ["and", "a", "half"] and self._scale_follows(self.at + 3)

    def _decimal(self) -> bool:
        at, text = self.at + 1, ""
        if at < len(self.tokens) and self.tokens[at].kind == "n" and self.tokens[at].text.isdecimal():
            text, at = self.tokens[at].text[:6], at + 1
        while at < len(self.tokens) and self.tokens[at].kind == "w" and len(text) < 6:
            word = look_up(self.tokens[at].key)
            if word is None or word.role != "unit" or word.value > 99:
                break
            text += str(int(word.value))
            at += 1
        if not text or self.small is None:
            return False
        self.small += float(f"0.{text}")
        self.literal = "."
        self.at = at - 1
        return True

    def _trim(self) -> None:
        """A number does not end in a joining word or sign."""
        while self.at > self.first:
            token = self.tokens[self.at - 1]
            if token.kind == "n" or (token.kind == "w" and (look_up(token.key) or token.key in LETTERS)):
                return
            self.at -= 1

    def _halves(self, value: float) -> float:
        """As in "un million et demi", "two and a half"."""
        tokens, at = self.tokens, self.at
        words = [t.key for t in tokens[at : at + 3]]
        half = 0
        if words[:2] in (["et", "demi"], ["et", "demie"], ["and", "half"]):
            half = 2
        elif words == ["and", "a", "half"]:
            half = 3
        if half:
            self.at += half
            return value + 0.5 * (self.last_scale if self.scaled and self.small is None else 1.0)
        return value


def between(numbers: Sequence[Number], first: int) -> Number | None:
    """The number that begins at the token, if one does."""
    at = bisect.bisect_left([n.first for n in numbers], first)
    return numbers[at] if at < len(numbers) and numbers[at].first == first else None
