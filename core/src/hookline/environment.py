"""References to environment variables in configuration: `${NAME}` and `${NAME:-default}`; `$${` is a plain `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@attrs.frozen(repr=False)
class Given:
    """A text that came from outside the file: a number or a switch may be read from it.

    `text` None: a variable that it needs is unset.  `names` are the variables it was made of, in order; empty for a
    command line's `--set`.  `unset` are those without a value.
    """

    text: str | None
    names: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    whole: bool = True

    @property
    def shown(self) -> str:
        """What may be shown of it: the variables' names, never their values."""
        return ", ".join(f"${{{name}}}" for name in self.names) if self.names else repr(self.text)


class Environment:
    """The variables as one tenant sees them: `HOOKLINE_<TENANT>_<NAME>` wins over `<NAME>`; empty means unset."""

    def __init__(self, variables: Mapping[str, str], tenant: str) -> None:
        self._variables = variables
        self.prefix = f"HOOKLINE_{re.sub(r'[^A-Za-z0-9]', '_', tenant).upper()}_"

    def get(self, name: str) -> str:
        """The variable's value; "" if it is unset."""
        return self._variables.get(self.prefix + name) or self._variables.get(name) or ""

    def resolve(self, text: str) -> str | Given:
        """The text with its references replaced; a text without any is returned as it is."""
        if "${" not in text:
            return text
        names: list[str] = []
        unset: list[str] = []

        def replace(match: re.Match[str]) -> str:
            name, default = match.group(1), match.group(2)
            if name is None:
                return "${"
            names.append(name)
            value = self.get(name)
            if not value and default is None:
                unset.append(name)
            return value or default or ""

        resolved = _REFERENCE.sub(replace, text)
        if not names:
            return resolved
        whole = _REFERENCE.fullmatch(text) is not None
        return Given(None if unset else resolved, tuple(names), tuple(unset), whole)

    def values(self, given: Given) -> dict[str, str]:
        """The values behind it by name, so that they can be kept out of messages."""
        return {name: self.get(name) for name in given.names if self.get(name)}
