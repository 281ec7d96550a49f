"""espeak-ng speaks: small, quick, on every machine, in all our languages.

It is run as a program: its licence is the GPL, so that its library is not linked.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hookline import languages
from hookline.errors import ServiceError

from . import program
from .speaker import Speech

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import EspeakConfig

# Where espeak-ng's name differs from the language's tag.  Hindi in Latin letters is read by an Indian voice of English.
_VOICES = {"en": "en-gb", "en-US": "en-us", "en-IN": "en-gb", "hi-Latn": "en-gb", "fr": "fr-fr", "pt": "pt-pt"}
_MOST = 64 * 1024 * 1024  # bytes of sound: a quarter of an hour
_PHONEMES = str.maketrans({"[": " ", "]": " "})  # [[…]] would be read as its alphabet of phonemes


class Espeak:
    """One voice a language, of the program espeak-ng."""

    def __init__(self, name: str, config: EspeakConfig) -> None:
        self.name = name
        self._config = config
        self._known: frozenset[str] | None = None

    async def speak(self, text: str, language: str) -> Speech:
        """The text as a WAV file; raises `ServiceError` for a language that it has no voice for."""
        voice = await self._voice(language)
        command = [self._config.command, "-v", voice, "-s", str(self._config.speed), "-b", "1", "--stdin", "--stdout"]
        given = (text.translate(_PHONEMES) + "\n").encode()
        sound = await program.answer(self.name, command, given, timeout=self._config.timeout, most=_MOST)
        return Speech(sound, "audio/wav")

    async def _voice(self, language: str) -> str:
        known = await self._voices()
        for tag in languages.lineage(language) or ("en",):
            wanted = self._config.voices.get(tag) or _VOICES.get(tag, tag.lower())
            if wanted in known or wanted.partition("+")[0] in known:
                return wanted
        raise ServiceError(f"{self.name}: espeak-ng has no voice for the language {language!r}")

    async def _voices(self) -> frozenset[str]:
        """The languages of its voices, as they were when it was first asked."""
        if self._known is None:
            command = [self._config.command, "--voices"]
            told = await program.answer(self.name, command, b"", timeout=self._config.timeout, most=_MOST)
            rows = [line.split() for line in told.decode(errors="replace").splitlines()[1:]]
            self._known = frozenset(row[1].lower() for row in rows if len(row) > 1)
        return self._known

    async def state(self) -> Mapping[str, Any]:
        """Whether the program is there."""
        if await asyncio.to_thread(program.found, self._config.command):
            return {"status": "ok"}
        detail = f"the program {self._config.command!r} is missing: install espeak-ng (Debian, Ubuntu: apt install espeak-ng)"
        return {"status": "down", "detail": detail}

    async def close(self) -> None:
        """Nothing is open."""
