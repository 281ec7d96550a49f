"""What people try who have no business here: tokens of their own making, guesses, theft, and requests all at once."""

from __future__ import annotations

import asyncio
import base64
import json
import time

import jwt
import pytest
from aiohttp import ClientSession, DummyCookieJar, WSMsgType, web
from argon2 import PasswordHasher

from hookline import gate
from hookline.catalogue import Catalogue
from hookline.gate import admit
from hookline.hookspecs import hookimpl
from hookline.models import login_attempt, staff_login, staff_token
from hookline.passwords import Passwords
from hookline.plugin import Plugin
from hookline.problems import Problem
from hookline.proxies import Proxies
from hookline.tokens import kept_key, key_id

from .test_signin import CSRF, PASSWORD, bearer, hire, serve, sign_in  # noqa: F401  a fixture

SECRET = "a secret of more than thirty-two bytes, for tests"


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def with_header(token, **changes):
    """The token under another header, with the old signature."""
    head, body, signature = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(head + "==")) | changes
    return f"{base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip('=')}.{body}.{signature}"


@pytest.fixture
async def asha(serve):  # noqa: F811  the fixture
    """The server, and what an agent has signed in with."""
    client = await serve(f'auth.secret = "{SECRET}"')
    await hire(client)
    return client, (await sign_in(client, cookies=False))[1]


# -- tokens ------------------------------------------------------------------------------------------------------------


async def test_tokens_of_another_making_open_nothing(asha):
    client, told = asha
    good = told["access_token"]
    claims, kid = claims_of(good), key_id(SECRET.encode())
    now = claims["iat"]

    def made(key=SECRET, algorithm="HS256", headers=None, **changes):
        changed = {k: v for k, v in (claims | changes).items() if v is not None}
        return jwt.encode(changed, key, algorithm, headers=headers or {"kid": kid})

    assert (await client.get("/desk/agent", headers=bearer(made()))).status == 200
    head, body, signature = good.split(".")
    bad = {
        "no algorithm": made(key=None, algorithm="none"),
        "no signature": f"{head}.{body}.",
        "header says none": with_header(good, alg="none"),
        "another algorithm": made(key=SECRET * 2, algorithm="HS512"),
        "another key": made(key="b" * 40),
        "no key named": jwt.encode(claims, SECRET, "HS256"),
        "an unknown key named": made(headers={"kid": "0" * 12}),
        "a path for a key": made(headers={"kid": "../../../../dev/null"}),
        "a key brought along": with_header(good, jwk={"kty": "oct", "k": "AA"}, jku="https://evil.example/k"),
        "another tenant": made(aud="beta"),
        "all tenants": made(aud=["beta", "gamma"]),
        "no tenant": made(aud=None),
        "another issuer": made(iss="evil"),
        "over": made(exp=now),
        "from the future": made(iat=now + 3600, exp=now + 7200),
        "without end": made(exp=None),
        "an end that is no number": made(exp="never"),
        "another account": made(sub="nobody"),
        "another login": made(sid="nothing"),
        "another version": made(ver=1),
        "a changed body": f"{head}.{body[:-2]}AA.{signature}",
        "a changed signature": f"{head}.{body}.{signature[:-3]}AAA",
        "a long one": good + "A" * 5000,
        "garbage": "a.b.c",
        "not ascii": "ä.b.c".encode().decode("latin-1"),
    }
    found = {}
    for what, token in bad.items():
        found[what] = (await client.get("/desk/agent", headers=bearer(token))).status
        client.session.cookie_jar.update_cookies({"hookline_acme": token})
        found[f"{what}, as a cookie"] = (await client.get("/desk/agent")).status
        client.session.cookie_jar.clear()
    assert {what: status for what, status in found.items() if status != 401} == {}
    assert (await client.get("/t/beta/desk/agent", headers=bearer(good))).status == 401


