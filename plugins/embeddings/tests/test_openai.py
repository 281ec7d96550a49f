"""OpenAI's real client against a loopback server that refuses what OpenAI refuses, and fails as services fail."""

from __future__ import annotations

import asyncio
import base64
import json
import struct

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hookline.errors import ServiceError, ServiceUnavailable
from hookline.settings import Secret
from hookline_embeddings import remote
from hookline_embeddings.config import OpenAIConfig
from hookline_embeddings.openai import OpenAIEmbedder

KEY = "sk-test-0123456789"
MODEL = "text-embedding-3-small"


class OpenAI:
    """`/embeddings` and `/models`, by OpenAI's published description."""

    def __init__(self):
        self.requests = []
        self.headers = []
        self.width = 8
        self.spoil = lambda body: body
        self.faults = []
        self.free = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v1/embeddings", self.embed)
        app.router.add_get("/v1/models", self.models)
        app.router.add_route("*", "/elsewhere", self.embed)
        self.server = TestServer(app)

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server.port}/v1"

    async def embed(self, request):
        self.headers.append(dict(request.headers))
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return refusal(
                401, f"Incorrect API key provided: {request.headers['Authorization'][7:]}", "invalid_api_key"
            )
        body = await request.json()
        self.requests.append(body)
        if self.faults:
            return await self.faults.pop(0)(request)
        if set(body) - {"input", "model", "encoding_format", "dimensions", "user"}:
            return refusal(400, "Unrecognized request argument supplied")
        if body["model"] != MODEL:
            return refusal(404, f"The model `{body['model']}` does not exist", "model_not_found")
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if not texts or len(texts) > 2048 or not all(isinstance(text, str) and text for text in texts):
            return refusal(400, "'$.input' is invalid. Please check the API reference")
        width = body.get("dimensions") or self.width
        data = [
            {"object": "embedding", "index": at, "embedding": self.encoded(self.vector(text, width), body)}
            for at, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 5, "total_tokens": 5}
        answer = self.spoil({"object": "list", "data": data, "model": MODEL, "usage": usage})
        return answer if isinstance(answer, web.Response) else web.json_response(answer)

    def vector(self, text, width):
        return [float((hash_of(text) >> at) % 97 + 1) for at in range(width)]

    def encoded(self, vector, body):
        if body.get("encoding_format", "float") == "float":
            return vector
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

    async def models(self, request):
        if self.faults:
            return await self.faults.pop(0)(request)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return refusal(401, "Incorrect API key provided", "invalid_api_key")
        model = {"id": MODEL, "object": "model", "created": 1, "owned_by": "system"}
        return web.json_response({"object": "list", "data": [model]})


def hash_of(text):
    import zlib

    return zlib.crc32(text.encode()) << 32 | zlib.adler32(text.encode())


