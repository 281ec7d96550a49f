"""A real inference server: llama.cpp with a tiny model of random weights, through OpenAI's and Ollama's real clients.

It needs a Python with xllamacpp and gguf: HOOKLINE_LLAMACPP names one (`.ci/run` makes it), else this one is tried.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from hookline.message import Prompt
from hookline_llm.client import Outcome, make_client
from hookline_llm.config import Config, Provider
from hookline_llm.tokens import estimate

pytestmark = [pytest.mark.slow, pytest.mark.service("llamacpp")]

SERVE = Path(__file__).parent / "llamacpp" / "serve.py"
ASKED = Prompt((("system", "You help."), ("user", "What does roaming cost per minute?")), max_tokens=24)
SCHEMA = {
    "type": "object",
    "properties": {"intent": {"enum": ["price", "help"]}, "sure": {"type": "boolean"}},
    "required": ["intent", "sure"],
    "additionalProperties": False,
}


@pytest.fixture
async def llamacpp(tmp_path):
    """The address of a llama.cpp server of its own."""
    python = os.environ.get("HOOKLINE_LLAMACPP") or sys.executable
    process = await asyncio.create_subprocess_exec(
        python, str(SERVE), str(tmp_path / "tiny.gguf"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            address = (await process.stdout.readline()).decode().strip()
        assert address.startswith("http://127.0.0.1:"), "the server did not start"
        yield address
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@pytest.fixture
async def shim(llamacpp):
    """Ollama's routes over the server: what is asked of /api/chat is asked of its chat completions."""
    session = aiohttp.ClientSession()

    async def chat(request):
        body = await request.json()
        options = body.get("options") or {}
        asked = {"messages": body["messages"], "max_tokens": options["num_predict"], "temperature": options["temperature"],
                 "stream": True, "stream_options": {"include_usage": True}}  # fmt: skip
        if body.get("format"):
            asked["response_format"] = {"type": "json_schema", "json_schema": {"name": "a", "schema": body["format"]}}
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        end = {"done": True, "done_reason": "stop"}
        async with session.post(f"{llamacpp}/v1/chat/completions", json=asked) as answer:
            async for line in answer.content:
                text = line.decode().removeprefix("data: ").strip()
                if not text.startswith("{"):
                    continue
                chunk = json.loads(text)
                if chunk.get("usage"):
                    used = chunk["usage"]
                    end |= {"prompt_eval_count": used["prompt_tokens"], "eval_count": used["completion_tokens"]}
                for choice in chunk["choices"]:
                    end["done_reason"] = choice["finish_reason"] or end["done_reason"]
                    await response.write(part(body["model"], choice["delta"].get("content") or "", {"done": False}))
        await response.write(part(body["model"], "", end))
        await response.write_eof()
        return response

    async def tags(request):
        return web.json_response({"models": [{"name": "tiny", "model": "tiny", "size": 1}]})

    app = web.Application()
    app.router.add_post("/api/chat", chat)
    app.router.add_get("/api/tags", tags)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
    await session.close()


def part(model, text, more):
    now = dt.datetime.now(dt.UTC).isoformat()
    told = {"model": model, "created_at": now, "message": {"role": "assistant", "content": text}, **more}
    return f"{json.dumps(told)}\n".encode()


async def said(client, prompt, outcome):
    return [piece async for piece in client.stream(prompt, outcome)]


async def test_a_real_server_answers_both_real_clients(llamacpp, shim):
    openai = Config(chain=("llamacpp",), providers={"llamacpp": Provider(base_url=f"{llamacpp}/v1")})
    ollama = Config(chain=("ollama",), providers={"ollama": Provider(host=shim, model="tiny")})
    for config in (openai, ollama):
        (name,) = config.usable
        client = make_client(name, config.complete[name])

        outcome = Outcome()
        pieces = await said(client, ASKED, outcome)
        assert len(pieces) > 3, "it comes in pieces"
        assert outcome.finish in ("length", "stop")
        assert outcome.answer_tokens <= 24
        assert outcome.prompt_tokens >= estimate("What does roaming cost per minute?")

        outcome = Outcome()
        held = Prompt(ASKED.messages, max_tokens=300, schema=SCHEMA)
        answer = json.loads("".join(await said(client, held, outcome)))
        assert outcome.finish == "stop"
        assert set(answer) == {"intent", "sure"}
        assert answer["intent"] in ("price", "help")

        assert await client.check() == ""
        pieces = client.stream(ASKED, Outcome())
        await anext(pieces)
        await pieces.aclose()  # hanging up in mid-answer
        assert await said(client, ASKED, Outcome()), "the server goes on"
        await client.close()


async def test_gibberish_never_reaches_a_customer(llamacpp, make):
    bot = await make(
        f'[plugins.llm]\nchain = ["llamacpp"]\n[plugins.llm.providers.llamacpp]\nbase_url = "{llamacpp}/v1"\n'
    )

    reply = await bot.say("How much is roaming in France?")

    assert reply.text.startswith("From the library")
