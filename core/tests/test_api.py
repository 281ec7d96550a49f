from __future__ import annotations

import asyncio
import datetime as dt
from types import MappingProxyType

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from hookline.app import KEYS, make_app
from hookline.auth import SERVER
from hookline.catalogue import Catalogue
from hookline.hookspecs import hookimpl
from hookline.message import Intent, Passage, Receipt, Reply
from hookline.models import contact, conversation
from hookline.plugin import Plugin
from hookline.runtime import Runtime
from hookline.testing import FrozenClock

GUIDE = "To reset your password, go to the account settings."


class BotHooks:
    """Answers from one document, holds back until told, and breaks on order."""

    gate: asyncio.Event
    health = MappingProxyType({"llm": {"status": "ok"}, "vector_store": {"status": "ok", "vectors": 3}})

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def classify_intent(self, turn):
        return [Intent("greeting", 0.9)] if "hello" in turn.message.text else []

    @hookimpl
    async def retrieve(self, turn):
        return [
            Passage(
                "guide",
                1,
                0,
                len(GUIDE),
                GUIDE,
                title="Password Reset Guide",
                score=0.9,
                meta={"category": "account_management"},
            )
        ]

    @hookimpl
    async def respond(self, turn):
        text = turn.message.text
        if "slow" in text:
            await BotHooks.gate.wait()
        if "break" in text:
            raise RuntimeError(f"model choked on {text}")
        if "hello" in text:
            return Reply("Hi!")
        if "weather" in text:
            return Reply("I don't know that.", answered=False, confidence=0.1)
        return Reply(GUIDE, citations=(turn.passages[0].citation(),), confidence=0.87)

    @hookimpl
    async def deliver(self, message):
        return Receipt()

    @hookimpl
    async def check_health(self):
        return BotHooks.health


CATALOGUE = Catalogue.of([Plugin("bot", BotHooks, channels=("webchat",), in_process=True)])
BOT = """
plugins = ["bot"]
turns.wait = 0.2
turns.attempts = 1
limits.message_chars = 10000
ratelimit.requests = 1000
ratelimit.contact_requests = 1000
[routes]
"POST /api/ask" = "POST /ask"
"POST /api/sessions" = "POST /sessions"
"GET /api/health" = "GET /health"
"""


@pytest.fixture
async def serve(tmp_path):
    opened = []

    async def open_(text=BOT, **more):
        BotHooks.gate = asyncio.Event()
        folder = tmp_path / "tenants" / "telecom"
        folder.mkdir(parents=True)
        (folder / "tenant.toml").write_text(text)
        runtime = Runtime(
            catalogue=CATALOGUE, folders={"telecom": folder}, data=tmp_path / "data", env=more.get("env", {})
        )
        await runtime.start()
        app = make_app(runtime, tenant="telecom")
        client = TestClient(TestServer(app))
        await client.start_server()
        client.runtime = runtime
        client.keys = app[KEYS]
        opened.extend([runtime, client])
        return client

    yield open_
    BotHooks.health = {"llm": {"status": "ok"}, "vector_store": {"status": "ok", "vectors": 3}}
    for thing in reversed(opened):
        await thing.close()


async def count(client, table):
    rows = await client.runtime.database.fetch(sa.select(sa.func.count()).select_from(table), {}, tenant="telecom")
    return rows[0][0]


# -- ask -------------------------------------------------------------------------------------------------------------


@pytest.mark.row("T07")
@pytest.mark.row("T45")
async def test_ask_answers_with_confidence_and_sources_and_leaves_no_trace(serve):
    client = await serve()
    answer = await client.post("/api/ask", json={"message": "How do I reset my password?"})
    body = await answer.json()
    assert answer.status == 200
    assert "account settings" in body["answer"]
    assert body["confidence"] == 0.87
    assert body["answered"] is True
    (source,) = body["sources"]
    assert (source["title"], source["category"], source["text"]) == (
        "Password Reset Guide",
        "account_management",
        GUIDE,
    )
    assert await count(client, conversation) == 0
    assert await count(client, contact) == 0


async def test_ask_is_as_sure_as_its_answer_where_there_is_no_figure(serve):
    client = await serve()
    greeting = await (await client.post("/ask", json={"message": "hello"})).json()
    assert (greeting["confidence"], greeting["answered"]) == (1.0, True)
    unknown = await (await client.post("/ask", json={"message": "the weather?"})).json()
    assert (unknown["confidence"], unknown["answered"]) == (0.1, False)


