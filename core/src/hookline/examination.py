"""What a plugin's own part of `hookline doctor` is given, and what it answers with.

A plugin declares it as `Plugin(examine=...)`: it looks at its config, its files and, where it may ask outside, at the services that it
needs, whether or not a server is running and whether or not the tenant can start.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal

import aiohttp
import attrs

from .errors import HooklineError
from .settings import Settings

Weight = Literal["ok", "note", "warning", "error"]
_PATIENCE = 60.0


@attrs.frozen
class Finding:
    """One thing looked at: `what` it is about, and what was found.  A `note` says what to do elsewhere, as what to paste where."""

    weight: Weight
    what: str
    text: str


@attrs.frozen(eq=False)
class Examination:
    """One plugin of one tenant, looked at.

    config    the plugin's, decoded; `settings` are the tenant's own
    folder    the tenant's folder; `data` the plugin's data folder, which may not be there yet
    online    whether services outside may be asked: False in a `hookline doctor` that names no plugin
    change    whether what is wrong outside is to be set right (`--set`); only true where `online` is
    http      for asking; its requests end after 10 seconds
    """

    tenant: str
    plugin: str
    config: Any
    settings: Settings
    folder: Path
    data: Path
    http: aiohttp.ClientSession
    online: bool = False
    change: bool = False

    @property
    def what(self) -> str:
        """What the findings are about."""
        return f"{self.plugin} of {self.tenant}"

    def ok(self, text: str) -> Finding:
        """It is as it has to be."""
        return Finding("ok", self.what, text)

    def note(self, text: str) -> Finding:
        """It has to be done elsewhere: what to paste where."""
        return Finding("note", self.what, text)

    def warning(self, text: str) -> Finding:
        """It works and is unwise, or something is missing that not everybody needs."""
        return Finding("warning", self.what, text)

    def error(self, text: str) -> Finding:
        """It does not work; the text says what to do."""
        return Finding("error", self.what, text)


Examine = Callable[[Examination], AsyncIterator[Finding]]


async def ask(examine: Examine, about: Examination) -> list[Finding]:
    """All that the plugin finds; a failure of its own is a finding too."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(_PATIENCE):
            async for finding in examine(about):
                found.append(finding)  # noqa: PERF401  what was found before a failure counts
    except TimeoutError:
        found.append(about.error(f"not all was looked at within {_PATIENCE:g} seconds"))
    except HooklineError as error:
        found += [about.error(line) for line in str(error).splitlines()]
    except Exception as error:  # noqa: BLE001  one plugin's fault does not hide what the others find
        found.append(about.error(f"its checks failed: {type(error).__name__}: {error}"))
    return found
