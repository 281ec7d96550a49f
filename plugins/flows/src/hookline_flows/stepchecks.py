"""What is wrong with the steps of a flow, and with its transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .amounts import seconds
from .model import CHANGE, END, Step, Transition
from .partchecks import Part, near

_SPAN = '"30m", "48h", "7d"'
_BELONG: Mapping[str, tuple[str, ...]] = {
    "again": ("ask", "confirm"),
    "first": ("ask",),
    "attachments": ("say", "end"),
    "on": ("ask", "confirm"),
    "open": ("ask", "confirm"),
    "arguments": ("call", "flow"),
    "into": ("call", "flow", "reference"),
    "replies": ("ask", "say", "end"),
    "text": ("ask", "confirm", "handoff", "end"),
    "otherwise": ("ask", "confirm", "call", "flow", "set", "task", "timer", "branch", "reference", "say"),
}
"""The kinds of step that read a key."""


def steps(part: Part) -> Iterator[str]:
    """All problems of the steps."""
    for step in part.loaded.flow.steps:
        yield from _step(part, step)


def _step(part: Part, step: Step) -> Iterator[str]:
    def at(*key: str) -> str:
        return part.at("steps", step.id, *key)

    flow = part.loaded.flow
    if step.id == END:
        yield f"{at('id')}: given {END!r}, which means the end of the flow; give the step another id"
    if step.kind == "ask" and step.ask not in flow.slots:
        yield f"{at('ask')}: there is no slot {step.ask!r}{near(step.ask, flow.slots)}; known: {', '.join(flow.slots) or 'none'}"
    if step.tries < 1:
        yield f"{at('tries')}: given {step.tries}; allowed: 1 or more"
    yield from part.state(step.state, at("state"))
    yield from part.flow(step.flow, at("flow"))
    if step.flow in part.flows.by_name:
        slots = part.flows.by_name[step.flow].flow.slots
        for name in step.arguments:
            if name not in slots:
                yield f"{at('with', name)}: flow {step.flow!r} has no slot {name!r}{near(name, slots)}"
    yield from _targets(part, step, at)
    yield from _expressions(part, step, at)
    yield from _names(part, step, at)
    yield from _texts(part, step, at)
    yield from _fitting(step, at)


def _names(part: Part, step: Step, at: Callable[..., str]) -> Iterator[str]:
    for name in step.set:
        yield from part.name(name, at("set", name))
    for name in (step.into,) if isinstance(step.into, str) else step.into:
        if name:
            yield from part.name(name, at("into"))


def _texts(part: Part, step: Step, at: Callable[..., str]) -> Iterator[str]:
    for key in ("say", "text"):
        yield from part.texts(getattr(step, key), at(key))
    for key in ("confirm", "again"):
        if getattr(step, key):
            yield from part.text(getattr(step, key), at(key))
    if step.task is not None:
        yield from part.text(step.task.title, at("task", "title"))
        if step.task.detail:
            yield from part.text(step.task.detail, at("task", "detail"))
    if step.timer is not None:
        yield from part.texts(step.timer.say, at("timer", "say"))
    yield from part.texts(list(step.replies), at("replies"))


def _fitting(step: Step, at: Callable[..., str]) -> Iterator[str]:
    """Keys that the kind of step does not read."""
    for key, kinds in _BELONG.items():
        if getattr(step, key) and step.kind not in kinds:
            name = "with" if key == "arguments" else key
            yield f"{at(name)}: a step with `{step.kind}` has no `{name}`; it belongs to {', '.join(kinds)}"
    if step.no != CHANGE and step.kind != "confirm":
        yield f"{at('no')}: a step with `{step.kind}` has no `no`; it belongs to confirm"


def _targets(part: Part, step: Step, at: Callable[..., str]) -> Iterator[str]:
    yield from part.target(step.next, at("next"))
    yield from part.target(step.otherwise, at("otherwise"))
    if step.no != CHANGE:
        yield from part.target(step.no, at("no"))
    for n, arm in enumerate(step.branch):
        yield from part.target(arm.go, at("branch", str(n), "go"))
        if not arm.when and n + 1 < len(step.branch):
            yield f"{at('branch', str(n))}: what has no `when` is always taken, and the arms below it never; put it last"
    if step.timer is not None:
        wanted = step.timer
        yield from part.target(wanted.go, at("timer", "go"))
        if not wanted.cancel and bool(wanted.after) == bool(wanted.at):
            yield f"{at('timer')}: give one of `after` and `at`"
        if not wanted.cancel and not wanted.go and not wanted.say:
            yield f"{at('timer')}: give `go`, the step to go on at, or `say`"


def _expressions(part: Part, step: Step, at: Callable[..., str]) -> Iterator[str]:
    yield from part.condition(step.when, at("when"))
    yield from part.expression(step.first, at("first"))
    for key, text in step.set.items():
        yield from part.expression(text, at("set", key))
    for key, text in step.arguments.items():
        yield from part.expression(text, at("with", key))
    for n, text in enumerate(step.attachments):
        yield from part.expression(text, at("attachments", str(n)))
    for n, arm in enumerate(step.branch):
        yield from part.condition(arm.when, at("branch", str(n), "when"))
    if step.task is not None:
        yield from part.expression(step.task.reference, at("task", "reference"))
        yield from _time(part, step.task.due, at("task", "due"))
    if step.timer is not None:
        yield from _time(part, step.timer.after, at("timer", "after"))
        yield from _time(part, step.timer.at, at("timer", "at"))


def _time(part: Part, text: str, where: str) -> Iterator[str]:
    """A length of time, or an expression that gives one or a day."""
    if not text or seconds(text) is not None:
        return
    for problem in part.expression(text, where):
        yield f"{problem}; a time is written like {_SPAN}"


def ways(part: Part) -> Iterator[str]:
    """All problems of the transitions."""
    flow = part.loaded.flow
    for n, way in enumerate(flow.on):
        yield from _way(part, way, part.at("on", str(n)))
    for step in flow.steps:
        for n, way in enumerate(step.on):
            yield from _way(part, way, part.at("steps", step.id, "on", str(n)))


def _way(part: Part, way: Transition, where: str) -> Iterator[str]:
    if not (way.intent or way.words or way.entity or way.says or way.when):
        yield f"{where}: a transition needs intent, words, entity, says or when"
    yield from part.words(way.words, f"{where}.words")
    yield from part.target(way.go, f"{where}.go")
    yield from part.state(way.state, f"{where}.state")
    yield from part.condition(way.when, f"{where}.when")
    for name, text in way.set.items():
        yield from part.name(name, f"{where}.set.{name}")
        yield from part.expression(text, f"{where}.set.{name}")
    yield from part.texts(way.say, f"{where}.say")
    yield from part.flow(way.flow, f"{where}.flow")


def rest(part: Part) -> Iterator[str]:
    """All problems of what stands beside slots and steps."""
    flow = part.loaded.flow
    if flow.version < 1:
        yield f"{part.at('version')}: given {flow.version}; allowed: 1 or more"
    if flow.title:
        yield from part.text(flow.title, part.at("title"))
    for name in flow.given:
        yield from part.name(name, part.at("given"))
    yield from part.words(flow.starts.words, f"{part.at('starts')}.words")
    yield from part.condition(flow.starts.when, f"{part.at('starts')}.when")
    if flow.timeout is not None:
        where = part.at("timeout")
        if seconds(flow.timeout.after) is None:
            yield f"{where}.after: given {flow.timeout.after!r}; allowed: a time like {_SPAN}"
        yield from part.target(flow.timeout.go, f"{where}.go")
        yield from part.texts(flow.timeout.say, f"{where}.say")
    for version, rule in flow.migrate.items():
        if not version.isdigit() or int(version) == flow.version:
            yield f"{part.at('migrate', version)}: given {version!r}; allowed: the number of an earlier version"
        for old, new in rule.items():
            yield from part.target(new, part.at("migrate", version, old))