@pytest.mark.row("T51")
@pytest.mark.row("T07")
@pytest.mark.parametrize(
    ("body", "status", "field", "detail"),
    [
        (b"{}", 400, "message", "message: missing or empty; send what the customer said"),
        (b'{"message": "  "}', 400, "message", "message: missing or empty; send what the customer said"),
        (b'{"message": 3}', 400, "message", "message: Expected `str`, got `int`"),
        (
            b'{"message": "' + b"x" * 10_001 + b'"}',
            400,
            "message",
            "message: has 10001 characters; at most 10000 are allowed",
        ),
        (b"[]", 400, None, "Expected `object`, got `array`"),
        (b"{", 400, None, "the body is no valid JSON: Input data was truncated"),
        (b"", 400, None, "the body is empty; send a JSON object"),
        (b'{"message": "\xff"}', 400, None, None),
    ],
    ids=["missing", "blank", "number", "long", "list", "cut off", "empty", "not UTF-8"],
)
async def test_what_is_no_question_is_refused_naming_the_field(serve, body, status, field, detail):
    client = await serve()
    answer = await client.post("/ask", data=body, headers={"Content-Type": "application/json"})
    problem = await answer.json()
    assert answer.status == status
    if detail:
        assert problem["detail"] == detail
    assert problem.get("errors", [{"field": None}])[0]["field"] == field


@pytest.mark.row("T49")
async def test_a_failing_model_gives_the_tenants_apology_and_no_exception(serve):
    client = await serve()
    answer = await client.post("/ask", json={"message": "break please"})
    body = await answer.json()
    assert answer.status == 200
    assert body["answer"].startswith("Sorry, something went wrong on our side.")
    assert body["answered"] is False
    assert "RuntimeError" not in await answer.text()


# -- sessions and chat -----------------------------------------------------------------------------------------------


@pytest.mark.row("T09")
@pytest.mark.row("T38")
@pytest.mark.row("T42")
async def test_a_session_is_created_for_a_user_and_has_the_eight_keys(serve):
    client = await serve()
    answer = await client.post("/api/sessions", json={"user_id": "user123"})
    body = await answer.json()
    assert answer.status == 201
    assert set(body) == {"id", "session_id", "user_id", "agent_id", "room_id", "status", "created_at", "updated_at"}
    assert (body["user_id"], body["agent_id"], body["status"]) == ("user123", None, "open")
    assert body["session_id"] == body["id"] == body["room_id"]
    assert await count(client, conversation) == 1
    again = await (await client.get(f"/sessions/{body['session_id']}")).json()
    assert again == body
    missing = await client.post("/sessions", json={})
    assert (missing.status, (await missing.json())["errors"][0]["field"]) == (400, "user_id")
    assert (await client.post("/sessions", json={"user_id": " "})).status == 400
    assert (await client.get("/sessions/nobody")).status == 404


@pytest.mark.row("T42")
async def test_a_session_moves_on_with_each_message(serve):
    client = await serve()
    before = await (await client.post("/sessions", json={"user_id": "u"})).json()
    await client.post("/chat", json={"message": "hello", "session_id": before["session_id"]})
    after = await (await client.get(f"/sessions/{before['session_id']}")).json()
    assert after["updated_at"] > before["updated_at"]
    assert dt.datetime.fromisoformat(after["updated_at"]).tzinfo == dt.UTC


@pytest.mark.row("T52")
async def test_an_attempt_to_inject_sql_is_stored_as_it_stands(serve):
    client = await serve()
    evil = "x'; DROP TABLE users;--"
    body = await (await client.post("/sessions", json={"user_id": evil})).json()
    assert body["user_id"] == evil
    assert await count(client, conversation) == 1
    assert (await client.get("/sessions/x'%3B%20DROP%20TABLE%20conversation%3B--")).status == 404
    assert await count(client, conversation) == 1


