"""The navigation of the pages of staff: what is there for whom; and that looking at pages leaves the API's limit alone."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.plugin import Page, Plugin


class Nothing:
    """A plugin's tenant hooks: none."""

    def __init__(self, tenant):
        self.tenant = tenant


class Pages:
    """Routes of a plugin with pages for some."""

    @hookimpl
    def add_routes(self, router):
        """Three pages and what is none."""

        async def show(_request, _tenant):
            from aiohttp import web

            return web.Response(text="<!doctype html>", content_type="text/html")

        titles = {"en": "Floor", "fr": "Salle"}
        router.add("GET", "/floor", show, access="public", page=Page(titles, "supervisor", 5))
        router.add("GET", "/floor/", show, access="public", page=Page())
        router.add("GET", "/never", show, access="public", page=Page({"en": "Never"}, shown=lambda *_: False))
        router.add("GET", "/floor/data", show, access="viewer")


FLOOR = Plugin("floor", hooks=Nothing, process=Pages)
LIMIT = "[ratelimit]\nrequests = 3\nseconds = 60.0\n"


@pytest.fixture
async def serve(make_bot):
    """A server with these plugins; gives its client and a key's headers by role."""
    clients = []

    async def make(*plugins, config=""):
        bot = await make_bot(plugins=list(plugins), config=config)
        app = make_app(bot.runtime)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)

        async def as_(role):
            return {"X-API-Key": (await app[KEYS].create("acme", role, role))[1]}

        return client, as_

    yield make
    for client in clients:
        await client.close()


async def titles(client, headers):
    answer = await client.get("/t/acme/api/v1/pages", headers=headers)
    assert answer.status == 200
    return [(one["path"], one["title"]["en"]) for one in (await answer.json())["pages"]]


async def test_each_role_is_told_of_the_pages_that_it_has_a_use_for(serve):
    client, as_ = await serve(FLOOR)
    assert await titles(client, await as_("agent")) == []
    assert await titles(client, await as_("supervisor")) == [("/floor", "Floor")]
    assert await titles(client, await as_("admin")) == [("/floor", "Floor"), ("/admin", "Administration")]
    assert (await client.get("/t/acme/api/v1/pages")).status == 401


async def test_a_page_of_a_plugin_that_the_tenant_does_not_have_is_not_there(serve):
    client, as_ = await serve()
    assert await titles(client, await as_("admin")) == [("/admin", "Administration")]


async def test_looking_at_pages_and_files_leaves_the_limit_of_the_api_alone(serve):
    client, as_ = await serve(FLOOR, config=LIMIT)
    headers = await as_("agent")
    for _ in range(3):
        assert (await client.get("/t/acme/floor")).status == 200
    for _ in range(10):
        assert (await client.get("/t/acme/admin/static/tokens.css")).status == 200
    refused = await client.get("/t/acme/floor/")
    assert refused.status == 429
    assert "more than 3 requests in 60 seconds" in await refused.text()
    for _ in range(3):
        assert (await client.get("/t/acme/floor/data", headers=headers)).status == 200
    assert (await client.get("/t/acme/floor/data", headers=headers)).status == 429
