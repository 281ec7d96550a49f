"""Sound that is kept: what customers recorded in a page, and what was spoken to them.

It is stored encrypted, linked to by signed addresses that end, and removed when its time is up.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from hookline import media
from hookline.media import MediaFolder, MediaMissing
from hookline.message import File
from hookline.problems import Problem
from hookline.sealing import FileSeal, derived_key
from hookline.tenant import ResourceKey

from . import statements as sql

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hookline.tenant import Tenant

ROUTE = "/voice/sounds/"
_DAY = 86400.0
_STRAY = 3600.0  # seconds after which a file that no row names is nobody's; rows are written right after their files
_AT_ONCE = 500


@attrs.frozen
class _Kept:
    """The folder of a tenant's sound, and the key of links to it."""

    folder: MediaFolder
    link_key: str


class Sounds:
    """The sound of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config = tenant.config

    async def _kept(self) -> _Kept:
        given = self.config.secret

        async def make() -> _Kept:
            seal = FileSeal(await derived_key(self.tenant, given, "files"), "plugins.voice.secret")
            folder = MediaFolder(self.tenant.data / "sounds", self.tenant.name, seal)
            return _Kept(folder, (await derived_key(self.tenant, given, "links")).hex())

        which = hashlib.sha256(given.value.encode()).hexdigest()[:12] if given else "kept"
        return await self.tenant.keep(ResourceKey[_Kept](f"sounds:{which}"), make)

    async def put(self, data: bytes, media_type: str, *, direction: str, **about: str) -> dict[str, Any]:
        """Store the bytes, and return the row that says so: to be written with `statements.STORE`."""
        folder = (await self._kept()).folder
        name = ("voice" if direction == "inbound" else "reply") + media_ending(media_type)
        medium = await self.tenant.compute.run(folder.put, data, name, media_type)
        now = self.tenant.clock.now()
        return {
            "id": medium.id,
            "file": medium.id,
            "direction": direction,
            "conversation": about.get("conversation", ""),
            "contact": about.get("contact", ""),
            "message": about.get("message", ""),
            "media_type": media_type,
            "size": medium.size,
            "language": about.get("language", ""),
            "created_at": now,
            "expires_at": now + self.config.keep_days * _DAY,
        }

    async def read(self, ident: str) -> tuple[Any, bytes]:
        """A sound's row and its bytes; raises `Problem` 404 and 410."""
        rows = await self.tenant.db.fetch(sql.ONE, {"p_id": ident})
        if not rows:
            raise Problem(404, f"there is no sound {ident[:64]!r}")
        try:
            return rows[0], await self.tenant.compute.run((await self._kept()).folder.get, rows[0].file)
        except MediaMissing as error:
            self.tenant.log.warning("a sound can't be read", sound=ident, reason=str(error))
            raise Problem(410, "the sound is not there any more") from None

    async def open_file(self, path: str) -> File | None:
        """The sound that is at that path of this server; None where it is none of ours, or not there any more."""
        if not path.startswith(self.path("")):
            return None
        try:
            row, data = await self.read(path.removeprefix(self.path("")))
        except Problem:
            return None
        return File(data, row.media_type, "voice" + media_ending(row.media_type))

    # -- links -------------------------------------------------------------------------------------------------------

    async def link(self, ident: str) -> str:
        """The address under which the customer, or the provider for them, gets the sound for a while; whole where
        `public_url` is known."""
        until = int(self.tenant.clock.now() + self.config.link_seconds)
        signature = media.sign((await self._kept()).link_key, self._about(ident), until)
        base = self.tenant.settings.public_url.rstrip("/")
        return f"{base}{self.path(ident)}?until={until}&sign={signature}"

    def path(self, ident: str) -> str:
        """The address for staff, who are signed in."""
        return f"/t/{quote(self.tenant.name)}{ROUTE}{ident}"

    async def linked(self, ident: str, until: str, signature: str) -> bool:
        """Whether the link is ours, and still works."""
        key = (await self._kept()).link_key
        return media.signed(key, self._about(ident), until, signature, self.tenant.clock.now())

    def _about(self, ident: str) -> str:
        return f"{self.tenant.name}/{ident}"

    # -- upkeep ------------------------------------------------------------------------------------------------------

    async def purge(self) -> int:
        """Remove what is kept too long; how many that were."""
        rows = await self.tenant.db.fetch(sql.EXPIRED, {"p_now": self.tenant.clock.now()})
        await self.remove(row.file for row in rows)
        if rows:
            await self.tenant.db.write((sql.FORGET, {"p_ids": [row.id for row in rows]}))
        await self._sweep()
        return len(rows)

    async def _sweep(self) -> None:
        """Remove the files that no row names: what a turn that was run again, or a server that was killed, has left."""
        folder = (await self._kept()).folder
        found = await self.tenant.compute.run(_older, folder, time.time() - _STRAY)
        for n in range(0, len(found), _AT_ONCE):
            some = found[n : n + _AT_ONCE]
            rows = await self.tenant.db.fetch(sql.NAMED, {"p_ids": [path.stem for path in some]})
            named = {row.id for row in rows}
            await self.tenant.compute.run(_unlink, [path for path in some if path.stem not in named])

    async def remove(self, files: Iterable[str]) -> None:
        """Remove sound from the disk."""
        folder = (await self._kept()).folder
        for ident in files:
            await self.tenant.compute.run(folder.remove, ident)


def media_ending(media_type: str) -> str:
    """The ending of a file's name."""
    known = {"audio/ogg": ".ogg", "audio/webm": ".webm", "audio/mp4": ".m4a", "audio/wav": ".wav", "audio/mpeg": ".mp3"}
    return known.get(media_type, ".audio")


def _older(folder: MediaFolder, than: float) -> list[Path]:
    """The files on the disk that are older, by the disk's own time."""
    found = []
    for path in folder.root.glob("??/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < than:
                found.append(path)
    return found


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
