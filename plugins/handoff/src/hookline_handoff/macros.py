"""Macros and saved filters: steps of a whitelist, done one after the other in the name of whoever runs them.

A macro can do nothing that its runner could not do by hand: each step is the same call, with the runner's own role.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.errors import HooklineError
from hookline.ledger import new_id
from hookline.problems import Problem

from . import canned, fill, handling, notes
from .deskbodies import FilterBody, Filters, FilterView
from .deskmodels import macro, saved
from .macrobodies import MacroBody, MacroRun, Macros, MacroView, Step, StepDone
from .records import Actor

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.roles import Caller
    from hookline.tenant import Tenant

_MOST = 500
_TEXTS = frozenset({"reply", "note"})
_FILTERS = frozenset({"view", "channel", "team", "agent", "tag", "sla", "priority", "language", "q", "sort"})


# -- macros -------------------------------------------------------------------------------------------------------------


async def macros_of(tenant: Tenant, caller: Caller) -> Macros:
    """The caller's own and the shared ones."""
    rows = await tenant.db.fetch(
        sa.select(macro).where(sa.or_(macro.c.owner == caller.id, macro.c.shared.is_(True))).limit(_MOST)
    )
    found = [_macro(row) for row in rows]
    return Macros(sorted(found, key=lambda one: (one.owner != caller.id, one.name.casefold(), one.id)))


async def put_macro(tenant: Tenant, caller: Caller, body: MacroBody, ident: str = "") -> MacroView:
    """Store a macro, or change the one of that id."""
    _may_share(caller, body.shared, "macros")
    for n, one in enumerate(body.steps):
        _check(one, f"steps.{n}")
    row = await _mine(tenant, caller, macro, ident, "macro") if ident else None
    name = body.name.strip()
    values = {
        "name": name,
        "steps": msgspec.to_builtins(body.steps),
        "shared": body.shared,
    }
    made = ident or new_id()
    async with tenant.action(by=caller.who) as act:
        _store(act, macro, row, made, caller, values)
        act.audit("handoff.macro.changed" if row else "handoff.macro.created", made, {"shared": body.shared})
    return MacroView(made, name, body.steps, body.shared, row.owner if row else caller.id)


async def drop_macro(tenant: Tenant, caller: Caller, ident: str) -> None:
    """Remove a macro."""
    await _mine(tenant, caller, macro, ident, "macro")
    async with tenant.action(by=caller.who) as act:
        act.write(sa.delete(macro).where(macro.c.id == ident), rows=1)
        act.audit("handoff.macro.removed", ident)


async def run(tenant: Tenant, caller: Caller, conversation: str, ident: str) -> MacroRun:
    """Do the steps, until one can't be done; what was done before it stays done, and is told.

    The run is audited with what became of each step, besides what each step audits itself.
    """
    rows = await tenant.db.fetch(sa.select(macro).where(macro.c.id == ident))
    if not rows or not (rows[0].shared or rows[0].owner == caller.id):
        raise Problem(404, f"there is no macro {ident[:64]!r}")
    await notes.about(tenant, conversation)
    shown, made = _macro(rows[0]), new_id()
    done: list[StepDone] = []
    for n, one in enumerate(shown.steps):
        if done and done[-1].state != "done":
            done.append(StepDone(one.do, "skipped"))
            continue
        try:
            await _DO[one.do](_Run(tenant, caller, conversation, one, f"{made}-{n}"))
        except (HooklineError, Problem) as error:
            done.append(StepDone(one.do, "failed", str(error)))
        else:
            done.append(StepDone(one.do, "done"))
    told = [[one.do, one.state] for one in done]
    await tenant.audit(caller.who, "handoff.macro.run", conversation, {"macro": ident, "run": made, "steps": told})
    return MacroRun(made, ident, all(one.state == "done" for one in done), done)


class _Run:
    """A step on its way: `key` is the same for it and no other."""

    def __init__(self, tenant: Tenant, caller: Caller, conversation: str, step: Step, key: str) -> None:
        self.tenant = tenant
        self.caller = caller
        self.conversation = conversation
        self.step = step
        self.key = key
        self.actor = Actor(caller.id, caller.name, caller.role, caller.kind)

    async def text(self) -> str:
        """The step's text with its variables put in."""
        return fill.fill(self.step.text, await canned.values_for(self.tenant, self.caller, self.conversation)).text


async def _reply(run: _Run) -> None:
    await handling.reply(run.tenant, run.conversation, run.actor, await run.text(), run.key)


async def _note(run: _Run) -> None:
    await notes.write(run.tenant, run.caller, run.conversation, await run.text())


async def _tag(run: _Run) -> None:
    known = (await notes.tags_of(run.tenant, [run.conversation])).get(run.conversation, [])
    await notes.set_tags(run.tenant, run.caller, run.conversation, [*known, run.step.tag])


async def _untag(run: _Run) -> None:
    known = (await notes.tags_of(run.tenant, [run.conversation])).get(run.conversation, [])
    await notes.set_tags(run.tenant, run.caller, run.conversation, [one for one in known if one != run.step.tag])


async def _priority(run: _Run) -> None:
    seen = await handling.current(run.tenant, run.conversation)
    await handling.note(run.tenant, seen, run.actor, "priority", priority=int(run.step.number))


async def _status(run: _Run) -> None:
    seen = await handling.current(run.tenant, run.conversation)
    await handling.set_status(run.tenant, seen, run.actor, run.step.text)


