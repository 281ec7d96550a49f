"""botocore against a loopback server of Bedrock's InvokeModel that checks signature, path and body, and fails."""

from __future__ import annotations

import asyncio
import json
import zlib
from urllib.parse import unquote

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hookline.errors import ServiceError, ServiceUnavailable
from hookline.settings import Secret
from hookline_embeddings import bedrock as module
from hookline_embeddings.bedrock import BedrockEmbedder, prepared
from hookline_embeddings.config import BedrockConfig

TITAN = "amazon.titan-embed-text-v2:0"
COHERE = "cohere.embed-multilingual-v3"
CODES = {
    429: "ThrottlingException",
    403: "AccessDeniedException",
    400: "ValidationException",
    500: "InternalServerException",
}


class Bedrock:
    """`POST /model/{modelId}/invoke`; the bodies as AWS's user guide has them."""

    def __init__(self):
        self.requests = []
        self.faults = []
        self.spoil = lambda body: body
        self.free = asyncio.Event()
        app = web.Application()
        app.router.add_post("/model/{model}/invoke", self.invoke)
        self.server = TestServer(app)

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.server.port}"

    async def invoke(self, request):
        signed = request.headers.get("Authorization", "")
        if not signed.startswith("AWS4-HMAC-SHA256 Credential=AKIATEST/") or "/bedrock/aws4_request" not in signed:
            return refusal(403, "The security token included in the request is invalid.", "UnrecognizedClientException")
        model, body = unquote(request.match_info["model"]), await request.json()
        self.requests.append((model, body))
        if self.faults:
            return await self.faults.pop(0)(request)
        if model == TITAN:
            answer = self.titan(body)
        elif model.endswith(COHERE):
            answer = self.cohere(body)
        else:
            return refusal(404, "Could not resolve the foundation model", "ResourceNotFoundException")
        if answer is None:
            return refusal(400, "Malformed input request, please reformat your input and try again.")
        answer = self.spoil(answer)
        return web.Response(
            text=answer if isinstance(answer, str) else json.dumps(answer), content_type="application/json"
        )

    def titan(self, body):
        if set(body) - {"inputText", "dimensions", "normalize", "embeddingTypes"} or not body.get("inputText"):
            return None
        if body.get("dimensions", 1024) not in (256, 512, 1024):
            return None
        return {"embedding": vector(body["inputText"], body.get("dimensions", 1024)), "inputTextTokenCount": 3}

    def cohere(self, body):
        kinds = ("search_document", "search_query", "classification", "clustering")
        if set(body) - {"texts", "input_type", "truncate", "embedding_types"} or body.get("input_type") not in kinds:
            return None
        if not 1 <= len(body["texts"]) <= 96 or any(not 1 <= len(text) <= 2048 for text in body["texts"]):
            return None
        floats = [vector(text, 1024) for text in body["texts"]]
        return {
            "id": "1",
            "response_type": "embeddings_by_type",
            "embeddings": {"float": floats},
            "texts": body["texts"],
        }


def vector(text, width):
    return np.random.default_rng(zlib.crc32(text.encode())).normal(size=width).tolist()


def refusal(status, text, code=None):
    headers = {"x-amzn-ErrorType": code or CODES[status]}
    return web.json_response({"message": text}, status=status, headers=headers)


def status(code, text="no"):
    async def answer(_):
        return refusal(code, text)

    return answer


@pytest.fixture
async def bedrock():
    fake = Bedrock()
    await fake.server.start_server()
    yield fake
    fake.free.set()
    await fake.server.close()


