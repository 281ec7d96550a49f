"""Files that customers send: fetched in the turn, checked by their bytes, stored encrypted, removed when their time is up."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline import media as store
from hookline.errors import GiveUp, ServiceError, ServiceUnavailable
from hookline.fetch import AddressRefused, BadUrl, BodyTooLarge, FetchError, TooManyRedirects
from hookline.media import MediaFolder, MediaMissing, MediaRefused
from hookline.message import Audio, File
from hookline.problems import Problem
from hookline.sealing import FileSeal, derived_key
from hookline.tenant import ResourceKey

from . import statements as sql
from .incoming import MediaRef
from .models import media
from .providers import sender_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookline.fetch import Fetched
    from hookline.media import Medium
    from hookline.message import Attachment, Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_PATIENT = 3  # tries of a turn before it goes on without the file
_DAY = 86400.0
_PATIENCE = 30.0  # seconds that writing down a voice note may take


@attrs.frozen
class _Lost(Exception):
    """A file that the customer's message goes on without; `reason` is size, type or lost."""

    reason: str
    detail: str


class Files:
    """The files of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config = tenant.config.media

    async def folder(self) -> MediaFolder:
        """The folder, with its key."""
        given = self.tenant.config.secret

        async def make() -> MediaFolder:
            seal = FileSeal(await derived_key(self.tenant, given, "files"), "plugins.whatsapp.secret")
            return MediaFolder(self.tenant.data / "media", self.tenant.name, seal)

        which = hashlib.sha256(given.value.encode()).hexdigest()[:12] if given else "kept"
        return await self.tenant.keep(ResourceKey[MediaFolder](f"folder:{which}"), make)

    # -- in a turn -------------------------------------------------------------------------------------------------------

    async def take(self, turn: Turn, message: Message, told: dict[str, Any]) -> Message:
        """Fetch and store the message's files.  One that is refused is left out, with the reason in the message's data.

        A provider that does not answer has the turn run again; the third time it goes on without the file.
        """
        kept: list[Attachment] = []
        refused = ""
        for n, attachment in enumerate(message.attachments):
            said = told["media"][n]
            ref = MediaRef(said["ref"], said["media_type"], said["name"], attachment.size, said["sha256"])
            ident = attachment.url.rpartition("/")[2]
            try:
                medium = await self._fetched(turn, ref)
            except _Lost as lost:
                refused = lost.reason
                self.tenant.log.warning("a file was not taken", reason=lost.detail, media=ident)
                turn.write(sql.STORE, self._row(ident, message, None, lost.detail))
                continue
            turn.write(sql.STORE, self._row(ident, message, medium, ""))
            message = await self._heard(turn, message, medium)
            kept.append(attrs.evolve(attachment, media_type=medium.media_type, name=medium.name, size=medium.size))
        if refused:
            told = {**told, "refused": refused}
        return attrs.evolve(message, attachments=tuple(kept), data={**message.data, "whatsapp": told})

    async def _heard(self, turn: Turn, message: Message, medium: Medium) -> Message:
        """The message with what is said in the file as its text, where it is a voice note and something writes it down."""
        service: str = self.tenant.config.transcribe
        if not service or message.text.strip() or not medium.media_type.startswith("audio/"):
            return message
        data = await self.tenant.compute.run((await self.folder()).get, medium.id)
        try:
            async with asyncio.timeout(_PATIENCE):
                text = await self.tenant.hooks.transcribe(service, Audio(data, medium.media_type, turn.language))
        except (ServiceError, TimeoutError) as error:
            self.tenant.log.warning("a voice note can't be written down", service=service, reason=str(error))
            return message
        most = self.tenant.settings.limits.message_chars
        return attrs.evolve(message, text=text.strip()[:most], input_type="audio")

    async def _fetched(self, turn: Turn, ref: MediaRef) -> Medium:
        """The file in the folder; raises `_Lost`, and `ServiceUnavailable` where another try may help."""
        try:
            answer = await sender_of(self.tenant).fetch(self.tenant, ref)
            self._check(answer)
        except BodyTooLarge as error:
            raise _Lost("size", str(error)) from None
        except (AddressRefused, BadUrl, TooManyRedirects, GiveUp, MediaMissing) as error:
            raise _Lost("lost", str(error)) from None
        except (FetchError, ServiceUnavailable) as error:
            if turn.attempt >= _PATIENT:
                raise _Lost("lost", str(error)) from None
            raise ServiceUnavailable(f"a customer's file can't be fetched: {error}") from None
        try:
            return await self.tenant.compute.run(self._put, await self.folder(), answer.body, ref)
        except MediaRefused as error:
            raise _Lost("size" if "bytes" in str(error) else "type", str(error)) from None

    @staticmethod
    def _check(answer: Fetched) -> None:
        if answer.ok:
            return
        if answer.status in (404, 410):
            raise _Lost("lost", f"the provider has no such file any more ({answer.status})")
        raise ServiceUnavailable(f"the provider answered {answer.status}")

    def _put(self, folder: MediaFolder, data: bytes, ref: MediaRef) -> Medium:
        kind = store.sniff(data, ref.name)
        store.check(data, kind, most=self.config.max_bytes, types=self.config.types)
        return folder.put(data, ref.name or kind.replace("/", "."), kind)

    def _row(self, ident: str, message: Message, medium: Medium | None, reason: str) -> dict[str, Any]:
        now = self.tenant.clock.now()
        return {
            "id": ident,
            "file": medium.id if medium else "",
            "conversation": message.conversation,
            "contact": message.contact,
            "name": medium.name if medium else "",
            "media_type": medium.media_type if medium else "",
            "size": medium.size if medium else 0,
            "state": "stored" if medium else "refused",
            "reason": reason[:500],
            "created_at": now,
            "expires_at": now + self.config.keep_days * _DAY,
        }

    # -- afterwards ------------------------------------------------------------------------------------------------------

    async def read(self, ident: str) -> tuple[Any, bytes]:
        """A file's row and its bytes; raises `Problem` 404 and 410."""
        rows = await self.tenant.db.fetch(sql.FILE, {"p_id": ident})
        if not rows or not rows[0].file:
            raise Problem(404, f"there is no file {ident[:64]!r}")
        try:
            return rows[0], await self.tenant.compute.run((await self.folder()).get, rows[0].file)
        except MediaMissing as error:
            self.tenant.log.warning("a file can't be read", media=ident, reason=str(error))
            raise Problem(410, "the file is not there any more") from None

    async def opened(self, path: str) -> File | None:
        """The file that an address of ours names; None where it is another's, or gone."""
        before, _, ident = path.rpartition("/")
        if before != f"/t/{self.tenant.name}/whatsapp/media":
            return None
        try:
            row, data = await self.read(ident)
        except Problem:
            return None
        return File(data, row.media_type, row.name)

    async def purge(self) -> int:
        """Remove what is kept too long; how many files that were."""
        rows = await self.tenant.db.fetch(sql.EXPIRED, {"p_now": self.tenant.clock.now()})
        await self.remove(row.file for row in rows)
        if rows:
            await self.tenant.db.write((sql.FORGET_FILES, {"p_ids": [row.id for row in rows]}))
        folder = await self.folder()
        oldest = time.time() - self.config.keep_days * _DAY - _DAY  # what a turn that was run again has left
        await self.tenant.compute.run(_sweep, folder, oldest)
        return len(rows)

    async def remove(self, files: Iterable[str]) -> None:
        """Remove files from the disk."""
        folder = await self.folder()
        for ident in files:
            if ident:
                await self.tenant.compute.run(folder.remove, ident)

    async def of(self, condition: sa.ColumnElement[bool], values: dict[str, Any]) -> list[Any]:
        """The rows of files that meet the condition."""
        return list(await self.tenant.db.fetch(sa.select(media).where(condition), values))


def _sweep(folder: MediaFolder, oldest: float) -> None:
    """Remove the files on the disk that are older, by the disk's own time."""
    for path in folder.root.glob("??/*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue
