"""Files of phrases: Fluent (`locales/<tag>/*.ftl`) and flat JSON (`prompts/<language>/prompts.json`), read with places.

Each message keeps the file and line it stands in; what is wrong is a text that begins with them.  The syntax is that
of Project Fluent 1.0, https://projectfluent.org/fluent/guide/
"""

from __future__ import annotations

import bisect
import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from fluent.syntax import FluentParser, ast, visitor

from . import languages
from .particulars import storable

FUNCTIONS = frozenset({"NUMBER", "DATETIME", "MONEY", "PERCENT", "DATE", "TIME", "DURATION", "LIST"})
KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")
_PARSER = FluentParser()
_NO_TEXT = "a null character or half a character, which no database takes"


@attrs.frozen(eq=False)
class Entry:
    """One message, or a term (its key begins with "-"), and what it refers to: (name, file:line) each."""

    key: str
    place: str
    node: Any
    variables: frozenset[str]
    functions: tuple[tuple[str, str], ...]
    references: tuple[tuple[str, str], ...]

    @property
    def term(self) -> bool:
        """Whether it is a word for other messages only."""
        return self.key.startswith("-")


@attrs.frozen(eq=False)
class Sheet:
    """The messages of one file, or of one language's files, and what is wrong with them."""

    tag: str
    entries: dict[str, Entry] = attrs.Factory(dict)
    problems: list[str] = attrs.Factory(list)

    def add(self, entry: Entry) -> None:
        """Take it in; one that is there already is a problem."""
        if entry.key in self.entries:
            self.problems.append(
                f"{entry.place}: {entry.key!r} stands there twice, first in {self.entries[entry.key].place}; remove one"
            )
        else:
            self.entries[entry.key] = entry


class _References(visitor.Visitor):
    """What a message refers to, with places."""

    def __init__(self, place: Callable[[Any], str]) -> None:
        self.place = place
        self.variables: set[str] = set()
        self.functions: list[tuple[str, str]] = []
        self.references: list[tuple[str, str]] = []

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802  Fluent\'s names
        self.variables.add(node.id.name)

    def visit_FunctionReference(self, node: ast.FunctionReference) -> None:  # noqa: N802  Fluent\'s names
        self.functions.append((node.id.name, self.place(node)))
        self.generic_visit(node)

    def visit_MessageReference(self, node: ast.MessageReference) -> None:  # noqa: N802  Fluent\'s names
        self.references.append((_reference("", node), self.place(node)))

    def visit_TermReference(self, node: ast.TermReference) -> None:  # noqa: N802  Fluent\'s names
        self.references.append((_reference("-", node), self.place(node)))
        self.generic_visit(node)


def _reference(mark: str, node: Any) -> str:
    return f"{mark}{node.id.name}{f'.{node.attribute.name}' if node.attribute else ''}"


def read_fluent(path: Path, tag: str, shown: str) -> Sheet:
    """A Fluent file; `shown` is what messages call it."""
    sheet = Sheet(tag)
    text = _text(path, shown, sheet)
    if text is None:
        return sheet
    starts = _starts(text)

    def place(node: Any) -> str:
        return f"{shown}:{_line(starts, node.span.start)}"

    try:
        for item in _PARSER.parse(text).body:
            if isinstance(item, ast.Junk):
                said = item.annotations[0]
                where = _line(starts, said.span.start if said.span else item.span.start if item.span else 0)
                sheet.problems.append(f"{shown}:{where}: no valid Fluent: {said.message}")
            elif isinstance(item, (ast.Message, ast.Term)):
                sheet.add(_entry(item, place))
    except RecursionError:
        sheet.problems.append(f"{shown}: no valid Fluent: a message is nested too deeply")
    return sheet