def refusal(status, text, code=None, headers=None):
    error = {"message": text, "type": "invalid_request_error", "param": None, "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


def status(code, text="busy", headers=None):
    async def answer(_):
        return refusal(code, text, headers=headers)

    return answer


@pytest.fixture
async def openai():
    fake = OpenAI()
    await fake.server.start_server()
    yield fake
    fake.free.set()
    await fake.server.close()


@pytest.fixture
async def embedder(openai, clock):
    """Makes an embedder of the loopback server; all are closed after the test."""
    made = []

    def make(**given):
        told = {"model": MODEL, "base_url": openai.base_url, "api_key": Secret(KEY), "retries": 0} | given
        made.append(OpenAIEmbedder(OpenAIConfig(**told), clock.now))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.mark.row("A160")
@pytest.mark.row("X10")
async def test_texts_become_vectors_of_length_one_in_their_order(openai, embedder):
    one = embedder(batch=2)
    texts = ["red", "green", "blue", "", "grün \ud800"]

    vectors = await one.embed(texts, False)

    assert vectors.shape == (5, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    wanted = np.array([openai.vector(text, 8) for text in ("red", "green", "blue")])
    np.testing.assert_allclose(vectors[:3], wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-5)
    assert sorted(len(request["input"]) for request in openai.requests) == [1, 2, 2]
    assert [text for request in openai.requests for text in request["input"]].count(".") == 1


async def test_what_makes_the_vectors_is_described_by_model_address_and_dimension(openai, embedder):
    small = await embedder().describe()
    large = await embedder(dimension=32).describe()
    prefixed = await embedder(passage_prefix="passage: ").describe()

    assert small.dimension == 8
    assert small.id.startswith("openai-text-embedding-3-small-")
    assert small.max_tokens == 8000
    assert len({small.id, large.id, prefixed.id}) == 3


async def test_a_dimension_that_was_asked_for_is_sent_and_insisted_on(openai, embedder):
    assert (await embedder(dimension=32).embed(["red"], True)).shape == (1, 32)
    assert openai.requests[-1]["dimensions"] == 32

    openai.spoil = lambda body: body | {"data": [body["data"][0] | {"embedding": [1.0] * 8}]}
    with pytest.raises(ServiceError, match="gave vectors of dimension 8 and must give 32: correct `dimension`"):
        await embedder(dimension=32).embed(["red"], True)


async def test_prefixes_go_before_questions_and_passages(openai, embedder):
    one = embedder(query_prefix="query: ", passage_prefix="passage: ")

    await one.embed(["red"], True)
    await one.embed(["red"], False)

    assert [request["input"] for request in openai.requests] == [["query: red"], ["passage: red"]]


async def test_a_text_longer_than_the_model_reads_is_cut_before_it_is_sent(openai, embedder):
    await embedder(max_tokens=10).embed(["interest rates " * 1000], False)

    assert len(openai.requests[-1]["input"][0]) < 120


async def test_vectors_that_come_in_another_order_are_put_in_theirs(openai, embedder):
    openai.spoil = lambda body: body | {"data": body["data"][::-1]}

    vectors = await embedder().embed(["red", "green"], False)
    openai.spoil = lambda body: body
    np.testing.assert_allclose(vectors, await embedder().embed(["red", "green"], False), atol=1e-6)


async def test_the_key_of_openai_is_not_sent_from_the_environment(openai, embedder, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")

    with pytest.raises(ServiceUnavailable, match=r"does not let us in \(401\): correct `api_key` in its config"):
        await embedder(api_key=Secret("")).embed(["red"], True)

    assert openai.headers[-1]["Authorization"] == "Bearer none"
    assert "org-secret" not in str(openai.headers)


async def test_a_key_is_in_no_error(openai, embedder):
    with pytest.raises(ServiceUnavailable) as failed:
        await embedder(api_key=Secret("sk-very-secret")).embed(["red"], True)
    health = await embedder(api_key=Secret("sk-very-secret")).health()

    assert "sk-very-secret" not in str(failed.value)
    assert health.status == "down"
    assert "sk-very-secret" not in health.detail


async def test_what_a_refusal_repeats_is_not_passed_on(openai, embedder):
    openai.faults = [status(400, f"API key not valid: {KEY}; can't embed 'my PIN is 4711'")]
    with pytest.raises(
        ServiceUnavailable, match=r"refused with 400.*: see whether the model takes such texts"
    ) as failed:
        await embedder().embed(["my PIN is 4711"], True)
    assert KEY not in str(failed.value)
    assert "4711" not in str(failed.value)


async def test_a_busy_service_is_asked_again_after_as_long_as_it_says(openai, embedder):
    openai.faults = [status(429, headers={"Retry-After": "0.01"}), status(503, headers={"Retry-After": "0.01"})]

    vectors = await embedder(retries=2).embed(["red"], True)

    assert vectors.shape == (1, 8)
    assert len(openai.requests) == 3


async def test_a_service_that_stays_busy_is_named_with_its_wish(openai, embedder):
    openai.faults = [status(429, headers={"Retry-After": "7"})]

    with pytest.raises(ServiceUnavailable) as failed:
        await embedder().embed(["red"], True)

    assert str(failed.value) == (
        f"the service at {openai.base_url}, model '{MODEL}' is asked too often (429), and asks to come back after 7 s"
    )


async def test_a_wait_longer_than_the_time_limit_ends_with_it(openai, embedder):
    openai.faults = [status(429, headers={"Retry-After": "30"})]

    with pytest.raises(ServiceUnavailable, match=r"did not answer within 0\.3 s"):
        await embedder(retries=5, timeout=0.3).embed(["red"], True)


async def test_a_server_that_is_not_there_is_named(clock):
    one = OpenAIEmbedder(OpenAIConfig(model=MODEL, base_url="http://127.0.0.1:1/v1", retries=0), clock.now)

    with pytest.raises(ServiceUnavailable, match="can't be reached, or broke off"):
        await one.embed(["red"], True)
    assert (await one.health()).status == "down"
    await one.close()


async def test_an_unknown_model_is_named_with_its_remedy(openai, embedder):
    with pytest.raises(ServiceUnavailable, match=r"model 'gpt-9' is not there \(404\): correct `model` or `base_url`"):
        await embedder(model="gpt-9").embed(["red"], True)


async def test_a_redirect_is_not_followed_with_the_key(openai, embedder):
    async def moved(_):
        raise web.HTTPTemporaryRedirect("/elsewhere")

    openai.faults = [moved]
    with pytest.raises(ServiceUnavailable, match=r"sends us elsewhere \(307\)"):
        await embedder().embed(["red"], True)

    assert len(openai.requests) == 1


async def test_a_server_that_hangs_is_given_up_after_the_time_limit(openai, embedder):
    async def hang(_):
        await openai.free.wait()
        return web.json_response({})

    openai.faults = [hang]
    with pytest.raises(ServiceUnavailable, match=r"did not answer within 0\.2 s"):
        await embedder(timeout=0.2).embed(["red"], True)


async def test_an_answer_that_breaks_off_is_named(openai, embedder):
    async def cut(request):
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
        await response.prepare(request)
        await response.write(b'{"object": "list", "data": [{"embedding": [0.1, ')
        request.transport.abort()
        return response

    openai.faults = [cut]
    with pytest.raises(ServiceUnavailable, match="can't be reached, or broke off"):
        await embedder().embed(["red"], True)


async def test_an_answer_without_end_is_not_kept(openai, embedder, monkeypatch):
    monkeypatch.setattr(remote, "MOST_BYTES", 1 << 20)
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        try:
            while sent < 1 << 30:
                await response.write(b" " * 65536)
                sent += 65536
        except ConnectionError:
            pass
        return response

    openai.faults = [endless]
    with pytest.raises(ServiceUnavailable, match="its answer is longer than 1 MiB"):
        await embedder().embed(["red"], True)
    assert sent < 64 << 20


def replaced(value):
    return lambda body: body | {"data": [{"object": "embedding", "index": 0, "embedding": value}] * len(body["data"])}


def raw(text):
    return lambda _: web.Response(text=text, content_type="application/json")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda body: body | {"data": body["data"][:1]}, "gave 1 vectors for 2 texts"),
        (replaced([0.0] * 8), "gave a vector without a direction"),
        (
            raw('{"data": [{"index": 0, "embedding": [NaN, 1]}, {"index": 1, "embedding": [1, 2]}]}'),
            "without a direction",
        ),
        (
            raw('{"data": [{"index": 0, "embedding": [1e999, 1]}, {"index": 1, "embedding": [1, 2]}]}'),
            "without a direct",
        ),
        (replaced(["a", "b"]), "does not consist of numbers"),
        (replaced([]), "gave vectors of dimension 0 and must give some"),
        (replaced(None), "gave an answer without vectors"),
        (lambda body: body | {"data": None}, "gave an answer"),
        (lambda body: {"error": {"message": "overloaded"}}, "gave an answer"),
        (raw('{"data": [{"index": 0, "emb'), "gave an answer that is not OpenAI's"),
        (raw("<html>"), "gave an answer"),
        (raw("[]"), "gave an answer"),
    ],
    ids=["fewer", "zeros", "nan", "infinite", "no numbers", "empty", "none", "no data", "error", "cut", "html", "list"],
)
async def test_an_answer_that_can_not_be_used_is_a_typed_error(openai, embedder, spoil, said):
    openai.spoil = spoil

    with pytest.raises(ServiceError, match=said) as failed:
        await embedder().embed(["a", "b"], False)

    assert openai.base_url in str(failed.value)


