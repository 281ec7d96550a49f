"""Signing in over HTTP, on both databases."""

from __future__ import annotations

import asyncio

import jwt
import pytest
import sqlalchemy as sa
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from hookline import audit
from hookline.app import GATE, KEYS, caller, make_app
from hookline.catalogue import Catalogue
from hookline.hookspecs import hookimpl
from hookline.logins import LoginEnded
from hookline.models import staff_login
from hookline.passwords import Passwords
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.settings import Auth
from hookline.testing.clock import FrozenClock
from hookline.wire import json_response

PASSWORD = "marble otter tram seven"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
CSRF = {"X-Hookline-CSRF": "1"}


class DeskHooks:
    def __init__(self, tenant):
        self.tenant = tenant


async def who(request, tenant):
    found = caller(request)
    return json_response({"name": found.name, "role": found.role, "kind": found.kind, "id": found.id})


class DeskProcess:
    @hookimpl
    def add_routes(self, router):
        for role in ("viewer", "agent", "supervisor", "admin"):
            router.add("GET", f"/desk/{role}", who, access=role)
        router.add("POST", "/desk/work", who, access="agent")


CATALOGUE = Catalogue.of([Plugin("desk", DeskHooks, process=DeskProcess)])


@pytest.fixture
async def serve(tmp_path, database_url):
    """A server with the tenants acme (also at /) and beta; the client keeps cookies."""
    opened = []

    async def open_(text="", **options):
        folders = {}
        for name in ("acme", "beta"):
            folders[name] = tmp_path / "tenants" / name
            folders[name].mkdir(parents=True, exist_ok=True)
            (folders[name] / "tenant.toml").write_text(f'plugins = ["desk"]\n{text}')
        runtime = Runtime(
            catalogue=options.pop("catalogue", CATALOGUE),
            folders=folders,
            data=tmp_path / f"data{len(opened)}",
            database_url=database_url,
            clock=options.pop("clock", None) or FrozenClock(),
            env=options.pop("env", {}),
        )
        runtime.passwords = Passwords(QUICK)
        await runtime.start()
        app = make_app(runtime, **({"tenant": "acme"} | options))
        client = TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True))
        await client.start_server()
        client.runtime, client.keys, client.gate = runtime, app[KEYS], app[GATE]
        opened.extend([runtime, client])
        return client

    yield open_
    for thing in reversed(opened):
        await thing.close()


async def hire(client, email="asha@example.com", role="agent", tenant="acme", password=PASSWORD, **more):
    hashed = await client.runtime.passwords.hash(password) if password else ""
    return await client.runtime.staff.create(tenant, email, role, by="test", password=hashed, **more)


async def sign_in(client, email="asha@example.com", password=PASSWORD, prefix="", **more):
    answer = await client.post(f"{prefix}/auth/login", json={"email": email, "password": password, **more})
    return answer.status, await answer.json()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.row("A119")
async def test_signing_in_gives_a_token_that_opens_what_the_role_opens(serve):
    client = await serve()
    account = await hire(client, name="Asha")
    status, told = await sign_in(client, cookies=False)

    assert status == 200
    assert (told["token_type"], told["expires_in"]) == ("bearer", 28_800)
    assert told["staff"] | {"created_at": "", "seen_at": ""} == {
        "id": account.id, "email": "asha@example.com", "name": "Asha", "phone": "", "role": "agent", "active": True,
        "invited": False, "language": "", "created_at": "", "seen_at": "", "data": {},
    }  # fmt: skip
    assert jwt.get_unverified_header(told["access_token"])["alg"] == "HS256"
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 28_800
    answer = await client.get("/desk/agent", headers=bearer(told["access_token"]))
    assert await answer.json() == {"name": "Asha", "role": "agent", "kind": "staff", "id": account.id}
    assert (await client.get("/desk/supervisor", headers=bearer(told["access_token"]))).status == 403
    assert len(client.session.cookie_jar) == 0


@pytest.mark.row("A119")
async def test_a_wrong_password_and_an_unknown_address_are_answered_with_the_same_words(serve):
    client = await serve()
    await hire(client)
    wrong = await sign_in(client, password="not the password at all")
    unknown = await sign_in(client, email="nobody@example.com")
    assert wrong[0] == unknown[0] == 401
    assert wrong[1]["detail"] == unknown[1]["detail"] == "the e-mail address or the password is wrong"