async def test_a_role_that_a_token_claims_is_not_believed(asha):
    client, told = asha
    claims = claims_of(told["access_token"]) | {"role": "admin"}
    token = jwt.encode(claims, SECRET, "HS256", headers={"kid": key_id(SECRET.encode())})
    assert (await client.get("/desk/admin", headers=bearer(token))).status == 403


async def test_an_access_token_ends_after_its_time_and_a_login_after_its_own(asha):
    client, told = asha
    clock = client.runtime.clock
    clock.advance(28_799)
    assert (await client.get("/desk/agent", headers=bearer(told["access_token"]))).status == 200
    clock.advance(1)
    assert (await client.get("/desk/agent", headers=bearer(told["access_token"]))).status == 401
    for _ in range(4):  # always back within a week, but a login holds for thirty days
        answer = await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})
        assert answer.status == 200
        told = await answer.json()
        clock.advance(604_799)
    answer = await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})
    told = await answer.json()
    assert answer.status == 200
    clock.advance(2_592_000 - 28_799 - 4 * 604_799)
    assert (await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})).status == 401


async def test_a_secret_is_replaced_without_signing_anybody_out(serve, tmp_path):  # noqa: F811
    client = await serve(f'auth.secret = "{SECRET}"')
    await hire(client)
    old = (await sign_in(client, cookies=False))[1]["access_token"]
    file = tmp_path / "tenants/acme/tenant.toml"
    file.write_text(f'plugins = ["desk"]\n[auth]\nsecret = "{SECRET[::-1]}"\nprevious_secrets = ["{SECRET}"]\n')
    assert await client.runtime.load("acme")
    assert (await client.get("/desk/agent", headers=bearer(old))).status == 200
    new = (await sign_in(client, cookies=False))[1]["access_token"]
    assert jwt.get_unverified_header(new)["kid"] != jwt.get_unverified_header(old)["kid"]
    file.write_text(f'plugins = ["desk"]\nauth.secret = "{SECRET[::-1]}"\n')
    assert await client.runtime.load("acme")
    assert (await client.get("/desk/agent", headers=bearer(old))).status == 401
    assert (await client.get("/desk/agent", headers=bearer(new))).status == 200


def test_the_random_key_is_kept_for_its_owner_only_and_a_torn_one_made_anew(tmp_path):
    path = tmp_path / "core" / "token.key"
    key = kept_key(path)
    assert kept_key(path) == key
    assert (len(key), path.stat().st_mode & 0o777) == (32, 0o600)
    path.write_bytes(b"torn")
    assert len(kept_key(path)) == 32


# -- refresh tokens --------------------------------------------------------------------------------------------------------


async def test_of_many_pages_that_refresh_at_once_one_gets_new_tokens_and_nobody_is_signed_out(asha):
    client, told = asha

    async def refresh():
        answer = await client.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})
        return answer.status, await answer.json()

    answers = await asyncio.gather(*(refresh() for _ in range(12)))
    assert sorted(status for status, _ in answers) == [200] + [409] * 11
    (new,) = [body for status, body in answers if status == 200]
    assert (await client.get("/desk/agent", headers=bearer(new["access_token"]))).status == 200


async def test_two_pages_with_the_same_cookie_both_go_on(asha):
    client, _ = asha
    await sign_in(client)
    cookies = {cookie.key: cookie.value for cookie in client.session.cookie_jar}
    header = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), **CSRF}
    client.session.cookie_jar.clear()
    answers = await asyncio.gather(*(client.post("/auth/refresh", headers=header) for _ in range(2)))
    assert [answer.status for answer in answers] == [200, 200]
    assert sum("hookline_acme" in answer.cookies for answer in answers) == 1
    assert (await client.post("/auth/refresh", headers={"Cookie": header["Cookie"]})).status == 403


