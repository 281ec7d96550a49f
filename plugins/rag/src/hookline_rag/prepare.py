"""A message made ready to be looked for: without what is only polite, with Hindi in Latin letters understood.

Nothing here needs an index; what does (spelling, other scripts) is in `question`.
"""

from __future__ import annotations

import attrs
import regex

from .hinglish import EMPTY, FILLER, is_hinglish, meaning
from .terms import spans

ROMAN_HINDI = "hi-Latn"

# What people say around a question; a phrase goes where at least one word of meaning is left.
_AROUND = regex.compile(
    r"""(?ix)
    ^(?:\s|[,.!])*(?:
      (?:hi|hello|hey|dear)(?:\s+(?:there|team|sir|madam|all))?\b | good\s+(?:morning|afternoon|evening)\b |
      (?:please|kindly|pls|plz)\b | excuse\s+me\b | (?:ok|okay|well|so)\b(?=\s*,) |
      (?:can|could|would|will)\s+(?:you|u|anyone|someone)\s+(?:please\s+|kindly\s+)?
        (?:tell|let|show|explain|inform|advise|help)\s+(?:me|us)\b(?:\s+(?:know|understand|with|about|out))? |
      (?:please\s+)?(?:tell|let)\s+(?:me|us)\b(?:\s+(?:know|about))? |
      (?:i|we)(?:\s+(?:would|will|’d|'d)|['’]d)?\s+(?:like|want|need|wish|love)\s+to\s+(?:know|ask|find\s+out|understand)\b
        (?:\s+(?:about|if|whether))? |
      (?:i\s+am|i['’]m|we\s+are)\s+(?:just\s+)?(?:wondering|curious|looking\s+to\s+know)\b(?:\s+(?:about|if|whether))? |
      (?:do|does)\s+(?:you|anyone|anybody)\s+know\b(?:\s+(?:if|whether))? |
      bonjour\b | bonsoir\b | salut\b | (?:pouvez|pourriez)-vous\s+me\s+dire\b | s['’]il\s+vous\s+pla[iî]t\b |
      je\s+(?:voudrais|veux|souhaite)\s+savoir\b | dites-moi\b |
      hallo\b | guten\s+(?:tag|morgen|abend)\b | bitte\b | k[öo]nnen\s+sie\s+mir\s+(?:bitte\s+)?sagen\b |
      ich\s+(?:möchte|würde\s+gerne?)\s+wissen\b | sagen\s+sie\s+mir\b |
      hola\b | por\s+favor\b | (?:puede|puedes|podr[ií]a)\s+decirme\b | quisiera\s+saber\b | me\s+gustar[ií]a\s+saber\b |
      नमस्ते | नमस्कार | कृपया | मुझे\s+(?:यह\s+)?(?:बताइए|बताएं|बताओ|बता\s+दीजिए) | भाई | सर | मैडम | सुनिए | ज़?रा\s
    )(?:\s|[,.!:])*
    """
)
_BEHIND = regex.compile(
    r"""(?ix)
    (?:\s|[,.!])*(?:
      \b(?:please|pls|plz|kindly|thanks|thank\s+you|thx|cheers|sir|madam)\b(?:\s+(?:in\s+advance|a\s+lot|so\s+much))? |
      \bs['’]il\s+(?:vous|te)\s+pla[iî]t\b | \bmerci\b(?:\s+d['’]avance)? | \bsvp\b | \bbitte\b | \bdanke\b |
      \bpor\s+favor\b | \bgracias\b | कृपया | धन्यवाद | बताइए | बताएं | बताओ | बता\s+दीजिए | जी
    )(?P<end>[\s,.!]*[?？؟]?\s*)$
    """
)
_MARKS = " ,.!:;-–—\n\t"


@attrs.frozen
class Prepared:
    """`asked` as it came, `text` as it is looked for, `language` where it shows ("hi-Latn"), and what was `dropped`."""

    asked: str
    text: str
    language: str = ""
    dropped: tuple[str, ...] = ()


def prepare(text: str) -> Prepared:
    """Take away filler; put Hindi in Latin letters into English words, as far as they are known."""
    asked = " ".join(text.split())
    told = [(word, start, end) for word, start, end in spans(asked)]
    if asked.isascii() and is_hinglish([word for word, _, _ in told]):
        return _from_hinglish(asked, told)
    rest = asked
    dropped = []
    while (match := _AROUND.match(rest)) and match.end() < len(rest) and match.end() > 0:
        dropped.append(match.group().strip(_MARKS))
        rest = rest[match.end() :]
    while (match := _BEHIND.search(rest)) and match.start() > 0:
        dropped.append(rest[match.start() : match.start("end")].strip(_MARKS))
        rest = rest[: match.start()] + match.group("end").strip()
    if not rest.strip(_MARKS + "?？؟"):
        return Prepared(asked, asked)
    return Prepared(asked, rest, dropped=tuple(part for part in dropped if part))


def _from_hinglish(asked: str, told: list[tuple[str, int, int]]) -> Prepared:
    kept, dropped = [], []
    for word, start, end in told:
        known = meaning(word)
        if known is not None:
            kept.append(known.english[0])
        elif word in EMPTY:
            if word in FILLER:
                dropped.append(asked[start:end])
        else:
            kept.append(asked[start:end])
    return Prepared(asked, " ".join(kept) or asked, ROMAN_HINDI, tuple(dropped))
