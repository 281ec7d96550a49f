"""The data folder: what one server keeps on disk, locked by it while it runs.

hookline.db                  the embedded database (with -wal and -shm beside it)
control.sock                 where commands reach the running server
hookline.lock                held by the running server; names its process
tenants/<name>/<plugin>/     a plugin's own files for a tenant
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import DataFolderLocked, StorageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class DataFolder:
    """A data folder that this process holds; `with DataFolder(path) as folder:` or `open()` and `close()`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @property
    def database(self) -> Path:
        """The file of the embedded database."""
        return self.path / "hookline.db"

    @property
    def control_socket(self) -> Path:
        """Where commands reach the server that holds the folder."""
        return self.path / "control.sock"

    def open(self) -> Self:
        """Make the folder (for its owner only) and take its lock.

        Raises DataFolderLocked naming the process that holds it, StorageError if it can't be made or written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path / "hookline.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"the data folder {self.path} can't be used: {error.strerror}; "
                f"make it writable, or name another with --data"
            ) from error
        try:
            # the kernel lets go of it however the process ends: a killed server leaves no stale lock
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip()
            os.close(handle)
            raise DataFolderLocked(
                f"the data folder {self.path} is held by the server with process id {holder or 'unknown'}; "
                f"stop that server, or start this one with another --data folder"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._lock = handle
        return self

    def close(self) -> None:
        """Let go of the lock; more calls do nothing."""
        if self._lock is not None:
            handle, self._lock = self._lock, None
            os.ftruncate(handle, 0)
            os.close(handle)

    def plugin_folder(self, tenant: str, plugin: str) -> Path:
        """The folder of a plugin's own files for a tenant, made if need be.

        Raises StorageError for a name that would lead outside, or if it can't be made.
        """
        for name in (tenant, plugin):
            if not _NAME.fullmatch(name):
                raise StorageError(f"{name!r} can't name a folder: letters, digits, '_', '-' and '.' only")
        folder = self.path / "tenants" / tenant / plugin
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"the folder {folder} can't be made: {error.strerror}") from error
        return folder

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
