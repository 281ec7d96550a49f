"""What the tests share: the car dealer's rules, and a plugin that understands messages as a test spells them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

import hookline_scoring
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.message import Entity, Intent
from hookline.plugin import Plugin
from hookline_scoring.rulefile import load
from hookline_scoring.service import Service

AUTOMOTIVE = Path(__file__).with_name("automotive.yaml")


class Speller:
    """Understands `BUY model="Swift" budget=1200000`: the intent first, then entities with their values as JSON.

    It stands where a tenant's understanding stands, so that a test says what was understood; `mood=negative` is how.
    """

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant

    @hookimpl
    async def classify_intent(self, turn):
        first = turn.message.text.split(" ")[0]
        return [Intent(first, 1.0)] if first.isupper() else []

    @hookimpl
    async def extract_entities(self, turn):
        found = []
        for word in turn.message.text.split(" "):
            name, equals, value = word.partition("=")
            if name == "mood":
                found.append(Entity("sentiment", {"negative": -0.8, "positive": 0.8}.get(value, 0.0), unit=value))
            elif equals:
                found.append(Entity(name, msgspec.json.decode(value)))
        return found


SPELLER = Plugin("speller", hooks=Speller)


@pytest.fixture
def rules():
    """The car dealer's rules."""
    return load(AUTOMOTIVE)


@pytest.fixture
def dealer(make_bot, tmp_path):
    """Make a bot of the car dealer: `bot = await dealer(crm="…", rules="…")`; `rules` is YAML added to the dealer's."""

    async def make(crm: str = "", *, rules: str | None = None, text: str = "", more: Any = (), **other: Any):
        folder = tmp_path / "bot0" / "tenants" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        if rules is None:
            shutil.copy(AUTOMOTIVE, folder / "scoring.yaml")
        else:
            (folder / "scoring.yaml").write_text(rules, encoding="utf-8")
        config = (
            'language = "en"\n[turns]\nbackoff = 0.01\n'
            f"{text}\n[plugins]\nenabled = {[p.name for p in (*more, SPELLER, hookline_scoring.plugin)] + ['loopback']}\n"
            f'[plugins.scoring]\nrules = "scoring.yaml"\n{crm}'
        )
        return await make_bot(plugins=[*more, SPELLER, hookline_scoring.plugin], config=config, **other)

    return make


@pytest.fixture
def database_plugins():
    return [hookline_scoring.plugin]


def service_of(bot, tenant: str = "") -> Service:
    return Service(bot.tenant("scoring", tenant))


@pytest.fixture
def service():
    """`service(bot)`: the plugin's service."""
    return service_of


@pytest.fixture
def leads():
    """`await leads(bot)`: all leads there are."""
    from hookline_scoring.leads import Asked

    async def every(bot):
        return [one async for one in service_of(bot).leads.every(Asked())]

    return every


@pytest.fixture
async def served():
    """Serve a bot over HTTP: `client, header = await served(bot, "agent")`, the header with a key of that role."""
    clients = []

    async def serve(bot, *roles: str):
        app = make_app(bot.runtime, tenant="acme")
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        keys = [(await app[KEYS].create("acme", role, role))[1] for role in roles]
        return client, *({"Authorization": f"Bearer {key}"} for key in keys)

    yield serve
    for client in clients:
        await client.close()
