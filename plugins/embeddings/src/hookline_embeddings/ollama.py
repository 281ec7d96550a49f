"""Vectors from an Ollama server, through its own client (`POST /api/embed`, `GET /api/tags`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import httpx
from ollama import AsyncClient, ResponseError

from hookline.errors import ServiceUnavailable

from .config import OllamaConfig
from .remote import Numbers, RemoteEmbedder, TooLarge, bounded, is_loopback

DIGEST_TRUSTED = 60.0  # seconds until a model that was pulled again is noticed


@attrs.frozen
class _Known:
    """What the server said of the model, and when (seconds since the epoch)."""

    digest: str
    at: float


class OllamaEmbedder(RemoteEmbedder):
    """One model of one server.  Its errors name host, model and remedy."""

    def __init__(self, config: OllamaConfig, now: Callable[[], float]) -> None:
        super().__init__(config, f"Ollama at {config.host}, model {config.model!r}", now)
        self._ollama = config
        self._known: _Known | None = None
        self._last = ""  # the digest of the model whose dimension is known
        timeout = httpx.Timeout(config.timeout, connect=min(config.connect_timeout, config.timeout))
        self._client = AsyncClient(
            config.host,
            timeout=timeout,
            # A proxy from the environment is for the world outside, not for this machine.
            trust_env=not is_loopback(config.host),
            event_hooks={"response": [bounded(httpx.AsyncByteStream)]},
        )

    async def identity(self) -> Sequence[str]:
        """Holds the digest of the model's content; asks the server, for it may have pulled another."""
        return "ollama", self._ollama.model.replace("/", "-"), (await self._digest())[:12]

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the library left it without types

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _request(self, texts: Sequence[str], query: bool) -> Numbers:
        config = self._ollama
        response = await self._call(
            lambda: self._client.embed(
                model=config.model,
                input=texts,
                truncate=True,
                dimensions=config.dimension or None,
                keep_alive=config.keep_alive,
            )
        )
        return [list(vector) for vector in response.embeddings]

    async def _ping(self) -> None:
        self._known = None
        await self._digest()

    async def _digest(self) -> str:
        if self._known is None or self._now() - self._known.at > DIGEST_TRUSTED:
            listed = await self._call(self._client.list)
            names = {self._ollama.model, f"{self._ollama.model}:latest"}
            found = next((model for model in listed.models if model.model in names), None)
            if found is None:
                raise self._unknown_model()
            self._known = _Known(found.digest or "", self._now())
            if self._last not in ("", self._known.digest):
                self._dimension = self._ollama.dimension  # another model, maybe of another dimension
            self._last = self._known.digest
        return self._known.digest

    async def _call(self, request: Callable[[], Any]) -> Any:
        """The client's answer; every way in which it fails as a typed error."""
        config = self._ollama
        try:
            async with asyncio.timeout(config.timeout):
                return await request()
        except ResponseError as error:
            if error.status_code == 404:
                raise self._unknown_model() from error
            raise ServiceUnavailable(f"{self.where} refused with {error.status_code}: {error.error}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ServiceUnavailable(
                f"{self.where} did not answer within {config.timeout:g} s: see whether it is overloaded, or raise "
                "`timeout` in its config"
            ) from error
        except TooLarge as error:
            raise ServiceUnavailable(f"{self.where} can't be used: {error}") from error
        except (ConnectionError, httpx.HTTPError) as error:
            raise ServiceUnavailable(
                f"{self.where} can't be reached: start it with `ollama serve`, or correct `host` in its config"
            ) from error
        except (ValueError, TypeError) as error:  # no JSON, or JSON of another shape
            raise ServiceUnavailable(f"{self.where} gave an answer that is not Ollama's") from error

    def _unknown_model(self) -> ServiceUnavailable:
        return ServiceUnavailable(f"{self.where}: the server does not have it; run `ollama pull {self._config.model}`")
