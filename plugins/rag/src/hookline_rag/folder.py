"""Files and folders of this machine taken in: what `hookline ingest` and `make demo` do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .errors import DocumentError, UnknownFormat
from .extract import format_of
from .service import Service

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .store import Given

Progress = Callable[[Mapping[str, Any]], None]
_TOGETHER = 32  # files that are stored and waited for at once
_READING = 4  # files that are read at the same time
_WAIT = 600.0


@attrs.frozen
class File:
    """A file to take in; `key` is what makes it the same document next time."""

    path: Path
    key: str


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
            yield File(file, f"file:{place.relative_to(own).as_posix() if inside and own else place.as_posix()}")


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts) or path.suffix == ""


async def take_in(tenant: Tenant, paths: Sequence[Path], progress: Progress, *, namespace: str = "") -> dict[str, Any]:
    """Take in files and folders; each file's fate is told to `progress`, the whole is returned.

    A file that can't be read is in `failed` with one line; the others go on.
    """
    service = Service(tenant)
    wanted = list(files(paths, tenant.folder))
    told: dict[str, Any] = {"files": len(wanted), "ingested": 0, "unchanged": 0, "failed": []}
    progress({"done": 0, "total": len(wanted)})
    done = 0
    for at in range(0, len(wanted), _TOGETHER):
        part = wanted[at : at + _TOGETHER]
        given: dict[str, tuple[str, Given]] = {}
        for file, outcome in zip(part, await _read(service, part), strict=True):
            if isinstance(outcome, DocumentError):
                told["failed"].append(str(outcome))
                progress({"file": file.path.name, "error": str(outcome)})
                continue
            given |= {one.key: (file.path.name, one) for one in outcome}
        if given:
            result = await service.ingest([one for _, one in given.values()], namespace=namespace, wait=_WAIT)
            for put in result.puts:
                if put.id in result.live:
                    told["unchanged" if put.what == "unchanged" else "ingested"] += 1
                else:
                    cause = result.errors.get(put.id, "is still being worked on; it goes live by itself")
                    told["failed"].append(f"{given[put.key][0]}: {cause}")
        done += len(part)
        progress({"done": done, "total": len(wanted)})
    return told


async def _read(service: Service, part: Sequence[File]) -> list[list[Given] | DocumentError]:
    turns = asyncio.Semaphore(_READING)

    async def one(file: File) -> list[Given] | DocumentError:
        name = file.path.name
        async with turns:
            try:
                data = await asyncio.to_thread(_bytes, file.path, service.config.max_file_bytes)
                return await service.files(name, data, key=file.key, meta={})
            except DocumentError as error:
                return error
            except OSError as error:
                return UnknownFormat(name, f"can't be read ({error.strerror})", "check its path and permissions")

    return list(await asyncio.gather(*(one(file) for file in part)))


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)
