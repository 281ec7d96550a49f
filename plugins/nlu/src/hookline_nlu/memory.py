"""Trained classifiers on disk, by the content that they were learned from: a server that starts again does not train."""

from __future__ import annotations

import os
from pathlib import Path

from .classifier import BadFile, Classifier

KEPT = 3  # also that of the config before, to which one may go back


def recall(folder: Path, key: str) -> tuple[Classifier | None, str]:
    """The classifier of that key, or None and why its file can't be used ("": there is none)."""
    path = folder / f"{key}.npz"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, f"{path}: can't be read: {error}"
    try:
        found = Classifier.decode(content)
    except BadFile as error:
        return None, f"{path}: {error}"
    path.touch()
    return found, ""


def remember(folder: Path, key: str, classifier: Classifier) -> None:
    """Write it, whole or not at all, and forget all but the latest few."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{key}.{os.getpid()}.new"
    fresh.write_bytes(classifier.encode())
    fresh.replace(folder / f"{key}.npz")
    held = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in held[KEPT:]:
        path.unlink(missing_ok=True)
