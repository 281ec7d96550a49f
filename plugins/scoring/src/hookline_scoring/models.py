"""scoring's tables.  Times are seconds since the epoch; JSON is text."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.models import Json

metadata = sa.MetaData()


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant", sa.Text, nullable=False)


# One row a lead: somebody who may buy.
# contact       the contact that it is; "" for one that was entered by hand and has not written yet
# conversation  the conversation that was scored last
# source        widget, whatsapp, walk-in, …; channel: that it came by; origin: campaign, referrer and landing page
# status        new | contacted | qualified | negotiating | won | lost
# score         of now, idle days taken off; base and scored_at: what it was, and when
# decays_at     when the next idle day is over
# interest      low | medium | high in qualification mode; missing: what is not known yet
# fields        what is known: the entities by name
# reasons       of the turn scored last
# review        1 while a warm lead waits for somebody to look at it
# rev           rises with each change; crm_rev: the one that the CRM has
# crm_state     "" never sent | queued | sent | waiting (to be tried again at crm_at) | failed (crm_error says why)
# crm_since     when the failing began
lead = sa.Table(
    "scoring_lead",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False, server_default=""),
    sa.Column("conversation", sa.Text, nullable=False, server_default=""),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("phone", sa.Text, nullable=False, server_default=""),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
    sa.Column("channel", sa.Text, nullable=False, server_default=""),
    sa.Column("origin", Json, nullable=False, server_default="{}"),
    sa.Column("status", sa.Text, nullable=False, server_default="new"),
    sa.Column("priority", sa.Text, nullable=False, server_default="cold"),
    sa.Column("score", sa.Double, nullable=False, server_default="0"),
    sa.Column("base", sa.Double, nullable=False, server_default="0"),
    sa.Column("scored_at", sa.Double, nullable=False),
    sa.Column("decays_at", sa.Double, nullable=False),
    sa.Column("interest", sa.Text, nullable=False, server_default=""),
    sa.Column("missing", Json, nullable=False, server_default="[]"),
    sa.Column("intent", sa.Text, nullable=False, server_default=""),
    sa.Column("fields", Json, nullable=False, server_default="{}"),
    sa.Column("reasons", Json, nullable=False, server_default="[]"),
    sa.Column("review", sa.Integer, nullable=False, server_default="0"),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
    sa.Column("crm_state", sa.Text, nullable=False, server_default=""),
    sa.Column("crm_rev", sa.Integer, nullable=False, server_default="0"),
    sa.Column("crm_id", sa.Text, nullable=False, server_default=""),
    sa.Column("crm_error", sa.Text, nullable=False, server_default=""),
    sa.Column("crm_tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("crm_since", sa.Double, nullable=False, server_default="0"),
    sa.Column("crm_at", sa.Double, nullable=False, server_default="0"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_scoring_lead_priority", "tenant", "priority", "score"),
    sa.Index("ix_scoring_lead_updated", "tenant", "updated_at"),
    sa.Index("ix_scoring_lead_decays", "tenant", "decays_at"),
    sa.Index("ix_scoring_lead_contact", "tenant", "contact"),
)

# By what a lead is found again.  kind: contact | email | phone | merged (the id of a lead that became part of it).
identity = sa.Table(
    "scoring_identity",
    metadata,
    _tenant(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("lead", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "kind", "value"),
    sa.Index("ix_scoring_identity_lead", "tenant", "lead"),
)

# One row a scored turn, with what it was scored from, so that new rules can be applied to it.
# conversation  "lead:ID" for what was entered by hand
# n             counts the conversation's scored turns; session: which session of it
# kind          rules | llm (points that no rule gave)
# facts         what was known: the values, but of private entities only that they are known
score = sa.Table(
    "scoring_score",
    metadata,
    _tenant(),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("lead", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("session", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="rules"),
    sa.Column("intent", sa.Text, nullable=False, server_default=""),
    sa.Column("mood", sa.Text, nullable=False, server_default=""),
    sa.Column("messages", sa.Integer, nullable=False, server_default="1"),
    sa.Column("facts", Json, nullable=False, server_default="{}"),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("total", sa.Double, nullable=False),
    sa.Column("reasons", Json, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("tenant", "conversation", "n"),
    sa.Index("ix_scoring_score_lead", "tenant", "lead", "at"),
)

# What happened to a lead.  kind: created | priority | status | owner | merged | review | crm.sent | crm.failed | …
event = sa.Table(
    "scoring_event",
    metadata,
    _tenant(),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("lead", sa.Text, nullable=False),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False, server_default=""),
    sa.Column("data", Json, nullable=False, server_default="{}"),
    sa.PrimaryKeyConstraint("tenant", "id"),
    sa.Index("ix_scoring_event_lead", "tenant", "lead", "at"),
)
