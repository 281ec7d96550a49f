"""Speech of one tenant: what hears and what speaks, by the names in the config; each is opened when it is first needed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from hookline.errors import ServiceError
from hookline.message import Audio

from . import hearable, sound
from .config import EspeakConfig, PiperConfig, WhisperConfig
from .espeak import Espeak
from .openai import OpenAISpeaker, OpenAITranscriber
from .piper import Piper
from .sound import SoundRefused
from .transcriber import NotUnderstood
from .whisper import Whisper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.compute import Compute
    from hookline.tenant import Tenant

    from .config import SpeakerConfig, TranscriberConfig
    from .speaker import Speaker
    from .transcriber import Transcriber

_LONGEST = 900.0  # seconds that are spoken at once
_MOST_TEXT = 20_000  # characters
_FRESH = 60.0  # seconds that what is missing is believed


class Hearing:
    """What writes speech down."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._open: dict[str, Transcriber] = {}
        self._able = (False, 0.0)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that `transcribe` is asked for."""
        return tuple(self.tenant.config.hearing)

    async def transcribe(self, name: str, audio: Audio) -> str:
        """What is said; raises `ServiceError`, and of these `NotUnderstood` where no other backend would do better."""
        try:
            samples = await hearable.samples_of(self.tenant, audio.data)
        except SoundRefused as refused:
            raise NotUnderstood(f"transcriber {name!r}: {refused}", refused.reason) from None
        language = audio.language or self.tenant.config.language or self.tenant.settings.language
        text = await (await self.transcriber(name)).hear(samples, language)
        if not any(letter.isalnum() for letter in text):
            raise NotUnderstood(f"transcriber {name!r}: no words were made out in {samples.seconds:.1f} s", "nothing")
        return text

    async def ready(self) -> None:
        """Import what the configured one needs, so that no customer waits for that."""
        if self.tenant.config.stt:
            await self.transcriber(self.tenant.config.stt)

    async def able(self) -> bool:
        """Whether the configured one could hear, as far as this machine knows: no service is asked.  It may be a minute old."""
        able, until = self._able
        if time.monotonic() >= until:
            able = bool(self.tenant.config.stt) and not await (await self.transcriber(self.tenant.config.stt)).lacks()
            self._able = able, time.monotonic() + _FRESH
        return able

    async def transcriber(self, name: str) -> Transcriber:
        """The backend of that name."""
        if name not in self._open:
            compute = self.tenant.compute
            made = await compute.run(transcriber_of, f"transcriber {name!r}", self.tenant.config.hearing[name], compute)
            self._open.setdefault(name, made)
        return self._open[name]

    async def close(self) -> None:
        """Close what was opened."""
        for one in self._open.values():
            await one.close()
        self._open.clear()


class Speaking:
    """What speaks."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._open: dict[str, Speaker] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that `synthesize` is asked for."""
        return tuple(self.tenant.config.speaking)

    async def synthesize(self, name: str, text: str, language: str) -> Audio:
        """The text as Ogg with Opus; raises `ServiceError`."""
        if not text.strip():
            raise ServiceError(f"speaker {name!r}: there is nothing to say")
        if len(text) > _MOST_TEXT:
            raise ServiceError(
                f"speaker {name!r}: the text has {len(text)} characters; at most {_MOST_TEXT} are spoken"
            )
        said = await (await self.speaker(name)).speak(text, language)
        try:
            data, _ = await self.tenant.compute.process(sound.to_ogg, said.data, _LONGEST)
        except SoundRefused as refused:
            raise ServiceError(f"speaker {name!r}: {refused}") from None
        return Audio(data, sound.OGG, language)

    async def ready(self) -> None:
        """Import what the configured one needs."""
        if self.tenant.config.tts:
            await self.speaker(self.tenant.config.tts)

    async def speaker(self, name: str) -> Speaker:
        """The backend of that name."""
        if name not in self._open:
            made = await self.tenant.compute.run(speaker_of, f"speaker {name!r}", self.tenant.config.speaking[name])
            self._open.setdefault(name, made)
        return self._open[name]

    async def close(self) -> None:
        """Close what was opened."""
        for one in self._open.values():
            await one.close()
        self._open.clear()


def transcriber_of(shown: str, config: TranscriberConfig, compute: Compute) -> Transcriber:
    """What hears as the table says; `shown` is what its errors call it.  It blocks: libraries are imported."""
    return Whisper(shown, config, compute) if isinstance(config, WhisperConfig) else OpenAITranscriber(shown, config)


def speaker_of(shown: str, config: SpeakerConfig) -> Speaker:
    """What speaks as the table says; see `transcriber_of`."""
    if isinstance(config, EspeakConfig):
        return Espeak(shown, config)
    return Piper(shown, config) if isinstance(config, PiperConfig) else OpenAISpeaker(shown, config)


async def state(hearing: Hearing, speaking: Speaking) -> Mapping[str, Any]:
    """The state of what the config uses: "stt" and "tts", and those with a table of their own by their names."""
    config = hearing.tenant.config
    wanted: dict[str, Transcriber | Speaker] = {}
    if config.stt:
        wanted["stt"] = await hearing.transcriber(config.stt)
    if config.tts:
        wanted["tts"] = await speaking.speaker(config.tts)
    for name in sorted({*config.transcribers} - {config.stt}):
        wanted[f"stt {name}"] = await hearing.transcriber(name)
    for name in sorted({*config.speakers} - {config.tts}):
        wanted[f"tts {name}"] = await speaking.speaker(name)
    if not wanted:
        return {"voice": {"status": "off", "detail": "neither stt nor tts is set"}}
    states = await asyncio.gather(*(one.state() for one in wanted.values()))
    return dict(zip(wanted, states, strict=True))
