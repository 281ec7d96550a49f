"""Tasks of the staff: what was promised to a customer by a certain time, and who does it.

open ──done──► done        a task that has ended can be opened again
     ──cancel─► cancelled

Each change is stored, audited, noted for observers and published, all at once.  One timer a task, of the core's, brings
the reminder and then the mark that it is late; when it fires, the task is looked at as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import Conflict, GiveUp
from hookline.ledger import new_id
from hookline.models import contact
from hookline.problems import Problem

from . import agents
from .agents import STAFF
from .notices import notify
from .paging import Key
from .promises import supervisors
from .records import Actor
from .taskbodies import TaskBody, TaskChange, TaskPage, TaskView
from .taskmodels import staff_task

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.message import Command, Timer
    from hookline.tenant import Tenant
    from hookline.turn import Turn

b = sa.bindparam
OPEN, DONE, CANCELLED = "open", "done", "cancelled"
TIMER = "staff_task"
LANE = "handoff:tasks"
_WORD = {DONE: "done", CANCELLED: "cancelled", OPEN: "reopened"}
_NEVER = 9e15
_TITLE, _DETAIL, _SHORT = 200, 4000, 200


@attrs.frozen
class Task:
    """One row of `handoff_staff_task`; what the fields mean is said there."""

    id: str
    state: str
    title: str
    created_at: float
    updated_at: float
    detail: str = ""
    kind: str = ""
    reference: str = ""
    contact: str = ""
    conversation: str = ""
    agent: str = ""
    team: str = ""
    due_at: float | None = None
    reminded_at: float | None = None
    overdue_at: float | None = None
    created_by: str = ""
    created_by_name: str = ""
    ended_at: float | None = None
    ended_by: str = ""
    ended_by_name: str = ""
    outcome: str = ""
    version: int = 0


_COLUMNS = tuple(staff_task.c[field.name] for field in attrs.fields(Task))
_NAMES = tuple(field.name for field in attrs.fields(Task))
_FOUND = sa.select(*_COLUMNS, contact.c.name.label("who")).outerjoin(contact, contact.c.id == staff_task.c.contact)
_ONE = _FOUND.where(staff_task.c.id == b("p_id"))
_CLOSE = Key([(sa.func.coalesce(staff_task.c.ended_at, 0.0), True), (staff_task.c.id, False)])
_DUE = Key([(sa.func.coalesce(staff_task.c.due_at, _NEVER), False), (staff_task.c.id, False)])
STATES = ("open", "overdue", "done", "cancelled", "ended", "all")


def _read(row: Any) -> Task:
    return Task(**{name: getattr(row, name) for name in _NAMES})


# -- looking at them -----------------------------------------------------------------------------------------------------


async def page(
    tenant: Tenant, by: Actor, *, state: str = "", cursor: str = "", limit: int = 50, **narrowed: str
) -> TaskPage:
    """One page of the tasks; `narrowed` by agent ("me", "none"), team, contact, conversation, reference or kind.

    Raises `Problem` 400 for a state that there is none of.
    """
    state = state or OPEN
    if state not in STATES:
        raise Problem(400, f"state: given {state[:40]!r}; allowed: {', '.join(STATES)}", field="state")
    now = tenant.clock.now()
    key = _CLOSE if state in (DONE, CANCELLED, "ended") else _DUE
    query = _FOUND.add_columns(*key.columns()).where(key.after(cursor)).order_by(*key.order()).limit(limit + 1)
    query = query.where(_in_state(state, now))
    for name, wanted in narrowed.items():
        if wanted:
            value = {"me": by.id, "none": ""}.get(wanted, wanted) if name == "agent" else wanted
            query = query.where(staff_task.c[name] == value)
    rows = list(await tenant.db.fetch(query))
    more, rows = len(rows) > limit, rows[:limit]
    return TaskPage(
        await _views(tenant, [(_read(row), row.who or "") for row in rows]),
        key.cursor(rows[-1]) if more else "",
        await counts(tenant, by),
    )


def _in_state(state: str, now: float) -> sa.ColumnElement[bool]:
    column = staff_task.c.state
    if state == "all":
        return sa.true()
    if state == "overdue":
        return (column == OPEN) & (staff_task.c.due_at <= now)
    return column.in_((DONE, CANCELLED)) if state == "ended" else column == state


async def counts(tenant: Tenant, by: Actor) -> dict[str, int]:
    """How many tasks are open, how many of them late, and how many the actor's."""
    late, mine = staff_task.c.due_at <= tenant.clock.now(), staff_task.c.agent == by.id
    rows = await tenant.db.fetch(
        sa.select(
            sa.func.count().label("open"),
            sa.func.coalesce(sa.func.sum(sa.case((late, 1), else_=0)), 0).label("overdue"),
            sa.func.coalesce(sa.func.sum(sa.case((mine, 1), else_=0)), 0).label("mine"),
        ).where(staff_task.c.state == OPEN)
    )
    return {name: int(getattr(rows[0], name)) for name in ("open", "overdue", "mine")}


