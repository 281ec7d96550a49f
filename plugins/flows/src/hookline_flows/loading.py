"""Flow files, read strictly: each becomes a `Flow` with an id for every step, and remembers where what stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import msgspec

from hookline import yamlfile
from hookline.errors import ConfigError

from .model import Flow, Step

FOLDER = "flows"
_DEEPEST = 8
MOST_STEPS = 1000


@attrs.frozen(eq=False)
class Loaded:
    """A flow, its name, and the file and line of each part; `digest` tells its content from another's."""

    name: str
    flow: Flow
    digest: str
    places: Mapping[str, str]

    def place(self, *path: str) -> str:
        """The file and line of a path, as ("steps", "amount", "text"), or of the nearest part above it."""
        for end in range(len(path), -1, -1):
            found = self.places.get(".".join(path[:end]))
            if found:
                return found
        return self.name


@attrs.frozen(eq=False)
class Flows:
    """All flows of a tenant, by name, and what is wrong with files that could not be read."""

    by_name: Mapping[str, Loaded]
    problems: tuple[str, ...] = ()

    def get(self, name: str) -> Flow | None:
        """The flow of that name."""
        found = self.by_name.get(name)
        return found.flow if found else None


def read(folder: Path, within: str = FOLDER) -> Flows:
    """The flows in the tenant's folder; files that begin with `_` are only there to be extended."""
    found: dict[str, Loaded] = {}
    problems: list[str] = []
    for path in sorted((folder / within).glob("*.yaml")):
        if path.name.startswith("_"):
            continue
        try:
            found[path.stem] = load(path, shown=f"{within}/{path.name}")
        except ConfigError as error:
            problems.append(str(error))
    return Flows(found, tuple(problems))


def load(path: Path, shown: str = "") -> Loaded:
    """One flow; raises `ConfigError` with file and line of each problem."""
    flow, places = _layered(path, shown or path.name, ())
    return made(path.stem, flow, places)


def made(name: str, flow: Flow, places: Mapping[str, str] | None = None) -> Loaded:
    """A flow as it is used, with its digest."""
    if not flow.steps:
        raise ConfigError(f"{(places or {}).get('', name)}: a flow needs steps")
    if len(flow.steps) > MOST_STEPS:
        where = (places or {}).get("steps", name)
        raise ConfigError(
            f"{where}: steps: there are {len(flow.steps)}; allowed: {MOST_STEPS}; make several flows of them"
        )
    digest = hashlib.blake2b(msgspec.json.encode(flow, order="deterministic"), digest_size=8).hexdigest()
    return Loaded(name, flow, digest, places or {})


def _layered(path: Path, shown: str, above: tuple[Path, ...]) -> tuple[Flow, dict[str, str]]:
    """The flow of a file over the one that it extends."""
    text = _text(path, shown)
    flow, line = yamlfile.located(text, shown, Flow)
    flow, places = _named(flow, shown, line)
    if not flow.extends:
        return flow, places
    where = places.get("extends", shown)
    if "/" in flow.extends or "\\" in flow.extends or not flow.extends.endswith(".yaml"):
        raise ConfigError(
            f'{where}: extends: given {flow.extends!r}; allowed: the name of a file beside this one, like "_base.yaml"'
        )
    base = (path.parent / flow.extends).resolve()
    if base in above or base == path.resolve() or len(above) >= _DEEPEST:
        raise ConfigError(f"{where}: extends: {flow.extends} extends this file itself; a flow can't be its own base")
    if not base.exists():
        raise ConfigError(f"{where}: extends: there is no file {flow.extends} beside this one")
    below, below_places = _layered(base, f"{Path(shown).parent.as_posix()}/{flow.extends}", (*above, path.resolve()))
    return _over(below, flow), {**below_places, **places}


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown}: can't be read: {error}; it must be a YAML file in UTF-8") from None


def _named(flow: Flow, shown: str, line: Callable[..., int]) -> tuple[Flow, dict[str, str]]:
    """The flow with an id for each step, and the places of its parts."""
    places = {"": f"{shown}:1"}
    raw = msgspec.to_builtins(flow)
    for key in raw:
        places[key] = f"{shown}:{line(key)}"
    for part in ("slots", "migrate"):
        for name, value in raw[part].items():
            places[f"{part}.{name}"] = f"{shown}:{line(part, name)}"
            for key in value if isinstance(value, Mapping) else ():
                places[f"{part}.{name}.{key}"] = f"{shown}:{line(part, name, key)}"
    for n in range(len(flow.on)):
        places[f"on.{n}"] = f"{shown}:{line('on', n)}"
    if len(flow.steps) > MOST_STEPS:
        return flow, places
    steps: list[Step] = []
    taken: dict[str, str] = {}
    for n, step in enumerate(flow.steps):
        where = f"{shown}:{line('steps', n)}"
        ident = step.id or _ident(step, n, set(taken))
        if ident in taken:
            raise ConfigError(f"{where}: id: {ident!r} is already the step of {taken[ident]}; ids must differ")
        if "." in ident:
            raise ConfigError(f"{where}: id: given {ident!r}; allowed: a name without a dot")
        taken[ident] = where
        steps.append(msgspec.structs.replace(step, id=ident))
        places[f"steps.{ident}"] = where
        for path in _paths(msgspec.to_builtins(step), ()):
            places[f"steps.{ident}.{'.'.join(path)}"] = f"{shown}:{line('steps', n, *path)}"
    return msgspec.structs.replace(flow, steps=tuple(steps)), places


def _paths(value: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        path = (*above, str(key))
        yield path
        yield from _paths(item, path)


def _ident(step: Step, at: int, taken: set[str]) -> str:
    """The id of a step that has none: the slot it asks, else what it does and its place."""
    if step.kind == "ask" and step.ask not in taken:
        return step.ask
    return f"{step.kind}-{at + 1}"


def _over(below: Flow, above: Flow) -> Flow:
    """A flow over its base: slots, steps and migrations of the same name replace the base's, steps that are new follow, and
    transitions come before the base's."""
    steps = {step.id: step for step in below.steps if step.id not in above.without}
    slots = {name: slot for name, slot in below.slots.items() if name not in above.without}
    for step in above.steps:
        steps[step.id] = step
    defaults = Flow()
    changed = {
        field: getattr(above, field)
        for field in ("version", "title", "identity", "starts", "states", "timeout", "migrate")
        if getattr(above, field) != getattr(defaults, field)
    }
    return msgspec.structs.replace(
        below,
        **changed,
        slots={**slots, **above.slots},
        steps=tuple(steps.values()),
        on=(*above.on, *below.on),
        extends=above.extends,
    )