@pytest.fixture(autouse=True)
def no_aws(monkeypatch, tmp_path):
    """Nothing of this machine's own AWS settings, and no question to the address of an EC2 machine."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
async def embedder(bedrock, clock):
    made = []

    def make(**given):
        keys = {"access_key": Secret("AKIATEST"), "secret_key": Secret("secret-of-aws")}
        told = {"endpoint": bedrock.endpoint, "region": "eu-central-1", "retries": 0} | keys | given
        config = BedrockConfig(**told)
        made.append(BedrockEmbedder(config, prepared(config), clock.now))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.mark.row("A160")
@pytest.mark.row("A171")
async def test_titan_is_asked_text_by_text_side_by_side(bedrock, embedder):
    texts = [f"branch {n}" for n in range(20)] + [""]

    vectors = await embedder().embed(texts, False)

    assert vectors.shape == (21, 1024)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    wanted = np.array(vector("branch 7", 1024))
    assert vectors[7] @ (wanted / np.linalg.norm(wanted)) > 0.9999
    assert len(bedrock.requests) == 21
    assert bedrock.requests[0] == (TITAN, {"inputText": "branch 0", "normalize": True})


async def test_titan_gives_the_dimension_that_was_asked_for(bedrock, embedder):
    assert (await embedder(dimension=256).embed(["red"], True)).shape == (1, 256)


@pytest.mark.row("A160")
async def test_cohere_is_told_questions_from_passages(bedrock, embedder):
    one = embedder(model=COHERE)

    await one.embed(["red"], True)
    vectors = await one.embed(["green " * 1000] * 100, False)

    assert vectors.shape == (100, 1024)
    assert [(len(body["texts"]), body["input_type"]) for _, body in bedrock.requests] == [
        (1, "search_query"), (96, "search_document"), (4, "search_document"),
    ]  # fmt: skip


async def test_cohere_of_old_answers_with_the_list_itself(bedrock, embedder):
    bedrock.spoil = lambda body: body | {"embeddings": body["embeddings"]["float"]}

    assert (await embedder(model=COHERE).embed(["red"], True)).shape == (1, 1024)


async def test_a_model_is_described_the_same_in_every_region(bedrock, embedder):
    one = await embedder(region="us-east-1").describe()
    other = await embedder(region="eu-west-1").describe()

    assert one == other
    assert one.id == "bedrock-amazon.titan-embed-text-v2-0-1024"


async def test_a_service_that_is_asked_too_often_is_asked_again(bedrock, embedder):
    bedrock.faults = [status(429)]

    assert (await embedder(retries=2).embed(["red"], True)).shape == (1, 1024)
    assert len(bedrock.requests) == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (429, "refused with 429 ThrottlingException: it is asked too often; lower `parallel`"),
        (403, "refused with 403 AccessDeniedException: ask for access to the model in Bedrock"),
        (400, "refused with 400 ValidationException: see whether the model takes such texts"),
        (500, "refused with 500 InternalServerException: see AWS's own pages"),
    ],
)
async def test_a_refusal_is_named_with_its_remedy(bedrock, embedder, code, said):
    bedrock.faults = [status(code)]

    with pytest.raises(ServiceUnavailable) as failed:
        await embedder().embed(["red"], True)

    assert f"Bedrock in eu-central-1, model '{TITAN}' {said}" in str(failed.value)
    assert "secret-of-aws" not in str(failed.value)


async def test_wrong_credentials_are_named(bedrock, embedder):
    with pytest.raises(ServiceUnavailable, match="UnrecognizedClientException: correct the credentials"):
        await embedder(access_key=Secret("AKIAOTHER")).embed(["red"], True)


async def test_credentials_and_region_that_are_missing_are_named(bedrock, embedder):
    missing = embedder(access_key=Secret(""), secret_key=Secret(""))
    nowhere = embedder(region="", endpoint="")

    with pytest.raises(ServiceUnavailable, match="there are no credentials; set `access_key` and `secret_key`"):
        await missing.embed(["red"], True)
    with pytest.raises(ServiceUnavailable, match=r"Bedrock in no region.*: name the `region` in its config"):
        await nowhere.embed(["red"], True)
    assert (await missing.health()).status == "down"
    assert (await nowhere.health()).status == "down"
    assert (await embedder().health()).status == "ok"


async def test_a_server_that_is_not_there_is_named(embedder):
    with pytest.raises(ServiceUnavailable, match="can't be reached, or broke off"):
        await embedder(endpoint="http://127.0.0.1:1").embed(["red"], True)


async def test_a_server_that_hangs_is_given_up_after_the_time_limit(bedrock, embedder):
    async def hang(_):
        await bedrock.free.wait()
        return web.json_response({})

    bedrock.faults = [hang]
    with pytest.raises(ServiceUnavailable, match=r"did not answer within 0\.3 s"):
        await embedder(timeout=0.3).embed(["red"], True)


async def test_an_answer_that_breaks_off_is_named(bedrock, embedder):
    async def cut(request):
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
        await response.prepare(request)
        await response.write(b'{"embedding": [0.1, ')
        request.transport.abort()
        return response

    bedrock.faults = [cut]
    with pytest.raises(ServiceUnavailable, match="can't be reached, or broke off"):
        await embedder().embed(["red"], True)


async def test_an_answer_that_is_too_long_is_not_kept(bedrock, embedder, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1000)

    with pytest.raises(ServiceUnavailable, match="can't be used: its answer is longer"):
        await embedder().embed(["red"], True)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda body: body | {"embeddings": {"float": body["embeddings"]["float"][:1]}}, "gave 1 vectors for 2 texts"),
        (lambda body: body | {"embeddings": {"int8": [[1]]}}, "gave an answer without vectors"),
        (lambda body: {"message": "no"}, "gave an answer without vectors"),
        (lambda body: body | {"embeddings": {"float": [[0.0], [0.0]]}}, "without a direction"),
        (lambda body: "[1]", "gave an answer that is not Bedrock's"),
        (lambda body: "<html>", "gave an answer that is not Bedrock's"),
        (lambda body: '{"embeddings": {"float": [[NaN], [1]]}}', "gave an answer that is not Bedrock's"),
        (lambda body: body | {"embeddings": {"float": [[1.0, 2.0], [1.0]]}}, "gave vectors of dimension 1, 2"),
    ],
    ids=["fewer", "other type", "none", "zeros", "list", "html", "nan", "two dimensions"],
)
async def test_an_answer_that_can_not_be_used_is_a_typed_error(bedrock, embedder, spoil, said):
    bedrock.spoil = spoil

    with pytest.raises(ServiceError, match=said):
        await embedder(model=COHERE).embed(["a", "b"], False)


async def test_a_model_of_another_family_is_refused_at_the_config():
    with pytest.raises(ValueError, match=r"unknown model 'meta\.llama3'; its name must hold one of titan-embed-text"):
        BedrockConfig(model="meta.llama3")


async def test_without_its_extra_the_kind_says_what_to_install(surroundings, monkeypatch):
    import sys

    from hookline.errors import PluginError
    from hookline_embeddings.registry import open_bedrock

    monkeypatch.setitem(sys.modules, "aiobotocore", None)
    monkeypatch.setitem(sys.modules, "aiobotocore.config", None)
    monkeypatch.delitem(sys.modules, "hookline_embeddings.bedrock")
    with pytest.raises(PluginError, match=r'kind "bedrock" needs aiobotocore.*: install it with .*\[bedrock\]'):
        await open_bedrock(BedrockConfig(), surroundings)