def read_prompts(path: Path, tag: str, shown: str) -> Sheet:
    """A prompt pack: one JSON object of key and text, each text a Fluent pattern (`Bonjour {$name}`)."""
    sheet = Sheet(tag)
    text = _text(path, shown, sheet)
    if text is None:
        return sheet
    pairs: list[tuple[str, Any]] = []

    def take(found: list[tuple[str, Any]]) -> dict[str, Any]:
        pairs[:] = found  # the outermost object is finished last
        return dict(found)

    try:
        tree = json.loads(text, object_pairs_hook=take)
    except json.JSONDecodeError as error:
        sheet.problems.append(f"{shown}:{error.lineno}: no valid JSON: {error.msg}")
        return sheet
    except (ValueError, RecursionError) as error:
        sheet.problems.append(f"{shown}: can't be read as JSON: {error}")
        return sheet
    if not isinstance(tree, dict):
        sheet.problems.append(f"{shown}:1: must be one object of keys and texts")
        return sheet
    after = 0
    for key, value in pairs:
        at = re.compile(rf"{re.escape(json.dumps(key, ensure_ascii=False))}\s*:").search(text, after)
        after = at.end() if at else after
        line = f"{shown}:{text.count(chr(10), 0, at.start()) + 1 if at else 1}"
        _take_prompt(sheet, key, value, line)
    return sheet


def _take_prompt(sheet: Sheet, key: str, value: Any, line: str) -> None:
    if not KEY.fullmatch(key):
        sheet.problems.append(f"{line}: {key!r} is no key; allowed: letters, digits, - and _, a letter first")
    elif not isinstance(value, str):
        sheet.problems.append(f"{line}: {key}: given {json.dumps(value)[:40]}; allowed: a text")
    elif not value.strip():
        sheet.problems.append(f"{line}: {key}: the text is empty")
    elif storable(value) != value:
        sheet.problems.append(f"{line}: {key}: the text holds {_NO_TEXT}")
    else:
        _take_pattern(sheet, key, value, line)


def _take_pattern(sheet: Sheet, key: str, value: str, line: str) -> None:
    try:
        item = _PARSER.parse_entry(f"{key} =\n{_indented(value)}\n")
        if isinstance(item, ast.Message):
            sheet.add(_entry(item, lambda _: line))
            return
        said = item.annotations[0].message if isinstance(item, ast.Junk) else "it is no message"
    except RecursionError:
        said = "it is nested too deeply"
    sheet.problems.append(f"{line}: {key}: no valid Fluent: {said}")


