"""Services with OpenAI's API of audio, by its own client: OpenAI, Groq, vLLM, speaches, LocalAI, whisper.cpp and others.

What a service writes in its errors is never passed on: it may repeat what a customer said, or a part of the key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from hookline import languages
from hookline.errors import ServiceError, ServiceUnavailable

from . import sound
from .speaker import Speech

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from .config import OpenAISpeakerConfig, OpenAITranscriberConfig
    from .sound import Samples

_MEANING = {
    400: "refuses the request",
    401: "does not accept the key",
    403: "does not allow this key to use the model",
    404: "has no such model or address",
    413: "says that the sound is too large",
    415: "does not read this kind of sound",
    429: "has had too many requests",
}
_LONGEST_WAIT = 5.0  # seconds a service may ask to wait before another try; a customer is waiting


class _Service:
    """One service at its address, with a pool of connections."""

    def __init__(self, name: str, config: OpenAITranscriberConfig | OpenAISpeakerConfig) -> None:
        import openai

        self.name = name
        self._base = config
        # Without an organisation and a project of its own the library sends OpenAI's from the environment to anybody.
        own = (urlsplit(config.base_url).hostname or "").endswith("openai.com")
        foreign = {} if own else {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self.client = openai.AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key.value or "none",
            timeout=config.timeout,
            max_retries=config.retries,
            default_headers=cast("Mapping[str, str]", foreign),
        )

    @contextmanager
    def told(self) -> Generator[None, None, None]:
        """The library's errors as ours."""
        import httpx2
        import openai

        try:
            yield
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise ServiceUnavailable(f"{self.name}: no answer within {self._base.timeout:g} s") from None
        except openai.APIConnectionError:
            raise ServiceUnavailable(f"{self.name}: can't be reached at {self._where}") from None
        except openai.APIStatusError as error:
            said = _MEANING.get(
                error.status_code, "is out of order" if error.status_code >= 500 else "refuses the request"
            )
            text = f"{self.name}: {said} (HTTP {error.status_code})"
            again = error.status_code in (401, 403, 404, 408, 409, 429) or error.status_code >= 500
            raise (ServiceUnavailable if again else ServiceError)(text) from None
        except httpx2.HTTPError:
            raise ServiceUnavailable(f"{self.name}: the connection to {self._where} broke off") from None
        except (openai.OpenAIError, ValueError):
            raise ServiceError(f"{self.name}: sent something that is no answer") from None

    @property
    def _where(self) -> str:
        parts = urlsplit(self._base.base_url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"

    async def lacks(self) -> str:
        """What has to be set before it can be asked; "" where nothing is missing."""
        own = (urlsplit(self._base.base_url).hostname or "").endswith("openai.com")
        return "api_key is not set, and OpenAI wants one" if own and not self._base.api_key else ""

    async def state(self) -> Mapping[str, Any]:
        """Whether it can be asked: a key for those who want one, and somebody at the address."""
        if lacks := await self.lacks():
            return {"status": "down", "detail": lacks}
        try:
            with self.told():
                await self.client.with_options(timeout=2.0, max_retries=0).models.list()
        except ServiceUnavailable as error:
            if "(HTTP 404)" in str(error):  # whisper.cpp has no list of models
                return {"status": "ok"}
            return {"status": "down", "detail": str(error)}
        except ServiceError as error:
            return {"status": "degraded", "detail": str(error)}
        return {"status": "ok"}

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()


class OpenAITranscriber(_Service):
    """`POST /audio/transcriptions`."""

    def __init__(self, name: str, config: OpenAITranscriberConfig) -> None:
        super().__init__(name, config)
        self._config = config

    async def hear(self, samples: Samples, language: str) -> str:
        """See `Transcriber`."""
        import openai

        hint = languages.first(language)
        with self.told():
            answer = await self.client.audio.transcriptions.create(
                file=("note.wav", sound.wav(samples), "audio/wav"),
                model=self._config.model,
                language=hint if len(hint) == 2 and language != "hi-Latn" else openai.omit,
                prompt=self._config.prompt or openai.omit,
                response_format="json",
            )
        text = getattr(answer, "text", None)
        if not isinstance(text, str):
            raise ServiceError(f"{self.name}: sent something that is no answer")
        return text.strip()


class OpenAISpeaker(_Service):
    """`POST /audio/speech`."""

    def __init__(self, name: str, config: OpenAISpeakerConfig) -> None:
        super().__init__(name, config)
        self._config = config

    async def speak(self, text: str, language: str) -> Speech:
        """See `Speaker`."""
        voices = self._config.voices
        voice = next((voices[tag] for tag in languages.lineage(language) if tag in voices), self._config.voice)
        with self.told():
            answer = await self.client.audio.speech.create(
                model=self._config.model, voice=voice, input=text, response_format="wav"
            )
            data = await answer.aread()
        if not data:
            raise ServiceError(f"{self.name}: sent no sound")
        return Speech(data, "audio/wav")
