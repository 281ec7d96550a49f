"""Piper speaks: nearly as people do, without a graphics card, from a model a language.

It is run as a program: its licence is the GPL.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookline import languages
from hookline.errors import ServiceError

from . import program
from .speaker import Speech

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import PiperConfig

_MOST = 4096


class Piper:
    """The program piper with its models."""

    def __init__(self, name: str, config: PiperConfig) -> None:
        self.name = name
        self._config = config

    async def speak(self, text: str, language: str) -> Speech:
        """The text as a WAV file; raises `ServiceError` for a language that no model is named for."""
        model = await asyncio.to_thread(self._model(language).expanduser)
        if not await asyncio.to_thread(model.is_file):
            raise ServiceError(f"{self.name}: there is no model {model}")
        with tempfile.TemporaryDirectory(prefix="hookline-voice-") as folder:
            out = Path(folder) / "speech.wav"
            command = [self._config.command, "--model", str(model), "--output_file", str(out)]
            line = " ".join(text.split()) + "\n"  # each line would be a file of its own
            await program.answer(self.name, command, line.encode(), timeout=self._config.timeout, most=_MOST)
            try:
                return Speech(await asyncio.to_thread(out.read_bytes), "audio/wav")
            except FileNotFoundError:
                raise ServiceError(f"{self.name}: {self._config.command} wrote no sound") from None

    def _model(self, language: str) -> Path:
        for tag in languages.lineage(language):
            if tag in self._config.voices:
                return Path(self._config.voices[tag])
        known = ", ".join(sorted(self._config.voices)) or "none"
        raise ServiceError(f"{self.name}: no voice is named for the language {language!r} (voices: {known})")

    async def state(self) -> Mapping[str, Any]:
        """Whether the program and its models are there."""
        if not program.found(self._config.command):
            return {"status": "down", "detail": f"the program {self._config.command!r} is missing: install piper"}
        missing = await asyncio.to_thread(self._missing)
        return {"status": "down", "detail": f"missing: {', '.join(missing)}"} if missing else {"status": "ok"}

    def _missing(self) -> list[str]:
        return [path for path in self._config.voices.values() if not Path(path).expanduser().is_file()]

    async def close(self) -> None:
        """Nothing is open."""