async def one(tenant: Tenant, ident: str) -> TaskView:
    """The task of that id; raises `Problem` 404."""
    task, who = await _known(tenant, ident)
    return (await _views(tenant, [(task, who)]))[0]


async def _known(tenant: Tenant, ident: str) -> tuple[Task, str]:
    rows = await tenant.db.fetch(_ONE, {"p_id": ident})
    if not rows:
        raise Problem(404, f"there is no task {ident[:64]!r}")
    return _read(rows[0]), rows[0].who or ""


async def _views(tenant: Tenant, found: list[tuple[Task, str]]) -> list[TaskView]:
    names = await agents.names(tenant, [task.agent for task, _ in found])
    now = tenant.clock.now()
    return [_view(task, who, names.get(task.agent, ""), now) for task, who in found]


def _view(task: Task, contact_name: str, agent_name: str, now: float) -> TaskView:
    late = task.state == OPEN and task.due_at is not None and task.due_at <= now
    return TaskView(**attrs.asdict(task), contact_name=contact_name, agent_name=agent_name, overdue=late)


# -- making them ---------------------------------------------------------------------------------------------------------


async def create(tenant: Tenant, by: Actor, body: TaskBody) -> TaskView:
    """Store a task; raises `Problem` 400 or 404 for a contact, conversation, agent or team that there is none of."""
    if not body.title.strip():
        raise Problem(400, "title: empty; say what is to be done", field="title")
    about, who = await _about(tenant, body.contact, body.conversation)
    await _check_hands(tenant, body.agent, body.team)
    now = tenant.clock.now()
    made = Task(
        new_id(), OPEN, body.title.strip(), now, now, body.detail.strip(), body.kind, body.reference,
        about, body.conversation, body.agent, body.team, body.due_at or None,
        created_by=by.who, created_by_name=by.name,
    )  # fmt: skip
    async with tenant.action(by=by.who) as act:
        await _begin(tenant, act, made, who, by.id, by.name)
    return await one(tenant, made.id)


async def submit(tenant: Tenant, turn: Turn, command: Command) -> None:
    """Do the command `task` of another plugin: the task is stored with what led to it, once.

    What is too long is cut, and a contact or conversation that is no more is left out: the task itself is never lost.
    Raises `GiveUp` for a payload that is none.
    """
    given = {name: value for name, value in command.payload.items() if value is not None}
    for name, most in (("title", _TITLE), ("detail", _DETAIL), ("reference", _SHORT), ("kind", _SHORT)):
        if isinstance(given.get(name), str):
            given[name] = given[name].strip()[:most]
    try:
        body = msgspec.convert(given, TaskBody)
    except msgspec.ValidationError as error:
        raise GiveUp(f"the command task of {command.by or 'a plugin'} is no task: {error}") from None
    talk = body.conversation or turn.conversation.id
    try:
        about, who = await _about(tenant, body.contact, talk)
    except Problem as problem:
        tenant.log.warning("a task names what is not there", task_of=command.by, reason=problem.detail)
        talk = turn.conversation.id
        about, who = (turn.contact.id, turn.contact.name) if talk else ("", "")
    agent, team = body.agent, body.team
    try:
        await _check_hands(tenant, agent, team)
    except Problem as problem:
        tenant.log.warning("a task is given to nobody", task_of=command.by, reason=problem.detail)
        agent = team = ""
    now = tenant.clock.now()
    made = Task(
        new_id(), OPEN, body.title, now, now, body.detail, body.kind, body.reference,
        about, talk, agent, team, body.due_at or None, created_by=command.by, created_by_name=command.by,
    )  # fmt: skip
    await _begin(tenant, turn, made, who, "", command.by)


