from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3

import aiohttp
import attrs
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import make_app
from hookline.catalogue import Catalogue
from hookline.errors import BadRequest, PluginError, ServiceUnavailable
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.routing import PluginRouter, Route, Routes
from hookline.runtime import Runtime
from hookline.settings import Wire
from hookline.wire import rename_response


@attrs.frozen
class ShopConfig:
    greeting: str = "hello"


class ShopHooks:
    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def start(self, tenant):
        if tenant.config.greeting == "broken":
            raise RuntimeError("no greeting machine")


async def show(request, tenant):
    """Show what the handler was given."""
    body = await request.json() if request.body_exists else None
    return web.json_response(
        {
            "tenant": tenant.name,
            "plugin": tenant.plugin,
            "greeting": tenant.config.greeting,
            "path": dict(request.match_info),
            "body": body,
            "total": 7,
        }
    )


async def socket(request, tenant):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        await ws.send_str(f"{tenant.name}: {message.data}")
    return ws


async def page(request, tenant):
    return web.Response(text="<!doctype html><title>x</title>", content_type="text/html")


async def fail(request, tenant):
    kind = request.match_info["kind"]
    if kind == "bad":
        raise BadRequest("colour: given 3, allowed: text", "colour")
    if kind == "service":
        raise ServiceUnavailable("llm at http://10.0.0.1 refused")
    if kind == "teapot":
        raise web.HTTPForbidden(reason="Not you")
    raise RuntimeError("secret internals")


async def drain(request, tenant):
    return web.json_response({"bytes": len(await request.read())})


class ShopProcess:
    @hookimpl
    def add_routes(self, router):
        router.add("GET", "/shop/items/{id}", show, access="public")
        router.add("POST", "/shop/items", show, access="public")
        router.add("POST", "/shop/close", show, access="admin")
        router.add("GET", "/shop/list", show, access="viewer")
        router.add("GET", "/shop/ws", socket, access="public")
        router.add("GET", "/shop/page", page, access="public")
        router.add("GET", "/shop/fail/{kind}", fail, access="public")
        router.add("POST", "/shop/drain", drain, access="public")


class OtherProcess:
    @hookimpl
    def add_routes(self, router):
        router.add("GET", "/other", show, access="public")


CATALOGUE = Catalogue.of(
    [
        Plugin("shop", ShopHooks, ShopConfig, process=ShopProcess),
        Plugin("other", lambda tenant: object(), process=OtherProcess),
    ]
)

SHOP = """
title = "Acme"
[plugins]
enabled = ["shop"]
[plugins.shop]
greeting = "hi"
[routes]
"POST /api/items" = "POST /shop/items"
"GET /api/things/{id}" = "GET /shop/items/{id}"
"POST /api/close" = "POST /shop/close"
[wire."POST /api/items"]
request = { name = "label" }
response = { greeting = "salute" }
"""


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
async def serve(tmp_path):
    opened = []

    async def open_(tenants: dict[str, str], **options):
        folders = {}
        for name, text in tenants.items():
            folders[name] = tmp_path / "tenants" / name
            folders[name].mkdir(parents=True)
            (folders[name] / "tenant.toml").write_text(text)
        runtime = Runtime(
            catalogue=options.pop("catalogue", CATALOGUE), folders=folders, data=tmp_path / "data", env={}
        )
        await runtime.start()
        opened.append(runtime)
        client = TestClient(TestServer(make_app(runtime, **options)))
        await client.start_server()
        opened.append(client)
        client.runtime = runtime
        return client

    yield open_
    for thing in reversed(opened):
        await thing.close()


# -- tenants and routes ----------------------------------------------------------------------------------------------


async def test_a_route_is_under_each_tenant_and_its_handler_gets_the_plugin_of_that_tenant(serve):
    client = await serve({"acme": SHOP, "beta": SHOP.replace('"hi"', '"bonjour"')})
    acme = await (await client.get("/t/acme/shop/items/a%20b")).json()
    beta = await (await client.get("/t/beta/shop/items/7")).json()
    assert (acme["tenant"], acme["greeting"], acme["path"]) == ("acme", "hi", {"id": "a b"})
    assert (beta["tenant"], beta["greeting"], beta["plugin"]) == ("beta", "bonjour", "shop")


