"""Loopback providers, and a plugin that stands in for retrieval and for extractive answers."""

from __future__ import annotations

import asyncio
import json

import pytest
import structlog

from hookline.hookspecs import hookimpl
from hookline.message import Passage, Reply
from hookline.plugin import Plugin
from hookline.testing.bedrock import FakeBedrock
from hookline.testing.ollama import FakeOllama
from hookline.testing.openai import FakeOpenAI

ROAMING = (
    "Roaming in France costs 4.20 euros per minute. Data roaming is included up to 10 GB a month. "
    "Call Dr. Martin's team on 1800-200-300 for help."
)
PASSWORD = "Open the account settings and choose Security. Press Reset password and follow the link in the e-mail."


def passage(text, title, *, confidence=0.9, start=0, score=0.9):
    return Passage(title.lower(), 1, start, start + len(text), text, title=title, confidence=confidence, score=score)


class Library:
    """Retrieves `passages`, and answers with the first one where nobody else does."""

    def __init__(self):
        self.passages = [
            passage(ROAMING, "Roaming guide", start=100),
            passage(PASSWORD, "Password Reset Guide", score=0.5),
        ]

    def plugin(self):
        library = self

        class TenantHooks:
            def __init__(self, tenant):
                self.tenant = tenant

            @hookimpl
            async def retrieve(self, turn):
                return library.passages

            @hookimpl
            async def respond(self, turn):
                if not library.passages:
                    return None
                first = library.passages[0]
                return Reply(f"From the library: {first.text}", citations=(first.citation(),), data={"by": "library"})

        return Plugin("library", TenantHooks)


@pytest.fixture
def library():
    return Library()


@pytest.fixture
async def ollama():
    async with FakeOllama() as server:
        yield server


@pytest.fixture
async def groq():
    async with FakeOpenAI(api_key="gsk-very-secret") as server:
        yield server


@pytest.fixture
async def bedrock():
    async with FakeBedrock() as server:
        yield server


@pytest.fixture
def bedrock_config(bedrock):
    return (
        f'[plugins.llm.providers.bedrock]\nbase_url = "{bedrock.host}"\naccess_key = "${{AWS_ACCESS_KEY_ID}}"\n'
        f'secret_key = "${{AWS_SECRET_ACCESS_KEY}}"\nbackoff = 0.01\n'
    )


@pytest.fixture
def config(ollama):
    """A chain of Ollama alone with quick limits; `more` are lines for its table, `top` for the plugin's."""

    def text(more="", top="", chain=("ollama",)):
        return (
            f"[plugins.llm]\nchain = {json.dumps(list(chain))}\n{top}\n"
            f'[plugins.llm.providers.ollama]\nhost = "{ollama.host}"\nbackoff = 0.01\n{more}\n'
        )

    return text


@pytest.fixture
def groq_config(groq):
    return (
        f'[plugins.llm.providers.groq]\nbase_url = "{groq.base_url}"\napi_key = "${{GROQ_API_KEY}}"\nbackoff = 0.01\n'
    )


@pytest.fixture
def database_plugins():
    from hookline_llm import plugin

    return [plugin]


@pytest.fixture
def make(make_bot, library):
    """Make a bot with llm before the library."""
    from hookline_llm import plugin

    async def made(config, settings="", **more):
        listed = '[plugins]\nenabled = ["llm", "library", "loopback"]\n'
        return await make_bot(plugins=[plugin, library.plugin()], config=f"{settings}\n{listed}{config}", **more)

    return made


@pytest.fixture
def logs():
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def until():
    """Wait for a condition of a server, at most five seconds."""

    async def wait(condition):
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0.005)

    return wait