async def _about(tenant: Tenant, ident: str, talk: str) -> tuple[str, str]:
    """The contact that a task is about, with its name; raises `Problem` 404, and 400 where the two do not fit."""
    if talk:
        known = await tenant.conversations.get(talk) if len(talk) <= 64 else None
        if known is None:
            raise Problem(404, f"there is no conversation {talk[:64]!r}", field="conversation")
        if ident and ident != known.contact.id:
            raise Problem(400, "contact: the conversation is another contact's", field="contact")
        return known.contact.id, known.contact.name
    if not ident:
        return "", ""
    rows = await tenant.db.fetch(sa.select(contact.c.name).where(contact.c.id == ident))
    if not rows:
        raise Problem(404, f"there is no contact {ident[:64]!r}", field="contact")
    return ident, rows[0].name


async def _check_hands(tenant: Tenant, agent: str, team: str) -> None:
    if agent:
        account = await tenant.staff.get(agent)
        if account is not None:
            await agents.ensure(tenant, Actor(account.id, account.shown_name, account.role))
        if await agents.profile(tenant, agent) is None:
            raise Problem(404, f"there is no agent {agent[:64]!r}", field="agent")
        if not await agents.works(tenant, agent):
            raise Problem(409, "agent: takes no tasks any more", field="agent")
    if team and team not in {one.id for one in await agents.teams(tenant)}:
        raise Problem(404, f"there is no team {team[:64]!r}", field="team")


async def _begin(tenant: Tenant, into: Collected, made: Task, who: str, by: str, by_name: str) -> None:
    now = tenant.clock.now()
    into.write(sa.insert(staff_task), attrs.asdict(made), rows=1)
    await _note(tenant, into, made, who, "created", by, by_name)
    if made.agent and made.agent != by:
        _notify(into, now, [made.agent], "task", made, by, by_name)
    _wind(tenant, into, made, now)


# -- changing them -------------------------------------------------------------------------------------------------------


async def change(tenant: Tenant, by: Actor, ident: str, body: TaskChange) -> TaskView:
    """Change a task, end it or open it again.

    Raises `Problem` 404; 403 where it is somebody else's; 409 where it was changed meanwhile, or has ended.
    """
    before, who = await _known(tenant, ident)
    if body.version is not None and body.version != before.version:
        raise _late(before)
    if before.agent not in ("", by.id) and not by.closes:
        name = (await agents.names(tenant, [before.agent]))[before.agent]
        raise Problem(403, f"this is {name}'s task; only they, or a supervisor, may change it")
    made, what = _changed(tenant, before, by, body)
    if made == before:
        return await one(tenant, ident)
    if (made.agent, made.team) != (before.agent, before.team):
        await _check_hands(tenant, made.agent, made.team)
    now = tenant.clock.now()
    made = attrs.evolve(made, updated_at=now, version=before.version + 1)
    try:
        async with tenant.action(by=by.who) as act:
            act.write(*_update(before, made), rows=1)
            await _note(tenant, act, made, who, what, by.id, by.name)
            if made.agent and made.agent not in (before.agent, by.id):
                _notify(act, now, [made.agent], "task", made, by.id, by.name)
            _wind(tenant, act, made, now)
    except (Conflict, ConstraintViolated):
        raise _late(before) from None
    return await one(tenant, ident)


def _changed(tenant: Tenant, before: Task, by: Actor, body: TaskChange) -> tuple[Task, str]:
    """The task as it shall be, and what happens to it."""
    now, made, what = tenant.clock.now(), before, "changed"
    new = {name: getattr(body, name) for name in ("title", "detail", "agent", "team", "outcome")}
    values: dict[str, Any] = {name: value for name, value in new.items() if value is not None}
    if "title" in values and not values["title"].strip():
        raise Problem(400, "title: empty; say what is to be done", field="title")
    if values and OPEN not in (before.state, body.state) and set(values) != {"outcome"}:
        raise Problem(409, f"the task is {before.state}; open it again to change it", more={"state": before.state})
    made = attrs.evolve(made, **values)
    if body.due_at is not None:
        due = body.due_at or None
        if due != made.due_at:  # it is another promise: it is reminded of, and late, anew
            made = attrs.evolve(made, due_at=due, reminded_at=None, overdue_at=None)
    if body.state is not None and body.state != before.state:
        if OPEN not in (before.state, body.state):
            raise Problem(409, f"the task is {before.state} already", more={"state": before.state})
        what = _WORD[body.state]
        ended = body.state != OPEN
        made = attrs.evolve(
            made,
            state=body.state,
            ended_at=now if ended else None,
            ended_by=by.who if ended else "",
            ended_by_name=by.name if ended else "",
            outcome=made.outcome if ended else "",
        )
    return made, what


