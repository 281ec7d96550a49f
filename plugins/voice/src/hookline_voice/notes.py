"""Voice notes in a turn: written down when they come in, asked for as text where that can't be, answered by sound as well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from hookline import media
from hookline.errors import GiveUp, ServiceError, ServiceUnavailable
from hookline.message import Attachment, Audio, Recorder, Reply
from hookline.problems import Problem

from . import hearable
from . import statements as sql
from .sounds import Sounds
from .spoken import speakable
from .transcriber import NotUnderstood

if TYPE_CHECKING:
    from hookline.message import Job, Message
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .speech import Hearing

SPEAK = "speak"
CALL = "voice"  # the channel of calls, which speak for themselves
_DAY = 86400.0
_TRIES = 2
_UNCLAIMED = 3600.0  # seconds that a recording is kept which no message has named
# What the customer is told, by why a note was not written down.
_ASKED = {
    "silent": "voice-silent",
    "nothing": "voice-unclear",
    "long": "voice-long",
    "damaged": "voice-damaged",
    "kind": "voice-damaged",
}


class Notes:
    """The voice notes of one tenant."""

    def __init__(self, tenant: Tenant, hearing: Hearing) -> None:
        self.tenant = tenant
        self.config = tenant.config
        self.hearing = hearing
        self.sounds = Sounds(tenant)

    # -- before there is a message -------------------------------------------------------------------------------------

    async def recorder(self) -> Recorder | None:
        """What customers may say; None where nothing writes it down."""
        config = self.config
        spoken = bool(config.reply_audio and config.tts)
        return Recorder(config.max_seconds, config.max_bytes, spoken) if await self.hearing.able() else None

    async def keep(self, sound: bytes, language: str) -> Attachment:
        """The recording stored for an hour, as what a message names; raises `Problem` for what is too large or no sound."""
        most = self.config.max_bytes
        if not sound:
            raise Problem(422, "audio: missing or empty; send the recording", field="audio")
        if len(sound) > most:
            raise Problem(413, f"audio: has more than {most:,} bytes, which are the most", field="audio")
        kind = hearable.media_type(sound)
        if not kind:
            found = media.sniff(sound)
            raise Problem(
                415, f"audio: its content is {found}, which is no sound; send Ogg, WebM, MP4, MP3 or WAV", field="audio"
            )
        row = await self.sounds.put(sound, kind, direction="inbound")
        row["expires_at"] = self.tenant.clock.now() + _UNCLAIMED
        await self.tenant.db.write((sql.STORE, row))
        return Attachment(self.sounds.path(row["id"]), kind, self.tenant.phrase("voice-file", language), row["size"])

    # -- in a turn ---------------------------------------------------------------------------------------------------

    async def receive(self, turn: Turn) -> Message:
        """The message with what is said in its sound as its text, where the sound is one that we took ourselves.

        Channels that keep files of their own (WhatsApp) ask `transcribe` themselves.
        """
        message = turn.message
        if turn.dry or message.channel == CALL:
            return message
        mine = [(one, ident) for one in message.attachments if (ident := self._ident(one))]
        if not mine:
            return message
        told: dict[str, Any] = {}
        for attachment, ident in mine:
            row = await self._claimed(turn, ident)
            if row is None:
                message = attrs.evolve(
                    message, attachments=tuple(a for a in message.attachments if a is not attachment)
                )
            elif not message.text.strip():
                message, told = await self._heard(turn, message, ident)
        if told:
            message = attrs.evolve(message, input_type="audio", data={**message.data, "voice": told})
        return message

    def _ident(self, attachment: Attachment) -> str:
        """The id of a sound of ours; "" for any other file."""
        path = urlsplit(attachment.url).path
        return path.rpartition("/")[2] if path.startswith(self.sounds.path("")) else ""

    async def _claimed(self, turn: Turn, ident: str) -> Any:
        """The sound's row, which belongs to this message from the commit on; None for one that is somebody else's."""
        message = turn.message
        rows = await self.tenant.db.fetch(sql.ONE, {"p_id": ident})
        if not rows or rows[0].direction != "inbound" or rows[0].message not in ("", message.id):
            self.tenant.log.warning("a message names a sound that is not its own", sound=ident[:64])
            return None
        values = {"p_id": ident, "p_contact": message.contact, "p_conversation": message.conversation}
        until = self.tenant.clock.now() + self.config.keep_days * _DAY
        turn.write(sql.CLAIM, {**values, "p_message": message.id, "p_expires": until}, rows=1)
        return rows[0]

    async def _heard(self, turn: Turn, message: Message, ident: str) -> tuple[Message, dict[str, Any]]:
        row, data = await self.sounds.read(ident)
        told: dict[str, Any] = {"sound": ident}
        if not self.config.stt:
            return message, {**told, "refused": "off"}
        language = message.language or turn.language
        try:
            async with asyncio.timeout(self.config.patience):
                text = await self.tenant.hooks.transcribe(self.config.stt, Audio(data, row.media_type, language))
        except NotUnderstood as error:
            self.tenant.log.info("a voice note holds nothing that can be written down", reason=str(error))
            return message, {**told, "refused": error.reason}
        except (ServiceError, TimeoutError) as error:
            reason = str(error) or f"no answer within {self.config.patience:g} s"
            self.tenant.log.warning("a voice note can't be written down", transcriber=self.config.stt, reason=reason)
            return message, {**told, "refused": "failed"}
        most = self.tenant.settings.limits.message_chars
        return attrs.evolve(message, text=text.strip()[:most]), told

    def respond(self, turn: Turn) -> Reply | None:
        """Ask kindly for text where a voice note could not be written down; None for all else."""
        message = turn.message
        if message.channel == CALL or message.text.strip() or not _has_sound(message):
            return None
        told = message.data.get("voice")
        reason = str(told.get("refused", "")) if isinstance(told, dict) else ""
        minutes = max(1, round(self.config.max_seconds / 60))
        text = self.tenant.phrase(_ASKED.get(reason, "voice-unheard"), turn.language, minutes=minutes)
        return Reply(text, answered=False)

    def review(self, turn: Turn, reply: Reply) -> Reply:
        """Have the reply to a voice note spoken as well: by a job, once the text is on its way."""
        message = turn.message
        if reply.partial or turn.dry or not self.speaks(message) or not reply.text.strip():
            return reply
        turn.job(SPEAK, self.order(message, turn.inbox_id, turn.language), key=message.id)
        return reply

    def speaks(self, message: Message) -> bool:
        """Whether the message is answered by sound as well as by text."""
        heard = message.input_type == "audio" or (_has_sound(message) and not message.text.strip())
        return bool(self.config.reply_audio and self.config.tts and heard and message.channel != CALL)

    @staticmethod
    def order(message: Message, inbox_id: int, language: str) -> dict[str, Any]:
        """What the job is told: which turn's replies are spoken."""
        return {"conversation": message.conversation, "inbox_id": inbox_id, "language": language}

    # -- afterwards --------------------------------------------------------------------------------------------------

    async def speak(self, turn: Turn, job: Job) -> None:
        """Say what the bot replied in a turn, as a voice note; without one where the text is too long or nobody can."""
        conversation, inbox_id = str(job.payload["conversation"]), int(job.payload["inbox_id"])
        known = await self.tenant.conversations.get(conversation)
        if known is None or known.conversation.status != "open":
            return
        history = await self.tenant.conversations.history(conversation, limit=50)
        replies = [m for m in history if m.inbox_id == inbox_id and m.direction == "outbound" and m.author == "bot"]
        text = speakable("\n\n".join(one.text for one in replies))
        language = next((one.language for one in replies if one.language), "") or str(job.payload["language"])
        if not text or len(text) > self.config.max_reply:
            return
        try:
            async with asyncio.timeout(self.config.patience):
                said = await self.tenant.hooks.synthesize(self.config.tts, text, language)
        except (ServiceError, TimeoutError) as error:
            if isinstance(error, ServiceUnavailable) and turn.attempt < _TRIES:
                raise
            self.tenant.log.warning("a reply can't be spoken", speaker=self.config.tts, reason=str(error) or "too slow")
            return
        contact = known.conversation.contact
        row = await self.sounds.put(
            said.data, said.media_type, direction="outbound",
            conversation=conversation, contact=contact, message=replies[-1].id, language=language,
        )  # fmt: skip
        turn.write(sql.STORE, row)
        link = await self.sounds.link(row["id"])
        attachment = Attachment(link, said.media_type, self.tenant.phrase("voice-file", language), row["size"])
        data = {"voice": {"sound": row["id"]}, "speaks_for": replies[-1].id}
        turn.send(Reply("", attachments=(attachment,), data=data), conversation=conversation)

    async def work(self, turn: Turn, job: Job) -> None:
        """A job of voice notes; raises `GiveUp` for one that is none."""
        if job.kind != SPEAK:
            raise GiveUp(f"voice knows no job {job.kind!r}")
        await self.speak(turn, job)


def _has_sound(message: Message) -> bool:
    return any(one.media_type.startswith("audio/") for one in message.attachments)
