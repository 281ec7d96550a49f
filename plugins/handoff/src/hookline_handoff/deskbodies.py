"""What travels over HTTP for the desk: notes, canned replies, macros, files, search, summaries, reports (see `bodies`).

Times are epoch seconds; ids are opaque strings; errors are RFC 9457 problem details.  `{id}` below `conversations` is
a conversation's.  Routes (below the tenant; role: at least this one):

    GET    /console/api/canned?q=&language=&conversation=&limit=     agent   → CannedPage (the best first; with
           `conversation` each `filled` is the text with its variables put in)
    POST   /console/api/canned                      CannedBody       agent (shared: supervisor) → CannedView (201)
    PUT    /console/api/canned/{id}                 CannedBody       its owner; shared: supervisor → CannedView
    DELETE /console/api/canned/{id}                                  as PUT → 204
    POST   /console/api/canned/preview              PreviewBody      agent   → Preview (of a text that is being written)
    POST   /console/api/canned/{id}/use             UseBody          agent   → CannedView, `filled`; counts the use

    GET    /console/api/conversations/{id}/notes                     viewer  → Notes
    POST   /console/api/conversations/{id}/notes    NoteBody         agent   → NoteView (201)
    PUT    /console/api/notes/{id}                  NoteBody         its author → NoteView
    DELETE /console/api/notes/{id}                                   its author, supervisor → 204
    GET    /console/api/notices?after=&limit=                        viewer  → Notices (mentions, whispers, SLA; mine)
    POST   /console/api/notices/read                ReadNoticesBody  viewer  → Notices

    GET    /console/api/tags                                         viewer  → Tags (those in use, with counts)
    PUT    /console/api/conversations/{id}/tags     TagsBody         agent   → TagsBody
    GET    /console/api/filters                                      viewer  → Filters (my own and the shared ones)
    POST   /console/api/filters                     FilterBody       viewer (shared: supervisor) → FilterView (201)
    PUT    /console/api/filters/{id}                FilterBody       its owner; shared: supervisor → FilterView
    DELETE /console/api/filters/{id}                                 as PUT → 204

    GET    /console/api/macros                                       agent   → Macros (my own and the shared ones)
    POST   /console/api/macros                      MacroBody        agent (shared: supervisor) → MacroView (201)
    PUT    /console/api/macros/{id}                 MacroBody        its owner; shared: supervisor → MacroView
    DELETE /console/api/macros/{id}                                  as PUT → 204
    POST   /console/api/conversations/{id}/macros/{macro}            agent   → MacroRun (200 also where a step failed)

    GET    /console/api/conversations/{id}/summary                   viewer  → SummaryView (made now if there is none)
    POST   /console/api/conversations/{id}/summary                   agent   → SummaryView (made anew)
    POST   /console/api/conversations/{id}/translate TranslateBody   viewer  → Translated (501 without a translator)
    POST   /console/api/conversations/{id}/suggest  SuggestBody      agent   → Suggestion
    GET    /console/api/conversations/{id}/panels                    viewer  → Panels

    POST   /console/api/conversations/{id}/attachments  multipart, one part with a filename   agent → FileView (201)
    GET    /console/api/attachments/{id}                             viewer  → the file (`?download=1`: to be saved)
    GET    /handoff/files/{id}?until=&sign=                          public  → the file, by a signed link

    GET    /console/api/search?q=&limit=&cursor=                     viewer  → SearchPage
    GET    /console/api/contacts?q=&limit=                           agent   → Contacts
    POST   /console/api/contacts/{id}/merge         MergeBody        agent   → MergeView (201; `{id}` is who stays)
    GET    /console/api/contacts/{id}/merges                         agent   → Merges
    POST   /console/api/merges/{id}/undo                             supervisor → MergeView

    GET    /console/api/supervisor                                   supervisor → Overview
    POST   /console/api/conversations/{id}/listen                    supervisor → 204 (audited; then watch by the socket)
    POST   /console/api/conversations/{id}/whisper  WhisperBody      supervisor → NoteView (201)
    GET    /console/api/reports?from=&to=&timezone=&by=&format=json|csv   supervisor → Report
           (`by`: total, day, agent, team, channel, tag; `from`, `to`: days as 2026-11-01, both included)
    GET    /console/api/ratings?from=&to=&timezone=&cursor=&limit=&format=json|csv   supervisor → Ratings

Taking over is `claim` with `force`.  Live events, topic "staff": `handoff.noted` {"conversation", "note": NoteView},
`handoff.notice` {"to": agent's id, "notice": NoticeView}, `handoff.tagged` {"conversation", "tags"}, `handoff.rated`
{"conversation", "rating": RatingView}, `handoff.summarised` {"conversation", "summary": SummaryView},
`handoff.sla_warning` and `handoff.sla_breach` {"conversation", "handoff": id, "clock": SlaClock}, `handoff.escalated`
{"conversation", "handoff": id, "level", "role"}, `handoff.merged` {"contact", "from"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import attrs
import msgspec

Language = Annotated[str, msgspec.Meta(max_length=35)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


@attrs.frozen
class NoteBody:
    """A private note.  `mentions` are staff ids; "@Name" or "@address" in the text is found besides.

    `client_id` is the writer's own id of a new note: the same again writes nothing, and gets the note that is there.
    """

    text: Text
    mentions: Annotated[Sequence[str], msgspec.Meta(max_length=20)] = ()
    client_id: Annotated[str, msgspec.Meta(max_length=64)] = ""


@attrs.frozen
class NoteView:
    """A private note, seen by staff only.  kind: note | whisper (of a supervisor) | transfer."""

    id: str
    conversation: str
    handoff: str
    kind: str
    author: str
    author_name: str
    text: str
    mentions: Sequence[str]
    created_at: float
    edited_at: float | None


@attrs.frozen
class Notes:
    """The notes of a conversation, oldest first."""

    notes: Sequence[NoteView]


@attrs.frozen
class NoticeView:
    """Something for one member of the staff: kind mention | whisper | sla_warning | sla_breach | escalation | rating."""

    id: str
    kind: str
    conversation: str
    handoff: str
    by: str
    by_name: str
    text: str
    created_at: float
    read_at: float | None


@attrs.frozen
class Notices:
    """My notices, newest first; `unread` of all."""

    notices: Sequence[NoticeView]
    unread: int


@attrs.frozen
class ReadNoticesBody:
    """Which are read; none named: all."""

    ids: Annotated[Sequence[str], msgspec.Meta(max_length=500)] = ()


@attrs.frozen
class TagCount:
    """A tag and how many conversations have it."""

    tag: str
    count: int


@attrs.frozen
class Tags:
    """The tags in use and those that the config suggests (count 0), by name."""

    tags: Sequence[TagCount]


@attrs.frozen
class TagsBody:
    """All tags of a conversation, in order of their names."""

    tags: Annotated[Sequence[Tag], msgspec.Meta(max_length=20)]


@attrs.frozen
class FilterBody:
    """A saved filter: what the inbox's query says (`view`, `channel`, `team`, `agent`, `tag`, `sla`, …)."""

    name: Name
    query: Mapping[str, str]
    shared: bool = False


@attrs.frozen
class FilterView:
    """A saved filter."""

    id: str
    name: str
    query: Mapping[str, str]
    shared: bool
    owner: str


@attrs.frozen
class Filters:
    """By name, my own first."""

    filters: Sequence[FilterView]
