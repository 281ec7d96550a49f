"""`.env` files: variables for those who have no better place for them.  What the environment has is never overridden.

`.env` in the folder where a command runs is for the process; `.env` in a tenant's folder is for that tenant's config.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from .errors import ConfigError

FILE = ".env"


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of the file, none where there is no file; texts are taken as they are, `$` too.

    Raises `ConfigError` for a file that can't be read, or has a line that is no `NAME=value`.
    """
    if not path.is_file():
        return {}  # a folder of that name is a virtual environment
    from dotenv.main import DotEnv
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as stream:
            wrong = [binding.original.line for binding in parse_stream(stream) if binding.error]
        if wrong:
            raise ConfigError(f"{path}:{wrong[0]}: not understood; write NAME=value, a text with spaces in quotes")
        found = DotEnv(path, encoding="utf-8-sig", interpolate=False).dict()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from None
    bad = next((name for name, value in found.items() if "\x00" in f"{name}{value}"), None)
    if bad is not None:
        raise ConfigError(f"{path}: the value of {bad!r} has a null character; remove it")
    return {name: value for name, value in found.items() if value is not None}


def load_project(environment: MutableMapping[str, str] | None = None, folder: Path | None = None) -> None:
    """Add the variables of `.env` in the folder (default: the current one) to the environment, where it lacks them."""
    into = os.environ if environment is None else environment
    for name, value in read_dotenv((folder or Path.cwd()) / FILE).items():
        into.setdefault(name, value)


def with_tenant(environment: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """The environment, and what it lacks from `.env` in the tenant's folder."""
    return {**read_dotenv(folder / FILE), **environment}
