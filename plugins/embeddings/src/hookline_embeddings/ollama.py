"""Vectors from an Ollama server, through its own client (`POST /api/embed`, `GET /api/tags`)."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpx
import numpy as np
from ollama import AsyncClient, ResponseError

from hookline.errors import ServiceError, ServiceUnavailable

from .config import OllamaConfig
from .embedder import Description, Health, Vectors, cleaned, unit
from .estimate import estimate

HEALTH_LIMIT = 2.0  # seconds; `check_health` as a whole has three
DIGEST_TRUSTED = 60.0  # seconds until a model that was pulled again is noticed


@attrs.frozen
class _Known:
    """What the server said of the model, and when (seconds since the epoch)."""

    digest: str
    at: float


class OllamaEmbedder:
    """One model of one server.  Its errors name host, model and remedy."""

    def __init__(self, config: OllamaConfig, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        self._dimension = config.dimension
        self._known: _Known | None = None
        timeout = httpx.Timeout(config.timeout, connect=min(config.connect_timeout, config.timeout))
        # A proxy from the environment is for the world outside, not for this machine.
        self._client = AsyncClient(config.host, timeout=timeout, trust_env=not _is_loopback(config.host))

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """A request for each `batch` texts; raises `ServiceUnavailable`, or `ServiceError` for unusable vectors."""
        prefix = self._config.query_prefix if query else self._config.passage_prefix
        parts = [await self._request([prefix + cleaned(t) for t in some]) for some in self._batches(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, (await self.describe()).dimension), np.float32)

    async def count(self, texts: Sequence[str]) -> list[int]:
        """An estimate: Ollama has no way to ask."""
        return [estimate(text) for text in texts]

    async def describe(self) -> Description:
        """The id holds the digest of the model's content; asks the server, for it may have pulled another."""
        digest = await self._digest()
        if not self._dimension:
            await self._request(["dimension"])
        config = self._config
        parts = ["ollama", config.model.replace("/", "-"), digest[:12], str(self._dimension)]
        if config.passage_prefix:
            parts.append(hashlib.sha256(config.passage_prefix.encode()).hexdigest()[:6])
        return Description("-".join(parts), self._dimension, config.max_tokens, config.languages)

    async def health(self) -> Health:
        """Down where the server does not answer or does not have the model."""
        try:
            async with asyncio.timeout(HEALTH_LIMIT):
                self._known = None
                await self._digest()
        except ServiceError as error:
            return Health("down", str(error))
        except TimeoutError:
            return Health("down", f"{self._where} did not answer within {HEALTH_LIMIT:g} s")
        return Health("ok", self._where)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()  # type: ignore[no-untyped-call]  # the library left it without types

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _where(self) -> str:
        return f"Ollama at {self._config.host}, model {self._config.model!r}"

    def _batches(self, texts: Sequence[str]) -> list[Sequence[str]]:
        size = self._config.batch
        return [texts[start : start + size] for start in range(0, len(texts), size)]

    async def _request(self, texts: Sequence[str]) -> Vectors:
        config = self._config
        response = await self._call(
            lambda: self._client.embed(
                model=config.model,
                input=texts,
                truncate=True,
                dimensions=config.dimension or None,
                keep_alive=config.keep_alive,
            )
        )
        return self._checked(response.embeddings, len(texts))

    def _checked(self, embeddings: Sequence[Sequence[float]], wanted: int) -> Vectors:
        if len(embeddings) != wanted:
            raise ServiceError(f"{self._where} gave {len(embeddings)} vectors for {wanted} texts")
        dimensions = {len(vector) for vector in embeddings}
        self._dimension = self._dimension or max(dimensions)
        if dimensions != {self._dimension}:
            given = ", ".join(map(str, sorted(dimensions)))
            raise ServiceError(
                f"{self._where} gave vectors of dimension {given} and must give {self._dimension}: "
                "correct `dimension` in its config, or remove it"
            )
        vectors = unit(np.array(embeddings, np.float32))
        if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
            raise ServiceError(f"{self._where} gave a vector without a direction (all zeros, or not numbers)")
        return vectors

    async def _digest(self) -> str:
        if self._known is None or self._now() - self._known.at > DIGEST_TRUSTED:
            listed = await self._call(self._client.list)
            names = {self._config.model, f"{self._config.model}:latest"}
            found = next((model for model in listed.models if model.model in names), None)
            if found is None:
                raise self._unknown_model()
            self._known = _Known(found.digest or "", self._now())
        return self._known.digest

    async def _call(self, request: Callable[[], Any]) -> Any:
        """The client's answer; every way in which it fails as a typed error."""
        config = self._config
        try:
            async with asyncio.timeout(config.timeout):
                return await request()
        except ResponseError as error:
            if error.status_code == 404:
                raise self._unknown_model() from error
            raise ServiceUnavailable(f"{self._where} refused with {error.status_code}: {error.error}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ServiceUnavailable(
                f"{self._where} did not answer within {config.timeout:g} s: see whether it is overloaded, or raise "
                "`timeout` in its config"
            ) from error
        except (ConnectionError, httpx.HTTPError) as error:
            raise ServiceUnavailable(
                f"{self._where} can't be reached: start it with `ollama serve`, or correct `host` in its config"
            ) from error
        except (ValueError, TypeError) as error:  # no JSON, or JSON of another shape
            raise ServiceUnavailable(f"{self._where} gave an answer that is not Ollama's") from error

    def _unknown_model(self) -> ServiceUnavailable:
        return ServiceUnavailable(f"{self._where}: the server does not have it; run `ollama pull {self._config.model}`")


def _is_loopback(host: str) -> bool:
    name = urlsplit(host if "//" in host else f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