@pytest.mark.row("T06")
async def test_what_is_not_there_is_a_problem_in_json(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    for path in ("/t/nobody/shop/list", "/t/acme/nothing", "/nothing", "/t/acme/other", "/other"):
        answer = await client.get(path)
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"
        body = await answer.json()
        assert (body["status"], body["title"]) == (404, "Not Found")
        assert body["request_id"] == answer.headers["X-Request-ID"]
    wrong = await client.get("/shop/close")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")
    assert (await wrong.json())["detail"] == "GET is not allowed here; allowed: POST"


async def test_one_tenant_can_be_mounted_at_the_root_besides(serve):
    client = await serve({"acme": SHOP, "beta": SHOP}, tenant="acme")
    assert (await (await client.get("/shop/items/1")).json())["tenant"] == "acme"
    assert (await (await client.get("/t/beta/shop/items/1")).json())["tenant"] == "beta"


async def test_a_host_name_can_mean_a_tenant(serve):
    client = await serve({"acme": 'hosts = ["shop.acme.example"]\n' + SHOP, "beta": SHOP})
    found = await client.get("/shop/items/1", headers={"Host": "shop.acme.example"})
    assert (await found.json())["tenant"] == "acme"
    assert (await client.get("/shop/items/1")).status == 404


async def test_a_tenants_address_without_the_last_slash_is_redirected(serve):
    client = await serve({"acme": SHOP})
    answer = await client.get("/t/acme?a=1", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (308, "/t/acme/?a=1")


async def test_a_tenant_out_of_service_answers_503_and_the_others_serve(serve):
    client = await serve({"acme": SHOP, "beta": SHOP.replace('"hi"', '"broken"')})
    assert (await client.get("/t/acme/shop/items/1")).status == 200
    broken = await client.get("/t/beta/shop/items/1")
    assert (broken.status, broken.headers["Retry-After"]) == (503, "30")
    text = await broken.text()
    assert "hookline doctor" in text
    assert "greeting machine" not in text


async def test_aliases_lead_to_routes_and_follow_a_reload(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    assert (await (await client.get("/api/things/9")).json())["path"] == {"id": "9"}
    assert (await client.get("/t/acme/api/things/9")).status == 200
    assert (await client.get("/v2/things/9")).status == 404
    file = client.runtime.folders["acme"] / "tenant.toml"
    file.write_text(SHOP.replace("/api/things/", "/v2/things/"))
    assert await client.runtime.load("acme")
    assert (await client.get("/v2/things/9")).status == 200
    assert (await client.get("/api/things/9")).status == 404


async def test_an_alias_maps_the_fields_of_json_bodies_both_ways(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    body = await (await client.post("/api/items", json={"label": "x", "size": 2})).json()
    assert body["body"] == {"name": "x", "size": 2}
    assert body["salute"] == "hi"
    assert "greeting" not in body
    plain = await (await client.post("/shop/items", json={"label": "x"})).json()
    assert plain["body"] == {"label": "x"}
    bad = await client.post("/api/items", data=b"{", headers={"Content-Type": "application/json"})
    assert (bad.status, (await bad.json())["title"]) == (400, "Bad Request")


async def test_a_plugin_that_fails_to_add_its_routes_is_named(serve):
    class Broken:
        @hookimpl
        def add_routes(self, router):
            raise OSError("disk on fire")

    with pytest.raises(PluginError) as caught:
        await serve({}, catalogue=Catalogue.of([Plugin("bad", ShopHooks, process=Broken)]))
    assert str(caught.value) == "plugin 'bad': add_routes failed: OSError: disk on fire"


@pytest.mark.parametrize(
    ("method", "path", "access", "reason"),
    [
        ("FETCH", "/a", "public", "unknown method; allowed: GET, POST, PUT, PATCH, DELETE, *"),
        ("GET", "a", "public", "a path starts with / and has no spaces, ? or #"),
        ("GET", "/a", "root", "unknown access 'root'; allowed: public, viewer, agent, supervisor, admin"),
        ("GET", "/a/{", "public", "the path is no pattern: '/a/{' is no variable"),
        ("GET", "/taken", "public", "plugin 'other' has registered it already"),
    ],
)
def test_a_route_that_can_not_be_registered_is_refused(method, path, access, reason):
    routes = Routes()
    routes.add(Route("GET", "/taken", show, "other"))
    with pytest.raises(PluginError) as caught:
        PluginRouter(routes, "shop").add(method, path, show, access=access)
    assert str(caught.value) == f"plugin 'shop': route '{method} {path}': {reason}"


# -- errors ----------------------------------------------------------------------------------------------------------


async def test_errors_of_handlers_become_problems_that_tell_nothing_of_the_inside(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    bad = await client.get("/shop/fail/bad")
    body = await bad.json()
    assert (bad.status, body["detail"]) == (400, "colour: given 3, allowed: text")
    assert body["errors"] == [{"field": "colour", "detail": "colour: given 3, allowed: text"}]
    service = await client.get("/shop/fail/service")
    assert service.status == 503
    assert "10.0.0.1" not in await service.text()
    assert (await (await client.get("/shop/fail/teapot")).json())["detail"] == "Not you"


@pytest.mark.row("T49")
async def test_an_exception_is_logged_with_tenant_and_request_and_shown_without_its_name(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/shop/fail/other", headers={"X-Request-ID": "abc-1"})
    text = await answer.text()
    assert answer.status == 500
    assert "RuntimeError" not in text
    assert "secret internals" not in text
    assert (await answer.json())["request_id"] == "abc-1"
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert (line["tenant"], line["route"], line["request_id"]) == ("acme", "/shop/fail/{kind}", "abc-1")


async def test_a_request_id_that_is_no_id_is_replaced(serve):
    client = await serve({"acme": SHOP})
    answer = await client.get("/health", headers={"X-Request-ID": "a b<script>"})
    assert len(answer.headers["X-Request-ID"]) == 16


# -- limits ----------------------------------------------------------------------------------------------------------


async def test_bodies_are_limited_by_their_announced_and_by_their_real_size(serve):
    client = await serve({"acme": "limits.body_bytes = 100\n" + SHOP}, tenant="acme")
    assert (await (await client.post("/shop/drain", data=b"x" * 100)).json()) == {"bytes": 100}
    announced = await client.post("/shop/drain", data=b"x" * 101)
    assert announced.status == 413
    assert (await announced.json())["detail"] == "the body has 101 bytes; at most 100 are allowed"

    async def pieces():
        for _ in range(20):
            yield b"x" * 10

    assert (await client.post("/shop/drain", data=pieces())).status == 413


async def test_a_client_that_is_too_quick_gets_429_and_may_go_on_when_its_bucket_fills(serve):
    now = Clock()
    limit = "ratelimit.requests = 3\nratelimit.seconds = 30.0\n"
    client = await serve({"acme": limit + SHOP, "beta": SHOP}, tenant="acme", now=now)
    assert [(await client.get("/shop/items/1")).status for _ in range(4)] == [200, 200, 200, 429]
    refused = await client.get("/shop/items/1")
    assert refused.headers["Retry-After"] == "10"
    assert (await refused.json())["detail"] == "more than 3 requests in 30 seconds; slow down"
    assert (await client.get("/t/beta/shop/items/1")).status == 200  # another tenant's bucket
    other = {"X-Forwarded-For": "203.0.113.9"}  # another client of a proxy on this machine
    assert (await client.get("/shop/items/1", headers=other)).status == 200
    assert (await client.get("/health")).status == 200
    now.seconds = 10.0
    assert [(await client.get("/shop/items/1")).status for _ in range(2)] == [200, 429]


@pytest.mark.row("A182", "K101", "X25")
@pytest.mark.parametrize(("requests", "seconds"), [(100, 60.0), (10, 1.0)])
async def test_a_bucket_takes_so_many_at_once_and_fills_evenly(serve, requests, seconds):
    now = Clock()
    limit = f"ratelimit.requests = {requests}\nratelimit.seconds = {seconds}\n"
    client = await serve({"acme": limit + SHOP, "beta": limit + SHOP}, tenant="acme", now=now)
    assert {(await client.get("/shop/items/1")).status for _ in range(requests)} == {200}
    refused = await client.get("/shop/items/1")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    assert (await client.get("/t/beta/shop/items/1")).status == 200
    assert (await client.get("/shop/items/1", headers={"X-Forwarded-For": "203.0.113.9"})).status == 200
    assert (await client.get("/health")).status == 200
    now.seconds += seconds / requests
    assert [(await client.get("/shop/items/1")).status for _ in range(2)] == [200, 429]
    now.seconds += 1.0
    assert (await client.get("/shop/items/1")).status == 200


# -- who may call ----------------------------------------------------------------------------------------------------


@pytest.mark.row("T53")
async def test_origins_that_are_allowed_are_echoed_and_others_are_refused(serve):
    cors = 'cors.allow_origins = ["https://shop.example"]\n'
    client = await serve({"acme": cors + SHOP, "beta": SHOP}, tenant="acme")
    allowed = await client.get("/shop/items/1", headers={"Origin": "https://shop.example"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert allowed.headers["Access-Control-Allow-Credentials"] == "true"
    assert allowed.headers["Vary"] == "Origin"
    other = await client.get("/shop/items/1", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-api-key"}
    preflight = await client.options("/shop/items", headers={"Origin": "https://shop.example", **ask})
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type, x-api-key"
    refused = await client.options("/shop/items", headers={"Origin": "https://evil.example", **ask})
    assert refused.status == 403
    assert (await refused.json())["detail"].startswith("pages of https://evil.example may not call this tenant")
    per_tenant = await client.get("/t/beta/shop/items/1", headers={"Origin": "https://shop.example"})
    assert "Access-Control-Allow-Origin" not in per_tenant.headers


@pytest.mark.row("T53")
async def test_a_star_allows_all_origins_and_never_credentials(serve):
    client = await serve({"acme": 'cors.allow_origins = ["*"]\n' + SHOP}, tenant="acme")
    answer = await client.get("/shop/fail/bad", headers={"Origin": "https://any.example"})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (400, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_a_socket_opens_for_the_own_page_and_not_for_a_strangers(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    own = f"http://{client.host}:{client.port}"
    async with client.ws_connect("/shop/ws", origin=own) as ws:
        await ws.send_str("hello")
        assert await ws.receive_str() == "acme: hello"
        figures = await (await client.get("/metrics")).text()
        assert 'hookline_open_sockets{tenant="acme"} 1.0' in figures
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await client.ws_connect("/shop/ws", origin="https://evil.example")
    assert caught.value.status == 403


async def test_pages_have_a_strict_policy_and_every_answer_the_safe_headers(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    answer = await client.get("/shop/page")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "hookline"
    body = await client.get("/shop/items/1")
    assert body.headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" not in body.headers


# -- shutting down, apps beside each other ----------------------------------------------------------------------------


async def test_open_sockets_do_not_hold_up_the_shutdown(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    ws = await client.ws_connect("/shop/ws")
    await ws.send_str("there?")
    assert await ws.receive_str() == "acme: there?"
    async with asyncio.timeout(3):
        await client.server.close()


async def test_a_socket_does_not_keep_an_old_snapshot_after_a_reload(serve):
    client = await serve({"acme": SHOP}, tenant="acme")
    with client.runtime.tenants.get("acme").acquire() as old:
        pass
    async with client.ws_connect("/shop/ws") as ws:
        await ws.send_str("there?")
        await ws.receive_str()
        assert old.in_use == 0


async def test_two_apps_in_one_process_know_nothing_of_each_other(serve, tmp_path):
    client = await serve({"acme": SHOP}, tenant="acme")
    folder = tmp_path / "more" / "beta"
    folder.mkdir(parents=True)
    (folder / "tenant.toml").write_text(SHOP)
    async with (
        Runtime(catalogue=CATALOGUE, folders={"beta": folder}, data=tmp_path / "two", env={}) as runtime,
        TestClient(TestServer(make_app(runtime))) as other,
    ):
        assert (await other.get("/t/beta/shop/items/1")).status == 200
        assert (await other.get("/t/acme/shop/items/1")).status == 404
        assert (await client.get("/t/beta/shop/items/1")).status == 404


async def test_an_alias_that_leads_nowhere_is_warned_about_at_the_start(serve):
    with structlog.testing.capture_logs() as lines:
        await serve({"acme": SHOP.replace('"POST /shop/close"', '"POST /shop/clsoe"')})
    (line,) = [line for line in lines if line["event"] == "an alias leads nowhere"]
    assert (line["tenant"], line["alias"], line["target"]) == ("acme", "POST /api/close", "POST /shop/clsoe")


# -- files -----------------------------------------------------------------------------------------------------------


async def test_files_of_a_plugins_package_are_served_with_validators_and_nothing_else_is(serve, tmp_path, monkeypatch):
    package = tmp_path / "site" / "shop_pages"
    (package / "static").mkdir(parents=True)
    (package / "__init__.py").write_text("SECRET = 1\n")
    (package / "static" / "app.js").write_text("let a = 1;\n" * 500)
    (package / "static" / "app-B3kd9x2Q.js").write_text("let b = 2;\n")
    (package / "static" / ".hidden").write_text("no")
    (package / "static" / "out").symlink_to(package)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    class Pages:
        @hookimpl
        def add_routes(self, router):
            router.static("/shop/static", "shop_pages")
            router.static("/shop/none", "shop_pages", "nowhere")

    client = await serve({"acme": SHOP}, catalogue=Catalogue.of([Plugin("shop", ShopHooks, ShopConfig, process=Pages)]))
    answer = await client.get("/t/acme/shop/static/app.js")
    assert (answer.status, answer.content_type) == (200, "text/javascript")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert await answer.text() == "let a = 1;\n" * 500
    assert answer.headers["Cache-Control"] == "no-cache"
    again = await client.get("/t/acme/shop/static/app.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    versioned = await client.get("/t/acme/shop/static/app.js?v=" + answer.headers["ETag"].strip('"'))
    assert "immutable" in versioned.headers["Cache-Control"]
    assert "immutable" in (await client.get("/t/acme/shop/static/app-B3kd9x2Q.js")).headers["Cache-Control"]
    for name in (".hidden", "..%2f__init__.py", "%2e%2e/__init__.py", "out/__init__.py", "none.js", "a%00b"):
        assert (await client.get(f"/t/acme/shop/static/{name}")).status == 404, name
    assert (await client.get("/t/acme/shop/none/app.js")).status == 404


# -- bodies under an alias: JSON whatever it is called, and forms ------------------------------------------------------

ALIASED = """
[routes]
"POST /api/v2/question" = "POST /ask"
"POST /api/v2/chat" = "POST /chat"
[wire."POST /api/v2/question"]
request = { message = "query" }
response = { answer = "reply" }
[wire."POST /api/v2/chat"]
request = { message = "Body", user_id = "From" }
statuses = { 400 = 422 }
"""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"query": "caf\xc3\xa9 & more"}', "application/json"),
        (b'{"query": "caf\xc3\xa9 & more"}', "application/x-www-form-urlencoded"),  # what curl's -d says
        (b' {"query": "caf\xc3\xa9 & more"}', "text/plain"),
        (b'{"query": "caf\xc3\xa9 & more"}', "application/octet-stream"),
        (b"query=caf%C3%A9+%26+more&language=fr", "application/x-www-form-urlencoded"),
        (b"query=caf\xc3\xa9+%26+more", "application/x-www-form-urlencoded; charset=utf-8"),
    ],
)
async def test_an_alias_renames_the_fields_of_json_and_of_forms(serve_echo, body, kind):
    client = await serve_echo()
    answer = await client.post("/api/v2/question", data=body, headers={"Content-Type": kind})
    assert answer.status == 200, await answer.text()
    assert (await answer.json())["reply"] == "you said café & more"


def test_an_alias_renames_what_lies_deeper_and_has_its_own_words_for_values():
    names = Wire(
        response={"state": "status", "agents.id": "agent_id", "list": "items", "list.state": "phase"},
        values={"state": {"queued": "pending"}, "list.state": {"claimed": "handled"}},
    )
    ours = {
        "state": "queued",
        "status": "ours makes room",
        "agents": [{"id": "a1", "state": "queued"}],
        "list": [{"state": "claimed"}, {"state": "other"}],
    }

    told = rename_response(web.json_response(ours), names)

    assert json.loads(told.body) == {
        "status": "pending",
        "agents": [{"agent_id": "a1", "state": "queued"}],
        "items": [{"phase": "handled"}, {"phase": "other"}],
    }


async def test_a_form_can_be_sent_to_a_route_without_an_alias_too(serve_echo):
    client = await serve_echo()
    told = await (await client.post("/chat", data={"message": "hello", "user_id": "u1"})).json()
    assert told["answer"] == "you said hello"
    told = await (await client.post("/api/v2/chat", data={"Body": "hello", "From": "+49 30"})).json()
    assert told["answer"] == "you said hello"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"query=%ff%fe", "the body is no valid form"),
        (b"query=\xff", "the body is no valid form"),
        (b"other=1", "query: missing or empty"),
        (b"&".join(b"a=%d" % n for n in range(2000)), "the body is no valid form"),
        (b'{"query": ', "the body is no valid JSON"),
        (b"", "the body is empty"),
    ],
)
async def test_a_form_that_can_not_be_read_is_a_400_with_its_cause(serve_echo, body, said):
    client = await serve_echo()
    answer = await client.post(
        "/api/v2/question", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 400
    assert said in (await answer.json())["detail"]


@pytest.mark.parametrize(
    ("path", "body", "status", "field", "said"),
    [
        ("/api/v2/question", {"other": 1}, 400, "query", "query: "),
        ("/api/v2/chat", {"From": "u1"}, 422, "Body", "Body: "),
        ("/api/v2/chat", {"From": "u1", "Body": 7}, 422, "Body", "Body: Expected `str`"),
        ("/chat", {"user_id": "u1"}, 400, "message", "message: "),
    ],
)
async def test_a_refusal_under_an_alias_has_its_clients_status_and_names(serve_echo, path, body, status, field, said):
    client = await serve_echo()
    answer = await client.post(path, json=body)
    told = await answer.json()
    assert (answer.status, told["status"], told["errors"][0]["field"]) == (status, status, field)
    assert told["detail"].startswith(said)


class EchoHooks:
    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        return Reply(f"you said {turn.message.text}")


@pytest.fixture
def serve_echo(serve):
    async def open_():
        catalogue = Catalogue.of([Plugin("echo", EchoHooks)])
        return await serve({"acme": f'plugins = ["echo"]\n{ALIASED}'}, tenant="acme", catalogue=catalogue)

    return open_


# -- hostile requests: a 4xx that says what is wrong, never a 500 ------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "said"),
    [
        ("POST", "/chat", {}, b'{"message":"a","z":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "nested too deeply"),
        ("POST", "/api/v2/chat", {}, b'{"z":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 422, "nested too deeply"),
        ("POST", "/chat", {"Content-Encoding": "gzip"}, b'{"message":"a"}', 400, "not what its headers say"),
        ("POST", "/chat", {}, b'{"message":"\\ud800"}', 400, "no valid JSON"),
        ("POST", "/chat", {}, b'{"message":"\xff"}', 400, "no valid JSON"),
        ("GET", "/metrics", {"Host": "[::"}, None, 401, "API key"),
        ("GET", "/metrics", {"Origin": "http://["}, None, 401, "API key"),
        ("GET", "/outbox", {"X-API-Key": "\udcff\udcfe"}, None, 401, "API key"),
        (
            "OPTIONS",
            "/chat",
            {"Origin": "http://[", "Access-Control-Request-Method": "POST"},
            None,
            403,
            "may not call",
        ),
        ("GET", "/turns/" + "9" * 5000, {}, None, 404, "there is nothing"),
        ("GET", "/turns/" + "9" * 19, {}, None, 404, "there is nothing"),
        ("GET", "/sessions/%00", {}, None, 404, "no such session"),
        ("GET", "/sessions/%ed%a0%80/messages", {}, None, 404, "no such session"),
    ],
)
async def test_what_is_malformed_is_the_callers_fault(serve_echo, method, path, headers, body, status, said):
    client = await serve_echo()
    url = client.make_url("/").with_path(path, encoded=True)
    raw = {name: value.encode(errors="surrogateescape").decode("latin-1") for name, value in headers.items()}
    answer = await client.session.request(method, url, data=body, headers=raw)
    assert (answer.status, said in (await answer.json())["detail"]) == (status, True), await answer.text()


async def test_a_database_that_takes_nothing_is_a_503_that_asks_to_come_again_and_the_log_has_the_cause(serve_echo):
    client = await serve_echo()
    path = client.runtime.data.path / "hookline.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("ALTER TABLE message RENAME TO elsewhere")
    with structlog.testing.capture_logs() as logs:
        answer = await client.post("/chat", json={"message": "hello"})
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert (await answer.json())["detail"] == "this can't be stored at the moment; try again later"
    assert any(line["event"] == "request failed" and line.get("exc_info") for line in logs)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        assert db.execute("SELECT count(*) FROM inbox").fetchone() == (0,), "nothing is half stored"
        db.execute("ALTER TABLE elsewhere RENAME TO message")
    assert (await client.post("/chat", json={"message": "hello"})).status == 200