def _indented(value: str) -> str:
    """The text as Fluent wants it below its key; a line outside braces may begin with what has a meaning there."""
    depth, lines = 0, []
    for line in value.replace("\r\n", "\n").strip("\n").split("\n"):
        bare = line.lstrip()
        marked = depth == 0 and bare[:1] in ("[", ".", "*", "}")
        safe = f'{{"{bare[0]}"}}{bare[1:]}' if marked else line
        lines.append(f"    {safe}")
        plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", safe) if depth or "{" in safe else safe
        depth = max(0, depth + plain.count("{") - plain.count("}"))
    return "\n".join(lines)


def _text(path: Path, shown: str, sheet: Sheet) -> str | None:
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        sheet.problems.append(f"{shown}: can't be read: {error}; it must be a text in UTF-8")
        return None
    if "\0" in text:
        sheet.problems.append(f"{shown}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: holds {_NO_TEXT}")
        return None
    return text


def _entry(item: Any, place: Callable[[Any], str]) -> Entry:
    found = _References(place)
    found.visit(item)
    key = f"-{item.id.name}" if isinstance(item, ast.Term) else item.id.name
    variables = frozenset() if isinstance(item, ast.Term) else frozenset(found.variables)
    return Entry(key, place(item.id), item, variables, tuple(found.functions), tuple(found.references))


def _starts(text: str) -> list[int]:
    return [0, *(at.end() for at in re.finditer("\n", text))]


def _line(starts: list[int], offset: int) -> int:
    return bisect.bisect_right(starts, offset)


# -- where they lie ----------------------------------------------------------------------------------------------------


def tenant_sheets(folder: Path) -> tuple[dict[str, Sheet], list[str]]:
    """The tenant's own messages by language, and problems: `locales/<tag>/*.ftl`, `locales/<tag>.ftl`, `prompts/<name>`."""
    found: dict[str, Sheet] = {}
    problems: list[str] = []
    for path, kind in _tenant_files(folder):
        shown = _shown(path)
        named = path.parent.name if kind == "prompts" or path.parent.name != "locales" else path.stem
        tag = languages.named(named)
        if not tag:
            problems.append(
                f"{shown}: {named!r} is no language; allowed: a tag such as hi-Latn, or an English name such as hindi"
            )
            continue
        sheet = read_prompts(path, tag, shown) if kind == "prompts" else read_fluent(path, tag, shown)
        whole = found.setdefault(tag, Sheet(tag))
        whole.problems.extend(sheet.problems)
        for entry in sheet.entries.values():
            whole.add(entry)
    return found, [*problems, *(problem for sheet in found.values() for problem in sheet.problems)]


def _tenant_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in [*sorted(folder.glob("locales/*/*.ftl")), *sorted(folder.glob("locales/*.ftl"))]:
        yield path, "locales"
    for path in sorted(folder.glob("prompts/*/prompts.json")):
        yield path, "prompts"


def packaged_tags(package: Path) -> tuple[str, ...]:
    """The languages that a package brings messages in."""
    return tuple(sorted(path.stem for path in (package / "locales").glob("*.ftl")))


def packaged_sheet(package: Path, tag: str) -> Sheet | None:
    """A package's messages in the language; None where it has none.  Read once a process while the file is the same."""
    path = package / "locales" / f"{tag}.ftl"
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _packaged(path, tag, changed)


@functools.lru_cache(maxsize=512)
def _packaged(path: Path, tag: str, _changed: int) -> Sheet:
    return read_fluent(path, tag, _shown(path))


def core_text(key: str, tag: str) -> str:
    """One of the core's own texts, which hold no values; "" where the core has none in the language."""
    sheet = packaged_sheet(Path(__file__).parent, tag)
    entry = sheet.entries.get(key) if sheet else None
    return "".join(part.value for part in entry.node.value.elements) if entry else ""


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def check_references(tag: str, entries: dict[str, Entry], own: Iterable[Entry]) -> Iterator[str]:
    """What is wrong with what the messages of one language refer to: functions and messages that are not there, circles."""
    for entry in own:
        for name, place in entry.functions:
            if name not in FUNCTIONS:
                yield f"{place}: {entry.key}: no function {name}(); allowed: {', '.join(sorted(FUNCTIONS))}"
        for name, place in entry.references:
            key, _, attribute = name.partition(".")
            if key not in entries:
                yield f"{place}: {entry.key}: there is no {key!r} in {tag!r}"
            elif attribute and attribute not in {a.id.name for a in entries[key].node.attributes}:
                yield f"{place}: {entry.key}: {key!r} has no attribute {attribute!r} in {tag!r}"
        if entry.key in _reached(entry, entries):
            yield f"{entry.place}: {entry.key}: refers to itself"


def _reached(entry: Entry, entries: dict[str, Entry]) -> set[str]:
    reached: set[str] = set()
    ahead = [name.partition(".")[0] for name, _ in entry.references]
    while ahead:
        key = ahead.pop()
        if key in reached or key not in entries:
            continue
        reached.add(key)
        ahead.extend(name.partition(".")[0] for name, _ in entries[key].references)
    return reached


def needed(entry: Entry, entries: dict[str, Entry]) -> frozenset[str]:
    """The values that a message needs, with those of the messages that it refers to (terms get none)."""
    reached = {entry.key, *(key for key in _reached(entry, entries) if not key.startswith("-"))}
    return frozenset().union(*(entries[key].variables for key in reached if key in entries))


__all__ = [
    "FUNCTIONS",
    "Entry",
    "Sheet",
    "check_references",
    "core_text",
    "needed",
    "packaged_sheet",
    "packaged_tags",
    "read_fluent",
    "read_prompts",
    "tenant_sheets",
]
