"""What is wrong with a tenant's flows, each with file and line: found when the config is loaded, before a customer can meet it."""

from __future__ import annotations

from collections.abc import Iterator

from . import graph, slotchecks, stepchecks
from .loading import Flows
from .model import END
from .partchecks import Part, in_order


def check(flows: Flows) -> list[str]:
    """All problems of the flows, in the order of files and lines."""
    found = list(flows.problems)
    for loaded in flows.by_name.values():
        found += in_order(problems(Part(loaded, flows)))
    found += _same_start(flows)
    found += _begin_each_other(flows)
    return found


def problems(part: Part) -> Iterator[str]:
    """Everything that is wrong with one flow."""
    yield from slotchecks.slots(part)
    known = [*stepchecks.steps(part), *stepchecks.ways(part), *stepchecks.rest(part)]
    yield from known
    if not any("no step" in problem for problem in known):
        yield from _ways_through(part)


def _same_start(flows: Flows) -> Iterator[str]:
    """Two flows that begin with the same intent, and nothing to choose between them."""
    first: dict[str, str] = {}
    for name, loaded in flows.by_name.items():
        starts = loaded.flow.starts
        for intent in starts.intents if not starts.when else ():
            if intent in first:
                yield f"{loaded.place('starts')}: starts: flow {first[intent]!r} begins with intent {intent!r} too; give one of them a `when`"
            first.setdefault(intent, name)


def _begin_each_other(flows: Flows) -> Iterator[str]:
    """Flows whose steps begin one another in a circle: they would never come back."""
    links = {
        name: [step.flow for step in loaded.flow.steps if step.flow in flows.by_name]
        for name, loaded in flows.by_name.items()
    }
    told: set[str] = set()
    for name, loaded in flows.by_name.items():
        circle = graph.reached(links[name], links)
        if name not in circle or name in told:
            continue
        members = [other for other in flows.by_name if other in circle and name in graph.reached(links[other], links)]
        told.update(members)
        step = next(step for step in loaded.flow.steps if step.flow in members)
        said = "begins itself" if members == [name] else f"and {', '.join(members[1:])} begin one another"
        yield f"{loaded.place('steps', step.id, 'flow')}: step {step.id!r}: flow: {name!r} {said} in a circle; end one with a step of its own"


def _ways_through(part: Part) -> Iterator[str]:
    """Steps that nothing leads to, and circles that nothing leads out of."""
    flow = part.loaded.flow
    edges = graph.edges(flow)
    reached = graph.reached(graph.entries(flow), graph.linked(edges))
    for step in flow.steps:
        if step.id not in reached:
            yield f"{part.at('steps', step.id)}: step {step.id!r} can't be reached: nothing leads to it"
    for circle in graph.circles(flow):
        yield f"{part.at('steps', circle[0])}: the steps {', '.join(circle)} go round in a circle that never waits for the customer"
    leaves = graph.reached([END], graph.linked(edges, back=True))
    stuck = [step.id for step in flow.steps if step.id in reached and step.id not in leaves]
    if stuck:
        yield f"{part.at('steps', stuck[0])}: no way leads from {', '.join(stuck)} to an end; give the loop an exit"
