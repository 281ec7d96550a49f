"""Ollama's real client against a loopback server that answers as its published description says."""

from __future__ import annotations

import asyncio
import hashlib

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hookline.errors import ServiceError, ServiceUnavailable
from hookline_embeddings.config import Config, OllamaConfig
from hookline_embeddings.ollama import OllamaEmbedder
from hookline_embeddings.service import Embeddings

DIGEST = "7907646426070047a77226ac3e684fbbe8410524f7b4a74d02837e43f2146bab"


class Ollama:
    """The two routes that are used; refuses what the description does not allow."""

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.digest = DIGEST
        self.width = 8
        self.spoil = lambda body: body
        self.hang = False
        app = web.Application()
        app.router.add_post("/api/embed", self.embed)
        app.router.add_get("/api/tags", self.tags)
        self.server = TestServer(app)

    @property
    def host(self):
        return f"http://127.0.0.1:{self.server.port}"

    async def embed(self, request):
        body = await request.json()
        self.requests.append(body)
        known = {"model", "input", "truncate", "dimensions", "keep_alive", "options"}
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if set(body) - known or not all(isinstance(text, str) for text in texts):
            return web.json_response({"error": "invalid request"}, status=400)
        if body["model"] != "bge-m3":
            return web.json_response({"error": f'model "{body["model"]}" not found, try pulling it first'}, status=404)
        if self.hang:
            await asyncio.Event().wait()
        vectors = [self.vector(text)[: body.get("dimensions") or self.width] for text in texts]
        answer = {"model": body["model"], "embeddings": vectors, "total_duration": 1, "prompt_eval_count": len(texts)}
        return web.json_response(self.spoil(answer))

    def vector(self, text):
        digest = hashlib.sha256(text.encode()).digest()
        return [byte / 255 + 0.01 for byte in digest[: self.width]]

    async def tags(self, _):
        if self.hang:
            await asyncio.Event().wait()
        model = {"name": "bge-m3:latest", "model": "bge-m3:latest", "size": 1, "digest": self.digest}
        return web.json_response({"models": [model | {"modified_at": "2026-10-03T23:34:03.409490317-07:00"}]})


@pytest.fixture
async def ollama():
    fake = Ollama()
    await fake.server.start_server()
    yield fake
    await fake.server.close()


@pytest.fixture
async def embedder(ollama, clock):
    """Makes an embedder of the loopback server; all are closed after the test."""
    made = []

    def make(**given):
        config = OllamaConfig(**({"model": "bge-m3", "host": ollama.host} | given))
        made.append(OllamaEmbedder(config, clock.now))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_texts_become_vectors_of_length_one_in_their_order(ollama, embedder):
    texts = [f"passage {n}" for n in range(70)]

    vectors = await embedder(batch=32).embed(texts, False)

    assert vectors.shape == (70, 8)
    assert vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        wanted = np.array(ollama.vector(text))
        np.testing.assert_allclose(vector, wanted / np.linalg.norm(wanted), atol=1e-6)
    assert [len(body["input"]) for body in ollama.requests] == [32, 32, 6]
    assert ollama.requests[0]["keep_alive"] == "30m"
    assert "dimensions" not in ollama.requests[0]


async def test_questions_and_passages_get_the_prefixes_of_the_model(ollama, embedder):
    one = embedder(query_prefix="search_query: ", passage_prefix="search_document: ")

    await one.embed(["opening hours"], True)
    await one.embed(["We open at ten."], False)

    assert [body["input"] for body in ollama.requests] == [
        ["search_query: opening hours"],
        ["search_document: We open at ten."],
    ]


async def test_the_id_changes_with_what_would_change_the_vectors(ollama, embedder, clock):
    one = embedder(languages=("en", "hi"), max_tokens=8192)

    described = await one.describe()
    ids = [
        described.id,
        (await embedder(dimension=4).describe()).id,
        (await embedder(passage_prefix="search_document: ").describe()).id,
    ]
    ollama.digest = "0" * 64
    before = await one.describe()
    clock.advance(61)
    after = await one.describe()

    assert described.id == "ollama-bge-m3-790764642607-8"
    assert (described.dimension, described.max_tokens, described.languages) == (8, 8192, ("en", "hi"))
    assert before.id == described.id
    assert after.id == "ollama-bge-m3-000000000000-8"
    assert len(set(ids)) == 3