async def test_refresh_tokens_are_stored_as_digests_and_one_that_nobody_gave_is_refused(asha):
    client, told = asha
    rows = await client.runtime.database.fetch(staff_token.select(), {}, tenant="acme")
    assert told["refresh_token"] not in repr(rows)
    for text in ("", "x", "'; DROP TABLE staff; --", "\x00", "\ud800", told["refresh_token"] + "x", rows[0].digest):
        answer = await client.post("/auth/refresh", json={"refresh_token": text})
        assert answer.status in (400, 401), text


# -- guessing ----------------------------------------------------------------------------------------------------------------


async def guess(client, n, email="asha@example.com", headers=None, password="wrong guess number"):
    seen = []
    for i in range(n):
        answer = await client.post(
            "/auth/login", json={"email": email, "password": f"{password} {i}"}, headers=headers or {}
        )
        seen.append(answer.status)
    return seen


async def test_guessing_is_slowed_down_says_how_long_and_ends_by_itself(asha):
    client, _ = asha
    assert await guess(client, 7) == [401] * 5 + [429] * 2
    status, told = await sign_in(client)
    assert (status, told["detail"]) == (429, "too many attempts to sign in; try again in 30 seconds")
    client.runtime.clock.advance(31)
    assert await guess(client, 2) == [401, 429]
    answer = await client.post("/auth/login", json={"email": "asha@example.com", "password": PASSWORD})
    assert answer.headers["Retry-After"] == "60"
    client.runtime.clock.advance(60)
    assert (await sign_in(client))[0] == 200
    assert await guess(client, 5) == [401] * 5  # counting has begun anew


async def test_the_wait_is_never_longer_than_a_quarter_of_an_hour_however_long_somebody_goes_on(asha):
    client, _ = asha
    for _ in range(20):
        await guess(client, 1)
        client.runtime.clock.advance(900)
    await guess(client, 1)
    client.runtime.clock.advance(901)
    assert (await sign_in(client))[0] == 200


async def test_an_unknown_address_is_slowed_down_in_the_same_words(asha):
    client, _ = asha
    seen = await guess(client, 6, "nobody@example.com")
    assert seen == [401] * 5 + [429]
    _, known = [await sign_in(client, "nobody@example.com", "x") for _ in range(2)]
    assert known[1]["detail"] == "too many attempts to sign in; try again in 30 seconds"
    rows = await client.runtime.database.fetch(login_attempt.select(), {}, tenant="acme")
    assert "nobody" not in repr(rows)


async def test_another_spelling_or_a_made_up_proxy_header_gains_no_guesses(serve):  # noqa: F811
    client = await serve(proxies=Proxies.parse("none"))
    await hire(client)
    spellings = [
        "asha@example.com",
        "ASHA@example.com",
        " asha@example.com ",
        "ａｓｈａ@example.com",
        "Asha@EXAMPLE.com",
    ]
    seen = []
    for n, email in enumerate([*spellings, *spellings]):
        headers = {"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=198.51.100.{n}", "X-Real-IP": f"192.0.2.{n}"}
        seen += await guess(client, 1, email, headers)
    assert seen == [401] * 5 + [429] * 5


async def test_guesses_all_at_once_are_counted_one_by_one(asha):
    client, _ = asha
    answers = await asyncio.gather(*(guess(client, 1) for _ in range(25)))
    assert sorted(status for (status,) in answers) == [401] * 5 + [429] * 20


async def test_one_address_can_not_try_one_password_on_everybody(asha):
    client, _ = asha
    seen = [(await guess(client, 1, f"person{n}@example.com"))[0] for n in range(32)]
    assert seen == [401] * 30 + [429] * 2


async def test_many_addresses_lock_nobody_out_of_where_they_work(serve):  # noqa: F811
    """An attack from everywhere slows down places that nobody has signed in from, and those alone."""
    client = await serve(proxies=Proxies.parse())
    await hire(client)
    desk, home = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}

    async def enter(headers):
        body = {"email": "asha@example.com", "password": PASSWORD, "cookies": False}
        return (await client.post("/auth/login", json=body, headers=headers)).status

    assert await enter(desk) == 200
    seen = [(await guess(client, 1, headers={"X-Forwarded-For": f"198.51.100.{n}"}))[0] for n in range(60)]
    assert seen == [401] * 50 + [429] * 10
    assert await enter(home) == 429
    assert await enter(desk) == 200
    client.runtime.clock.advance(901)
    assert await enter(home) == 200


