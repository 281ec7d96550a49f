"""What the staff has to do for customers by a certain time; not the tasks of other desks, which are in `backendmodels`."""

from __future__ import annotations

import sqlalchemy as sa

from .models import metadata


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


# One row a task; the states and what leads from one to another are in `tasks`.
# kind            a word of whoever made it ("call_back", "claim"), for filters
# reference       what it is about, as the customer knows it ("PROS_20251210_847")
# contact, conversation   about whom, and where it came from; "" for none
# due_at          when it must be done; NULL: some time
# reminded_at     when the reminder went out; `overdue_at`, since when it is late
# agent, team     whose it is; "" for everybody's
# created_by      as the audit log names people, or the plugin that asked for it
# merged_from     whose it was before two contacts were merged elsewhere, so that it can go back
# version         rises with each change: who changes the row names the one that was seen
staff_task = sa.Table(
    "handoff_staff_task",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    _text("detail"),
    _text("kind"),
    _text("reference"),
    _text("contact"),
    _text("conversation"),
    _text("agent"),
    _text("team"),
    sa.Column("due_at", sa.Double),
    sa.Column("reminded_at", sa.Double),
    sa.Column("overdue_at", sa.Double),
    sa.Column("created_at", sa.Double, nullable=False),
    _text("created_by"),
    _text("created_by_name"),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    _text("ended_by"),
    _text("ended_by_name"),
    _text("outcome"),
    _text("merged_from"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.PrimaryKeyConstraint("tenant", "id", name="pk_handoff_staff_task"),
    sa.Index("ix_handoff_staff_task_state", "tenant", "state", "due_at"),
    sa.Index("ix_handoff_staff_task_agent", "tenant", "agent", "state"),
    sa.Index("ix_handoff_staff_task_contact", "tenant", "contact"),
    sa.Index("ix_handoff_staff_task_conversation", "tenant", "conversation"),
    sa.Index("ix_handoff_staff_task_reference", "tenant", "reference"),
)
