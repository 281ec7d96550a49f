"""A photo or document as an answer: which of a message's files a question takes, and why it does not take one."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from hookline.message import Attachment

from .filling import Answer
from .model import Slot
from .slots import Problem

if TYPE_CHECKING:
    from .heard import Heard

_NAMED = {
    "image/*": "photo",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "application/pdf": "PDF",
    "audio/*": "audio",
    "video/*": "video",
}
"""What people call a type; another is called by its second half."""


def fits(slot: Slot, media_type: str) -> bool:
    """Whether the question takes files of that type; without `types` it takes any."""
    plain = media_type.partition(";")[0].strip().casefold()
    return not slot.types or any(fnmatchcase(plain, one) for one in slot.types)


def named(types: Iterable[str]) -> str:
    """The types as people know them: "photo, PDF"."""
    return ", ".join(dict.fromkeys(_NAMED.get(one) or one.rpartition("/")[2].upper() for one in types))


def answer(slot: Slot, attachments: Iterable[Attachment]) -> Answer | None:
    """The first of the files that fits, as it is kept: url, media_type, name and size; why none does; None where none was sent."""
    wrong: Problem | None = None
    for one in attachments:
        if not fits(slot, one.media_type):
            wrong = wrong or Problem("flows-again-file-type", {"types": named(slot.types)})
        elif slot.max_bytes and one.size is not None and one.size > slot.max_bytes:
            wrong = Problem("flows-again-file-size", {"max": max(1, slot.max_bytes // 1_000_000)})
        else:
            kept = {"url": one.url, "media_type": one.media_type, "name": one.name, "size": one.size}
            return Answer(kept)
    return Answer(problem=wrong) if wrong is not None else None


async def taken(heard: Heard) -> bool:
    """Files that came where another thing is asked: they fill the questions for files that are still open, which say so."""
    run, frame, flow = heard.run, heard.frame, heard.flow
    sent = list(run.turn.message.attachments)
    found = False
    for name, slot in flow.slots.items():
        if slot.kind != "file" or frame.filled(name) or not sent:
            continue
        given = answer(slot, sent)
        if given is not None and given.problem is None:
            frame.slots[name] = given.value
            sent = [one for one in sent if one.url != given.value["url"]]
            heard.noted(name)
            found = True
    return found
