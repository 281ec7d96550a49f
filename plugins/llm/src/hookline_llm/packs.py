"""Prompt packs: `prompts/<type>.<language>.md`, each with a system and a user template, checked when they are loaded.

A file has two parts, below the lines `# System` and `# User`.  Both are Jinja templates in a sandbox; they know the
variables of `config.VARIABLES` and the tenant's own (`[plugins.llm.variables]`), and nothing else.  A tenant's file
replaces the plugin's of the same type and language.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import attrs
import regex

from .config import VARIABLES

if TYPE_CHECKING:
    import jinja2

    from .config import Config

ANSWER = "answer"
GENERAL = "general"
_NAME = regex.compile(r"(?P<type>[a-z][a-z0-9_]*)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.md")
_PART = regex.compile(r"^#[ \t]*(?P<part>system|user)[ \t]*$", regex.IGNORECASE | regex.MULTILINE)
_BRACES = regex.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
_LEAST = {ANSWER: ("documents", "question"), GENERAL: ("question",)}


class _File(Protocol):
    @property
    def name(self) -> str: ...

    def read_text(self, encoding: str) -> str: ...


@attrs.frozen(eq=False)
class Pack:
    """One type of prompt in one language."""

    type: str
    language: str
    file: str
    system: jinja2.Template
    user: jinja2.Template

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The system and the user message."""
        return self.system.render(values).strip(), self.user.render(values).strip()


class Packs:
    """All packs of a tenant."""

    def __init__(self, packs: Mapping[tuple[str, str], Pack]) -> None:
        self._packs = packs

    @property
    def types(self) -> list[str]:
        """The types that there are."""
        return sorted({kind for kind, _ in self._packs})

    def __iter__(self) -> Iterator[Pack]:
        """The packs, by type and language."""
        return iter(pack for _, pack in sorted(self._packs.items()))

    def find(self, kind: str, language: str, fallback: str) -> Pack:
        """The pack for the language ("hi-IN"), its base ("hi"), the tenant's language, English, or any other."""
        for tag in (language, language.split("-", maxsplit=1)[0], fallback, fallback.split("-", maxsplit=1)[0], "en"):
            if (kind, tag) in self._packs:
                return self._packs[kind, tag]
        return next(pack for pack in self if pack.type == kind)


def read(config: Config, folder: Path | None) -> tuple[Packs, list[str]]:
    """The plugin's packs with the tenant's in their place, and what is wrong with those: file, line, cause, remedy."""
    packs: dict[tuple[str, str], Pack] = {}
    problems: list[str] = []
    built_in = resources.files(__package__).joinpath("prompts")
    for file in sorted(built_in.iterdir(), key=lambda file: file.name):
        _read(file, f"hookline_llm/prompts/{file.name}", config, packs, problems)
    for path in sorted((folder / "prompts").glob("*.md")) if folder else ():
        _read(path, _shown(path), config, packs, problems)
    known = Packs(packs)
    for intent, kind in config.prompts.items():
        if kind not in known.types:
            problems.append(
                f"plugins.llm.prompts.{intent}: given {kind!r}; allowed: {', '.join(known.types)} "
                f"(a type is a file prompts/<type>.<language>.md)"
            )
    return known, problems


def check(config: Config, folder: Path) -> list[str]:
    """What is wrong with a tenant's prompts; see `Plugin.check`."""
    return read(config, folder)[1]


def _read(file: _File, shown: str, config: Config, packs: dict[tuple[str, str], Pack], problems: list[str]) -> None:
    named = _NAME.fullmatch(file.name)
    if named is None:
        problems.append(f"{shown}: the name must be <type>.<language>.md, e.g. answer.en.md")
        return
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{shown}: can't be read: {error}")
        return
    parts = _parts(text)
    lacking = [part for part in ("system", "user") if part not in parts]
    problems += [f"{shown}: has no {part} template; write it below a line '# {part.capitalize()}'" for part in lacking]
    if lacking:
        return
    kind = named["type"]
    allowed = {**VARIABLES, **config.variables}
    found = [_template(shown, line, body, allowed, problems) for line, body in (parts["system"], parts["user"])]
    used = set().union(*(variables for _, variables in found))
    if all(template is not None for template, _ in found):
        problems += [
            f"{shown}:{parts['user'][0]}: {{{{ {name} }}}} is missing; the model has to see {VARIABLES[name]}"
            for name in _LEAST.get(kind, ("question",))
            if name not in used
        ]
    system, user = (template for template, _ in found)
    if system is not None and user is not None:
        packs[kind, named["language"]] = Pack(kind, named["language"], shown, system, user)


def _parts(text: str) -> dict[str, tuple[int, str]]:
    """Each part with the number of its first line."""
    heads = list(_PART.finditer(text))
    found: dict[str, tuple[int, str]] = {}
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        found[head["part"].lower()] = (text.count("\n", 0, head.end()) + 1, text[head.end() : end])
    return found


def _template(
    shown: str, line: int, body: str, allowed: Mapping[str, str], problems: list[str]
) -> tuple[jinja2.Template | None, set[str]]:
    import jinja2
    from jinja2 import nodes

    environment = _environment()
    try:
        tree = environment.parse(body)
    except jinja2.TemplateSyntaxError as error:
        problems.append(f"{shown}:{line + error.lineno - 1}: {error.message}; a variable is written {{{{ question }}}}")
        return None, set()
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    used: set[str] = set()
    sound = True
    for name in tree.find_all(nodes.Name):
        if name.ctx != "load" or name.name in own:
            continue
        used.add(name.name)
        if name.name not in allowed and name.name not in _BUILT_IN:
            near = difflib.get_close_matches(name.name, allowed, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            problems.append(
                f"{shown}:{line + name.lineno - 1}: unknown variable {name.name!r}{hint}; allowed: {', '.join(allowed)}; "
                f"one of your own goes into [plugins.llm.variables]"
            )
            sound = False
    for match in _BRACES.finditer(body):
        if match[1] in allowed:
            at = line + body.count("\n", 0, match.start())
            problems.append(f"{shown}:{at}: write {{{{ {match[1]} }}}} for {match.group()}")
            sound = False
    if not sound:
        return None, used
    template = environment.from_string(body)
    try:
        template.render(dict.fromkeys(allowed, "sample"))
    except Exception as error:  # noqa: BLE001 - whatever a template may do wrong is a problem of its file
        problems.append(f"{shown}:{line}: the template can't be filled: {error}")
        return None, used
    return template, used


_BUILT_IN = frozenset({"true", "false", "none", "loop", "range"})


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.globals.clear()
    return environment


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