async def test_signing_in_to_an_account_of_ones_own_gains_no_guesses_at_another(asha):
    client, _ = asha
    await hire(client, "mallory@example.com", "viewer")
    seen = []
    for _ in range(8):
        seen += await guess(client, 1)
        await sign_in(client, "mallory@example.com", cookies=False)
    assert seen == [401] * 5 + [429] * 3


async def test_a_wrong_password_takes_as_long_for_an_unknown_address_as_for_a_known_one(serve):  # noqa: F811
    client = await serve()
    passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16_384, parallelism=1))
    client.runtime.logins.passwords = passwords
    stored = await passwords.hash(PASSWORD)
    await client.runtime.staff.create("acme", "asha@example.com", "agent", by="test", password=stored)
    await hire(client, "new@example.com", password="")
    off = await client.runtime.staff.create("acme", "off@example.com", "agent", by="test", password=stored)
    await client.runtime.staff.change("acme", off.id, by="test", active=False)
    await passwords.verify("", "warm")
    spent = {}
    for email in ("asha@example.com", "nobody@example.com", "new@example.com", "off@example.com"):
        times = []
        for n in range(5):
            begun = time.process_time()
            await sign_in(client, email, f"wrong {n}")
            times.append(time.process_time() - begun)
        spent[email] = min(times)
    assert max(spent.values()) < 2.5 * min(spent.values()), spent


# -- what is typed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "email",
    [
        "' OR 1=1 --", 'asha@example.com"; DROP TABLE staff; --', "*)(uid=*))(|(uid=*", "asha@example.com\x00",
        "%", "a" * 100_000, "\ud800@example.com", "asha@example.com\r\nX: y", "{{7*7}}", "", "\u200basha@example.com",
    ],
)  # fmt: skip
async def test_odd_addresses_find_nobody(asha, email):
    client, _ = asha
    body = json.dumps({"email": email, "password": "x"}).encode()
    answer = await client.post("/auth/login", data=body, headers={"Content-Type": "application/json"})
    if email == "asha@example.com\x00":
        assert answer.status == 401  # it is Asha's, with the wrong password
    assert answer.status in (400, 401)
    assert len(await client.runtime.staff.list("acme")) == 1


async def test_a_megabyte_of_password_is_not_hashed(asha):
    client, _ = asha
    status, told = await sign_in(client, password="x" * 1_000_000)
    assert (status, told["detail"]) == (401, "the e-mail address or the password is wrong")
    assert (await sign_in(client, password=PASSWORD + "x" * 300))[0] == 401
    assert (await sign_in(client))[0] == 200


async def test_a_password_may_be_typed_on_any_keyboard(serve):  # noqa: F811
    client = await serve()
    await hire(client, password="Ångström café ﬁve überall")
    decomposed = "Ångström café five überall"
    assert (await sign_in(client, password=decomposed, cookies=False))[0] == 200
    assert (await sign_in(client, password="Angstrom cafe five uberall", cookies=False))[0] == 401


async def test_a_password_is_hashed_anew_when_the_parameters_have_changed(asha):
    client, _ = asha
    before = (await client.runtime.staff.find("acme", "asha@example.com")).password
    client.runtime.logins.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=2048, parallelism=1))
    assert (await sign_in(client, cookies=False))[0] == 200
    after = (await client.runtime.staff.find("acme", "asha@example.com")).password
    assert ("t=1,p=1" in before, "t=2,p=1" in after) == (True, True)
    assert (await sign_in(client, cookies=False))[0] == 200


