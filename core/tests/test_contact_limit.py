"""`ratelimit.contact_requests` holds on every channel, where a message is accepted: a provider is told 429, and nothing is half stored."""

from __future__ import annotations

import asyncio

import attrs
import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hookline import models
from hookline.app import make_app
from hookline.errors import RateLimited
from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound
from hookline.message import Reply
from hookline.plugin import Plugin, Router
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

LIMIT = "[ratelimit]\nrequests = 0\ncontact_requests = 2\nseconds = {seconds}\n"


class Hooks:
    """Answers."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply("yes")


async def webhook(request: web.Request, tenant: Tenant) -> web.Response:
    """What a provider posts: several messages in one request."""
    for told in await request.json():
        await tenant.accept(Inbound("loopback", told["from"], told["text"], provider_id=told["id"]))
    return web.Response()


class Process:
    """Its route."""

    @hookimpl
    def add_routes(self, router: Router) -> None:
        router.add("POST", "/webhook", webhook, access="public")


provider = Plugin("provider", Hooks, process=Process)


def told(who: str, *numbers: int) -> list[dict[str, str]]:
    return [{"from": who, "text": f"m{n}", "id": f"{who}-{n}"} for n in numbers]


async def test_a_webhook_is_answered_429_and_its_repeat_stores_what_is_missing_once(
    database_url: str, make_bot: MakeBot
):
    bot = await make_bot(plugins=[provider], config=LIMIT.format(seconds=0.5), database_url=database_url)
    async with TestClient(TestServer(make_app(bot.runtime, tenant="acme"))) as client:
        refused = await client.post("/webhook", json=told("alice", 1, 2, 3))
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        problem = await refused.json()
        assert problem["detail"] == "more than 2 messages in 0.5 seconds; slow down"
        assert (await client.post("/webhook", json=told("bob", 1))).status == 200, "another contact is not meant"

        async def texts(table: sa.Table, column: str) -> list[str]:
            rows = await bot.runtime.database.fetch(sa.select(table.c[column]).order_by(table.c.id), tenant="acme")
            return [row[0] for row in rows]

        keys = await texts(models.inbox, "source_key")
        assert keys == ["alice-1", "alice-2", "bob-1"]
        inbound = sa.select(sa.func.count().label("n")).where(models.message.c.direction == "inbound")
        assert (await bot.runtime.database.fetch(inbound, tenant="acme"))[0].n == 3
        async with asyncio.timeout(10):  # the provider repeats the whole request until it is taken
            while (again := await client.post("/webhook", json=told("alice", 3, 1, 2))).status == 429:
                pass
        assert again.status == 200
        assert sorted(await texts(models.inbox, "source_key")) == ["alice-1", "alice-2", "alice-3", "bob-1"]
        await bot.idle()
        assert len(bot.channel.sent) == 4


async def test_a_contact_that_was_never_heard_of_leaves_no_row_when_it_is_refused(make_bot: MakeBot):
    bot = await make_bot(plugins=[provider], config=LIMIT.format(seconds=60).replace("= 2", "= 1"))
    tenant = bot.tenant()
    hello = Inbound("loopback", "alice", "hello")
    await tenant.accept(hello)
    with pytest.raises(RateLimited, match="more than 1 messages in 60 seconds; slow down") as refused:
        await tenant.accept(hello)
    assert 0 < refused.value.retry_after <= 60
    await tenant.accept(attrs.evolve(hello, channel="api"))
    (found,) = await bot.runtime.database.fetch(
        sa.select(sa.func.count().label("n")).select_from(models.inbox), tenant="acme"
    )
    assert found.n == 2
    await bot.idle()


async def test_the_limit_is_each_tenant_s_own_and_a_reload_keeps_the_count(make_bot: MakeBot):
    limit = LIMIT.format(seconds=60)
    bot = await make_bot(plugins=[provider], tenants={"a": limit, "b": limit})
    hello = Inbound("loopback", "alice", "hello")
    for tenant in ("a", "b"):
        for _ in range(2):
            await bot.tenant(tenant=tenant).accept(hello)
    assert await bot.runtime.load("a")
    for tenant in ("a", "b"):
        with pytest.raises(RateLimited):
            await bot.tenant(tenant=tenant).accept(hello)
    await bot.idle()


async def test_a_message_that_can_not_be_taken_does_not_count(make_bot: MakeBot):
    config = LIMIT.format(seconds=60) + "[limits]\nmessage_chars = 5\n"
    bot = await make_bot(plugins=[provider], config=config)
    async with TestClient(TestServer(make_app(bot.runtime, tenant="acme"))) as client:
        for _ in range(3):
            assert (await client.post("/chat", json={"user_id": "u", "message": "too long"})).status == 400
        for status in (200, 200, 429):
            answer = await client.post("/chat", json={"user_id": "u", "message": "hi"})
            assert answer.status == status
        assert (await client.post("/chat", json={"message": "hi"})).status == 200, "a guest is somebody else"
