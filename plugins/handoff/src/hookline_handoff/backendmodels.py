"""What other desks call our handoffs and conversations."""

from __future__ import annotations

import sqlalchemy as sa

from .models import metadata

# One row a task at the other desk: a handoff has one each time that it waits for a person.
# task   their id; state: open (it waits there) | taken (somebody there has it) | closed
task = sa.Table(
    "handoff_task",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("handoff", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),  # the id of the event that asked for it
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "handoff", "n", name="pk_handoff_task"),
    sa.UniqueConstraint("tenant", "task", name="uq_handoff_task_task"),
)

# One row a conversation that has a room at the other desk, where its messages are shown.
room = sa.Table(
    "handoff_room",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("conversation", sa.Text, nullable=False),
    sa.Column("room", sa.Text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.PrimaryKeyConstraint("tenant", "conversation", name="pk_handoff_room"),
    sa.UniqueConstraint("tenant", "room", name="uq_handoff_room_room"),
)
