"""Conditions and small computations of flows: CEL, the Common Expression Language, by Google's own C++ evaluator.

An expression can't loop for ever (the evaluator has a budget), call out or change anything.  Numbers are doubles, as in JSON's mapping to CEL:
`10 / 4` is 2.5.  What is not known is null.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from cel_expr_python import cel
from cel_expr_python.ext import ext_math, ext_strings

LONGEST = 2000
_WRITTEN = "as_written"
_IN = "flow"  # the container that the names lie in, so that a slot may be called `type` or `string`
_LITERAL = re.compile(
    r"""(?P<string>[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))"""
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?[uU]?|0[xX][0-9a-fA-F]+)",
    re.DOTALL,
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORDS = {"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
          "let", "loop", "package", "namespace", "return", "var", "void", "while"}  # fmt: skip


class ExpressionError(ValueError):
    """An expression is wrong, or could not be computed; the text says how."""


@attrs.frozen(eq=False)
class Expression:
    """A compiled expression; `names` are those of the variables that it may use."""

    text: str
    names: tuple[str, ...]
    doubles: Any
    plain: Any

    def value(self, variables: Mapping[str, Any]) -> Any:
        """What it gives: a JSON value.  Raises `ExpressionError`."""
        data = {f"{_IN}.{name}": _doubled(variables.get(name)) for name in self.names}
        found = self._eval(self.doubles, data)
        if found.type() == cel.Type.ERROR and "No matching overloads" in str(found.value()):
            data = {f"{_IN}.{name}": variables.get(name) for name in self.names}
            found = self._eval(self.plain, data)
        if found.type() == cel.Type.ERROR:
            raise ExpressionError(f"{self.text!r} can't be computed: {_plain(str(found.value()))}")
        return _json(found.value())

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Whether it is true; what can't be computed, as what it needs is not known, is not."""
        try:
            return self.value(variables) is True
        except ExpressionError:
            return False

    def _eval(self, program: Any, data: Mapping[str, Any]) -> Any:
        try:
            return program.eval(data=data)
        except RuntimeError as error:
            raise ExpressionError(f"{self.text!r} can't be computed: {_plain(str(error))}") from None


@functools.lru_cache(maxsize=256)
def _environment(names: tuple[str, ...]) -> Any:
    variables = {f"{_IN}.{name}": cel.Type.DYN for name in names}
    written = cel.Overload("written_dyn", return_type=cel.Type.STRING, parameters=[cel.Type.DYN], impl=_written)
    return cel.NewEnv(
        variables=variables,
        container=_IN,
        extensions=[ext_math.ExtMath(), ext_strings.ExtStrings()],
        functions=[cel.FunctionDecl(_WRITTEN, [written])],
    )


def _written(value: Any) -> str:
    """`string()` of what is a double for us and a whole number for people: "10000000", not "1e+07"."""
    found = _json(value)
    return "true" if found is True else "false" if found is False else "" if found is None else str(found)


@functools.lru_cache(maxsize=8192)
def _compiled(text: str, names: tuple[str, ...]) -> Expression:
    if len(text) > LONGEST:
        raise ExpressionError(f"the expression has {len(text)} characters; at most {LONGEST} are allowed")
    environment = _environment(names)
    doubles = plain = wrong = None
    try:
        doubles = environment.compile(_LITERAL.sub(_double, text))
    except RuntimeError as error:  # what takes whole numbers only, as `%`
        wrong = error
    try:
        plain = environment.compile(text)
    except RuntimeError as error:  # what takes doubles only, as `math.round(a * 100)`
        if doubles is None:
            raise ExpressionError(_plain(str(error))) from wrong
    return Expression(text, names, doubles or plain, plain or doubles)


def compiled(text: str, names: Iterable[str]) -> Expression:
    """The expression over these names; raises `ExpressionError` that says what is wrong with it and where."""
    return _compiled(text.strip(), tuple(sorted(names)))


_KINDS = {
    "BOOL": "bool",
    "INT": "a number",
    "UINT": "a number",
    "DOUBLE": "a number",
    "STRING": "a text",
    "NULL": "null",
}


def result(text: str, names: Iterable[str]) -> str:
    """What kind of value it gives ("bool", "a number", …); "" where only its values tell."""
    found = compiled(text, names)
    kinds = {_KINDS.get(str(program.return_type()), "") for program in (found.doubles, found.plain)}
    return kinds.pop() if len(kinds) == 1 else ""


def usable(name: str) -> bool:
    """Whether expressions can use the name as it is."""
    return bool(_NAME.fullmatch(name)) and name not in _WORDS


def _double(match: re.Match[str]) -> str:
    number, name = match["number"], match["name"]
    if name == "string" and match.string[match.end() :].lstrip().startswith("("):
        return _WRITTEN
    if number is None or not number.isdigit():
        return match[0]
    return f"{number}.0"


def _doubled(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): _doubled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_doubled(item) for item in value]
    return value


def _json(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, Mapping):
        return {str(_json(key)): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    return _json(value.value()) if hasattr(value, "value") else str(value)


def _plain(said: str) -> str:
    """The evaluator's message on one line, without its own marks."""
    lines = [line for line in said.splitlines() if not line.lstrip().startswith("|")]
    text = " ".join(" ".join(lines).split())
    text = re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$|<input>:|\(in container '[^']*'\)|ERROR: ", "", text)
    text = re.sub(r"ERROR: |<input>:", "", text)
    text = re.sub(r"\bINVALID_ARGUMENT: ", "", text).strip()
    text = re.sub(r" expecting \{[^}]*\}(, '\}'[^}]*\})?", "", text)
    return text.removesuffix("'") if text.count("'") % 2 else text