async def test_a_model_pulled_anew_may_have_another_dimension_and_its_questions_are_asked_again(ollama, surroundings):
    clock = surroundings.clock
    service = Embeddings(Config(models={"far": OllamaConfig(model="bge-m3", host=ollama.host)}), surroundings)
    await service.start()
    await service.describe("far")
    before = await service.embed("far", ["red"], True)
    ollama.digest, ollama.width = "0" * 64, 6
    clock.advance(61)

    described = await service.describe("far")
    after = await service.embed("far", ["red"], True)
    asked = len(ollama.requests)
    again = await service.embed("far", ["red"], True)
    await service.stop()

    assert described["id"] == "ollama-bge-m3-000000000000-6"
    assert (before.shape, after.shape) == ((1, 8), (1, 6))
    np.testing.assert_array_equal(after, again)
    assert len(ollama.requests) == asked


async def test_a_chosen_dimension_is_asked_for(ollama, embedder):
    vectors = await embedder(dimension=4).embed(["hello"], True)

    assert vectors.shape == (1, 4)
    assert ollama.requests[0]["dimensions"] == 4


async def test_no_texts_are_no_rows(embedder):
    assert (await embedder().embed([], False)).shape == (0, 8)


async def test_a_server_that_does_not_run_is_named_with_its_remedy(embedder, unused_tcp_port):
    one = embedder(host=f"http://127.0.0.1:{unused_tcp_port}")

    with pytest.raises(ServiceUnavailable) as failed:
        await one.embed(["hello"], True)

    assert str(failed.value) == (
        f"Ollama at http://127.0.0.1:{unused_tcp_port}, model 'bge-m3' can't be reached: start it with `ollama serve`, "
        "or correct `host` in its config"
    )
    assert (await one.health()).status == "down"


async def test_a_model_that_was_not_pulled_is_named_with_its_remedy(ollama, embedder):
    one = embedder(model="nomic-embed-text")

    with pytest.raises(ServiceUnavailable) as failed:
        await one.embed(["hello"], True)
    health = await one.health()

    said = (
        f"Ollama at {ollama.host}, model 'nomic-embed-text': the server does not have it; "
        "run `ollama pull nomic-embed-text`"
    )
    assert str(failed.value) == said
    assert (health.status, health.detail) == ("down", said)


async def test_a_server_that_hangs_is_given_up_after_the_time_limit(ollama, embedder):
    ollama.hang = True

    with pytest.raises(ServiceUnavailable) as failed:
        await embedder(timeout=0.2).embed(["hello"], True)

    assert "did not answer within 0.2 s" in str(failed.value)


async def test_a_server_that_runs_with_the_model_is_healthy(ollama, embedder):
    health = await embedder().health()

    assert (health.status, health.detail) == ("ok", f"Ollama at {ollama.host}, model 'bge-m3'")


async def test_vectors_of_another_dimension_are_refused(ollama, embedder):
    one = embedder()
    await one.embed(["hello"], True)
    ollama.width = 6

    with pytest.raises(ServiceError) as failed:
        await one.embed(["hello again"], True)

    assert str(failed.value) == (
        f"Ollama at {ollama.host}, model 'bge-m3' gave vectors of dimension 6 and must give 8: "
        "correct `dimension` in its config, or remove it"
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda body: body | {"embeddings": body["embeddings"][:1]}, "gave 1 vectors for 2 texts"),
        (lambda body: body | {"embeddings": [[0.0] * 8] * 2}, "gave a vector without a direction"),
        (lambda body: body | {"embeddings": "none"}, "gave an answer that is not Ollama's"),
        (lambda _: "<html>", "gave an answer that is not Ollama's"),
    ],
    ids=["too few", "zeros", "no list", "no object"],
)
async def test_an_answer_that_can_not_be_used_is_a_typed_error(ollama, embedder, spoil, said):
    ollama.spoil = spoil

    with pytest.raises(ServiceError, match=said):
        await embedder().embed(["a", "b"], False)
