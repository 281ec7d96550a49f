from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from hookline.app import KEYS, caller, make_app
from hookline.auth import SERVER, is_local, is_loopback
from hookline.catalogue import Catalogue
from hookline.errors import BadRequest
from hookline.hookspecs import hookimpl
from hookline.models import api_key
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.testing.clock import FrozenClock


class DeskHooks:
    def __init__(self, tenant):
        pass


async def who(request, tenant):
    found = caller(request)
    return web.json_response({"name": found.name, "role": found.role, "kind": found.kind, "id": found.id})


class DeskProcess:
    @hookimpl
    def add_routes(self, router):
        router.add("GET", "/desk/view", who, access="viewer")
        router.add("GET", "/desk/work", who, access="agent")
        router.add("GET", "/desk/lead", who, access="supervisor")
        router.add("POST", "/desk/admin", who)


CATALOGUE = Catalogue.of([Plugin("desk", DeskHooks, process=DeskProcess)])
DESK = """
plugins = ["desk"]
routes = { "POST /api/ingest" = "POST /desk/admin" }
auth.open_routes = ["POST /api/ingest"]
"""


@pytest.fixture
async def serve(tmp_path):
    opened = []

    async def open_(text=DESK, **options):
        folders = {}
        for name in ("acme", "beta"):
            folders[name] = tmp_path / "tenants" / name
            folders[name].mkdir(parents=True)
            (folders[name] / "tenant.toml").write_text(text)
        runtime = Runtime(catalogue=CATALOGUE, folders=folders, data=tmp_path / "data", clock=FrozenClock(), env={})
        await runtime.start()
        app = make_app(runtime, **({"tenant": "acme"} | options))
        client = TestClient(TestServer(app))
        await client.start_server()
        client.keys = app[KEYS]
        client.database = runtime.database
        opened.extend([runtime, client])
        return client

    yield open_
    for thing in reversed(opened):
        await thing.close()


# -- keys ------------------------------------------------------------------------------------------------------------


async def test_a_key_is_shown_once_and_only_its_digest_is_stored(serve):
    client = await serve()
    key, text = await client.keys.create("acme", "ci", "admin")
    assert text.startswith("hk_")
    assert len(text) == 46
    (row,) = await client.database.fetch(api_key.select(), {}, tenant="acme")
    assert text not in repr(row)
    assert len(row.digest) == 64
    assert await client.keys.list("acme") == [key]
    assert await client.keys.list("beta") == []


async def test_a_key_needs_a_known_role_and_a_name(serve):
    client = await serve()
    with pytest.raises(BadRequest, match="given 'root'; allowed: admin, supervisor, agent, viewer"):
        await client.keys.create("acme", "ci", "root")
    with pytest.raises(BadRequest, match="a key needs a name"):
        await client.keys.create("acme", " ", "admin")


async def test_roles_open_what_they_should_and_nothing_more(serve):
    client = await serve("plugins = ['desk']")
    seen = {}
    for role in ("viewer", "agent", "supervisor", "admin"):
        _, text = await client.keys.create("acme", role, role)
        headers = {"X-API-Key": text}
        seen[role] = [
            (await client.get("/desk/view", headers=headers)).status,
            (await client.get("/desk/work", headers=headers)).status,
            (await client.get("/desk/lead", headers=headers)).status,
            (await client.post("/desk/admin", headers=headers)).status,
        ]
    assert seen == {
        "viewer": [200, 403, 403, 403],
        "agent": [200, 200, 403, 403],
        "supervisor": [200, 200, 200, 403],
        "admin": [200, 200, 200, 200],
    }
    refused = await client.get(
        "/desk/work", headers={"X-API-Key": (await client.keys.create("acme", "v", "viewer"))[1]}
    )
    assert (await refused.json())["detail"] == "this takes a key with the role agent; yours has viewer"


async def test_a_key_may_come_as_a_bearer_token_and_the_handler_knows_whose_it_is(serve):
    client = await serve()
    key, text = await client.keys.create("acme", "asha", "agent")
    answer = await client.get("/desk/work", headers={"Authorization": f"Bearer {text}"})
    assert await answer.json() == {"name": "asha", "role": "agent", "kind": "key", "id": key.id}


