"""Accounts, keys and the audit log over HTTP, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from hookline import audit
from hookline.db import Op
from hookline.models import audit as audit_table
from hookline.models import staff as staff_table
from hookline.routing import Route

from .test_signin import CSRF, PASSWORD, bearer, hire, serve, sign_in  # noqa: F401  a fixture

OTHER = "velvet comet ladder nine"


@pytest.fixture
async def office(serve):  # noqa: F811  the fixture
    """The server, and the headers of a signed-in admin."""
    client = await serve()
    await hire(client, "root@example.com", "admin", name="Root")
    _, told = await sign_in(client, "root@example.com", cookies=False)
    return client, bearer(told["access_token"])


async def ask(client, method, path, headers, body=None):
    answer = await client.request(method, path, headers=headers, **({} if body is None else {"json": body}))
    return answer.status, (await answer.json() if answer.status != 204 else None)


async def logged(client, tenant="acme"):
    found = await audit.entries(client.runtime.database, tenant)
    return [(entry.who.partition(":")[0], entry.what) for entry in reversed(found)]


async def test_an_admin_makes_an_account_and_the_person_sets_the_password_by_a_link_once(office):
    client, headers = office
    status, made = await ask(
        client, "POST", "/staff", headers, {"email": "Asha@Example.com", "role": "agent", "name": " Asha  Rao "}
    )
    assert status == 201
    assert (made["name"], made["email"], made["role"], made["invited"]) == (
        "Asha Rao",
        "Asha@example.com",
        "agent",
        True,
    )
    assert made["reset_url"].endswith(f"/login?token={made['reset_token']}")
    assert (await sign_in(client, "asha@example.com", ""))[0] == 401

    token = made["reset_token"]
    refused = await client.post("/auth/reset", json={"token": token, "password": "asha asha asha"})
    assert refused.status == 400
    done = await client.post("/auth/reset", json={"token": token, "password": OTHER})
    assert (done.status, (await done.json())["invited"]) == (200, False)
    again = await client.post("/auth/reset", json={"token": token, "password": PASSWORD})
    assert (again.status, (await again.json())["detail"]) == (
        400,
        "this link was used, or is too old; ask an admin for another one",
    )
    assert (await sign_in(client, "ASHA@example.com", OTHER))[0] == 200


async def test_of_many_who_use_a_link_at_once_one_sets_the_password(office):
    client, headers = office
    _, made = await ask(client, "POST", "/staff", headers, {"email": "asha@example.com", "role": "agent"})
    passwords = [f"{OTHER} {n}" for n in range(6)]

    async def use(password):
        body = {"token": made["reset_token"], "password": password}
        return (await client.post("/auth/reset", json=body)).status

    answers = await asyncio.gather(*(use(password) for password in passwords))
    assert sorted(answers) == [200, 400, 400, 400, 400, 400]
    winner = passwords[answers.index(200)]
    assert (await sign_in(client, "asha@example.com", winner))[0] == 200


async def test_a_link_that_went_to_another_address_ends_when_the_address_is_changed(office):
    client, headers = office
    _, made = await ask(client, "POST", "/staff", headers, {"email": "asha@exmaple.com", "role": "agent"})
    path = f"/staff/{made['id']}"
    assert (await ask(client, "PATCH", path, headers, {"email": "asha@example.com"}))[0] == 200
    used = await client.post("/auth/reset", json={"token": made["reset_token"], "password": OTHER})
    assert used.status == 400
    _, link = await ask(client, "POST", f"{path}/reset", headers)
    used = await client.post("/auth/reset", json={"token": link["reset_token"], "password": OTHER})
    assert used.status == 200


async def test_a_link_to_set_a_password_ends_after_a_day(office):
    client, headers = office
    _, made = await ask(client, "POST", "/staff", headers, {"email": "asha@example.com", "role": "agent"})
    client.runtime.clock.advance(86_400)
    assert (await client.post("/auth/reset", json={"token": made["reset_token"], "password": OTHER})).status == 400


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"email": "no-address", "role": "agent"}, 400, "email: given 'no-address'; An email address must have an @-sign"),
        ({"email": "a@example.com", "role": "root"}, 422, "role: given 'root'; allowed: admin, supervisor, agent, viewer"),
        ({"email": "root@EXAMPLE.com", "role": "agent"}, 409, "there is an account with this address or id already"),
        ({"email": "ＲＯＯＴ@example.com", "role": "agent"}, 409, "there is an account with this address or id already"),
        ({"email": "a@example.com", "role": "agent", "phone": "call me"}, 400, "phone: given 'call me'"),
        ({"email": "a@example.com", "role": "agent", "id": "../x"}, 400, "id: given '../x'"),
        ({"email": "a@example.com", "role": "agent", "language": "<b>"}, 400, "language: given '<b>'"),
        ({"email": "a@example.com", "role": "agent", "name": "x" * 201}, 400, "name: has 201 characters"),
        ({"email": "a@example.com", "role": "agent", "password": "short"}, 400, "password: has 5 characters; at least 12"),
        ({"email": "a@example.com", "role": "agent", "password": "passwordpassword"}, 400, "password: too easy to guess"),
        ({"email": "a@example.com", "role": "agent", "password": "x" * 1_000_000}, 400, "password: has 1024 characters or more"),
        ({"email": "kavitha.rao@example.com", "role": "agent", "password": "kavitha.rao1"}, 400, "password: too easy"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else None,
)  # fmt: skip
async def test_what_can_be_no_account_is_refused_with_the_field(office, body, status, told):
    client, headers = office
    found, answer = await ask(client, "POST", "/staff", headers, body)
    assert (found, answer["detail"][: len(told)]) == (status, told)
    assert len(await client.runtime.staff.list("acme")) == 1


async def test_the_last_admin_stays_one_also_when_two_leave_at_once(office):
    client, headers = office
    (root,) = await client.runtime.staff.list("acme")
    status, told = await ask(client, "PATCH", f"/staff/{root.id}", headers, {"active": False})
    assert (status, told["detail"]) == (409, "this is the only admin; make another account admin first")
    second = await hire(client, "second@example.com", "admin")
    results = await asyncio.gather(
        *(client.runtime.staff.change("acme", one.id, by="test", role="agent") for one in (root, second)),
        return_exceptions=True,
    )
    assert sorted(type(r).__name__ for r in results) == ["Account", "Conflict"]
    assert sum(one.role == "admin" for one in await client.runtime.staff.list("acme")) == 1


async def test_one_changes_ones_own_name_and_password_and_stays_signed_in_here_alone(office):
    client, _ = office
    await hire(client)
    _, here = await sign_in(client, cookies=False)
    _, there = await sign_in(client, cookies=False)
    headers = bearer(here["access_token"])
    status, told = await ask(client, "PATCH", "/auth/me", headers, {"name": "Asha R", "language": "hi"})
    assert (status, told["name"], told["language"]) == (200, "Asha R", "hi")

    status, told = await ask(client, "PATCH", "/auth/me", headers, {"password": OTHER, "old_password": "wrong"})
    assert (status, told["errors"][0]["field"]) == (403, "old_password")
    status, told = await ask(client, "PATCH", "/auth/me", headers, {"password": OTHER, "old_password": PASSWORD})
    assert status == 200
    assert (await client.get("/auth/me", headers=headers)).status == 401
    assert (await client.get("/auth/me", headers=bearer(told["access_token"]))).status == 200
    assert (await client.post("/auth/refresh", json={"refresh_token": there["refresh_token"]})).status == 401
    assert (await sign_in(client))[0] == 401
    assert (await sign_in(client, password=OTHER))[0] == 200


async def test_a_refresh_token_from_before_another_password_gives_nothing(office):
    client, _ = office
    await hire(client)
    _, stolen = await sign_in(client, cookies=False)
    body = {"password": OTHER, "old_password": PASSWORD}
    _, told = await ask(client, "PATCH", "/auth/me", bearer(stolen["access_token"]), body)
    assert (await client.post("/auth/refresh", json={"refresh_token": stolen["refresh_token"]})).status == 409
    assert (await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})).status == 200


async def test_a_signed_in_page_learns_who_it_is_and_goes_on_after_another_password(office):
    client, _ = office
    account = await hire(client)
    await sign_in(client)
    told = await (await client.get("/auth/me")).json()
    assert (told["kind"], told["role"], told["staff"]["id"]) == ("staff", "agent", account.id)
    changed = await client.patch("/auth/me", json={"password": OTHER, "old_password": PASSWORD}, headers=CSRF)
    assert changed.status == 200
    assert (await client.get("/auth/me")).status == 200
    assert (await client.post("/auth/refresh", headers=CSRF)).status == 200
    assert (await client.get("/auth/me")).status == 200


@pytest.mark.row("A120")
async def test_registering_is_for_admins_and_where_it_is_enabled_for_viewers(serve):  # noqa: F811
    closed = await serve()
    await hire(closed, "root@example.com", "admin")
    _, told = await sign_in(closed, "root@example.com", cookies=False)
    admin = bearer(told["access_token"])

    async def register(client, role, headers=None, email="new@example.com"):
        body = {"email": email, "password": OTHER, "role": role}
        return (await client.post("/api/v1/auth/register", json=body, headers=headers or {})).status

    assert await register(closed, "admin") == 403
    assert await register(closed, "viewer") == 403
    assert await register(closed, "root") == 422
    assert await register(closed, "admin", admin) == 201
    assert await register(closed, "viewer", admin) == 409
    assert await register(closed, "agent", admin, "agent@example.com") == 201
    assert (await sign_in(closed, "new@example.com", OTHER, "/api/v1", cookies=False))[0] == 200


@pytest.mark.row("A120")
async def test_where_registration_is_enabled_anybody_may_look_and_no_more(serve):  # noqa: F811
    client = await serve("auth.registration = true")
    for role, status in (("admin", 403), ("supervisor", 403), ("agent", 403), ("viewer", 201)):
        body = {"email": f"{role}@example.com", "password": OTHER, "role": role}
        assert (await client.post("/api/v1/auth/register", json=body)).status == status
    (made,) = await client.runtime.staff.list("acme")
    assert made.role == "viewer"


async def test_a_refused_registration_says_who_makes_accounts_and_what_is_off(serve):  # noqa: F811
    client = await serve()
    made = "is made by an admin (POST /staff), or by `hookline user create`"
    for role, told in (
        ("viewer", f"an account with the role viewer {made}; auth.registration, which lets anybody make one, is off"),
        ("admin", f"an account with the role admin {made}"),
    ):
        body = {"email": "new@example.com", "password": OTHER, "role": role}
        answer = await client.post("/auth/register", json=body)
        assert (answer.status, (await answer.json())["detail"]) == (403, told)
    assert await client.runtime.staff.list("acme") == []


@pytest.mark.row("X08")
async def test_accounts_made_in_every_way_are_of_one_store_and_of_one_tenant(office):
    client, admin = office
    told = {"email": "by.register@example.com", "password": OTHER, "role": "viewer"}
    assert (await ask(client, "POST", "/api/v1/auth/register", admin, told))[0] == 201
    told = {"email": "by.staff@example.com", "password": OTHER, "role": "supervisor"}
    assert (await ask(client, "POST", "/staff", admin, told))[0] == 201
    told = {"agent_id": "agent7", "name": "Ravi", "email": "by.agents@example.com", "phone": ""}
    assert (await ask(client, "POST", "/agents", admin, told))[0] == 201
    status, link = await ask(client, "POST", "/staff/agent7/reset", admin)
    assert status == 201, link
    token = link["reset_token"]
    assert (await ask(client, "POST", "/auth/reset", {}, {"token": token, "password": OTHER}))[0] == 200
    _, told = await ask(client, "GET", "/staff", admin)
    roles = {one["email"]: one["role"] for one in told["staff"]}
    assert roles == {
        "root@example.com": "admin",
        "by.register@example.com": "viewer",
        "by.staff@example.com": "supervisor",
        "by.agents@example.com": "agent",
    }
    ranks = ["viewer", "agent", "supervisor", "admin"]
    for email, role in roles.items():
        password = PASSWORD if email.startswith("root") else OTHER
        for prefix in ("", "/api/v1"):
            status, signed = await sign_in(client, email, password, prefix, cookies=False)
            assert status == 200, signed
        theirs = bearer(signed["access_token"])
        for asked in ranks:
            opens = ranks.index(role) >= ranks.index(asked)
            assert (await client.get(f"/desk/{asked}", headers=theirs)).status == (200 if opens else 403)
        assert (await client.get("/t/beta/desk/viewer", headers=theirs)).status == 401
        assert (await sign_in(client, email, password, "/t/beta", cookies=False))[0] == 401
    assert await client.runtime.staff.list("beta") == []


@pytest.mark.row("A122")
async def test_a_password_is_stored_as_an_argon2_hash_and_is_nowhere_else(office, caplog):
    client, headers = office
    await ask(client, "POST", "/staff", headers, {"email": "a@example.com", "role": "agent", "password": OTHER})
    rows = await client.runtime.database.fetch(staff_table.select(), {}, tenant="acme")
    assert all(row.password.startswith("$argon2id$") for row in rows)
    _, told = await ask(client, "GET", "/staff", headers)
    _, entries = await ask(client, "GET", "/audit", headers)
    for text in (repr(rows), str(told), str(entries), caplog.text):
        assert OTHER not in text
    assert "argon2" not in str(told) + str(entries) + caplog.text


async def test_an_agent_is_made_by_an_id_of_ones_own(office):
    client, headers = office
    body = {"agent_id": "agent7", "name": "Ravi", "email": "ravi@example.com", "phone": "+91 98765 43210"}
    status, told = await ask(client, "POST", "/agents", headers, body)
    assert (status, told) == (201, {"id": "agent7", **body, "is_available": True})
    assert (await ask(client, "POST", "/agents", headers, body | {"email": "other@example.com"}))[0] == 409
    assert (await ask(client, "POST", "/agents", headers, body | {"agent_id": "agent8"}))[0] == 409
    assert (await ask(client, "POST", "/agents", headers, body | {"agent_id": "agent9", "email": "no"}))[0] == 400


async def test_a_contact_is_made_by_an_id_of_ones_own(office):
    client, headers = office
    body = {"user_id": "user123", "name": "Priya", "email": "priya@example.com", "phone": "+91 98765 43210"}
    status, told = await ask(client, "POST", "/contacts", headers, body)
    assert (status, told) == (201, told | body)
    assert (await ask(client, "GET", "/contacts/user123", headers)) == (200, told)
    assert (await ask(client, "POST", "/contacts", headers, body))[0] == 409
    assert (await ask(client, "POST", "/contacts", headers, body | {"user_id": "user124", "email": "no"}))[0] == 400
    assert (await ask(client, "GET", "/contacts/nobody", headers))[0] == 404


async def test_a_contact_that_has_written_before_gets_its_name_later(office):
    client, headers = office
    opened = await client.post("/sessions", json={"user_id": "user9"})
    assert opened.status == 201
    _, told = await ask(client, "POST", "/contacts", headers, {"user_id": "user9", "name": "Priya"})
    known = await client.runtime.tenants.get("acme").conversations.get((await opened.json())["id"])
    assert known is not None
    assert (known.contact.id, known.contact.name) == (told["id"], "Priya")


async def test_a_key_with_scopes_opens_those_alone_and_no_more_than_its_role(office):
    client, headers = office

    async def made(role, *scopes):
        return (await ask(client, "POST", "/keys", headers, {"name": "k", "role": role, "scopes": scopes}))[1]["key"]

    reading = {"X-API-Key": await made("admin", "desk:read")}
    assert (await client.get("/desk/agent", headers=reading)).status == 200
    refused = await client.post("/desk/work", headers=reading)
    assert (refused.status, (await refused.json())["detail"]) == (
        403,
        "this takes a key with the scope desk:write; yours has desk:read",
    )
    assert (await client.get("/staff", headers=reading)).status == 403
    writing = {"X-API-Key": await made("viewer", "*:write")}
    assert (await client.get("/desk/viewer", headers=writing)).status == 200
    assert (await client.post("/desk/work", headers=writing)).status == 403
    one = {"X-API-Key": await made("agent", "POST /desk/work")}
    assert (await client.post("/desk/work", headers=one)).status == 200
    assert (await client.get("/desk/agent", headers=one)).status == 403
    status, told = await ask(client, "POST", "/keys", headers, {"name": "k", "role": "agent", "scopes": ["all"]})
    assert (status, told["detail"][:21]) == (400, "scopes: given 'all'; ")


def test_a_scope_to_read_opens_questions_with_a_body_but_nothing_that_changes_something():
    verbs = {
        (method, access): Route(method, "/x", hire, access=access).verb
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "*")
        for access in ("viewer", "agent")
    }
    assert {place for place, verb in verbs.items() if verb == "read"} == {
        ("GET", "viewer"),
        ("GET", "agent"),
        ("POST", "viewer"),
    }


async def test_a_key_with_scopes_gives_itself_no_more(office):
    client, headers = office
    _, made = await ask(client, "POST", "/keys", headers, {"name": "k", "role": "admin", "scopes": ["*:write"]})
    scoped = {"X-API-Key": made["key"]}
    for method, path, body in (
        ("POST", "/keys", {"name": "more", "role": "admin"}),
        ("POST", "/staff", {"email": "x@example.com", "role": "admin"}),
        ("POST", "/agents", {"agent_id": "x", "email": "x@example.com", "name": "X"}),
    ):
        assert (await ask(client, method, path, scoped, body))[0] == 403
    register = {"email": "x@example.com", "role": "admin", "password": OTHER}
    assert (await ask(client, "POST", "/auth/register", scoped, register))[0] == 403


@pytest.mark.parametrize("expires", ["9999-12-31", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00", "NaN"])
async def test_a_key_can_not_end_at_a_time_that_is_none(office, expires):
    client, headers = office
    body = {"name": "k", "role": "agent", "expires": expires}
    status, told = await ask(client, "POST", "/keys", headers, body)
    assert (status, told["errors"][0]["field"]) == (400, "expires")


async def test_a_key_ends_when_it_was_said_to_and_shows_when_it_was_used(office):
    client, headers = office
    clock = client.runtime.clock
    body = {"name": "k", "role": "viewer", "expires": "2025-10-10T00:00Z"}  # the frozen clock is at 9 October
    _, made = await ask(client, "POST", "/keys", headers, body)
    key = {"X-API-Key": made["key"]}
    assert (await client.get("/desk/viewer", headers=key)).status == 200
    async with asyncio.timeout(10):
        while not (listed := (await ask(client, "GET", "/keys", headers))[1]["keys"])[0]["used_at"]:
            await asyncio.sleep(0.01)
    assert listed[0]["expires_at"] == "2025-10-10T00:00:00.000+00:00"
    clock.advance(86_400)
    assert (await client.get("/desk/viewer", headers=key)).status == 401
    _, told = await sign_in(client, "root@example.com", cookies=False)
    headers = bearer(told["access_token"])
    assert (await ask(client, "POST", "/keys", headers, body))[1]["detail"] == "expires: is past; give a time to come"
    assert (await ask(client, "POST", "/keys", headers, body | {"expires": "soon"}))[0] == 400


async def test_what_is_done_to_accounts_and_keys_is_in_the_audit_log_which_shows_tampering(office):
    client, headers = office
    _, made = await ask(client, "POST", "/staff", headers, {"email": "a@example.com", "role": "agent"})
    await ask(client, "PATCH", f"/staff/{made['id']}", headers, {"role": "supervisor"})
    await ask(client, "PATCH", f"/staff/{made['id']}", headers, {"active": False})
    _, key = await ask(client, "POST", "/keys", headers, {"name": "k", "role": "agent"})
    await ask(client, "DELETE", f"/keys/{key['id']}", headers)
    await sign_in(client, "root@example.com", "not this one at all")
    await client.post("/auth/logout", headers=headers)
    assert await logged(client) == [
        ("test", "staff.created"),
        ("staff", "login"),
        ("staff", "staff.created"),
        ("staff", "staff.reset_offered"),
        ("staff", "staff.role_changed"),
        ("staff", "staff.deactivated"),
        ("staff", "key.created"),
        ("staff", "key.revoked"),
        ("public", "login.failed"),
        ("staff", "logout"),
    ]
    _, told = await sign_in(client, "root@example.com", cookies=False)
    headers = bearer(told["access_token"])
    status, found = await ask(client, "GET", "/audit/verify", headers)
    assert (status, found["ok"], found["count"]) == (200, True, 11)
    _, page = await ask(client, "GET", "/audit?limit=3", headers)
    assert [entry["n"] for entry in page["entries"]] == [11, 10, 9]
    assert page["next"] == 9

    def tamper():
        yield Op(audit_table.update().where(audit_table.c.n == 5, audit_table.c.tenant == "acme").values(who="nobody"))

    await client.runtime.database.run(tamper(), tenant="acme")
    _, found = await ask(client, "GET", "/audit/verify", headers)
    assert (found["ok"], found["broken"], found["reason"]) == (False, 5, "row 5 was changed")


async def test_a_change_of_several_things_is_in_the_audit_log_with_each_of_them(office):
    client, headers = office
    _, made = await ask(client, "POST", "/staff", headers, {"email": "a@example.com", "role": "agent"})
    change = {"role": "viewer", "active": False, "email": "b@example.com", "name": "B"}
    assert (await ask(client, "PATCH", f"/staff/{made['id']}", headers, change))[0] == 200
    found = await audit.entries(client.runtime.database, "acme", limit=3)
    assert [(entry.what, entry.detail) for entry in reversed(found)] == [
        ("staff.role_changed", {"from": "agent", "to": "viewer"}),
        ("staff.deactivated", {}),
        ("staff.changed", {"fields": ["email", "name"]}),
    ]


async def test_an_admin_signs_somebody_out_everywhere(office):
    client, headers = office
    account = await hire(client)
    _, told = await sign_in(client, cookies=False)
    assert (await ask(client, "POST", f"/staff/{account.id}/logout", headers))[0] == 200
    assert (await client.get("/desk/agent", headers=bearer(told["access_token"]))).status == 401
    assert (await ask(client, "POST", "/staff/nobody/logout", headers))[0] == 404
    assert (await ask(client, "GET", "/staff/nobody", headers))[0] == 404
    assert (await ask(client, "PATCH", "/staff/nobody", headers, {"name": "x"}))[0] == 404


@pytest.mark.row("A123")
async def test_a_key_is_taken_wherever_a_token_is(office):
    client, headers = office
    _, made = await ask(client, "POST", "/keys", headers, {"name": "k", "role": "agent"})
    for path in ("/desk/viewer", "/desk/agent", "/auth/me"):
        assert (await client.get(path, headers=headers)).status == 200
        assert (await client.get(path, headers={"X-API-Key": made["key"]})).status == 200
        assert (await client.get(path, headers={"X-API-Key": "hk_wrong"})).status == 401
        assert (await client.get(f"/t/beta{path}", headers={"X-API-Key": made["key"]})).status == 401
    told = await (await client.get("/auth/me", headers={"X-API-Key": made["key"]})).json()
    assert (told["kind"], told["id"], told["staff"]) == ("key", made["id"], None)
    refused = await client.patch("/auth/me", json={"name": "x"}, headers={"X-API-Key": made["key"]})
    assert refused.status == 403


async def test_a_plugin_sees_its_tenants_staff_and_keeps_what_it_wants_with_them(office):
    client, _ = office
    asha = await hire(client, name="Asha")
    await hire(client, "other@example.com", "agent", tenant="beta")
    with client.runtime.tenants.get("acme").acquire() as snapshot:
        staff = snapshot.plugin("desk").staff
    assert [one.email for one in await staff.list("agent")] == ["asha@example.com"]
    assert sorted(one.role for one in await staff.list()) == ["admin", "agent"]
    changed = await staff.note(asha.id, "is_available", value=False)
    assert changed.data == {"is_available": False}
    assert (await staff.get(asha.id)).data == {"is_available": False}
    assert (await staff.find("ASHA@example.com")).id == asha.id
    assert await staff.get("nobody") is None
    assert (await staff.note(asha.id, "is_available", None)).data == {}
