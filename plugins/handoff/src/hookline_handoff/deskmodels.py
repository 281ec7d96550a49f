"""The desk's tables: promises of service, notes, canned replies, macros, files, ratings and what search needs.

Times are seconds since the epoch; JSON is text; `owner`, `author`, `by` and `staff` are ids of staff accounts.
"""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

from .models import metadata

T, N = sa.Text, sa.Double


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(f"handoff_{name}", metadata, sa.Column("tenant", T, nullable=False), *columns)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, T, nullable=False, server_default=default)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant", *columns, name=f"pk_handoff_{table}")


def _index(table: str, name: str, *columns: str) -> sa.Index:
    return sa.Index(f"ix_handoff_{table}_{name}", "tenant", *columns)


# One row a promise: clock is first_response | next_reply | resolution, and `n` counts a handoff's next replies.
# state         running | warned | breached | paused | met | missed
# target        working seconds that were promised, `used` those gone before `running_since` (NULL: it stands still)
# due_at        when it will be late; NULL while it stands still
# anchor        what it was started by: so that the same customer's message starts one next reply, not two
# version       rises with each change: who changes the row names the one that was seen
clock = _table(
    "clock",
    _text("handoff"),
    _text("clock"),
    sa.Column("n", sa.Integer, nullable=False),
    _text("conversation"),
    _text("policy"),
    _text("calendar"),
    _text("state"),
    sa.Column("target", N, nullable=False),
    sa.Column("anchor", N, nullable=False),
    sa.Column("used", N, nullable=False),
    sa.Column("running_since", N),
    sa.Column("due_at", N),
    sa.Column("warned_at", N),
    sa.Column("breached_at", N),
    sa.Column("ended_at", N),
    sa.Column("version", sa.Integer, nullable=False),
    _key("clock", "handoff", "clock", "n"),
    _index("clock", "due", "due_at"),
)

# One row a level that a handoff has climbed to.  kind: climb | stale; state: told | skipped (nobody is named for it).
climb = _table(
    "climb",
    _text("handoff"),
    _text("kind"),
    sa.Column("level", sa.Integer, nullable=False),
    _text("conversation"),
    _text("role"),
    _text("state"),
    sa.Column("at", N, nullable=False),
    _key("climb", "handoff", "kind", "level"),
)

# What a person who takes over must know: `body` is a SummaryView, `upto` the newest message that it knows.
summary = _table(
    "summary",
    _text("conversation"),
    _text("contact"),
    _text("handoff"),
    sa.Column("upto", sa.Integer, nullable=False),
    sa.Column("made_at", N, nullable=False),
    sa.Column("body", Json, nullable=False),
    _key("summary", "conversation"),
    _index("summary", "contact", "contact"),
)

# `owner` is "" for those shared with all.
canned = _table(
    "canned",
    _text("id"),
    _text("owner"),
    _text("shortcut"),
    _text("language"),
    _text("title"),
    _text("text"),
    sa.Column("used", sa.Integer, nullable=False, server_default="0"),
    sa.Column("updated_at", N, nullable=False),
    _key("canned", "id"),
    sa.UniqueConstraint("tenant", "owner", "shortcut", "language", name="uq_handoff_canned_shortcut"),
)

# kind: note | whisper | transfer.
note = _table(
    "note",
    _text("id"),
    _text("conversation"),
    _text("contact"),
    _text("handoff"),
    _text("kind"),
    _text("author"),
    _text("author_name"),
    _text("text"),
    sa.Column("mentions", Json, nullable=False),
    sa.Column("created_at", N, nullable=False),
    sa.Column("edited_at", N),
    _key("note", "id"),
    _index("note", "conversation", "conversation", "created_at"),
    _index("note", "contact", "contact"),
)

# Something for one member of the staff.
notice = _table(
    "notice",
    _text("id"),
    _text("staff"),
    _text("kind"),
    _text("conversation"),
    _text("contact"),
    _text("handoff"),
    _text("by"),
    _text("by_name"),
    _text("text"),
    sa.Column("created_at", N, nullable=False),
    sa.Column("read_at", N),
    _key("notice", "id"),
    _index("notice", "staff", "staff", "created_at"),
    _index("notice", "contact", "contact"),
)

tag = _table(
    "tag",
    _text("conversation"),
    _text("tag"),
    _key("tag", "conversation", "tag"),
    _index("tag", "tag", "tag"),
)

# `owner` is who made it; `shared` ones are everybody's.
saved = _table(
    "saved",
    _text("id"),
    _text("owner"),
    _text("name"),
    sa.Column("query", Json, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    _key("saved", "id"),
)

macro = _table(
    "macro",
    _text("id"),
    _text("owner"),
    _text("name"),
    sa.Column("steps", Json, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    _key("macro", "id"),
)

# What was uploaded; the bytes are in the tenant's folder under the same id.
file = _table(
    "file",
    _text("id"),
    _text("conversation"),
    _text("contact"),
    _text("name"),
    _text("media_type"),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("sha256"),
    _text("by"),
    sa.Column("created_at", N, nullable=False),
    _key("file", "id"),
    _index("file", "contact", "contact"),
    _index("file", "conversation", "conversation"),
)

# state: asked | overlooked (the customer spoke of something else) | rated | expired.
rating = _table(
    "rating",
    _text("handoff"),
    _text("conversation"),
    _text("contact"),
    _text("channel"),
    _text("agent"),
    _text("team"),
    _text("state"),
    sa.Column("scale", sa.Integer, nullable=False),
    sa.Column("score", sa.Integer),
    _text("comment", ""),
    sa.Column("asked_at", N, nullable=False),
    sa.Column("rated_at", N),
    _key("rating", "handoff"),
    _index("rating", "rated", "rated_at"),
    _index("rating", "contact", "contact"),
)

# Who became whom: `into` stays, `source` is gone; `body` is what is needed to undo it.
merge = _table(
    "merge",
    _text("id"),
    _text("contact"),
    _text("source"),
    _text("source_name"),
    _text("by"),
    sa.Column("at", N, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("undone_at", N),
    _key("merge", "id"),
    _index("merge", "contact", "contact"),
)

# Which words a conversation has (in its messages, notes and its contact's name), and up to where it was read.  Words are
# looked up by how they begin: on PostgreSQL too they lie in the order of their code points (the migration says so).
word = _table(
    "word",
    _text("word"),
    _text("conversation"),
    _key("word", "word", "conversation"),
    _index("word", "conversation", "conversation"),
)
indexed = _table(
    "indexed",
    _text("conversation"),
    _text("contact"),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", N, nullable=False),
    _key("indexed", "conversation"),
    _index("indexed", "contact", "contact"),
)

# What links to files are signed with.
secret = _table("secret", _text("name"), _text("value"), _key("secret", "name"))

ALL_TABLES = metadata
"""The tables of `models` and these."""
