"""The passages that fit a budget of characters and tokens, most important first, cut where a sentence ends."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from hookline.message import Passage

from .sentences import sentences
from .tokens import estimate

_FRAME = 8  # what a prompt writes around a passage: its number, brackets, line ends


def context(passages: Sequence[Passage], limit: int, tokens: int = 0) -> list[Passage]:
    """The first passages whose texts and titles have at most `limit` characters, and `tokens` tokens (0: any), together.

    The one that no longer fits whole is cut at a sentence's end; where its answer (`meta["answer"]`, document
    offsets) lies beyond the cut, it begins with that.  Nothing after it is taken, so what is least important, last in
    the order given, goes first.
    """
    kept: list[Passage] = []
    left, tokens_left = limit, tokens
    for passage in passages:
        room = left - len(passage.title) - _FRAME
        size = estimate(f"{passage.title} {passage.text}") if tokens else 0
        if room >= len(passage.text) and size <= tokens_left:
            kept.append(passage)
            left = room - len(passage.text)
            tokens_left -= size
            continue
        if size > tokens_left:
            # As many characters as the tokens that are left make, by this passage's own density.
            room = min(room, len(passage.text) * tokens_left // max(1, size))
        part = _cut(passage, room)
        if part is not None and tokens:
            while part is not None and estimate(f"{part.title} {part.text}") > tokens_left:
                part = _cut(part, len(part.text) - 1)
        if part is not None:
            kept.append(part)
        break
    return kept


def _cut(passage: Passage, room: int) -> Passage | None:
    spans = sentences(passage.text)
    if room <= 0 or not spans:
        return None
    begin = 0
    answer = passage.meta.get("answer")
    if answer and answer[1] - passage.start > room:
        begin = next((at for at, (_, end) in enumerate(spans) if end > answer[0] - passage.start), 0)
    start = spans[begin][0] if begin else 0
    stop = max((end for _, end in spans[begin:] if end - start <= room), default=0)
    if stop <= start:
        return None
    return attrs.evolve(passage, start=passage.start + start, end=passage.start + stop, text=passage.text[start:stop])
