"""Vectors from Amazon Bedrock (`InvokeModel`) through botocore: Titan, and Cohere's models there.

The bodies are those of AWS's "Amazon Titan Embeddings" and "Cohere Embed" pages of the Bedrock user guide: Titan
takes one text a request, Cohere up to 96 with the kind of text.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import msgspec
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession, get_session
from botocore import exceptions

from hookline.errors import ServiceError, ServiceUnavailable

from .config import BedrockConfig
from .remote import MOST_BYTES, Numbers, RemoteEmbedder, TooLarge, spread

TITAN_TOKENS, TITAN_CHARACTERS = 8192, 50_000
COHERE_CHARACTERS = 2048
_PRELOADED = ("service-2", "endpoint-rule-set-1")


def prepared(config: BedrockConfig) -> AioSession:
    """A session with the service's description read from disk; blocks, so that making the client does not."""
    session = get_session()
    if config.profile:
        session.set_config_variable("profile", config.profile)
    loader = session.get_component("data_loader")
    for kind in _PRELOADED:
        loader.load_service_model("bedrock-runtime", kind)
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data(name)
    return session


class BedrockEmbedder(RemoteEmbedder):
    """One model in one region.  Its errors name both, and the remedy."""

    def __init__(self, config: BedrockConfig, session: AioSession, now: Callable[[], float]) -> None:
        region = config.region or session.get_config_variable("region") or ""
        super().__init__(config, f"Bedrock in {region or 'no region'}, model {config.model!r}", now)
        self._bedrock = config
        self._region = region
        self._session = session
        self._stack = contextlib.AsyncExitStack()
        self._opened: Any = None
        self._opening = asyncio.Lock()
        self._titan = "titan-embed-text" in config.model

    async def identity(self) -> Sequence[str]:
        """The model's name with its version; a model is the same in every region."""
        return "bedrock", self._bedrock.model.rsplit("/", 1)[-1].replace(":", "-")

    async def close(self) -> None:
        """Close the connections."""
        await self._stack.aclose()
        self._opened = None

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _request(self, texts: Sequence[str], query: bool) -> Numbers:
        if self._titan:
            return await spread(texts, self._bedrock.parallel, self._titan_vector)
        body: dict[str, Any] = {
            "texts": [text[:COHERE_CHARACTERS] for text in texts],
            "input_type": "search_query" if query else "search_document",
            "truncate": "END",
            "embedding_types": ["float"],
        }
        if self._bedrock.dimension and "embed-v4" in self._bedrock.model:
            body["output_dimension"] = self._bedrock.dimension
        found = (await self._invoke(body)).get("embeddings")
        # With `embedding_types` a table by type; the older models' answers are the list itself.
        return found.get("float") if isinstance(found, dict) else found  # type: ignore[return-value]  # checked later

    async def _titan_vector(self, text: str) -> Any:
        body: dict[str, Any] = {"inputText": text[:TITAN_CHARACTERS]}
        if "v2" in self._bedrock.model:
            body["normalize"] = True
            if self._bedrock.dimension:
                body["dimensions"] = self._bedrock.dimension
        return (await self._invoke(body)).get("embedding")

    async def _ping(self) -> None:
        # There is nothing to ask that needs no other permission: whether credentials are there is what can be told.
        client = await self._client()
        if client._request_signer._credentials is None:  # noqa: SLF001 - botocore has no other way to ask
            raise self._no_credentials()

    async def _client(self) -> Any:
        async with self._opening:
            if self._opened is None:
                config = self._bedrock
                if not self._region and not config.endpoint:
                    raise ServiceUnavailable(f"{self.where}: name the `region` in its config, or in AWS_REGION")
                settings = AioConfig(
                    connect_timeout=min(config.connect_timeout, config.timeout),
                    read_timeout=config.timeout,
                    retries={"mode": "standard", "total_max_attempts": config.retries + 1},
                    max_pool_connections=max(10, config.parallel * 2),
                )
                create: Any = self._session.create_client  # its stubs, where they are, want each key by name
                keys = {
                    "aws_access_key_id": config.access_key.value or None,
                    "aws_secret_access_key": config.secret_key.value or None,
                    "aws_session_token": config.session_token.value or None,
                }
                made: Any = create(
                    "bedrock-runtime",
                    region_name=self._region or "us-east-1",
                    endpoint_url=config.endpoint or None,
                    config=settings,
                    **keys,
                )
                self._opened = await self._stack.enter_async_context(made)
            return self._opened

    async def _invoke(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The model's answer; every way in which it fails as a typed error."""
        config = self._bedrock
        try:
            async with asyncio.timeout(config.timeout):
                client = await self._client()
                answer = await client.invoke_model(
                    modelId=config.model,
                    body=msgspec.json.encode(body),
                    accept="application/json",
                    contentType="application/json",
                )
                async with answer["body"] as stream:
                    content = bytearray()
                    while part := await stream.read(1 << 16):
                        content += part
                        if len(content) > MOST_BYTES:
                            raise TooLarge
            found = msgspec.json.decode(content)
        except ServiceError:
            raise
        except (TimeoutError, exceptions.ReadTimeoutError, exceptions.ConnectTimeoutError) as error:
            raise ServiceUnavailable(
                f"{self.where} did not answer within {config.timeout:g} s: see whether it is overloaded, or raise "
                "`timeout` in its config"
            ) from error
        except exceptions.ClientError as error:
            raise self._refused(error) from error
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise self._no_credentials() from error
        except TooLarge as error:
            raise ServiceUnavailable(f"{self.where} can't be used: {error}") from error
        except msgspec.DecodeError as error:
            raise ServiceUnavailable(f"{self.where} gave an answer that is not Bedrock's") from error
        except (exceptions.BotoCoreError, aiohttp.ClientError, OSError, RuntimeError) as error:  # RuntimeError: closed
            raise ServiceUnavailable(
                f"{self.where} can't be reached, or broke off: see that the network lets us there, or correct "
                "`region` or `endpoint` in its config"
            ) from error
        if not isinstance(found, dict):
            raise ServiceUnavailable(f"{self.where} gave an answer that is not Bedrock's")
        return found

    def _no_credentials(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"{self.where}: there are no credentials; set `access_key` and `secret_key` in its config, or AWS's own "
            "environment variables, profile or role"
        )

    def _refused(self, error: exceptions.ClientError) -> ServiceUnavailable:
        told = error.response.get("Error", {})
        code = str(told.get("Code", ""))  # its words may repeat the customer's
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        remedy = {
            "AccessDeniedException": ": ask for access to the model in Bedrock, and allow bedrock:InvokeModel",
            "UnrecognizedClientException": ": correct the credentials",
            "ResourceNotFoundException": ": correct `model` or `region` in its config",
            "ThrottlingException": ": it is asked too often; lower `parallel`, or ask AWS for a higher quota",
            "ValidationException": ": see whether the model takes such texts, and that `model` and `dimension` fit it",
        }.get(code, ": see AWS's own pages on its state")
        return ServiceUnavailable(f"{self.where} refused with {status} {code}{remedy}")