async def test_a_page_gets_cookies_that_open_its_own_tenant_and_need_the_header_to_change_something(serve):
    client = await serve()
    await hire(client)
    await hire(client, tenant="beta")
    answer = await client.post("/auth/login", json={"email": "asha@example.com", "password": PASSWORD})
    access, refresh = (answer.cookies[name] for name in ("hookline_acme", "hookline_acme_refresh"))
    for cookie, path in ((access, "/"), (refresh, "/auth")):
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", path)

    assert (await client.get("/desk/agent")).status == 200
    assert (await client.get("/t/beta/desk/agent")).status == 401
    refused = await client.post("/desk/work")
    assert refused.status == 403
    assert "needs the header X-Hookline-CSRF: 1" in (await refused.json())["detail"]
    assert (await client.post("/desk/work", headers=CSRF)).status == 200
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
        assert (await client.get("/desk/agent", headers=headers)).status == 403
        assert (await client.post("/desk/work", headers=CSRF | headers)).status == 403


async def test_a_refresh_token_is_good_once_and_ends_all_that_came_of_it_when_it_comes_again(serve):
    client = await serve()
    account = await hire(client)
    _, first = await sign_in(client, cookies=False)
    answer = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    second = await answer.json()
    assert answer.status == 200
    assert (await client.get("/desk/agent", headers=bearer(second["access_token"]))).status == 200

    at_once = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert at_once.status == 409
    assert (await client.get("/desk/agent", headers=bearer(second["access_token"]))).status == 200

    client.runtime.clock.advance(11)
    async with client.runtime.live.subscribe("acme", f"staff:{account.id}") as events:
        stolen = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
        assert stolen.status == 401
        async with asyncio.timeout(5):
            assert (await anext(aiter(events))).kind == "changed", "its sockets end as well"
    assert (await client.get("/desk/agent", headers=bearer(second["access_token"]))).status == 401
    assert (await client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]})).status == 401
    told = [entry.what for entry in await audit.entries(client.runtime.database, "acme")]
    assert told[0] == "login.refresh_reused"


async def test_who_is_signing_in_while_the_password_changes_stays_outside(serve):
    """A password is looked at for a while, and another one ends the logins there are: none of the old one comes after."""
    client = await serve()
    runtime = client.runtime
    found = await hire(client)
    keyring, auth = await client.gate.keyring("acme", Auth()), Auth()
    await runtime.staff.change(
        "acme", found.id, by="test", password=await runtime.passwords.hash("another one, longer")
    )
    with pytest.raises(LoginEnded, match="has changed just now"):
        await runtime.logins.begin(keyring, auth, found)
    now = await runtime.staff.get("acme", found.id)
    await runtime.staff.change("acme", found.id, by="test", active=False)
    with pytest.raises(LoginEnded):
        await runtime.logins.begin(keyring, auth, now)
    assert not await runtime.database.fetch(sa.select(staff_login.c.id), tenant="acme")


async def test_signing_out_ends_the_tokens_at_once(serve):
    client = await serve()
    await hire(client)
    _, told = await sign_in(client)
    assert (await client.post("/auth/logout")).status == 403  # a page of another site could send that
    assert (await client.post("/auth/logout", headers=CSRF)).status == 204
    assert (await client.get("/desk/agent", headers=bearer(told["access_token"]))).status == 401
    assert (await client.get("/desk/agent")).status == 401
    assert len(client.session.cookie_jar) == 0


async def test_another_role_or_a_deactivated_account_counts_from_the_next_request_on(serve):
    client = await serve()
    account = await hire(client)
    _, told = await sign_in(client, cookies=False)
    headers = bearer(told["access_token"])
    assert (await client.get("/desk/agent", headers=headers)).status == 200

    await client.runtime.staff.change("acme", account.id, by="test", role="viewer")
    assert (await client.get("/desk/agent", headers=headers)).status == 401
    answer = await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})
    headers = bearer((await answer.json())["access_token"])
    assert (await client.get("/desk/agent", headers=headers)).status == 403
    assert (await client.get("/desk/viewer", headers=headers)).status == 200

    await client.runtime.staff.change("acme", account.id, by="test", active=False)
    assert (await client.get("/desk/viewer", headers=headers)).status == 401
    assert (await sign_in(client))[0] == 401
