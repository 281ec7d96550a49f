"""The files that a tenant's config is read from, and whether one has changed since.

A plugin names its own with `Plugin.files`.  The stamp is taken before the files are read: what is written while they
are read counts as a change.
"""

from __future__ import annotations

import glob
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

import attrs

CONFIG = "tenant.toml"
OWN = (CONFIG, ".env", "locales/*.ftl", "locales/*/*.ftl", "prompts/*/prompts.json")

Stamp = tuple[int, int, int]


@attrs.frozen
class TenantFiles:
    """The files of a tenant's folder that match the patterns, as they were when they were looked at."""

    folder: Path
    patterns: tuple[str, ...]
    stamps: Mapping[str, Stamp]

    @classmethod
    def look(cls, folder: Path, patterns: Iterable[str] = ()) -> Self:
        """Look at the core's files and those of the patterns, which are relative to the folder; blocks."""
        wanted = tuple(dict.fromkeys((*OWN, *patterns)))
        stamps = {}
        for pattern in wanted:
            for name in glob.iglob(pattern, root_dir=folder, recursive=True):  # noqa: PTH207  an absolute pattern may be given
                if stamp := _stamp(folder / name):
                    stamps[name] = stamp
        return cls(folder, wanted, stamps)

    def again(self) -> Self:
        """Look once more; blocks."""
        return self.look(self.folder, self.patterns)

    def but(self, names: Iterable[str], before: TenantFiles) -> Self:
        """The same, with these files as they were before."""
        others = {name: stamp for name, stamp in self.stamps.items() if name not in names}
        return attrs.evolve(self, stamps=others | {n: before.stamps[n] for n in names if n in before.stamps})

    def changed(self, now: TenantFiles) -> tuple[str, ...]:
        """The names of the files that are new, gone, or others than before."""
        names = {**self.stamps, **now.stamps}
        return tuple(sorted(name for name in names if self.stamps.get(name) != now.stamps.get(name)))


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None  # gone since it was listed
    return (status.st_mtime_ns, status.st_size, status.st_ino) if stat.S_ISREG(status.st_mode) else None
