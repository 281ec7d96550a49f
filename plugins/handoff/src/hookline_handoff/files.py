"""Files that agents send: uploaded once, shown to the staff, and linked to in the customer's message for a while."""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline import media
from hookline.message import Attachment, File
from hookline.problems import Problem

from .deskmodels import file, secret
from .findbodies import FileView
from .notes import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from hookline.media import Medium
    from hookline.roles import Caller
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_KEY = "files"
_LINKS = "/handoff/files/"
_MOST = 10
SWEEP = "sweep"
_LANE = "handoff:files"
_FIRST, _EVERY = 60.0, 3600.0
_STRAY = 3600.0  # seconds after which a file that no row names is nobody's; rows are written right after their files
_AT_ONCE = 500
_NAMED = sa.select(file.c.id).where(file.c.id.in_(sa.bindparam("p_ids", expanding=True)))


class Attachments:
    """The files of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config = tenant.config.files
        self.folder = media.MediaFolder(tenant.data / "media", tenant.name)

    async def put(self, caller: Caller, conversation: str, name: str, data: bytes) -> FileView:
        """Store an upload of the staff; raises `MediaRefused` for one that is not taken."""
        contact, _ = await about(self.tenant, conversation)
        medium = await self.tenant.compute.run(self._take, name, data)
        row = {
            "id": medium.id,
            "conversation": conversation,
            "contact": contact,
            "name": medium.name,
            "media_type": medium.media_type,
            "size": medium.size,
            "sha256": medium.sha256,
            "by": caller.id,
            "created_at": self.tenant.clock.now(),
        }
        try:
            async with self.tenant.action(by=caller.who) as act:
                act.write(sa.insert(file), row, rows=1)
                told = {"conversation": conversation, "size": medium.size, "media_type": medium.media_type}
                act.audit("handoff.file.uploaded", medium.id, told)
        except BaseException:
            await self.tenant.compute.run(self.folder.remove, medium.id)
            raise
        return await self.view(row)

    def _take(self, name: str, data: bytes) -> Medium:
        kind = media.sniff(data, name)
        media.check(data, kind, most=self.config.max_bytes, types=self.config.types)
        return self.folder.put(data, name, kind)

    async def read(self, ident: str) -> tuple[Any, bytes]:
        """A file's row and its bytes; raises `Problem` 404."""
        rows = await self.tenant.db.fetch(sa.select(file).where(file.c.id == ident))
        if not rows:
            raise Problem(404, f"there is no file {ident[:64]!r}")
        try:
            return rows[0], await self.tenant.compute.run(self.folder.get, ident)
        except media.MediaMissing:
            self.tenant.log.exception("a file is not in its folder any more", file=ident)
            raise Problem(410, f"the file {rows[0].name!r} is not there any more") from None

    async def remove(self, idents: Iterable[str]) -> int:
        """Remove files from the disk; how many were there."""
        return sum([await self.tenant.compute.run(self.folder.remove, ident) for ident in idents])

    async def begin(self) -> None:
        """Have `sweep` done soon, and from then on."""
        await self.tenant.set_timer(SWEEP, _FIRST, lane=_LANE, key=SWEEP)

    async def sweep(self, turn: Turn) -> None:
        """Remove the files that no row names, as a server that was killed between the two leaves them; and come again."""
        turn.timer(SWEEP, _EVERY, lane=_LANE, key=SWEEP)
        found = await self.tenant.compute.run(_older, self.folder, time.time() - _STRAY)
        for n in range(0, len(found), _AT_ONCE):
            some = found[n : n + _AT_ONCE]
            rows = await self.tenant.db.fetch(_NAMED, {"p_ids": [path.stem for path in some]})
            named = {row.id for row in rows}
            await self.tenant.compute.run(_unlink, [path for path in some if path.stem not in named])

    # -- links ---------------------------------------------------------------------------------------------------

    async def view(self, row: Any) -> FileView:
        """A file as the console shows it, with the attachment that a reply carries."""
        link = await self.link(row["id"])
        sent = Attachment(link, row["media_type"], row["name"], row["size"])
        path = f"/t/{quote(self.tenant.name)}/console/api/attachments/{row['id']}"
        return FileView(row["id"], row["name"], row["media_type"], row["size"], path, msgspec.to_builtins(sent))

    async def link(self, ident: str) -> str:
        """The address under which the customer gets the file, for a while; whole where `public_url` is known."""
        until = int(self.tenant.clock.now() + self.config.link_seconds)
        signature = media.sign(await self._key(), self._about(ident), until)
        base = self.tenant.settings.public_url.rstrip("/")
        return f"{base}/t/{quote(self.tenant.name)}{_LINKS}{ident}?until={until}&sign={signature}"

    async def check_link(self, ident: str, until: str, signature: str) -> None:
        """Raise `Problem` 403 unless the link is ours and still works."""
        if not media.signed(await self._key(), self._about(ident), until, signature, self.tenant.clock.now()):
            raise Problem(403, "this link does not work, or not any more; ask for a fresh one")

    async def check(self, conversation: str, given: Sequence[Mapping[str, Any]]) -> tuple[Attachment, ...]:
        """The attachments of a reply, which were uploaded in this conversation; raises `Problem` 400 for others.

        What the page says of them is not believed: type, name and link are made anew.
        """
        if len(given) > _MOST:
            raise Problem(
                400, f"attachments: {len(given)} given; at most {_MOST} go with a message", field="attachments"
            )
        found = []
        for n, one in enumerate(given):
            ident = str(one.get("url", "")).partition("?")[0].rpartition("/")[2]
            rows = await self.tenant.db.fetch(
                sa.select(file).where(file.c.id == ident, file.c.conversation == conversation)
            )
            if not rows:
                raise Problem(
                    400, "attachments: this file was not uploaded in this conversation; upload it first",
                    field=f"attachments.{n}",
                )  # fmt: skip
            found.append(Attachment(await self.link(ident), rows[0].media_type, rows[0].name, rows[0].size))
        return tuple(found)

    async def opened(self, path: str) -> File | None:
        """The file that a link of ours names, for a channel that hands it on; None where it is another's, or gone."""
        before, _, ident = path.rpartition("/")
        if f"{before}/" != f"/t/{self.tenant.name}{_LINKS}":
            return None
        try:
            row, data = await self.read(ident)
        except Problem:
            return None
        return File(data, row.media_type, row.name)

    def _about(self, ident: str) -> str:
        return f"{self.tenant.name}/{ident}"

    async def _key(self) -> str:
        """What links are signed with; made when the first one is needed."""
        wanted = sa.select(secret.c.value).where(secret.c.name == _KEY)
        rows = await self.tenant.db.fetch(wanted)
        if not rows:
            made = {"name": _KEY, "value": secrets.token_hex(32)}
            await self.tenant.db.write((insert(secret).on_conflict_do_nothing(), made))
            rows = await self.tenant.db.fetch(wanted)
        return str(rows[0].value)


def _older(folder: media.MediaFolder, than: float) -> list[Path]:
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