async def test_a_message_gets_its_committed_reply_and_the_history_has_both(serve):
    client = await serve()
    first = await client.post("/chat", json={"message": "How do I reset my password?"})
    body = await first.json()
    assert (first.status, body["status"], body["answered"]) == (200, "answered", True)
    assert "account settings" in body["answer"]
    assert body["sources"][0]["title"] == "Password Reset Guide"
    await client.post("/chat", json={"message": "hello", "session_id": body["session_id"]})
    history = await (await client.get(f"/sessions/{body['session_id']}/messages")).json()
    assert [(m["author"], m["text"]) for m in history["messages"]] == [
        ("contact", "How do I reset my password?"),
        ("bot", GUIDE),
        ("contact", "hello"),
        ("bot", "Hi!"),
    ]
    later = await (await client.get(f"/sessions/{body['session_id']}/messages?after=2&limit=1")).json()
    assert [m["text"] for m in later["messages"]] == ["hello"]
    bad = await client.get(f"/sessions/{body['session_id']}/messages?limit=many")
    assert (bad.status, (await bad.json())["detail"]) == (400, "limit: given 'many'; allowed: 0 to 1000")


async def test_a_reply_that_takes_too_long_is_polled_for_with_the_sessions_own_id(serve):
    client = await serve()
    answer = await client.post("/chat", json={"message": "slow hello"})
    body = await answer.json()
    assert (answer.status, body["status"]) == (202, "pending")
    assert (await client.get("/" + body["poll"])).status == 202
    BotHooks.gate.set()
    await client.runtime.tenants.get("telecom").process.worker.wait("telecom", body["turn_id"], 5)
    done = await client.get("/" + body["poll"])
    assert (done.status, (await done.json())["answer"]) == (200, "Hi!")
    assert (await client.get(f"/turns/{body['turn_id']}?session_id=guess")).status == 404
    assert (await client.get(f"/turns/{body['turn_id']}")).status == 404
    assert (await client.get("/turns/99999999999999999999")).status == 404


async def test_a_customer_who_is_too_quick_gets_429(serve):
    client = await serve(BOT.replace("contact_requests = 1000", "contact_requests = 1"))
    session = (await (await client.post("/sessions", json={"user_id": "u"})).json())["session_id"]
    first = await client.post("/chat", json={"message": "hello", "session_id": session})
    second = await client.post("/chat", json={"message": "hello", "session_id": session})
    assert (first.status, second.status) == (200, 429)
    assert (await client.post("/chat", json={"message": "hello"})).status == 200


OWN = BOT.replace("[routes]", "conversations.own_ids = true\n[routes]")


async def test_the_answer_names_what_the_message_was_taken_for(serve):
    client = await serve()
    hello = await (await client.post("/chat", json={"message": "hello"})).json()
    other = await (await client.post("/chat", json={"message": "How do I reset my password?"})).json()
    assert (hello["intent"], other["intent"]) == ("greeting", "")


async def test_a_session_may_have_an_id_that_the_client_made_where_the_tenant_says_so(serve):
    client = await serve(OWN)
    first = await (await client.post("/chat", json={"message": "hello", "session_id": "s1"})).json()
    second = await (await client.post("/chat", json={"message": "hello again", "session_id": "s1"})).json()
    other = await (await client.post("/chat", json={"message": "hello", "session_id": "s2"})).json()
    assert [one["session_id"] for one in (first, second, other)] == ["s1", "s1", "s2"]
    assert await count(client, conversation) == await count(client, contact) == 2
    told = await (await client.get("/sessions/s1/messages")).json()
    assert [m["text"] for m in told["messages"]] == ["hello", "Hi!", "hello again", "Hi!"]
    for bad in ("", "a b", "x" * 65, "../s1", "é"):
        answer = await client.post("/chat", json={"message": "hello", "session_id": bad})
        assert answer.status == (400 if bad else 200), bad
    assert (await client.get("/sessions/s3")).status == 404, "only a message opens it"


async def test_a_session_that_nobody_opened_is_not_found_where_the_tenant_does_not_say_so(serve):
    client = await serve()
    assert (await client.post("/chat", json={"message": "hello", "session_id": "s1"})).status == 404
    assert await count(client, conversation) == 0


# -- dead letters ----------------------------------------------------------------------------------------------------