@pytest.mark.row("K10")
async def test_gemini_speaks_it_at_a_path_of_its_own(clock):
    asked = []

    async def embed(request):
        asked.append((request.path, request.headers["Authorization"], await request.json()))
        data = [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}]  # no usage, as Gemini answers
        return web.json_response({"object": "list", "data": data, "model": "gemini-embedding-001"})

    app = web.Application()
    app.router.add_post("/v1beta/openai/embeddings", embed)
    server = TestServer(app)
    await server.start_server()
    address = f"http://127.0.0.1:{server.port}/v1beta/openai/"
    told = OpenAIConfig(model="gemini-embedding-001", base_url=address, api_key=Secret("AIza"), dimension=2)
    one = OpenAIEmbedder(told, clock.now)

    vectors = await one.embed(["red"], True)
    health = await one.health()  # it has no list of models here
    await one.close()
    await server.close()

    np.testing.assert_allclose(vectors, [[0.6, 0.8]], atol=1e-6)
    body = {"input": ["red"], "model": "gemini-embedding-001", "dimensions": 2, "encoding_format": "float"}
    assert asked == [("/v1beta/openai/embeddings", "Bearer AIza", body)]
    assert health.status == "ok"


async def test_a_tenant_names_it_in_its_config_and_other_plugins_use_it(make_bot, openai):
    from hookline_embeddings import plugin

    bot = await make_bot(
        plugins=[plugin],
        env={"EMBEDDING_KEY": KEY},
        config=f"""
            [plugins.embeddings.models.far]
            kind = "openai"
            model = "{MODEL}"
            base_url = "{openai.base_url}"
            api_key = "${{EMBEDDING_KEY}}"
        """,
    )
    hooks = bot.snapshot().hooks

    first = await hooks.embed("far", ["red"], query=True)
    again = await hooks.embed("far", ["red"], query=True)

    np.testing.assert_array_equal(first, again)
    assert [json.loads(json.dumps(request["input"])) for request in openai.requests] == [["red"]]
    assert (await hooks.check_health())["embedder:far"]["status"] == "ok"