async def test_without_a_key_or_with_a_wrong_one_the_answer_is_401(serve):
    client = await serve()
    without = await client.get("/desk/view")
    assert (without.status, without.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (await without.json())["detail"] == (
        "this needs an API key, as X-API-Key or Authorization: Bearer, or signing in (POST /auth/login)"
    )
    wrong = await client.get("/desk/view", headers={"X-API-Key": "hk_nonsense"})
    assert (wrong.status, (await wrong.json())["detail"]) == (401, "the API key is not known here, or was revoked")


async def test_a_key_of_one_tenant_opens_no_other_and_a_key_of_the_server_opens_all(serve):
    client = await serve()
    _, acme = await client.keys.create("acme", "a", "admin")
    _, server = await client.keys.create(SERVER, "s", "admin")
    assert (await client.get("/t/acme/desk/view", headers={"X-API-Key": acme})).status == 200
    assert (await client.get("/t/beta/desk/view", headers={"X-API-Key": acme})).status == 401
    assert (await client.get("/t/acme/desk/view", headers={"X-API-Key": server})).status == 200
    assert (await client.get("/t/beta/desk/view", headers={"X-API-Key": server})).status == 200


async def test_a_key_that_is_revoked_or_made_while_the_keys_are_read_is_so_afterwards(serve, monkeypatch):
    client = await serve()
    key, text = await client.keys.create("acme", "old", "admin")
    database, read, go = client.keys.database, asyncio.Event(), asyncio.Event()
    fetch = database.fetch

    async def late(statement, params=None, **more):
        rows = await fetch(statement, params, **more)
        read.set()
        await go.wait()
        return rows

    monkeypatch.setattr(database, "fetch", late)
    asking = asyncio.create_task(client.keys.find(text))
    await read.wait()
    assert await client.keys.revoke("acme", key.id)
    _, new = await client.keys.create("acme", "new", "admin")
    go.set()
    await asking
    assert await client.keys.find(text) is None
    assert await client.keys.find(new) is not None


async def test_a_revoked_key_is_refused_from_the_next_request_on(serve):
    client = await serve()
    key, text = await client.keys.create("acme", "ci", "viewer")
    assert (await client.get("/desk/view", headers={"X-API-Key": text})).status == 200
    assert not await client.keys.revoke("beta", key.id)
    assert await client.keys.revoke("acme", key.id)
    assert not await client.keys.revoke("acme", key.id)
    assert (await client.get("/desk/view", headers={"X-API-Key": text})).status == 401
    (listed,) = await client.keys.list("acme")
    assert listed.revoked_at == 1_760_000_000.0


# -- open routes -----------------------------------------------------------------------------------------------------


async def test_an_open_route_takes_no_key_from_this_machine(serve):
    client = await serve()
    assert (await client.post("/api/ingest")).status == 200
    assert (await client.post("/t/acme/api/ingest")).status == 200
    assert (await client.post("/desk/admin")).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda h: next(iter(h)),
)
async def test_an_open_route_is_closed_to_whatever_may_come_from_elsewhere(serve, headers):
    client = await serve()
    assert (await client.post("/api/ingest", headers=headers)).status == 401


async def test_an_open_route_is_closed_where_the_server_is_reachable_or_has_a_public_address(serve):
    reachable = await serve(host="0.0.0.0")
    assert (await reachable.post("/api/ingest")).status == 401


async def test_an_open_route_is_closed_where_a_public_address_is_configured(serve):
    public = await serve('public_url = "https://bot.example"\n' + DESK)
    assert (await public.post("/api/ingest")).status == 401


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("127.8.9.1", True),
        ("LOCALHOST.", True),
        ("::ffff:127.0.0.1", True),
        ("a.localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(host, expected):
    assert is_loopback(host) is expected


def test_a_request_without_a_peer_is_not_local():
    assert not is_local(make_mocked_request("GET", "/", headers={"Host": "localhost"}))
