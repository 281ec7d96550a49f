"""Reading `scoring.yaml`: strictly, with the file and the line of everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hookline import yamlfile
from hookline.errors import ConfigError

from .config import Config
from .rules import Rules

_BUILT_IN = Path(__file__).with_name("rules.yaml")


def rules_file(config: Config, folder: Path | None) -> Path:
    """Where the tenant's rules are."""
    return folder / config.rules if config.rules and folder is not None else _BUILT_IN


def load(path: Path, shown: str = "") -> Rules:
    """The rules in the file, which messages call `shown`; raises `ConfigError` with everything that is wrong with them."""
    if not path.exists():
        raise ConfigError(f"{shown or path}: there is no such file; `rules` in [plugins.scoring] names it")
    return yamlfile.read(path, Rules, shown)


def check(config: Config, folder: Path) -> Iterator[str]:
    """What is wrong with the tenant's rules, for the check of its config."""
    path = rules_file(config, folder)
    try:
        shown = str(path.relative_to(Path.cwd()))
    except ValueError:
        shown = str(path)
    try:
        load(path, shown)
    except ConfigError as error:
        yield from str(error).splitlines()
