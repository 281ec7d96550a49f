"""The tables of this plugin; modules of their own register theirs on the same `metadata`.

Times are seconds since the epoch; JSON is text.  Ids of agents are those of staff accounts.
"""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

metadata = sa.MetaData()

_OPEN = sa.text("state <> 'resolved'")


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# One row a handoff; the states and what leads from one to another are in `life`.  A conversation has at most one that
# is not resolved: the unique index says so, not a look before.
# source          who asked: trigger | customer | agent | api | plugin
# priority        -1 low, 0 normal, 1 high, 2 urgent
# score           the lead's, 0 to 100; NULL where there is none
# agent           who has it, or to whom it is on its way; "" for nobody
# team            the team that it is on its way to; "" for everybody
# claimed_at      when somebody first took it; `first_response_at`, when the customer first heard a person
# waiting_since   when the oldest message came that no agent has answered; NULL: none
# activity_at     when anything last happened
# callback_at     when somebody is to call back, because nobody came
# epoch           rises by one with each transition: who changes the row names the one that was seen
# status          a word of the tenant's own for where the work stands
# holder          what the core's conversation says who has it: an agent, "team:ID", "queue", or "" for the bot
# loaded          the agent whose `load` counts it; "" for none
handoff = sa.Table(
    "handoff_handoff",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("score", sa.Double),
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    sa.Column("skill", sa.Text, nullable=False, server_default=""),
    sa.Column("team", sa.Text, nullable=False, server_default=""),
    sa.Column("agent", sa.Text, nullable=False, server_default=""),
    sa.Column("holder", sa.Text, nullable=False, server_default=""),
    sa.Column("loaded", sa.Text, nullable=False, server_default=""),
    sa.Column("requested_at", sa.Double, nullable=False),
    sa.Column("queued_at", sa.Double),
    sa.Column("claimed_at", sa.Double),
    sa.Column("first_response_at", sa.Double),
    sa.Column("waiting_since", sa.Double),
    sa.Column("activity_at", sa.Double, nullable=False),
    sa.Column("snoozed_until", sa.Double),
    sa.Column("callback_at", sa.Double),
    sa.Column("returned_at", sa.Double),
    sa.Column("resolved_at", sa.Double),
    sa.Column("resolved_by", sa.Text, nullable=False, server_default=""),
    sa.Column("resolution", sa.Text, nullable=False, server_default=""),
    sa.Column("status", sa.Text, nullable=False, server_default=""),
    sa.Column("summary", sa.Text, nullable=False, server_default=""),
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_handoff"),
    sa.Index(
        "uq_handoff_handoff_open",
        "tenant",
        "conversation",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    sa.Index("ix_handoff_handoff_conversation", "tenant", "conversation", "requested_at"),
    sa.Index("ix_handoff_handoff_state", "tenant", "state", "activity_at"),
    sa.Index("ix_handoff_handoff_agent", "tenant", "agent", "state"),
    sa.Index("ix_handoff_handoff_contact", "tenant", "contact"),
)

# One row a transition, `n` being the epoch that it led to: so two that start from the same one can't both be stored.
step = sa.Table(
    "handoff_step",
    metadata,
    _tenant(),
    sa.Column("handoff", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False, server_default=""),
    sa.Column("by_name", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", Json, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("tenant", "handoff", "n", name="pk_handoff_step"),
)

# The profile of a member of the staff.  `availability` is what was chosen, `seen_at` the last sign of life; `load`
# counts the conversations in hand, which never passes `capacity` (0: no limit) unless a supervisor says so;
# `assigned_at` is when the last one was assigned.
agent = sa.Table(
    "handoff_agent",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("availability", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Double),
    sa.Column("skills", Json, nullable=False, server_default="[]"),
    sa.Column("languages", Json, nullable=False, server_default="[]"),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("load", sa.Integer, nullable=False, server_default="0"),
    sa.Column("assigned_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_agent"),
)

team = sa.Table(
    "handoff_team",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("skills", Json, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_team"),
    sa.UniqueConstraint("tenant", "name", name="uq_handoff_team_name"),
)

member = sa.Table(
    "handoff_member",
    metadata,
    _tenant(),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "team", "agent", name="pk_handoff_member"),
    sa.Index("ix_handoff_member_agent", "tenant", "agent"),
)

# Up to which message of a conversation somebody has read: `reader` is an agent, or "" for the customer.
reading = sa.Table(
    "handoff_reading",
    metadata,
    _tenant(),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "conversation", "reader", name="pk_handoff_reading"),
)