async def test_dead_letters_are_shown_with_their_cause_and_can_be_tried_again(serve):
    client = await serve()
    _, key = await client.keys.create("telecom", "ops", "admin")
    headers = {"X-API-Key": key}
    tenant = client.runtime.tenants.get("telecom")
    with tenant.acquire() as snapshot:
        job = await snapshot.core.submit("count", {}, plugin="bot")
    await tenant.process.worker.wait("telecom", job, 5)
    assert (await client.get("/inbox/dead")).status == 401
    (dead,) = (await (await client.get("/inbox/dead", headers=headers)).json())["dead"]
    assert (dead["id"], dead["kind"], dead["plugin"], dead["attempts"]) == (job, "job", "bot", 1)
    assert "no plugin of tenant 'telecom' serves on_job for 'bot'" in dead["error"]
    retried = await client.post(f"/inbox/{job}/retry", headers=headers)
    assert (retried.status, await retried.json()) == (202, {"id": job, "state": "pending"})
    assert (await client.post("/inbox/123456/retry", headers=headers)).status == 404


# -- health and figures ------------------------------------------------------------------------------------------------


@pytest.mark.row("T15")
async def test_the_tenants_health_names_its_parts(serve):
    client = await serve()
    answer = await client.get("/api/health")
    body = await answer.json()
    assert (answer.status, body["status"]) == (200, "ok")
    assert body["database"]["status"] == "ok"
    assert body["vector_store"] == {"status": "ok", "vectors": 3}
    assert body["llm"] == {"status": "ok"}


@pytest.mark.row("T15")
@pytest.mark.row("T48")
async def test_a_model_that_is_down_degrades_its_part_and_health_still_answers_200(serve):
    client = await serve()
    BotHooks.health = {"llm": {"status": "degraded", "detail": "does not answer"}}
    answer = await client.get("/api/health")
    body = await answer.json()
    assert (answer.status, body["status"]) == (200, "degraded")
    assert body["llm"]["status"] == "degraded"
    assert body["vector_store"] == {"status": "off"}


async def test_the_process_is_healthy_and_ready(serve):
    client = await serve()
    assert await (await client.get("/health")).json() == {"status": "ok"}
    ready = await client.get("/ready")
    assert (ready.status, (await ready.json())["tenants"]) == (200, {"serving": 1, "out_of_service": 0})


async def test_a_process_without_a_tenant_that_serves_is_not_ready(serve):
    client = await serve(BOT + "\nnonsense = 1")
    ready = await client.get("/ready")
    assert (ready.status, (await ready.json())["status"]) == (503, "not ready")


@pytest.mark.row("T57")
async def test_figures_have_requests_and_times_per_route_and_tenant_and_move(serve):
    client = await serve()
    await client.post("/api/ask", json={"message": "hello"})
    text = await (await client.get("/metrics")).text()
    line = 'hookline_requests_total{method="POST",route="/api/ask",status="200",tenant="telecom"}'
    (before,) = [float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)]
    await client.post("/api/ask", json={"message": "hello"})
    text = await (await client.get("/metrics")).text()
    (after,) = [float(row.rpartition(" ")[2]) for row in text.splitlines() if row.startswith(line)]
    assert after == before + 1
    assert 'hookline_request_seconds_count{method="POST",route="/api/ask",tenant="telecom"}' in text
    assert "# TYPE hookline_llm_seconds histogram" in text
    assert "# TYPE hookline_turn_seconds histogram" in text


async def test_figures_are_for_this_machine_or_for_a_key_of_the_server(serve):
    client = await serve()
    outside = {"X-Forwarded-For": "203.0.113.9"}
    assert (await client.get("/metrics", headers=outside)).status == 401
    _, tenants_own = await client.keys.create("telecom", "t", "admin")
    assert (await client.get("/metrics", headers={**outside, "X-API-Key": tenants_own})).status == 401
    _, key = await client.keys.create(SERVER, "prometheus", "viewer")
    assert (await client.get("/metrics", headers={**outside, "X-API-Key": key})).status == 200


async def test_the_list_of_tenants_is_for_admins_and_shows_a_tenants_key_only_its_own(serve):
    client = await serve()
    assert (await client.get("/api/v1/tenants")).status == 401
    _, own = await client.keys.create("telecom", "t", "admin")
    _, viewer = await client.keys.create("telecom", "v", "viewer")
    _, server = await client.keys.create(SERVER, "s", "admin")
    _, other = await client.keys.create("elsewhere", "s", "admin")
    expected = {"tenants": [{"id": "telecom", "name": "Assistant", "status": "serving", "error": ""}]}
    for key in (own, server):
        assert await (await client.get("/api/v1/tenants", headers={"X-API-Key": key})).json() == expected
    assert await (await client.get("/api/v1/tenants", headers={"X-API-Key": other})).json() == {"tenants": []}
    assert (await client.get("/api/v1/tenants", headers={"X-API-Key": viewer})).status == 403