async def test_the_event_loop_goes_on_while_a_password_is_hashed(serve):  # noqa: F811
    client = await serve()
    slow = Passwords(PasswordHasher(time_cost=6, memory_cost=65_536, parallelism=1))
    work = asyncio.ensure_future(slow.hash("any password"))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    slow.close()
    assert turns > 100
    assert client.runtime is not None


# -- cookies and pages -----------------------------------------------------------------------------------------------------------


async def test_cookies_are_for_https_alone_where_the_public_address_is(serve):  # noqa: F811
    client = await serve('public_url = "https://bot.example"')
    await hire(client)
    for prefix, path in (("", "/"), ("/t/acme", "/t/acme/")):
        answer = await client.post(f"{prefix}/auth/login", json={"email": "asha@example.com", "password": PASSWORD})
        cookie = answer.cookies["__Secure-hookline_acme"]
        assert (cookie["secure"], cookie["path"]) == (True, path)
        header = {"Cookie": f"__Secure-hookline_acme={cookie.value}"}
        assert (await client.get(f"{prefix}/desk/agent", headers=header)).status == 200
        own = header | CSRF | {"Origin": "https://bot.example"}
        assert (await client.post(f"{prefix}/desk/work", headers=own)).status == 200
        foreign = header | CSRF | {"Origin": "https://bot.example.evil.example"}
        assert (await client.post(f"{prefix}/desk/work", headers=foreign)).status == 403


async def test_origins_that_may_call_the_api_may_not_do_so_by_somebodys_cookie(serve):  # noqa: F811
    client = await serve('cors.allow_origins = ["https://shop.example"]')
    await hire(client)
    await sign_in(client)
    headers = CSRF | {"Origin": "https://shop.example"}
    assert (await client.post("/desk/work", headers=headers)).status == 403
    assert (await client.get("/desk/agent", headers=headers)).status == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_page_of_another_site_signs_nobody_in_or_out(serve, headers):  # noqa: F811
    client = await serve()
    await hire(client)
    await hire(client, "evil@example.com")
    await sign_in(client)
    form = {"email": "evil@example.com", "password": PASSWORD}
    for path, body in (("/auth/login", {"json": form}), ("/api/v1/auth/login", {"data": form})):
        answer = await client.post(path, headers=headers, **body)
        assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)
    # a browser sends a strict cookie to its own site alone
    jar, path = DummyCookieJar(), client.make_url("/auth/logout")
    async with ClientSession(cookie_jar=jar) as other, other.post(path, headers=headers, data="{}") as out:
        assert (out.status, "Set-Cookie" in out.headers) == (204, False)
    assert (await (await client.get("/auth/me")).json())["staff"]["email"] == "asha@example.com"


@pytest.mark.parametrize(
    ("wanted", "onwards"),
    [
        ("/rag/knowledge?tab=ask#x", "/rag/knowledge?tab=ask#x"),
        ("//evil.example", "/admin"), ("/\\evil.example", "/admin"), ("https://evil.example", "/admin"),
        ("javascript:alert(1)", "/admin"), ("/x\r\nSet-Cookie: a=b", "/admin"), ("", "/admin"), ("/" + "a" * 3000, "/admin"),
    ],
)  # fmt: skip
async def test_the_page_goes_on_to_paths_of_this_server_alone(serve, wanted, onwards):  # noqa: F811
    client = await serve()
    await hire(client)
    form = {"email": "asha@example.com", "password": PASSWORD, "next": wanted}
    answer = await client.post("/login", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, onwards)
    again = await client.get("/login", params={"next": wanted}, allow_redirects=False)
    assert (again.status, again.headers["Location"]) == (303, onwards)


