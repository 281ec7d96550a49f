"""The core's tables.

Every table has a `tenant` column in its primary key and in every UNIQUE; foreign keys are (tenant, id).  Times are
seconds since the epoch (UTC) as double precision; JSON is text made by msgspec.  Ids of contacts, conversations,
messages and timers are opaque text; ids of inbox, outbox and event rows are integers that the database gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


class Json(TypeDecorator[Any]):
    """JSON as text: the same on every database, cheap to copy, never parsed by the database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        """Encode; None stays NULL."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        """Decode; NULL stays None."""
        return None if value is None else msgspec.json.decode(value)

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Any], str | None]:
        """The encoding itself: a turn binds a dozen values, and text has nothing to be processed after it."""
        return _encoded

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[str | None], Any]:
        """The decoding itself."""
        return _decoded


def _encoded(value: Any) -> str | None:
    return None if value is None else _encode(value).decode()


def _decoded(value: str | None) -> Any:
    return None if value is None else _decode(value)


BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def literal(value: str) -> sa.ColumnElement[str]:
    """A value written into the SQL: a partial index is only used where its condition stands in the statement."""
    if not value.isidentifier():
        raise ValueError(f"{value!r} can't be written into SQL")
    return sa.literal_column(f"'{value}'", sa.Text)


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


contact = sa.Table(
    "contact",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("phone", sa.Text, nullable=False, server_default=""),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
)

identity = sa.Table(
    "identity",
    metadata,
    _tenant(),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "channel", "address"),
    sa.ForeignKeyConstraint(["tenant", "contact"], ["contact.tenant", "contact.id"], ondelete="CASCADE"),
    sa.Index("ix_identity_contact", "tenant", "contact"),
)

# One row a conversation of one contact on one channel.  `state` is what the plugins keep, by plugin name.
conversation = sa.Table(
    "conversation",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="open"),
    sa.Column("held_by", sa.Text, nullable=False, server_default=""),
    sa.Column("owner_epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("state", Json, nullable=False, server_default="{}"),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.ForeignKeyConstraint(["tenant", "contact"], ["contact.tenant", "contact.id"], ondelete="CASCADE"),
    sa.Index("ix_conversation_address", "tenant", "channel", "address"),
    sa.Index("ix_conversation_updated", "tenant", "updated_at"),
)

message = sa.Table(
    "message",
    metadata,
    _tenant(),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("body", Json),  # the Message; NULL once purged
    sa.Column("inbox_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "conversation", "seq"),
    sa.UniqueConstraint("tenant", "id"),
    sa.ForeignKeyConstraint(["tenant", "conversation"], ["conversation.tenant", "conversation.id"], ondelete="CASCADE"),
    sa.Index("ix_message_created", "tenant", "created_at"),
)

# A lane is what runs one thing after the other: a conversation's id, or `plugin:key`.
# On SQLite leases live in the memory of the one server and these columns are not used.
lane = sa.Table(
    "lane",
    metadata,
    _tenant(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.Double, nullable=False, server_default="0"),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),  # rises with each lease taken
    sa.PrimaryKeyConstraint("tenant", "key"),
)

# state: pending | done | dead | cancelled.  kind: message | timer | job | command | receipt.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", BigId, nullable=False, autoincrement=True, primary_key=True),
    _tenant(),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("plugin", sa.Text, nullable=False, server_default=""),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_key", sa.Text, nullable=False),
    sa.Column("payload", Json),  # NULL once purged
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("not_before", sa.Double, nullable=False, server_default="0"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("accepted_at", sa.Double, nullable=False),
    sa.Column("finished_at", sa.Double),
    sa.UniqueConstraint("tenant", "source", "source_key"),
    sa.Index(
        "ix_inbox_pending",
        "tenant",
        "lane",
        "id",
        sqlite_where=sa.text("state='pending'"),
        postgresql_where=sa.text("state='pending'"),
    ),
    sa.Index(
        "ix_inbox_dead", "tenant", "id", sqlite_where=sa.text("state='dead'"), postgresql_where=sa.text("state='dead'")
    ),
    sqlite_autoincrement=True,
)

UNSENT = ("failed", "parked", "dropped", "withdrawn", "ambiguous")
"""The states of what did not go out: such a row may keep its words."""
_UNSENT = f"state in ({','.join(map(repr, UNSENT))})"

# state: pending | sending | sent | failed | parked | dropped | withdrawn | ambiguous.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BigId, nullable=False, autoincrement=True, primary_key=True),
    _tenant(),
    sa.Column("source_kind", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("body", Json),  # the Message; NULL once purged
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempt_id", sa.Text, nullable=False, server_default=""),
    sa.Column("not_before", sa.Double, nullable=False, server_default="0"),
    sa.Column("provider_id", sa.Text, nullable=False, server_default=""),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.Double, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("sent_at", sa.Double),
    sa.Column("aside", sa.Boolean, nullable=False, server_default=sa.false()),  # parked, and later ones may pass
    sa.UniqueConstraint("tenant", "source_kind", "source_id", "n"),
    sa.Index(
        "ix_outbox_open",
        "tenant",
        "conversation",
        "id",
        sqlite_where=sa.text("state in ('pending','sending','parked')"),
        postgresql_where=sa.text("state in ('pending','sending','parked')"),
    ),
    sa.Index(
        "ix_outbox_unsent",
        "tenant",
        "conversation",
        sqlite_where=sa.text(_UNSENT),
        postgresql_where=sa.text(_UNSENT),
    ),
    sqlite_autoincrement=True,
)

# state: waiting | fired | cancelled.
timer = sa.Table(
    "timer",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("plugin", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("due_at", sa.Double, nullable=False),
    sa.Column("payload", Json, nullable=False, server_default="{}"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "plugin", "lane", "kind", "key"),
    sa.Index(
        "ix_timer_due",
        "tenant",
        "due_at",
        sqlite_where=sa.text("state='waiting'"),
        postgresql_where=sa.text("state='waiting'"),
    ),
)

# The event log.  `xid` is the writing transaction on PostgreSQL, where ids are given before commit: readers stop
# below the oldest transaction still running, so that a late commit is never skipped.  Always 0 on SQLite.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", BigId, nullable=False, autoincrement=True, primary_key=True),
    _tenant(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False, server_default=""),
    sa.Column("payload", Json, nullable=False, server_default="{}"),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("xid", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_event_tenant", "tenant", "id"),
    sqlite_autoincrement=True,
)

cursor = sa.Table(
    "cursor",
    metadata,
    _tenant(),
    sa.Column("observer", sa.Text, nullable=False),
    sa.Column("event_id", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "observer"),
)

api_key = sa.Table(
    "api_key",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # sha256 of the key, which has 256 random bits
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("revoked_at", sa.Double),
    sa.Column("scopes", Json, nullable=False, server_default="[]"),  # empty: all that the role opens
    sa.Column("expires_at", sa.Double),
    sa.Column("used_at", sa.Double),  # the last use, to the minute
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "digest"),
)

# The people who work for a tenant.  `email_key` is the address as it is compared; `password` an argon2 hash, "" where
# none was set yet; `version` rises with each change that ends what was signed in before; `reset_digest` is the sha256
# of the one link with which a password may be set, until `reset_until`.
staff = sa.Table(
    "staff",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("phone", sa.Text, nullable=False, server_default=""),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.Column("password", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reset_digest", sa.Text, nullable=False, server_default=""),
    sa.Column("reset_until", sa.Double, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("disabled_at", sa.Double),
    sa.Column("seen_at", sa.Double),  # the last time that somebody signed in
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.UniqueConstraint("tenant", "email_key"),
)

# One row for each time that somebody signed in: all tokens that came of it are ended with it.
staff_login = sa.Table(
    "staff_login",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("staff", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("client", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.ForeignKeyConstraint(["tenant", "staff"], ["staff.tenant", "staff.id"], ondelete="CASCADE"),
    sa.Index("ix_staff_login_staff", "tenant", "staff"),
)

# Refresh tokens: each is good once; the one that takes its place belongs to the same login.
staff_token = sa.Table(
    "staff_token",
    metadata,
    _tenant(),
    sa.Column("digest", sa.Text, nullable=False),  # sha256 of the token, which has 256 random bits
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("used_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "digest"),
    sa.ForeignKeyConstraint(["tenant", "login"], ["staff_login.tenant", "staff_login.id"], ondelete="CASCADE"),
    sa.Index("ix_staff_token_login", "tenant", "login"),
)

# Attempts to sign in, by what they are counted for: an account, an address, or both (hashed).
login_attempt = sa.Table(
    "login_attempt",
    metadata,
    _tenant(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.Double, nullable=False),
    sa.Column("blocked_until", sa.Double, nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("tenant", "key"),
)

# How many reference ids of a series there are; what belongs to one series says `referenceformat`.
reference = sa.Table(
    "reference",
    metadata,
    _tenant(),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "series"),
)

# A versioned overlay of the tenant's config, made by the admin API; the newest version counts.
overlay = sa.Table(
    "overlay",
    metadata,
    _tenant(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("by", sa.Text, nullable=False, server_default=""),
    sa.Column("at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "version"),
)

# Hash-chained: `hash` covers the row and `previous`, the hash of the tenant's row before it.
audit = sa.Table(
    "audit",
    metadata,
    _tenant(),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", Json, nullable=False, server_default="{}"),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "n"),
)