# -- the API page ------------------------------------------------------------------------------------------------------


async def test_the_api_page_and_its_document_list_every_route_and_alias(serve):
    client = await serve()
    document = await (await client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    for path in (
        "/ask",
        "/chat",
        "/sessions",
        "/sessions/{id}",
        "/turns/{id}",
        "/inbox/dead",
        "/outbox",
        "/outbox/{id}/retry",
        "/outbox/{id}/drop",
        "/health",
        "/metrics",
        "/api/ask",
        "/api/sessions",
        "/api/health",
    ):
        assert path in document["paths"], path
    ask = document["paths"]["/api/ask"]["post"]
    assert ask["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/AskBody"}
    assert document["components"]["schemas"]["SessionBody"]["required"] == ["user_id"]
    assert document["paths"]["/inbox/dead"]["get"]["security"] == [{"key": []}, {"bearer": []}]
    page = await client.get("/docs")
    text = await page.text()
    assert page.content_type == "text/html"
    for path in document["paths"]:
        assert path in text
    assert "://" not in text.replace("http://localhost:8080", "")  # nothing is fetched from elsewhere
    assert "'unsafe" not in page.headers["Content-Security-Policy"]


# -- secrets -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("T54")
async def test_no_route_of_the_core_shows_a_secret(serve):
    text = BOT + '\n[texts.en]\ngreeting = "hi"\n'
    client = await serve(text, env={"GROQ_API_KEY": "gsk-very-secret"})
    _, key = await client.keys.create(SERVER, "s", "admin")
    for path in (
        "/api/health",
        "/health",
        "/ready",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/api/v1/tenants",
        "/inbox/dead",
        "/outbox",
    ):
        answer = await client.get(path, headers={"X-API-Key": key})
        assert answer.status == 200
        assert "gsk-very-secret" not in await answer.text()


@pytest.mark.row("F16")
async def test_sessions_that_were_silent_for_too_long_are_ended_on_demand_and_counted(make_bot):
    clock = FrozenClock()
    config = "[conversations]\nexpires_after = 600\nsweep = 100000\n"
    bot = await make_bot(plugins=[Plugin("bot", BotHooks)], config=config, clock=clock)
    for who in ("ann", "ben"):
        await bot.say("hello", who=who)
    clock.advance(700)
    live = (await bot.say("hello", who="eve")).conversation
    await bot.idle()
    app = make_app(bot.runtime)
    async with TestClient(TestServer(app)) as client:
        headers = {"X-API-Key": (await app[KEYS].create("acme", "cron", "admin"))[1]}
        path = "/t/acme/sessions/cleanup"
        assert (await client.post(path)).status == 401
        answers = [await client.post(path, headers=headers) for _ in range(2)]
        assert [(one.status, await one.json()) for one in answers] == [(200, {"removed": 2}), (200, {"removed": 0})]
        clock.advance(700)
        await bot.tenant().conversations.expire()  # as the sweep does
        swept = await client.post(path, headers=headers)
        assert (swept.status, await swept.json()) == (200, {"removed": 1})
        live = (await bot.say("hello", who="eve")).conversation
    assert (await bot.say("hello", who="eve")).conversation == live


async def test_what_no_name_can_be_is_the_clients_mistake(database_url, make_bot):
    """A null character, which PostgreSQL takes in no text, and a name that is too long for any file."""
    bot = await make_bot(plugins=[], database_url=database_url)
    app = make_app(bot.runtime)
    headers = {"X-API-Key": (await app[KEYS].create("acme", "root", "admin"))[1]}
    async with TestClient(TestServer(app)) as client:
        for path in ("sessions/a%00b", "sessions/a%00b/messages", "staff/a%00b", f"admin/static/{'a' * 5000}"):
            answer = await client.get(URL(f"/t/acme/{path}", encoded=True), headers=headers)
            assert answer.status in (400, 404), await answer.text()
        answer = await client.post("/t/acme/chat", json={"message": "hi", "session_id": "a\x00b"})
        assert answer.status in (400, 404), await answer.text()
