"""The backend `folder`: codes as files in the data folder, for a demo on one's own machine.

Refused where the tenant has a public URL: it would let in whoever reads the folder, and send nobody anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .sending import Letter

_KEPT = 7 * 86_400.0


async def send(tenant: Tenant, letter: Letter) -> None:
    """Write it to `outgoing/<id>.txt`; only the server's own user may read it."""
    folder = tenant.data / "outgoing"
    told = f"To: {letter.address}\nBy: {letter.way}\n\n{letter.text}\n"
    await asyncio.to_thread(_write, folder, letter.ident, told)


def _write(folder: Path, ident: str, told: str) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{ident}.draft"
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(told)
    draft.replace(folder / f"{ident}.txt")  # whoever waits for it never sees half of it
    _forget(folder, time.time() - _KEPT)


async def remove(tenant: Tenant, idents: Sequence[str]) -> None:
    """Remove the files of these codes, and all that are as old as codes are not kept."""

    def work(folder: Path) -> None:
        for ident in idents:
            (folder / f"{ident}.txt").unlink(missing_ok=True)
        _forget(folder, time.time() - _KEPT)

    await asyncio.to_thread(work, tenant.data / "outgoing")


def _forget(folder: Path, before: float) -> None:
    for file in folder.glob("*.txt"):
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime < before:
                file.unlink()
