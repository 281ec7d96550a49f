"""flows' table: the definitions that conversations may still be on.  It holds nothing about contacts."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# One row for each content that a flow ever had, by its digest; `body` is the flow as JSON.
definition = sa.Table(
    "flows_definition",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("stored_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "flow", "digest"),
)
