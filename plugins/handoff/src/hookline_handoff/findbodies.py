"""Files, what a search finds, and contacts with their merges, as they travel; see `deskbodies` for the routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

# -- files --------------------------------------------------------------------------------------------------------------------


@attrs.frozen
class FileView:
    """An uploaded file.  `attachment` goes into `attachments` of a reply as it is; `url` is for staff."""

    id: str
    name: str
    media_type: str
    size: int
    url: str
    attachment: Mapping[str, Any]


# -- search, contacts --------------------------------------------------------------------------------------------------------


@attrs.frozen
class Hit:
    """A conversation that was found.  `snippet` is a part of the text with the words in it, `marks` their (start, end)
    in it in code points; `where` is message | note | contact."""

    conversation: str
    channel: str
    contact: str
    name: str
    where: str
    seq: int
    author: str
    at: float
    snippet: str
    marks: Sequence[tuple[int, int]]


@attrs.frozen
class SearchPage:
    """What was found, the newest first; `next` is the following page's `cursor`, "" at the end."""

    hits: Sequence[Hit]
    next: str


@attrs.frozen
class ContactHit:
    """A contact with its identities ([channel, address]) and its conversations' count."""

    id: str
    name: str
    email: str
    phone: str
    language: str
    identities: Sequence[tuple[str, str]]
    conversations: int


@attrs.frozen
class Contacts:
    """Contacts that fit, by name."""

    contacts: Sequence[ContactHit]


@attrs.frozen
class MergeBody:
    """Who is the same person and goes up into the contact of the path: `contact`, with identities and conversations."""

    contact: str


@attrs.frozen
class MergeView:
    """A merge: `moved` counts identities, conversations and rows; it can be undone until `undone_at` is set."""

    id: str
    into: str
    source: str
    source_name: str
    by: str
    at: float
    moved: Mapping[str, int]
    undone_at: float | None


@attrs.frozen
class Merges:
    """Newest first."""

    merges: Sequence[MergeView]
