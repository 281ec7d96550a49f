"""The passages that fit a budget of characters, best first, cut where a sentence ends."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from hookline.message import Passage

from .sentences import sentences

_FRAME = 8  # what a prompt writes around a passage: its number, brackets, line ends


def context(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """The first passages whose texts and titles have at most `limit` characters together.

    The one that no longer fits whole is cut at a sentence's end; where its answer (`meta["answer"]`, document
    offsets) lies beyond the cut, it begins with that.  Nothing after it is taken.
    """
    kept: list[Passage] = []
    left = limit
    for passage in passages:
        room = left - len(passage.title) - _FRAME
        if room >= len(passage.text):
            kept.append(passage)
            left = room - len(passage.text)
            continue
        part = _cut(passage, room)
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
