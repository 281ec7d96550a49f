"""The ways through a flow: its steps and the edges between them, as a run takes and names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from .model import CHANGE, END, Flow, Step, ways

MOVES = ("next", "known", "answer", "skip", "yes", "no", "otherwise", "else", "end", "begin")
"""The names of edges that are always called so; a branch's are its arms' numbers, a transition's is on:N."""


@attrs.frozen
class Edge:
    """A way from one step to another (`END`: out of the flow); `name` is what the event log calls it, `label` what it is to people."""

    source: str
    target: str
    name: str
    label: str = ""


def edges(flow: Flow) -> list[Edge]:
    """All ways through the flow, besides what a customer can always do (cancel, back, restart, correct)."""
    found: list[Edge] = []
    for step in flow.steps:
        found += _of(flow, step)
    for n, way in enumerate(ways(flow)):
        target = way.go or (END if way.then == "end" or (way.handoff and not way.then) else "")
        if not target:
            continue
        label = (
            way.when
            or ", ".join((way.intent,) if isinstance(way.intent, str) else way.intent)
            or ", ".join(way.words)
            or way.says
        )
        sources = [step for step in flow.steps if any(own is way for own in step.on)] or [
            s for s in flow.steps if s.kind in ("ask", "confirm")
        ]
        found += [Edge(step.id, target, f"on:{n}", label) for step in sources]
    return list(dict.fromkeys(found))


def _of(flow: Flow, step: Step) -> Iterable[Edge]:
    after = flow.after(step.id)
    if step.when:
        yield Edge(step.id, after, "skip", f"unless {step.when}")
    if step.kind == "ask":
        yield Edge(step.id, after, "answer")
        slot = flow.slots.get(step.ask)
        if slot is not None and (slot.entities is None or slot.entities):
            yield Edge(step.id, after, "known")
        if slot is not None and slot.optional:
            yield Edge(step.id, after, "skip", "skipped")
    elif step.kind == "confirm":
        yield Edge(step.id, after, "yes", "yes")
        if step.no == CHANGE:
            yield Edge(step.id, step.id, "no", "no")
        else:
            yield Edge(step.id, step.no, "no", "no")
    elif step.kind == "branch":
        for n, arm in enumerate(step.branch):
            yield Edge(step.id, arm.go, str(n), arm.when or "else")
        if step.branch and step.branch[-1].when:
            yield Edge(step.id, after, "else", "else")
    elif step.kind == "end":
        yield Edge(step.id, END, "end", step.outcome)
    elif step.kind == "handoff" and not step.next:
        yield Edge(step.id, END, "end", "handoff")
    else:
        yield Edge(step.id, after, "next")
    if step.otherwise:
        yield Edge(step.id, step.otherwise, "otherwise", "otherwise")


def entries(flow: Flow) -> list[str]:
    """The steps at which the flow can begin or go on by itself: the first, those of timers, of a time-out and of migrations."""
    found = [flow.steps[0].id] if flow.steps else []
    found += [step.timer.go for step in flow.steps if step.timer is not None and step.timer.go]
    if flow.timeout is not None and flow.timeout.go:
        found.append(flow.timeout.go)
    found += [target for rule in flow.migrate.values() for target in rule.values()]
    return list(dict.fromkeys(found))


def reached(starts: Iterable[str], links: Mapping[str, Iterable[str]]) -> set[str]:
    """All that can be reached from the starts."""
    seen: set[str] = set()
    todo = list(starts)
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += links.get(here, ())
    return seen


def linked(given: Iterable[Edge], *, back: bool = False) -> dict[str, list[str]]:
    """The targets of each step; `back`: the sources."""
    found: dict[str, list[str]] = {}
    for edge in given:
        here, there = (edge.target, edge.source) if back else (edge.source, edge.target)
        found.setdefault(here, []).append(there)
    return found


def circles(flow: Flow) -> list[list[str]]:
    """Circles of steps that never wait for the customer, each as the ids on it."""
    waiting = {step.id for step in flow.steps if step.kind in ("ask", "confirm", "flow")}
    links = linked(edge for edge in edges(flow) if edge.source not in waiting and edge.target not in waiting)
    found: list[list[str]] = []
    for step in flow.steps:
        ahead = reached(links.get(step.id, ()), links)
        if step.id in ahead and not any(step.id in circle for circle in found):
            found.append(
                [other.id for other in flow.steps if other.id in ahead and step.id in reached([other.id], links)]
            )
    return found


__all__ = ["END", "MOVES", "Edge", "circles", "edges", "entries", "linked", "reached"]
