"""The loopback servers, as the real client libraries and a plain one meet them."""

from __future__ import annotations

import aiohttp
import ollama as library
import openai as openai_library
import pytest

CHAT = {"model": "llama3:8b", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def client(ollama):
    client = library.AsyncClient(host=ollama.host, timeout=5)
    yield client
    await client.close()


@pytest.fixture
async def groq_client(groq):
    async with openai_library.AsyncOpenAI(base_url=groq.base_url, api_key=groq.api_key, max_retries=0) as client:
        yield client


async def test_the_real_ollama_client_is_served(client, ollama):
    ollama.answer = lambda body: f"You said {body['messages'][-1]['content']}"

    whole = await client.chat("llama3:8b", CHAT["messages"])
    parts = [part async for part in await client.chat("llama3:8b", CHAT["messages"], stream=True)]

    assert whole.message.content == "You said hi"
    assert "".join(part.message.content for part in parts) == "You said hi"
    assert (parts[-1].done, parts[-1].done_reason, parts[-1].eval_count) == (True, "stop", 3)
    assert [model.model for model in (await client.list()).models] == ["llama3:8b"]
    assert (await client.show("llama3:8b")).modelinfo["llama.embedding_length"] == 64


async def test_texts_with_the_same_words_have_near_vectors_of_length_one(client):
    embedded = await client.embed("llama3:8b", ["roaming costs", "costs roaming", "bananas"])
    one, same, other = embedded.embeddings
    short = await client.embed("llama3:8b", "roaming", dimensions=8)

    assert one == pytest.approx(same)
    assert sum(a * b for a, b in zip(one, other, strict=True)) < 0.5
    assert sum(a * a for a in other) == pytest.approx(1)
    assert len(short.embeddings[0]) == 8


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/api/chat", b"", 400, "missing request body"),
        ("/api/chat", b'{"model": ', 400, "invalid character"),
        ("/api/chat", b"[1]", 400, "cannot unmarshal"),
        ("/api/chat", {"messages": []}, 400, "model is required"),
        ("/api/chat", {"model": "llama3:8b"}, 400, "messages is required"),
        ("/api/chat", CHAT | {"model": "mistral"}, 404, "model 'mistral' not found"),
        ("/api/chat", CHAT | {"messages": [{"role": "king", "content": "hi"}]}, 400, "role"),
        ("/api/chat", CHAT | {"messages": [{"role": "user", "content": 3}]}, 400, "content"),
        ("/api/chat", CHAT | {"options": [1]}, 400, "options"),
        ("/api/chat", CHAT | {"stream": "yes"}, 400, "stream"),
        ("/api/chat", CHAT | {"format": "yaml"}, 400, "invalid format"),
        ("/api/show", {"model": "mistral"}, 404, "not found"),
        ("/api/embed", {"model": "llama3:8b"}, 400, "invalid input"),
        ("/api/embed", {"model": "llama3:8b", "input": [1]}, 400, "invalid input"),
    ],
)
async def test_what_ollama_refuses_is_refused_in_its_shape(http, ollama, path, body, status, told):
    given = {"data": body} if isinstance(body, bytes) else {"json": body}

    async with http.post(ollama.host + path, **given) as response:
        assert response.status == status
        assert told in (await response.json())["error"]


async def test_no_messages_only_load_the_model(http, ollama):
    async with http.post(f"{ollama.host}/api/chat", json=CHAT | {"messages": []}) as response:
        assert (await response.json())["done_reason"] == "load"


async def test_the_version_is_told(http, ollama):
    async with http.get(f"{ollama.host}/api/version") as response:
        assert set(await response.json()) == {"version"}


async def test_connections_are_refused_and_accepted_again_on_the_same_port(client, ollama):
    port = ollama.port
    await ollama.refuse_connections()
    with pytest.raises(ConnectionError):
        await client.list()

    await ollama.accept_connections()

    assert ollama.port == port
    assert (await client.list()).models


async def test_the_real_openai_client_is_served(groq_client, groq):
    groq.answer = "Hello to you"
    asked = {"model": "llama3-8b-8192", "messages": [{"role": "user", "content": "hi"}]}

    whole = await groq_client.chat.completions.create(**asked, max_tokens=2)
    chunks = [chunk async for chunk in await groq_client.chat.completions.create(**asked, stream=True)]

    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("Hello to", "length")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello to you"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert [model.id async for model in groq_client.models.list()] == ["llama3-8b-8192"]


@pytest.mark.parametrize(
    ("key", "body", "status", "code"),
    [
        ("", {}, 401, None),
        ("wrong", {}, 401, "invalid_api_key"),
        ("gsk-very-secret", {"messages": []}, 400, None),
        ("gsk-very-secret", {"model": "llama3-8b-8192"}, 400, "missing_required_parameter"),
        ("gsk-very-secret", {"model": "llama3-8b-8192", "messages": [{"role": "x"}]}, 400, "invalid_value"),
        ("gsk-very-secret", CHAT, 404, "model_not_found"),
        ("gsk-very-secret", b"{", 400, None),
    ],
)
async def test_what_an_openai_compatible_server_refuses_is_refused_in_its_shape(http, groq, key, body, status, code):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    given = {"data": body} if isinstance(body, bytes) else {"json": body}

    async with http.post(f"{groq.base_url}/chat/completions", headers=headers, **given) as response:
        assert response.status == status
        assert (await response.json())["error"]["code"] == code