async def _transfer(run: _Run) -> None:
    step = run.step
    await handling.transfer(
        run.tenant,
        run.conversation,
        run.actor,
        agent=step.agent,
        team=step.team,
        queue=not (step.agent or step.team),
        note=step.text,
    )


async def _snooze(run: _Run) -> None:
    until = run.tenant.clock.now() + run.step.number if run.step.number else None
    await handling.snooze(run.tenant, run.conversation, run.actor, until)


async def _return(run: _Run) -> None:
    await handling.give_back(run.tenant, run.conversation, run.actor, text=await run.text())


async def _resolve(run: _Run) -> None:
    seen = await handling.current(run.tenant, run.conversation)
    await handling.resolve(run.tenant, seen, run.actor, note=run.step.text)


async def _claim(run: _Run) -> None:
    await handling.claim(run.tenant, run.conversation, run.actor)


_DO: Mapping[str, Callable[[_Run], Awaitable[None]]] = {
    "reply": _reply,
    "note": _note,
    "tag": _tag,
    "untag": _untag,
    "priority": _priority,
    "status": _status,
    "transfer": _transfer,
    "snooze": _snooze,
    "return": _return,
    "resolve": _resolve,
    "claim": _claim,
}


def _check(step: Step, field: str) -> None:
    """Refuse a step that lacks what it needs."""
    if step.do in _TEXTS and not step.text.strip():
        raise Problem(400, f"{field}.text: {step.do} needs a text", field=f"{field}.text")
    if step.do in (*_TEXTS, "return"):
        fill.check(step.text)
    if step.do in ("tag", "untag") and not step.tag.strip():
        raise Problem(400, f"{field}.tag: {step.do} needs a tag", field=f"{field}.tag")
    if step.do == "priority" and step.number not in (-1, 0, 1, 2):
        raise Problem(400, f"{field}.number: given {step.number:g}; allowed: -1, 0, 1, 2", field=f"{field}.number")
    if step.do == "status" and not step.text.strip():
        raise Problem(400, f"{field}.text: status needs its word", field=f"{field}.text")
    if step.do == "snooze" and not 0 <= step.number <= 31_536_000:
        raise Problem(
            400, f"{field}.number: given {step.number:g}; allowed: 0 to 31536000 seconds", field=f"{field}.number"
        )
    if step.do == "transfer" and step.agent and step.team:
        raise Problem(400, f"{field}: to an agent or to a team, not both", field=field)


def _macro(row: Any) -> MacroView:
    return MacroView(row.id, row.name, msgspec.convert(row.steps, tuple[Step, ...]), row.shared, row.owner)


# -- saved filters -------------------------------------------------------------------------------------------------------


async def filters_of(tenant: Tenant, caller: Caller) -> Filters:
    """The caller's own and the shared ones."""
    rows = await tenant.db.fetch(
        sa.select(saved).where(sa.or_(saved.c.owner == caller.id, saved.c.shared.is_(True))).limit(_MOST)
    )
    found = [FilterView(row.id, row.name, row.query, row.shared, row.owner) for row in rows]
    return Filters(sorted(found, key=lambda one: (one.owner != caller.id, one.name.casefold(), one.id)))


async def put_filter(tenant: Tenant, caller: Caller, body: FilterBody, ident: str = "") -> FilterView:
    """Store a filter, or change the one of that id."""
    _may_share(caller, body.shared, "filters")
    unknown = sorted(set(body.query) - _FILTERS)
    if unknown or any(len(value) > 200 for value in body.query.values()):
        what = f"given {unknown[0][:40]!r}" if unknown else "a value is longer than 200 characters"
        raise Problem(400, f"query: {what}; allowed: {', '.join(sorted(_FILTERS))}", field="query")
    row = await _mine(tenant, caller, saved, ident, "filter") if ident else None
    name = body.name.strip()
    values = {"name": name, "query": dict(body.query), "shared": body.shared}
    made = ident or new_id()
    async with tenant.action(by=caller.who) as act:
        _store(act, saved, row, made, caller, values)
        if body.shared or (row and row.shared):
            act.audit("handoff.filter.changed" if row else "handoff.filter.created", made, {"shared": body.shared})
    return FilterView(made, name, body.query, body.shared, row.owner if row else caller.id)


async def drop_filter(tenant: Tenant, caller: Caller, ident: str) -> None:
    """Remove a filter."""
    await _mine(tenant, caller, saved, ident, "filter")
    await tenant.db.write(sa.delete(saved).where(saved.c.id == ident))


# -- both ----------------------------------------------------------------------------------------------------------------


def _may_share(caller: Caller, shared: bool, what: str) -> None:
    if shared and not caller.has("supervisor"):
        raise Problem(403, f"{what} that all share are for supervisors to make; keep it for yourself")


def _store(act: Collected, table: sa.Table, row: Any, ident: str, caller: Caller, values: Mapping[str, Any]) -> None:
    if row is None:
        act.write(sa.insert(table), {"id": ident, "owner": caller.id, **values}, rows=1)
    else:
        act.write(sa.update(table).where(table.c.id == ident).values(**values), rows=1)


async def _mine(tenant: Tenant, caller: Caller, table: sa.Table, ident: str, what: str) -> Any:
    """The row, if the caller may change it: one's own; a shared one as a supervisor."""
    rows = await tenant.db.fetch(sa.select(table).where(table.c.id == ident))
    if not rows or not (rows[0].shared or rows[0].owner == caller.id):
        raise Problem(404, f"there is no {what} {ident[:64]!r}")
    if rows[0].shared and not caller.has("supervisor"):
        raise Problem(403, f"a {what} that all share is for supervisors to change")
    return rows[0]
