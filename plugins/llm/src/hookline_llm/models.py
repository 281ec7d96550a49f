"""llm's table: what was used, summed by day and model.  It holds nothing about contacts."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# One row a day (UTC, "2026-11-21"), provider and model.  Tokens are the provider's own counts; where it gave none they
# are estimates, and `estimated` counts those requests.  `cost` is in the currency of the configured prices.
usage = sa.Table(
    "llm_usage",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("requests", sa.BigInteger, nullable=False),
    sa.Column("estimated", sa.BigInteger, nullable=False),
    sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
    sa.Column("answer_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "day", "provider", "model"),
)
