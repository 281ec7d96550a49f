"""What the tests of this plugin share: a bot with documents, and an embedder that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from aiohttp.test_utils import TestClient, TestServer

import hookline_rag
from hookline.app import KEYS, make_app
from hookline.catalogue import Catalogue
from hookline.errors import ServiceUnavailable
from hookline.hookspecs import hookimpl
from hookline.plugin import Plugin
from hookline_rag.service import Service

EMBEDDINGS = Catalogue.load().get("embeddings")
WORDS = '[plugins.embeddings.models.default]\nkind = "hashing"\n'
RESET = (
    "To reset your password, go to account settings and click on 'Reset Password'. "
    "The link that we send you is good for thirty minutes."
)


class Embedder:
    """An embedder that a test opens and closes, breaks, or replaces; it counts what it embedded."""

    def __init__(self) -> None:
        self.id = "told-1"
        self.dimension = 64
        self.given: int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()
        self.failing = ""
        self.texts: list[str] = []

    def plugin(self) -> Plugin:
        outer = self

        class Hooks:
            serves: Mapping[str, tuple[str, ...]] = {"embed": ("default",), "describe_embedder": ("default",)}

            @hookimpl
            async def embed(self, name: str, texts: Sequence[str], query: bool) -> np.ndarray:
                outer.waiting.set()
                await outer.gate.wait()
                if outer.failing:
                    raise ServiceUnavailable(outer.failing)
                if not query:
                    outer.texts += texts
                return np.stack([outer.vector(text) for text in texts])

            @hookimpl
            async def describe_embedder(self, name: str) -> Mapping[str, Any]:
                return {"id": outer.id, "dimension": outer.dimension, "max_tokens": 256, "languages": ("en",)}

        return Plugin("told", hooks=lambda tenant: Hooks())

    def vector(self, text: str) -> np.ndarray:
        """Words hashed to places: texts with the same words are near."""
        found = np.zeros(self.given or self.dimension, np.float32)
        for word in text.lower().split():
            found[hash_of(f"{self.id}{word.strip('.,?!')}") % len(found)] += 1.0
        return found / max(1e-6, float(np.linalg.norm(found)))


def hash_of(word: str) -> int:
    return int.from_bytes(word.encode()[-6:], "big") * 2654435761 % 2**32


@pytest.fixture
def embedder():
    return Embedder()


@pytest.fixture
def library(make_bot):
    """Make a bot with rag and the hashing embedder: `bot = await library(config)`."""

    async def make(config: str = "", **more: Any):
        plugins = [EMBEDDINGS, hookline_rag.plugin]
        top = f"languages = {list(more.pop('languages', ['en']))}\n"
        return await make_bot(plugins=more.pop("plugins", plugins), config=top + WORDS + config, **more)

    return make


@pytest.fixture
def told(make_bot, embedder):
    """Make a bot with rag and the embedder that the test tells what to do."""

    async def make(config: str = "", **more: Any):
        return await make_bot(plugins=[embedder.plugin(), hookline_rag.plugin], config=config, **more)

    return make


@pytest.fixture
def put():
    """Ingest texts by title and wait: `await put(bot, {"Title": "text"})`; returns what became of them."""

    async def take(bot, texts: Mapping[str, str], *, tenant: str = "", **more: Any):
        service = service_of(bot, tenant)
        given = [await service.text(text, title=title, meta={"category": "test"}) for title, text in texts.items()]
        return await service.ingest(given, **more)

    return take


def service_of(bot, tenant: str = "") -> Service:
    return Service(bot.tenant("rag", tenant))


@pytest.fixture
def service():
    return service_of


@pytest.fixture
def reset():
    return RESET


@pytest.fixture
async def served():
    """Serve a bot over HTTP: `client, key = await served(bot)`."""
    clients = []

    async def serve(bot, **more: Any):
        app = make_app(bot.runtime, tenant="acme", **more)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        _, key = await app[KEYS].create("acme", "test", "admin")
        return client, {"Authorization": f"Bearer {key}"}

    yield serve
    for client in clients:
        await client.close()
