"""Whisper on this machine, by faster-whisper and CTranslate2, from a model that is there already.

Models are a process's, shared by tenants; the batch lane of threads runs them, as CTranslate2 releases the GIL.
"""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookline import languages
from hookline.errors import ServiceError, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookline.compute import Compute

    from .config import WhisperConfig
    from .sound import Samples

MISSING = "faster-whisper is not installed; install the extra: pip install 'hookline-voice[whisper]'"
_UNSPOKEN = 0.8  # as sure as that of no speech, and what it writes down is made up
_UNLIKELY = -1.0  # mean log probability of what it writes down
_TEMPERATURES = (0.0, 0.4)  # a second try where the first is poor; the library's six would keep a customer waiting
_LOADED: dict[tuple[str, str], Any] = {}
_LOADING = threading.Lock()
_INDIAN_IN_LATIN = "hi-Latn"


class Whisper:
    """One model of Whisper."""

    def __init__(self, name: str, config: WhisperConfig, compute: Compute) -> None:
        self.name = name
        self._config = config
        self._compute = compute

    async def hear(self, samples: Samples, language: str) -> str:
        """See `Transcriber`."""
        return await self._compute.batch(self._hear, samples, language)

    def _hear(self, samples: Samples, language: str) -> str:
        model = self._model()
        hint: str | None = languages.first(language)
        if hint not in model.supported_languages or languages.canonical(language) == _INDIAN_IN_LATIN:
            hint = None  # Hinglish is told apart by listening
        try:
            segments, _ = model.transcribe(
                samples.data,
                language=hint,
                beam_size=self._config.beam,
                initial_prompt=self._config.prompt or None,
                temperature=_TEMPERATURES,
                condition_on_previous_text=False,  # a slip would be said again and again
            )
            heard = [one for one in segments if not (one.no_speech_prob > _UNSPOKEN and one.avg_logprob < _UNLIKELY)]
        except (RuntimeError, ValueError) as error:
            raise ServiceError(f"{self.name}: Whisper failed: {error}") from None
        return " ".join(one.text.strip() for one in heard).strip()

    def _model(self) -> Any:
        """The model, loaded once a process; raises `ServiceUnavailable` where it is not there."""
        if reason := self._missing():
            raise ServiceUnavailable(f"{self.name}: {reason}")
        place = self._place()
        key = (place, self._config.compute_type)
        with _LOADING:
            if key not in _LOADED:
                from faster_whisper import WhisperModel

                try:
                    _LOADED[key] = WhisperModel(
                        place, device="cpu", compute_type=self._config.compute_type, local_files_only=True
                    )
                except (RuntimeError, ValueError, OSError) as error:
                    raise ServiceUnavailable(f"{self.name}: the model in {place} can't be loaded: {error}") from None
            return _LOADED[key]

    def _place(self) -> str:
        """The model's folder; "" where there is none.  Nothing is downloaded."""
        given = Path(self._config.model).expanduser()
        if given.is_dir():
            return str(given)
        from faster_whisper.utils import download_model

        try:
            return str(download_model(self._config.model, local_files_only=True))
        except Exception:  # noqa: BLE001 - the hub's library has an error of its own for each way of not being there
            return ""

    def _missing(self) -> str:
        if importlib.util.find_spec("faster_whisper") is None:
            return MISSING
        place = self._place()
        if not place:
            return (
                f"there is no model {self._config.model!r} on this machine; name the folder of one as model, or fetch it: "
                f"hookline voice fetch {self._config.model}"
            )
        for file in ("model.bin", "tokenizer.json"):  # without the second, faster-whisper would look for it at the hub
            if not (Path(place) / file).is_file():
                return f"there is no {file} in {place}, so it is no whole model in CTranslate2's format"
        return ""

    async def lacks(self) -> str:
        """See `Transcriber`."""
        return await self._compute.run(self._missing)

    async def state(self) -> Mapping[str, Any]:
        """See `Transcriber`."""
        reason = await self.lacks()
        return {"status": "down", "detail": reason} if reason else {"status": "ok"}

    async def close(self) -> None:
        """The model stays: it is the process's."""
