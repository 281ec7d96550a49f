"""A tenant's YAML files (intents, rules, flows), read into attrs classes, strictly; what is wrong is named with file and line.

A key is what stands there: `NO:` is a key called NO, and `1:` is "1".  PyYAML is imported when a file is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs

from .decoder import FAILED, Decoder, KeyPath
from .errors import ConfigError

T = TypeVar("T")

DEEPEST = 60
LONGEST = 1_000_000
MOST = 100_000
_PLAIN = "tag:yaml.org,2002:"
_KNOWN = {f"{_PLAIN}{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")}
_AS_WRITTEN = {f"{_PLAIN}{name}" for name in ("timestamp", "value")}


def read(path: Path, kind: type[T], name: str = "") -> T:
    """The file's content as `kind`; raises `ConfigError` with each problem on a line of its own.

    `name` is what the messages call the file.
    """
    shown = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{shown}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown}: can't be read: {error}; it must be a YAML file in UTF-8") from None
    return parse(text, shown, kind)


def parse(text: str, name: str, kind: type[T]) -> T:
    """The text as `kind`; `name` is the file's in messages.  Raises `ConfigError`."""
    return located(text, name, kind)[0]


def located(text: str, name: str, kind: type[T]) -> tuple[T, Callable[..., int]]:
    """The text as `kind`, and a function that gives the line of a path of keys and places in it."""
    import yaml

    if len(text) > LONGEST:
        raise ConfigError(f"{name}: the file has {len(text)} characters; at most {LONGEST} are allowed")
    reader = _Reader(yaml)
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        tree = reader.value(root, ()) if root is not None else {}
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}{_wrong(text, error)}") from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deeply; at most {DEEPEST} levels are allowed") from None
    except _TooMuch as error:
        raise ConfigError(f"{name}:{error.line}: {error}") from None
    decoder = Decoder()
    found = decoder.decode(kind, tree if tree is not None else {}, (), default=False)
    problems = [*reader.wrong, *decoder.problems]
    if problems or found is FAILED:
        raise ConfigError("\n".join(f"{name}:{reader.line(at)}: {_key(at)}{said}" for at, said in problems))
    return cast("T", found), lambda *path: reader.line(tuple(map(str, path)))


class _TooMuch(ValueError):
    """A file that would take very long to read; `line` is where it becomes so."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def _wrong(text: str, error: Any) -> str:
    """The line, and what is wrong there."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # a sign that no YAML may have
        at = getattr(error, "position", 0)
        return f":{text.count(chr(10), 0, at) + 1}: no valid YAML: the sign {text[at : at + 1]!r} is not allowed"
    what = getattr(error, "problem", None) or getattr(error, "context", None) or error
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    tab = "\t" in line[: len(line) - len(line.lstrip())]
    return f":{mark.line + 1}: no valid YAML: {what}{'; indent with spaces, not with tabs' if tab else ''}"


@attrs.define
class _Reader:
    """Makes plain values of YAML's nodes, and remembers the line of each."""

    yaml: Any
    lines: dict[KeyPath, int] = attrs.Factory(dict)
    wrong: list[tuple[KeyPath, str]] = attrs.Factory(list)
    count: int = 0
    scalars: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.scalars = self.yaml.constructor.SafeConstructor()

    def value(self, node: Any, path: KeyPath) -> Any:
        """The value of a node at the path."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self.count += 1
        if self.count > MOST:
            raise _TooMuch(f"more than {MOST} values, each use of an anchor counted; write less", line)
        if len(path) > DEEPEST:
            raise _TooMuch(f"nested too deeply; at most {DEEPEST} levels are allowed", line)
        if isinstance(node, self.yaml.ScalarNode) and node.tag in _AS_WRITTEN:
            return node.value
        if node.tag not in _KNOWN:
            self.wrong.append((path, f"given the tag {_tag(node.tag)}; allowed: plain values without tags"))
            return None
        if isinstance(node, self.yaml.SequenceNode):
            return [self.value(one, (*path, str(n))) for n, one in enumerate(node.value)]
        if isinstance(node, self.yaml.MappingNode):
            found: dict[str, Any] = {}
            for key_node, item in node.value:
                key = key_node.value if isinstance(key_node.value, str) else str(key_node.value)
                at = (*path, key)
                line = key_node.start_mark.line + 1
                if key_node.tag == f"{_PLAIN}merge":
                    self.wrong.append(((*path, key), "anchors can't be merged into a table; write its keys out"))
                    self.lines[at] = line
                    continue
                if key in found:
                    self.wrong.append((at, f"given twice, first in line {self.lines[at]}"))
                self.lines[at] = line
                found[key] = self.value(item, at)
            return found
        return self.scalars.construct_object(node)

    def line(self, path: KeyPath) -> int:
        """The line of the path, or of what of it there is."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1)


def _tag(tag: str) -> str:
    return f"!!{tag.removeprefix(_PLAIN)}" if tag.startswith(_PLAIN) else tag


def _key(path: KeyPath) -> str:
    return f"{'.'.join(path)}: " if path else ""
