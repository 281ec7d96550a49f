"""The plugin's tables."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

metadata = sa.MetaData()


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# A code that somebody was asked for.  `who` is the keyed hash of the claim, `account` the account that it means ("": none).
# `digest` is the code's keyed hash, `target` that of the registered address it goes to ("": it goes nowhere).
# state: queued | open | used | locked | void.
challenge = sa.Table(
    "identity_challenge",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),  # turn | http
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("mask", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("tries_left", sa.Integer, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),  # which code of this conversation's question it is
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("sent_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_identity_challenge_who", "tenant", "who", "created_at"),
    sa.Index("ix_identity_challenge_conversation", "tenant", "conversation", "created_at"),
    sa.Index("ix_identity_challenge_account", "tenant", "account", "sent_at"),
)

# Who has proved what, a row a conversation; `token` is the sha256 of what an HTTP client got for it.
proof = sa.Table(
    "identity_proof",
    metadata,
    _tenant(),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("token", sa.Text, nullable=False, server_default=""),
    sa.Column("proved_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False),
    sa.Column("spans", Json, nullable=False, server_default="[]"),  # [from, to] of earlier proofs here
    sa.PrimaryKeyConstraint("tenant", "conversation"),
    sa.Index("ix_identity_proof_token", "tenant", "token"),
    sa.Index("ix_identity_proof_account", "tenant", "account"),
)

# What is counted against limits, by keyed hashes; a window begins at `since`.
count = sa.Table(
    "identity_count",
    metadata,
    _tenant(),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "key"),
)

# The registered addresses that were seen of each account, by keyed hashes: a new one has to cool down.
address = sa.Table(
    "identity_address",
    metadata,
    _tenant(),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),
    sa.Column("first", sa.Integer, nullable=False),  # 1: there when the account was first seen; 2: nobody's
    sa.PrimaryKeyConstraint("tenant", "who", "target"),
)

# Contacts that proved to be one customer: what moved, so that it can be moved back.  state: offered | done | undone.
merge = sa.Table(
    "identity_merge",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("body", Json, nullable=False),
    sa.Column("undone_at", sa.Double),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_identity_merge_contact", "tenant", "contact"),
)
