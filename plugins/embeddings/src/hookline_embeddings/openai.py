"""Vectors through OpenAI's own client: from OpenAI, Gemini, vLLM, llama.cpp and all who speak its `/embeddings`."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
import openai

from hookline.errors import ServiceError, ServiceUnavailable

from .config import OpenAIConfig
from .remote import Numbers, RemoteEmbedder, TooLarge, bounded, is_loopback

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")


class OpenAIEmbedder(RemoteEmbedder):
    """One model of one service.  Its errors name address, model and remedy, and never the key."""

    def __init__(self, config: OpenAIConfig, now: Callable[[], float]) -> None:
        super().__init__(config, f"the service at {config.base_url}, model {config.model!r}", now)
        self._openai = config
        host = urlsplit(config.base_url).hostname or ""
        # Without these the library takes OpenAI's organisation and project from the environment, and sends them to
        # whoever is asked.
        own = host.endswith("openai.com")
        foreign = {} if own else {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self._client = openai.AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key.value or "none",
            timeout=httpx2.Timeout(config.timeout, connect=min(config.connect_timeout, config.timeout)),
            max_retries=config.retries,
            default_headers=cast("Mapping[str, str]", foreign),
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not is_loopback(config.base_url),
                event_hooks={"response": [bounded(httpx2.AsyncByteStream)]},
                follow_redirects=False,  # a key goes to its own host only
            ),
        )

    async def identity(self) -> Sequence[str]:
        """The model's name, and the address: the same name at another service may be another model."""
        address = hashlib.sha256(self._openai.base_url.rstrip("/").encode()).hexdigest()[:8]
        return "openai", self._openai.model.replace("/", "-"), address

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _request(self, texts: Sequence[str], query: bool) -> Numbers:
        config = self._openai
        response = await self._call(
            lambda: self._client.embeddings.create(
                model=config.model,
                input=list(texts),
                dimensions=config.dimension or openai.omit,
                encoding_format="float",
            )
        )
        found: Numbers = _in_order(getattr(response, "data", None))
        return found

    async def _ping(self) -> None:
        try:
            await self._call(self._client.with_options(max_retries=0).models.list)
        except ServiceError as error:
            cause = error.__cause__
            if not isinstance(cause, openai.NotFoundError):  # not every server has a list of models
                raise

    async def _call(self, request: Callable[[], Any]) -> Any:
        """The client's answer; every way in which it fails as a typed error."""
        config = self._openai
        try:
            async with asyncio.timeout(config.timeout):
                return await request()
        except (TimeoutError, openai.APITimeoutError) as error:
            raise ServiceUnavailable(
                f"{self.where} did not answer within {config.timeout:g} s: see whether it is overloaded, or raise "
                "`timeout` in its config"
            ) from error
        except openai.APIStatusError as error:
            raise self._refused(error) from error
        except (TooLarge, openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            if isinstance(error, TooLarge) or isinstance(error.__cause__, TooLarge):
                raise ServiceUnavailable(f"{self.where} can't be used: {error.__cause__ or error}") from error
            raise ServiceUnavailable(
                f"{self.where} can't be reached, or broke off: see that it runs, or correct `base_url` in its config"
            ) from error
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:  # no JSON, or of another shape
            raise ServiceUnavailable(f"{self.where} gave an answer that is not OpenAI's") from error

    def _refused(self, error: openai.APIStatusError) -> ServiceError:
        status = error.status_code
        if status in (401, 403):
            return ServiceUnavailable(
                f"{self.where} does not let us in ({status}): correct `api_key` in its config"
            )  # what it says may repeat the key
        if status == 404:
            return ServiceUnavailable(f"{self.where} is not there (404): correct `model` or `base_url` in its config")
        if status == 429:
            wait = error.response.headers.get("retry-after", "")
            after = f", and asks to come back after {wait} s" if wait.replace(".", "", 1).isdigit() else ""
            return ServiceUnavailable(f"{self.where} is asked too often (429){after}")
        if 300 <= status < 400:
            return ServiceUnavailable(f"{self.where} sends us elsewhere ({status}): correct `base_url` in its config")
        return ServiceUnavailable(f"{self.where} refused with {status}{_code(error)}{_remedy(status)}")


def _code(error: openai.APIStatusError) -> str:
    """The refusal's code; not its words, which may repeat the customer's or a part of the key."""
    code = error.code or error.type
    return f" ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _remedy(status: int) -> str:
    if status >= 500:
        return ": see its own log"
    return ": see whether the model takes such texts, and that `model` and `dimension` in its config fit it"


def _in_order(data: Any) -> Any:
    """The vectors by their `index`, which need not be the order of the list; as they come where there is none."""
    if not isinstance(data, list):
        return None
    indices = [getattr(one, "index", None) for one in data]
    if sorted(at for at in indices if isinstance(at, int)) == list(range(len(data))):
        data = sorted(data, key=lambda one: int(one.index))
    return [getattr(one, "embedding", None) for one in data]