async def test_the_page_says_what_went_wrong_in_the_readers_language_and_shows_nothing_as_html(serve):  # noqa: F811
    client = await serve()
    form = {"email": '"><script>x</script>@example.com', "password": "no", "next": '/"><script>'}
    answer = await client.post("/login", data=form, headers={"Accept-Language": "xx, fr-CA;q=0.9, en;q=0.1"})
    text = await answer.text()
    assert answer.status == 401
    assert "L&#x27;adresse e-mail ou le mot de passe est incorrect." in text
    assert "<script>" not in text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    elsewhere = await client.post("/login", data=form, headers={"Origin": "https://evil.example"})
    assert elsewhere.status == 403
    hindi = await client.get("/login", headers={"Accept-Language": "hi-IN"})
    assert "साइन इन करें" in await hindi.text()


async def test_a_link_to_set_a_password_works_on_the_page_once(serve):  # noqa: F811
    client = await serve()
    account = await hire(client, password="")
    token = await client.runtime.logins.offer_reset("acme", account.id, by="test")
    page = await (await client.get("/login", params={"token": token})).text()
    assert "Set your password" in page
    weak = await client.post("/login", data={"token": token, "password": "aaaaaaaaaaaaaaaa"})
    assert (weak.status, "easy to guess" in await weak.text()) == (400, True)
    short = await client.post("/login", data={"token": token, "password": "short"})
    assert (short.status, "at least 12 characters" in await short.text()) == (400, True)
    done = await client.post("/login", data={"token": token, "password": PASSWORD}, allow_redirects=False)
    assert (done.status, done.headers["Location"]) == (303, "/admin")
    assert (await client.get("/desk/agent")).status == 200
    again = await client.post("/login", data={"token": token, "password": PASSWORD})
    assert (again.status, "used already" in await again.text()) == (400, True)


# -- sockets -----------------------------------------------------------------------------------------------------------------------


class LineHooks:
    def __init__(self, tenant):
        pass


