"""Files and folders of this machine: which there are, and what is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .errors import DocumentError
from .extract import format_of

if TYPE_CHECKING:
    from .knowledge import Knowledge
    from .store import Given

_READING = 4  # files that are read at the same time


@attrs.frozen
class File:
    """A file to take in; `key` is what makes it the same document next time."""

    path: Path
    key: str

    @property
    def name(self) -> str:
        """Its name, as it can be stored."""
        return _written(self.path.name)


def files(paths: Sequence[Path], tenant_folder: Path | None = None) -> Iterator[File]:
    """The files below the paths, folders recursively, sorted; hidden ones and unknown formats in folders left out.

    A file of the tenant's own folder is known by its place in it, so that the folder may move; another by its path.
    """
    own = tenant_folder.resolve() if tenant_folder is not None else None
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in found:
            if path.is_dir() and (not file.is_file() or not format_of(file.name) or _hidden(file.relative_to(path))):
                continue
            place = file.resolve()
            inside = own is not None and place.is_relative_to(own)
            told = place.relative_to(own) if inside and own else place
            yield File(file, f"file:{_written(told.as_posix())}")


def _written(name: str) -> str:
    """A name in which bytes that are no text (of an older system's encoding) are written out: no database takes them."""
    return name.encode("utf-8", "backslashreplace").decode()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts) or path.suffix == ""


@attrs.frozen
class Read:
    """What was in a file, or what is wrong with it."""

    file: File
    documents: Sequence[Given] = ()
    error: str = ""


def place_of(origin: str, tenant_folder: Path | None) -> Path:
    """The file that an origin (`file:PATH`) names; a relative one is in the tenant's folder."""
    path = Path(origin.removeprefix("file:"))
    return path if path.is_absolute() or tenant_folder is None else tenant_folder / path


async def read_all(knowledge: Knowledge, files: Sequence[File], most: int) -> list[Read]:
    """Read files, some at a time; one that can't be read is told in its `error`, the others go on.

    `most` is the largest file in bytes.
    """
    turns = asyncio.Semaphore(_READING)

    async def one(file: File) -> Read:
        name = file.name
        async with turns:
            try:
                data = await asyncio.to_thread(_bytes, file.path, most)
                found = await knowledge.files(name, data, key=file.key, meta={})
            except DocumentError as error:
                return Read(file, error=str(error))
            except OSError as error:
                return Read(file, error=f"{name}: can't be read ({error.strerror}); check its path and permissions")
        return Read(file, [attrs.evolve(document, about={**document.about, "origin": file.key}) for document in found])

    return list(await asyncio.gather(*(one(file) for file in files)))


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)
