"""The role matrix: every route of a process with all plugins, tried by everybody who might ask."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import attrs
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import GATE, KEYS, ROUTES, make_app
from hookline.catalogue import Catalogue
from hookline.runtime import Runtime

TABLE = Path(__file__).with_name("roles.toml")
RULES = {
    (plugin, name): role for plugin, rules in tomllib.loads(TABLE.read_text()).items() for name, role in rules.items()
}
RANKS = ("public", "viewer", "agent", "supervisor", "admin")
REACHED = 299


@attrs.frozen
class Office:
    """A server with all plugins; `headers` by who asks; the routes' handlers say no more than that they were reached."""

    client: TestClient
    routes: dict
    headers: dict[str, dict[str, str]]

    async def ask(self, who, route):
        method = "GET" if route.method == "*" else route.method
        path = re.sub(r"\{[^{}]+(?:\{[^{}]*\}[^{}]*)*\}", sample, route.path)
        answer = await self.client.request(method, f"/t/acme{path}", headers=self.headers[who])
        return answer.status


def sample(part):
    """A value for a part of a path: the first of those that it allows by name, or 1."""
    choices = re.fullmatch(r"\{\w+:(\w+)(?:\|\w+)+\}", part[0])
    return choices[1] if choices else "1"


async def reached(_request, _tenant):
    """What stands in for every handler: the test is of the gate before it."""
    return web.Response(status=REACHED)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("roles")
    catalogue = Catalogue.load()
    assert catalogue.broken == {}
    enabled = [plugin.name for plugin in catalogue.plugins]
    folders = {}
    for name in ("acme", "beta"):
        folders[name] = folder / "tenants" / name
        folders[name].mkdir(parents=True)
        listed = enabled if name == "acme" else []
        (folders[name] / "tenant.toml").write_text(
            f"ratelimit.requests = 0\n[plugins]\nenabled = {listed!r}\n"
            + ('[plugins.embeddings.models.default]\nkind = "hashing"\n' if name == "acme" else "")
        )
    runtime = Runtime(catalogue=catalogue, folders=folders, data=folder / "data", env={})
    async with runtime:
        assert runtime.tenants.get("acme").error == ""
        app = make_app(runtime, tenant="acme")
        routes = {(route.plugin, route.name): route for route in app[ROUTES]}
        for route in routes.values():
            object.__setattr__(route, "handler", reached)
        client = TestClient(TestServer(app))
        await client.start_server()
        headers = {"anonymous": {}}
        for role in RANKS[1:]:
            email = f"{role}@example.com"
            account = await runtime.staff.create("acme", email, role, by="test")
            keyring = await app[GATE].keyring("acme", runtime.tenants.get("acme").settings.auth)
            signed = await runtime.logins.begin(keyring, runtime.tenants.get("acme").settings.auth, account)
            headers[role] = {"Authorization": f"Bearer {signed.access}"}
            _, text = await app[KEYS].create("acme", role, role)
            headers[f"key of {role}"] = {"X-API-Key": text}
        foreign = await runtime.staff.create("beta", "admin@example.com", "admin", by="test")
        keyring = await app[GATE].keyring("beta", runtime.tenants.get("beta").settings.auth)
        signed = await runtime.logins.begin(keyring, runtime.tenants.get("beta").settings.auth, foreign)
        headers["admin of another tenant"] = {"Authorization": f"Bearer {signed.access}"}
        headers["key of another tenant"] = {"X-API-Key": (await app[KEYS].create("beta", "k", "admin"))[1]}
        scoped = await app[KEYS].create("acme", "k", "admin", scopes=["nothing:write"])
        headers["key with another scope"] = {"X-API-Key": scoped[1]}
        reading = await app[KEYS].create("acme", "k", "admin", scopes=["*:read"])
        headers["key that may read"] = {"X-API-Key": reading[1]}
        yield Office(client, routes, headers)
        await client.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_every_route_has_a_rule_and_every_rule_a_route(office):
    new = {key: route for key, route in office.routes.items() if key not in RULES}
    lines = [f'[{plugin}]  "{name}" = "{route.access}"' for (plugin, name), route in sorted(new.items())]
    assert not new, (
        f"these routes have no rule in {TABLE.relative_to(TABLE.parents[1])}: decide who may call each (the least role: "
        f"{', '.join(RANKS)}), and add under its plugin:\n" + "\n".join(lines)
    )
    gone = sorted(f'[{plugin}]  "{name}"' for plugin, name in RULES if (plugin, name) not in office.routes)
    assert not gone, "these rules are of no route any more; remove them:\n" + "\n".join(gone)


@pytest.mark.row("A121", "X08")
@pytest.mark.asyncio(loop_scope="module")
async def test_each_route_opens_to_its_role_and_those_above_and_to_nobody_else(office):
    wrong = []
    for key, role in RULES.items():
        route = office.routes.get(key)
        for who in office.headers if route is not None else ():
            found = await office.ask(who, route)
            expected = expect(who, role, route)
            if found != expected:
                wrong.append(f"{key[0]}: {key[1]} ({role}) answers {found} to {who}, not {expected}")
    assert wrong == []


def expect(who, role, route):
    """The status that `roles.toml` asks for."""
    if role == "public":
        return REACHED
    if who == "anonymous" or "another tenant" in who:
        return 401
    if who == "key with another scope":
        return 403
    if who == "key that may read":
        asks = route.method == "POST" and role == "viewer"
        return REACHED if route.method == "GET" or asks else 403
    held = who.removeprefix("key of ")
    return REACHED if RANKS.index(held) >= RANKS.index(role) else 403
