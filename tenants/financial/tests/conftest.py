"""The bank's bot with its own records, and in place of proof and flows what a test says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import uuid
from pathlib import Path

import asyncpg
import pytest_asyncio
import sqlalchemy as sa
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

import tenant_financial
from hookline import control, migrate, routing
from hookline.app import KEYS, make_app
from hookline.catalogue import Catalogue
from hookline.errors import FunctionRefused
from hookline.hookspecs import hookimpl
from hookline.message import Citation, Passage, Reply
from hookline.plugin import Plugin
from hookline.recordcommands import seeded

TENANT = Path(__file__).parent.parent


class Prover:
    """Proves whom the message's data names, and answers with what they ask for: a function's text, or any words."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn):
        turn.prove(turn.message.data.get("proved", ""))
        return turn.message

    @hookimpl
    async def retrieve(self, turn):
        texts = turn.message.data.get("documents", ())
        return [Passage(str(n), 1, 0, len(text), text) for n, text in enumerate(texts)]

    @hookimpl
    async def respond(self, turn):
        asked = turn.message.data
        if "call" in asked:
            try:
                return Reply((await self.tenant.hooks.call_function(turn, asked["call"], {}))["text"])
            except FunctionRefused as refusal:
                return Reply(str(refusal), answered=False)
        if turn.passages:
            return Reply(" ".join(one.text for one in turn.passages))
        cited = tuple(Citation("d", 1, 0, len(text), text) for text in asked.get("cites", ()))
        return Reply(asked.get("say", "no document"), citations=cited, quick_replies=tuple(asked.get("buttons", ())))


@pytest_asyncio.fixture
async def bank(make_bot, tmp_path):
    folder = tmp_path / "bank"
    for part in ("locales", "data"):
        shutil.copytree(TENANT / part, folder / "tenants" / "acme" / part)
    bot = await make_bot(
        plugins=[tenant_financial.plugin, Plugin("prover", Prover)],
        config='languages = ["en", "hi", "hi-Latn"]\n[locale]\nphone_region = "IN"\n',
        folder=folder,
    )
    await seeded(bot.tenant())
    return bot


# -- the tenant as it is configured --------------------------------------------------------------------------------------------


class Counter:
    """A customer at the bank's own server: over HTTP, and the codes that were sent to the registered telephone."""

    def __init__(self, bot, client, key):
        self.bot, self.client, self.key = bot, client, key
        self.outgoing = bot.folder / "data" / "tenants" / "financial" / "identity" / "outgoing"

    async def call(self, method, path, body=None, *, staff=False, headers=None):
        """The status and the JSON of a request."""
        headers = {**(headers or {}), **({"X-API-Key": self.key} if staff else {})}
        async with self.client.request(method, path, json=body, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            return answer.status, (json.loads(text) if "json" in answer.content_type else text)

    async def chat(self, text, session="s1", **more):
        """What the bot says to a message, over `POST /chat`."""
        status, body = await self.call("POST", "/chat", {"message": text, "session_id": session, **more})
        assert status == 200, body
        return body["answer"]

    def letters(self):
        """What was sent, the oldest first."""
        found = sorted(self.outgoing.glob("*.txt"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text(encoding="utf-8") for file in found]

    async def code(self, count=None):
        """The code of the newest letter, once there are so many (default: one more than were read before)."""
        self.read = count or getattr(self, "read", 0) + 1
        await self.bot.until(lambda: len(self.letters()) >= self.read)
        return re.search(r"\b(\d{6})\b", self.letters()[-1])[1]

    async def prove(self, customer="C001", session="s1"):
        """Prove by a code who the session is, over HTTP."""
        status, body = await self.call("POST", "/send_otp", {"customer_id": customer, "session_id": session})
        assert status == 200, body
        code = await self.code()
        status, body = await self.call(
            "POST", "/verify_otp", {"customer_id": customer, "otp": code, "session_id": session}
        )
        assert (status, body["authenticated"]) == (200, True), body
        return code


CONFIG = (
    (TENANT / "tenant.toml")
    .read_text(encoding="utf-8")
    .replace('kind = "onnx"', 'kind = "hashing"')
    .replace('model = "all-MiniLM-L6-v2"\n', "")
    .replace('"rag"]', '"rag", "loopback"]')
)
PLUGINS = ("tenant_financial", "guardrails", "language", "identity", "handoff", "flows", "voice", "webchat", "whatsapp", "nlu", "embeddings", "llm", "rag")  # fmt: skip


@pytest_asyncio.fixture
async def postgresql():
    """`url = await postgresql()`: a PostgreSQL database with all tables."""
    server = os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    names = []
    admin = None

    async def make():
        nonlocal admin
        admin = admin or await asyncpg.connect(server)
        names.append(f"hookline_{uuid.uuid4().hex}")
        await admin.execute(f"CREATE DATABASE {names[-1]}")
        url = sa.make_url(server).set(database=names[-1]).render_as_string(hide_password=False)
        await asyncio.to_thread(migrate.upgrade, url, Catalogue.load().plugins)
        return url

    yield make
    if admin is not None:
        for name in names:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@pytest_asyncio.fixture
async def make_counter(postgresql, make_bot, tmp_path):
    """Makes the bank with its records and documents, behind its HTTP paths."""
    opened = []

    async def make(config="", clock=None, database_url="", documents=(), never_expires=False, **env):
        folder = tmp_path / f"bank{len(opened)}"
        shutil.copytree(
            TENANT, folder / "tenants" / "financial", ignore=shutil.ignore_patterns("src", "tests", "__pycache__")
        )
        for n, document in enumerate(documents):
            (folder / "tenants" / "financial" / "knowledge" / f"more{n}.md").write_text(document, encoding="utf-8")
        catalogue = Catalogue.load()
        assert not catalogue.broken, catalogue.broken
        settings = (
            CONFIG.replace("[conversations]", "[conversations]\nexpires_after = 0.0") if never_expires else CONFIG
        )
        bot = await make_bot(
            plugins=[catalogue.get(name) for name in PLUGINS],
            tenants={"financial": f"{settings}{config}"},
            folder=folder,
            clock=clock,
            env=env,
            database_url=database_url,
            blocking=5.0,
        )
        await seeded(bot.tenant())
        commands = control.Commands()
        commands.add_plugins(bot.runtime, routing.collect(bot.runtime.hooks))
        knowledge = str(folder / "tenants" / "financial" / "knowledge")
        await commands.run("rag.ingest", "financial", {"paths": [knowledge]}, lambda _told: None)
        app = make_app(bot.runtime, tenant="financial")
        client = TestClient(TestServer(app))
        await client.start_server()
        opened.append(client)
        _, key = await app[KEYS].create("financial", "Asha", "agent")
        return Counter(bot, client, key)

    yield make
    for client in opened:
        await client.close()


@pytest_asyncio.fixture
async def make_stranger():
    """Makes somebody else at the same server: `await make_stranger(counter)`."""
    opened = []

    async def make(counter, *, cookies=True):
        jar = {} if cookies else {"cookie_jar": DummyCookieJar()}
        client = TestClient(counter.client.server, **jar)
        opened.append(client.session)
        return Counter(counter.bot, client, "")

    yield make
    for session in opened:
        await session.close()


@pytest_asyncio.fixture
async def counter(make_counter):
    return await make_counter()
