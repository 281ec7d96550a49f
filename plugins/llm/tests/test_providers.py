"""One contract for all providers, each by its real client library: answers, tools, JSON, counts, faults, hanging up."""

from __future__ import annotations

import json

import attrs
import pytest

from hookline.errors import ServiceUnavailable
from hookline.message import Prompt
from hookline.testing.bedrock import FakeBedrock
from hookline.testing.loopback import Cut, EndEarly, Endless, ErrorLine, Garbage, Loopback, Silence, Status, WrongType
from hookline.testing.ollama import FakeOllama
from hookline.testing.openai import FakeOpenAI
from hookline_llm.client import Outcome, make_client
from hookline_llm.config import PRESETS, Config, Provider, Secret
from hookline_llm.toolcalls import tool_calls

ASKED = Prompt((("system", "Be brief."), ("user", "What does roaming cost?")), max_tokens=50)
SAID = "Roaming costs 4.20 euros per minute."
PRICE_TOOL = {
    "name": "price",
    "description": "The price of a plan.",
    "parameters": {"type": "object", "properties": {"plan": {"type": "string"}}, "required": ["plan"]},
}
NAMES = ("ollama", "openai", "groq", "gemini", "vllm", "llamacpp", "bedrock")


@attrs.define
class Served:
    """A provider's preset, its server on loopback, and the real client."""

    name: str
    server: FakeOllama | FakeOpenAI | FakeBedrock
    provider: Provider


@pytest.fixture(params=NAMES)
async def served(request):
    """Each provider by its preset; only its address is the loopback server's."""
    name = request.param
    preset = PRESETS[name]
    model = preset.model or "qwen"
    if preset.kind == "ollama":
        server = FakeOllama(models=[model])
    elif preset.kind == "bedrock":
        server = FakeBedrock(models=[model])
    else:
        server = FakeOpenAI(models=[model], api_key="key" if preset.key else "", prefix="/v1")
    async with server:
        given = Provider(model=model, first_token=5, total=10)
        if preset.kind == "ollama":
            given = attrs.evolve(given, host=server.host)
        elif preset.kind == "bedrock":
            keys = {"access_key": Secret(server.access_key), "secret_key": Secret(server.secret_key)}
            given = attrs.evolve(given, base_url=server.host, **keys)
        else:
            given = attrs.evolve(given, base_url=server.base_url, api_key=Secret(server.api_key))
        yield Served(name, server, Config(chain=(name,), providers={name: given}).complete[name])


@pytest.fixture
async def client(served):
    client = make_client(served.name, served.provider)
    yield client
    await client.close()


async def said(client, prompt=ASKED, outcome=None):
    return "".join([piece async for piece in client.stream(prompt, outcome or Outcome())])


@pytest.mark.row("X10")
@pytest.mark.row("F59")
@pytest.mark.row("F60")
@pytest.mark.row("K08")
@pytest.mark.row("T37")
@pytest.mark.row("A171")
async def test_every_provider_streams_its_answer_and_counts_tokens(served, client):
    served.server.answer = SAID
    outcome = Outcome()

    assert await said(client, outcome=outcome) == SAID

    body = served.server.chats[0]
    assert served.provider.model in (body.get("model"), body.get("modelId"))
    assert (outcome.finish, outcome.prompt_tokens, outcome.answer_tokens) == ("stop", 11, len(SAID.split()))
    assert await client.check() == ""


async def test_an_answer_at_its_limit_is_told_apart_from_a_whole_one(served, client):
    served.server.answer = SAID
    outcome = Outcome()

    text = await said(client, attrs.evolve(ASKED, max_tokens=3), outcome)

    assert (text, outcome.finish) == ("Roaming costs 4.20", "length")


async def test_a_model_calls_tools_and_gets_their_results(served, client):
    served.server.answer = [
        {"name": "price", "arguments": {"plan": "S"}},
        {"name": "price", "arguments": {"plan": "M"}},
    ]
    prompt = attrs.evolve(ASKED, tools=(PRICE_TOOL,))

    calls = await said(client, prompt)
    served.server.answer = SAID
    told = (*prompt.messages, ("assistant", calls), ("tool", "5 euros"), ("tool", "9 euros"))
    answer = await said(client, attrs.evolve(prompt, messages=told))

    assert tool_calls(calls) == [("price", {"plan": "S"}), ("price", {"plan": "M"})]
    assert answer == SAID
    assert "9 euros" in json.dumps(served.server.chats[-1])


async def test_json_by_a_schema_is_asked_for_in_the_providers_own_way(served, client):
    served.server.answer = '{"ok": true}'
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}

    assert json.loads(await said(client, attrs.evolve(ASKED, schema=schema))) == {"ok": True}
    assert '"required"' in json.dumps(served.server.chats[0]).replace("\\", "")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Status(400), "refuses the request"),
        (Status(401), "does not accept the key"),
        (Status(429, "7"), "has had too many requests"),
        (Status(500), "had an error of its own"),
        (Status(503), "is overloaded"),
        (Cut(after=1), "broke the connection off"),
        (EndEarly(after=2), "ended its answer before it was complete"),
        (ErrorLine(after=1), "reported an error"),
        (Garbage(after=1), "sent something that is no answer|reported an error|broke the connection off"),
        (WrongType(), "sent something that is no answer|ended its answer before"),
    ],
    ids=lambda value: type(value).__name__ if value and not isinstance(value, str) else "",
)
async def test_whatever_goes_wrong_is_one_typed_error_without_the_providers_words(served, client, fault, told):
    served.server.answer = SAID
    served.server.fail(fault)

    with pytest.raises(ServiceUnavailable, match=told) as caught:
        await said(client)

    assert str(caught.value).startswith(f"model provider {served.name!r}")
    assert "as ordered" not in str(caught.value)
    if isinstance(fault, Status) and fault.retry_after:
        assert caught.value.wait == 7.0


async def test_a_refused_connection_is_told_and_may_be_tried_again(served, client):
    await served.server.refuse_connections()

    with pytest.raises(ServiceUnavailable, match="can't be reached") as caught:
        await said(client)

    assert caught.value.again


@pytest.mark.parametrize("fault", [Silence(after=1), Endless()], ids=["silent", "endless"])
async def test_who_stops_reading_hangs_up(served, client, fault, until):
    served.server.answer = "word " * 20
    served.server.fail(fault)
    pieces = client.stream(ASKED, Outcome())
    await anext(pieces)

    await pieces.aclose()

    await until(lambda: served.server.open_answers == 0)


async def test_an_empty_answer_is_an_empty_answer(served, client):
    served.server.answer = ""

    assert await said(client) == ""


async def test_a_wrong_key_is_refused_and_not_repeated():
    async with FakeBedrock() as server:
        keys = {"access_key": Secret(server.access_key), "secret_key": Secret("wrong-secret")}
        provider = Provider(base_url=server.host, **keys)
        client = make_client("bedrock", Config(chain=("bedrock",), providers={"bedrock": provider}).complete["bedrock"])

        with pytest.raises(ServiceUnavailable, match="does not allow this key") as caught:
            await said(client)

        assert "wrong-secret" not in str(caught.value)
        await client.close()


def test_every_fake_is_a_loopback_server():
    assert all(issubclass(fake, Loopback) for fake in (FakeOllama, FakeOpenAI, FakeBedrock))
