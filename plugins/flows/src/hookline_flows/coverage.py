"""Which steps and ways of a tenant's flows its conversation files walk, and which nobody has walked yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from .graph import Edge, edges
from .model import Flow, ways

_SAME = {"answer": "answer", "known": "answer"}  # an answer given now or before is one way


@attrs.frozen
class Covered:
    """One flow: how many of its steps and ways were walked, and those that were not, as people read them."""

    flow: str
    steps: int
    steps_walked: int
    ways: int
    ways_walked: int
    missing: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def covered(
    name: str, flow: Flow, walked: Iterable[tuple[str, str]], place: Mapping[str, str] | None = None
) -> Covered:
    """What of the flow was walked; `walked` are (step, edge) pairs of the event log, `place` file and line of each step."""
    taken = {(step, _SAME.get(edge, edge)) for step, edge in walked}
    stood = {step for step, _ in taken}
    wanted = _wanted(flow)
    missing = []
    for step in flow.steps:
        where = f"{place[step.id]}: " if place and step.id in place else ""
        if step.id not in stood:
            missing.append(f"{where}step {step.id!r} is never reached")
            continue
        for edge in wanted:
            if edge.source == step.id and not _gone(edge, taken):
                label = f" ({edge.label})" if edge.label and edge.label != edge.name else ""
                missing.append(
                    f"{where}step {step.id!r}: the way {edge.name!r}{label} to {edge.target!r} is never taken"
                )
    anywhere = {edge.name for edge in wanted if not edge.source} - {edge for _, edge in taken}
    missing += [
        f"{name}: the way at any time ({edge.label}) to {edge.target!r} is never taken"
        for edge in wanted
        if not edge.source and edge.name in anywhere
    ]
    done = sum(_gone(edge, taken) for edge in wanted)
    return Covered(
        name, len(flow.steps), sum(step.id in stood for step in flow.steps), len(wanted), done, tuple(missing)
    )


def begun_outside(flows: Mapping[str, Flow]) -> set[str]:
    """The flows that no message begins and no other flow: a call or a system does, so that no conversation file can walk them."""
    within = {step.flow for flow in flows.values() for step in flow.steps} | {
        way.flow for flow in flows.values() for way in ways(flow)
    }
    return {
        name
        for name, flow in flows.items()
        if not (flow.starts.intents or flow.starts.words or flow.starts.entities) and name not in within
    }


def _wanted(flow: Flow) -> list[Edge]:
    """The ways that have to be walked: those of the whole flow once, not from each question."""
    everywhere = {f"on:{n}" for n in range(len(flow.on))}
    found: dict[tuple[str, str], Edge] = {}
    for edge in edges(flow):
        source = "" if edge.name in everywhere else edge.source
        one = attrs.evolve(edge, source=source, name=_SAME.get(edge.name, edge.name))
        found.setdefault((one.source, one.name), one)
    return list(found.values())


def _gone(edge: Edge, taken: set[tuple[str, str]]) -> bool:
    if edge.source:
        return (edge.source, edge.name) in taken
    return any(name == edge.name for _, name in taken)


def walked_in(payloads: Iterable[Mapping[str, object]]) -> dict[str, set[tuple[str, str]]]:
    """By flow the (step, edge) pairs in payloads of `flows.step` events."""
    found: dict[str, set[tuple[str, str]]] = {}
    for payload in payloads:
        path = payload.get("path")
        for flow, step, edge in path if isinstance(path, Sequence) else ():
            found.setdefault(flow, set()).add((step, edge))
    return found
