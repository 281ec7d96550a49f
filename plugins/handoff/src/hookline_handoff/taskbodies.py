"""What travels over HTTP for the tasks of the staff (see `bodies`).

Routes (below the tenant; role: at least this one), for programs and for the console:

    GET    /api/v1/handoff/tasks?state=&agent=&team=&contact=&conversation=&reference=&kind=&cursor=&limit=
                                                       viewer → TaskPage
           (`state`: open, the default; overdue; done; cancelled; ended, the last two; all.  `agent`: an id, `me`, or
           `none` for those that are nobody's)
    POST   /api/v1/handoff/tasks          TaskBody     agent  → TaskView (201)
    GET    /api/v1/handoff/tasks/{id}                  viewer → TaskView
    PATCH  /api/v1/handoff/tasks/{id}     TaskChange   agent  → TaskView (somebody else's task: supervisor, or a key)

Live events, topic "staff": `handoff.task` {"task": TaskView, "what": created | changed | done | cancelled | reopened |
reminded | overdue, "by", "by_name"}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import attrs
import msgspec

TaskState = Literal["open", "done", "cancelled"]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Detail = Annotated[str, msgspec.Meta(max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
Moment = Annotated[float, msgspec.Meta(ge=0, lt=1e11)]


@attrs.frozen
class TaskBody:
    """A new task.  `due_at` in epoch seconds, null or 0 for some time; `agent`, `team`: whose it is, "" for anybody's.

    Where only the `conversation` is given the contact is that conversation's.
    """

    title: Title
    detail: Detail = ""
    due_at: Moment | None = None
    reference: Short = ""
    contact: Short = ""
    conversation: Short = ""
    kind: Short = ""
    agent: Short = ""
    team: Short = ""


@attrs.frozen
class TaskChange:
    """What shall be different; null: as it is.  `due_at` 0: some time; `agent` or `team` "": anybody's.

    `state` ends the task, or opens it again; `outcome` says how it ended.  With `version` the change is refused (409)
    where somebody else has changed the task since.
    """

    title: Title | None = None
    detail: Detail | None = None
    due_at: Moment | None = None
    agent: Short | None = None
    team: Short | None = None
    state: TaskState | None = None
    outcome: Detail | None = None
    version: int | None = None


@attrs.frozen
class TaskView:
    """A task.  `overdue`: it is open and its time has passed.  `created_by` is "staff:ID", "key:ID" or a plugin."""

    id: str
    state: TaskState
    title: str
    detail: str
    kind: str
    reference: str
    contact: str
    contact_name: str
    conversation: str
    agent: str
    agent_name: str
    team: str
    due_at: float | None
    overdue: bool
    reminded_at: float | None
    overdue_at: float | None
    created_at: float
    created_by: str
    created_by_name: str
    updated_at: float
    ended_at: float | None
    ended_by: str
    ended_by_name: str
    outcome: str
    version: int


@attrs.frozen
class TaskPage:
    """Open ones by their due time, ended ones the last first; `counts` are of all that are open: open, overdue, mine."""

    tasks: Sequence[TaskView]
    next: str
    counts: Mapping[str, int]