async def line(request, tenant):
    """A socket as a plugin has it: let in by its cookie or its first message, and for as long as that holds."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    told = json.loads((await socket.receive()).data)
    try:
        admitted = await admit(request, tenant, "agent", token=told.get("access_token", ""))
    except Problem as problem:
        await socket.send_json({"refused": problem.detail})
        await socket.close()
        return socket
    await socket.send_json({"hello": admitted.caller.name})
    ended, heard = asyncio.ensure_future(admitted.ended()), asyncio.ensure_future(socket.receive())
    await asyncio.wait((ended, heard), return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        await socket.send_json({"ended": ended.result()})
    for task in (ended, heard):
        task.cancel()
    await socket.close()
    return socket


class LineProcess:
    @hookimpl
    def add_routes(self, router):
        router.add("GET", "/line/ws", line, access="public")
        router.add("GET", "/desk/agent", line, access="agent")


LINE = Catalogue.of([Plugin("desk", LineHooks, process=LineProcess)])


async def test_a_socket_lets_in_by_token_or_by_the_cookie_of_its_own_page_and_lets_go_at_once(serve):  # noqa: F811
    client = await serve(catalogue=LINE)
    account = await hire(client, name="Asha")
    await hire(client, "look@example.com", "viewer")
    _, told = await sign_in(client, cookies=False)
    _, looker = await sign_in(client, "look@example.com", cookies=False)

    async def first(message, **options):
        async with client.ws_connect("/line/ws", **options) as socket:
            await socket.send_json(message)
            return await socket.receive_json()

    assert await first({"access_token": told["access_token"]}) == {"hello": "Asha"}
    assert "this needs an API key" in (await first({}))["refused"]
    assert (await first({"access_token": looker["access_token"]}))[
        "refused"
    ] == "this takes the role agent; yours is viewer"
    assert "not good here" in (await first({"access_token": "a.b.c"}))["refused"]
    await sign_in(client)
    own = f"http://{client.host}:{client.port}"
    assert await first({}, origin=own) == {"hello": "Asha"}
    async with client.get("/line/ws", headers={"Upgrade": "websocket", "Origin": "https://evil.example"}) as refused:
        assert refused.status == 403

    for change in ({"role": "viewer"}, {"role": "agent"}, {"active": False}):
        if change.get("role") == "agent":
            await client.runtime.staff.change("acme", account.id, by="test", **change)
            continue
        _, told = await sign_in(client, cookies=False)
        async with client.ws_connect("/line/ws") as socket:
            await socket.send_json({"access_token": told["access_token"]})
            assert await socket.receive_json() == {"hello": "Asha"}
            await client.runtime.staff.change("acme", account.id, by="test", **change)
            assert "not good here" in (await socket.receive_json(timeout=5))["ended"]
            assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)


async def test_who_stays_is_looked_at_again_and_again(serve, monkeypatch):  # noqa: F811
    monkeypatch.setattr(gate, "_LOOK_AGAIN", 0.05)
    client = await serve(catalogue=LINE)
    account = await hire(client, name="Asha")
    _, told = await sign_in(client, cookies=False)
    async with client.ws_connect("/line/ws") as socket:
        await socket.send_json({"access_token": told["access_token"]})
        assert await socket.receive_json() == {"hello": "Asha"}
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.5)  # many looks later it is still let in
        await client.runtime.staff.change("acme", account.id, by="test", active=False)
        assert "not good here" in (await socket.receive_json(timeout=5))["ended"]


async def test_a_socket_takes_a_key_with_a_scope_for_it_alone_and_ends_when_that_is_revoked(serve):  # noqa: F811
    client = await serve(catalogue=LINE)

    async def first(*scopes):
        _, text = await client.keys.create("acme", "screen", "admin", scopes=scopes)
        async with client.ws_connect("/line/ws") as socket:
            await socket.send_json({"access_token": text})
            return await socket.receive_json()

    for scopes in ((), ("desk:write",), ("GET /line/ws",), ("rag:read", "*:write")):
        assert await first(*scopes) == {"hello": "screen"}
    for scopes in (("rag:write",), ("desk:read",), ("*:read",), ("GET /desk/agent",)):
        told = f"this takes a key with the scope desk:write; yours has {', '.join(scopes)}"
        assert await first(*scopes) == {"refused": told}

    for tenant in ("acme", ""):
        key, text = await client.keys.create(tenant, "screen", "agent")
        async with client.ws_connect("/line/ws") as socket:
            await socket.send_json({"access_token": text})
            assert await socket.receive_json() == {"hello": "screen"}
            await client.keys.revoke(tenant, key.id)
            assert "revoked" in (await socket.receive_json(timeout=5))["ended"]


async def test_a_login_that_is_long_over_is_forgotten(asha):
    client, _ = asha
    client.runtime.clock.advance(2_592_000 + 91 * 86_400)
    await sign_in(client, cookies=False)
    rows = await client.runtime.database.fetch(staff_login.select(), {}, tenant="acme")
    assert len(rows) == 1
    assert len(await client.runtime.database.fetch(staff_token.select(), {}, tenant="acme")) == 1


# -- several processes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.service("postgresql"))], indirect=True
)
async def test_what_ends_on_one_process_has_ended_on_the_others(serve):  # noqa: F811
    one, two = [await serve(f'auth.secret = "{SECRET}"') for _ in range(2)]
    account = await hire(one)
    _, told = await sign_in(one, cookies=False)
    headers = bearer(told["access_token"])
    assert (await two.get("/desk/agent", headers=headers)).status == 200
    await one.runtime.staff.change("acme", account.id, by="test", role="viewer")
    assert (await two.get("/desk/viewer", headers=headers)).status == 401
    answer = await two.post("/auth/refresh", json={"refresh_token": told["refresh_token"]})
    headers = bearer((await answer.json())["access_token"])
    assert (await one.get("/desk/viewer", headers=headers)).status == 200
    assert (await one.post("/auth/logout", headers=headers)).status == 204
    assert (await two.get("/desk/viewer", headers=headers)).status == 401
    assert await guess(one, 3) + await guess(two, 3) == [401] * 5 + [429]
