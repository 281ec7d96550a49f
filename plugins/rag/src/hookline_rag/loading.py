"""`[plugins.rag.loaders.NAME]`: which files go to which namespace, and what their metadata must be."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import attrs
import msgspec

from hookline.errors import ConfigError

from .schema import Rules, load

_DEFAULT = "default"


@attrs.frozen
class Loader:
    """What is done with files of one kind.

    files      patterns of their paths or names: "inventory*.csv", "insurance/*"
    namespace  where they are put; "": where they would go anyway
    category   their category, where they name none themselves
    tags       tags that they get
    """

    files: tuple[str, ...]
    namespace: Annotated[str, msgspec.Meta(pattern=r"^(?:[a-z0-9][a-z0-9_-]{0,63})?$")] = ""
    category: str = ""
    tags: tuple[str, ...] = ()

    def takes(self, path: str) -> bool:
        """Whether a file, by its path with forward slashes, is of this kind."""
        names = path.casefold().lstrip("/").split("/")
        tails = ["/".join(names[at:]) for at in range(len(names))]
        return any(fnmatch.fnmatchcase(tail, one.casefold()) for one in self.files for tail in tails)


@attrs.frozen
class Loading:
    """What is to be done with one file: its `loader`, if it has one, and the rules of its metadata."""

    loader: Loader | None = None
    rules: Rules | None = None

    @property
    def namespace(self) -> str:
        """Where it is put; "" where that is not said."""
        return self.loader.namespace if self.loader is not None else ""


def loading(loaders: Mapping[str, Loader], schema: Path | None, path: str, namespace: str) -> Loading:
    """What is to be done with a file: the first loader that takes it, and the rules under its name, under its
    namespace, or under "default".  Raises `ConfigError` for a schema that can't be used.
    """
    name, found = next(((name, one) for name, one in loaders.items() if one.takes(path)), ("", None))
    if schema is None:
        return Loading(found)
    rules = load(schema)
    where = found.namespace if found is not None and found.namespace else namespace
    return Loading(found, next((rules[one] for one in (name, where, _DEFAULT) if one in rules), None))


def schema_path(folder: Path | None, named: str) -> Path | None:
    """Where the tenant's schema is.  Raises `ConfigError` for one that is named and not there."""
    if not named:
        return None
    path = Path(named) if folder is None else folder / named
    if not path.is_file():
        raise ConfigError(f"metadata_schema names {path}, which is no file; correct the name or leave it out")
    return path