def _late(before: Task) -> Problem:
    return Problem(
        409, "somebody else has changed this task meanwhile; look again, then try again", more={"state": before.state}
    )


def _update(before: Task, made: Task) -> tuple[sa.Update, dict[str, Any]]:
    values = {name: getattr(made, name) for name in _NAMES if getattr(made, name) != getattr(before, name)}
    statement = (
        sa.update(staff_task)
        .where(staff_task.c.id == b("p_id"), staff_task.c.version == b("p_version"))
        .values({name: b(f"v_{name}") for name in values})
    )
    return statement, {"p_id": before.id, "p_version": before.version, **{f"v_{k}": v for k, v in values.items()}}


# -- their time ------------------------------------------------------------------------------------------------------------


async def fire(tenant: Tenant, turn: Turn, timer: Timer) -> None:
    """A task's time may have come: remind of it or mark it late, say so, and wind the timer for what comes next."""
    rows = await tenant.db.fetch(_ONE, {"p_id": timer.key})
    if not rows:
        return  # it was erased with its contact
    before, now = _read(rows[0]), tenant.clock.now()
    due = before.due_at
    if before.state != OPEN or due is None:
        return
    made = before
    if now >= due:
        if before.overdue_at is None:
            made = attrs.evolve(before, overdue_at=due)
    elif before.reminded_at is None and now >= due - tenant.config.tasks.remind:
        made = attrs.evolve(before, reminded_at=now)
    if made != before:
        made = attrs.evolve(made, version=before.version + 1)
        what = "overdue" if made.overdue_at is not None else "reminded"
        turn.write(*_update(before, made), rows=1)
        await _note(tenant, turn, made, rows[0].who or "", what, "", "")
        told = await _concerned(tenant, made)
        if what == "overdue":
            told = [*told, *await supervisors(tenant)]
        _notify(turn, now, told, "task_overdue" if what == "overdue" else "task_due", made, "", "")
    _wind(tenant, turn, made, now)


async def _concerned(tenant: Tenant, task: Task) -> list[str]:
    """Who is told: whoever has it, else the team, else the supervisors."""
    if task.agent:
        return [task.agent]
    members = next((one.members for one in await agents.teams(tenant) if one.id == task.team), ()) if task.team else ()
    return [*members] or [*await supervisors(tenant)]


def _wind(tenant: Tenant, into: Collected, task: Task, now: float) -> None:
    """Set the timer for the reminder or the due time, whichever is next; or take it away."""
    remind, moment = tenant.config.tasks.remind, None
    if task.state == OPEN and task.due_at is not None and task.overdue_at is None:
        early = task.due_at - remind
        # Who makes a task that is due at once needs no reminder of it.
        wants = bool(remind) and task.reminded_at is None and early > task.created_at
        moment = early if wants else task.due_at
    if moment is None:
        into.cancel_timer(TIMER, key=task.id, lane=LANE)
    else:
        into.timer(TIMER, max(0.0, moment - now), key=task.id, lane=LANE)


async def _note(tenant: Tenant, into: Collected, made: Task, who: str, what: str, by: str, by_name: str) -> None:
    """What is kept of a change besides the task itself, and what pages are told."""
    figures = {
        "task": made.id,
        "what": what,
        "state": made.state,
        "kind": made.kind,
        "due_at": made.due_at,
        "agent": made.agent,
        "team": made.team,
    }
    into.event(f"handoff.task_{what}", figures, conversation=made.conversation)
    into.audit(f"handoff.task_{what}", made.id, {**figures, "conversation": made.conversation, "by_name": by_name})
    name = (await agents.names(tenant, [made.agent])).get(made.agent, "")
    shown = _view(made, who, name, tenant.clock.now())
    into.publish(STAFF, "handoff.task", {"task": attrs.asdict(shown), "what": what, "by": by, "by_name": by_name})


def _notify(into: Collected, now: float, staff: list[str], kind: str, task: Task, by: str, by_name: str) -> None:
    notify(
        into, now, staff, kind, task.title, conversation=task.conversation, contact=task.contact, by=by, by_name=by_name
    )
