"""Sessions and records behind the replaced system's paths: how one stands, their end, what the database holds."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.async_api import async_playwright, expect

from hookline.app import KEYS
from hookline.testing import FrozenClock
from tenant_financial.models import account, customer, loan, metadata, task


async def staff(counter, role):
    _, key = await counter.client.app[KEYS].create("financial", role, role)
    return {"X-API-Key": key}


async def status(counter, session="s1"):
    code, body = await counter.call("GET", f"/session_status?session_id={session}")
    assert code == 200, body
    return body["status"], body["authenticated"]


@pytest.mark.row("F15")
async def test_a_session_says_how_it_stands_from_its_first_message_to_its_end(make_counter):
    clock = FrozenClock()
    counter = await make_counter(clock=clock)
    await counter.chat("Hello")
    assert await status(counter) == ("anonymous", False)
    await counter.prove("C001")
    assert await status(counter) == ("authenticated", True)
    _, made = await counter.call("POST", "/connect_agent", {"cid": "s1", "reason": "EMI dispute"})
    assert await status(counter) == ("escalated", True)
    code, _ = await counter.call("POST", "/agent/mark_as_resolved", {"task_id": made["task_id"]}, staff=True)
    assert code == 200
    assert await status(counter) == ("active", True)
    clock.advance(901)
    assert await status(counter) == ("active", False), "the proof is over"
    clock.advance(86_401)
    assert await status(counter) == ("expired", False)


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        ("/session_status", 400, "session_id: missing; name the session"),
        ("/session_status?session_id=a%20b", 400, "session_id: give 1 to 64 letters"),
    ],
)
async def test_a_session_that_can_not_be_is_refused(counter, path, code, told):
    found, body = await counter.call("GET", path)
    assert (found, body["detail"][: len(told)]) == (code, told)


async def test_a_session_that_nobody_has_written_in_is_anonymous(counter):
    assert await status(counter, "new") == ("anonymous", False)


@pytest.mark.row("F16")
@pytest.mark.parametrize("swept", [True, False], ids=["swept", "not swept"])
async def test_sessions_that_were_silent_for_too_long_are_removed_and_live_ones_are_not(make_counter, swept):
    clock = FrozenClock()
    counter = await make_counter(clock=clock)
    for session in ("s1", "s2"):
        await counter.chat("Hello", session)
    clock.advance(86_401)
    await counter.chat("Hello", "s3")
    if swept:
        await counter.bot.tenant().conversations.expire()
    boss = await staff(counter, "supervisor")
    assert await counter.call("POST", "/cleanup_sessions", headers=boss) == (200, {"removed": 2})
    assert await status(counter, "s1") == ("expired", False)
    assert "EMI" in await counter.chat("Hello", "s3")
    assert await counter.call("POST", "/cleanup_sessions", headers=boss) == (200, {"removed": 0})
    clock.advance(86_401)
    assert await counter.call("POST", "/cleanup_sessions", headers=boss) == (200, {"removed": 1})
    assert (await counter.call("POST", "/cleanup_sessions"))[0] == 401
    assert (await counter.call("POST", "/cleanup_sessions", staff=True))[0] == 403


async def test_where_sessions_never_expire_nothing_is_removed(make_counter):
    counter = await make_counter(never_expires=True)
    boss = await staff(counter, "supervisor")
    code, body = await counter.call("POST", "/cleanup_sessions", headers=boss)
    assert (code, body["detail"]) == (409, "sessions never expire here: conversations.expires_after is 0")


@pytest.mark.row("F35")
async def test_rows_are_counted_for_admins_where_debug_is_on_and_nothing_else_is_told(make_counter):
    counter = await make_counter(DEBUG="true")
    code = await counter.prove("C001")
    await counter.chat("What is my account balance?")
    admin = await staff(counter, "admin")
    found, body = await counter.call("GET", "/api/debug", headers=admin)
    assert found == 200
    assert body["tables"]["tenant_financial_customer"] == 6
    assert body["tables"]["tenant_financial_loan"] == 6
    assert (body["tables"]["conversation"], body["tables"]["contact"]) == (1, 1)
    assert body["tables"]["message"] >= 2
    assert all(isinstance(n, int) for n in body["tables"].values())
    assert code not in str(body)
    assert "9800000" not in str(body)
    assert (await counter.call("GET", "/api/debug"))[0] == 401
    for role in ("agent", "supervisor"):
        assert (await counter.call("GET", "/api/debug", headers=await staff(counter, role)))[0] == 403


@pytest.mark.row("F35")
async def test_where_debug_is_off_there_is_no_such_page(counter):
    code, body = await counter.call("GET", "/api/debug", headers=await staff(counter, "admin"))
    assert (code, body["detail"]) == (404, "there is no such page: it is served where `debug` is on")


@pytest.mark.row("F65")
@pytest.mark.parametrize(
    "text", ["What happens if I miss my EMI?", "EMI miss hua to kya hoga?", "Is there a fee if I miss an EMI?"]
)
async def test_what_the_documents_say_stands_beside_the_customers_own_instalment(counter, text):
    asked = {"message": text, "session_id": "s1"}
    _, before = await counter.call("POST", "/chat", asked)
    assert "12,500" not in before["answer"], "nobody is proved"
    await counter.prove("C001")
    _, told = await counter.call("POST", "/chat", asked)
    assert "12,500" in told["answer"]
    assert [one["title"] for one in told["sources"]] == ["EMI: paying your instalments"]
    assert not re.search(r"9,?875|14,?690|7,?465", told["answer"])


@pytest.mark.row("F67")
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))])
async def test_customers_accounts_loans_and_tasks_lie_in_tables_of_either_database(make_counter, kind, postgresql):
    counter = await make_counter(database_url="" if kind == "sqlite" else await postgresql())
    db = counter.bot.tenant("tenant_financial").db
    for record, rows in ((customer, 6), (account, 7), (loan, 6), (task, 4)):
        (found,) = await db.fetch(sa.select(sa.func.count().label("n")).select_from(record.table))
        assert found.n == rows, record.name
    await counter.prove("C001")
    assert "45,200.50" in await counter.chat("What is my account balance?")
    assert {table.name for table in metadata.sorted_tables} >= {
        f"tenant_financial_{n}" for n in ("customer", "account", "loan", "task")
    }


@pytest.mark.row("F01")
@pytest.mark.service("chromium")
async def test_a_customer_asks_on_the_page_and_sees_the_answer_in_a_bubble(counter):
    async with counter.client.get("/") as response:
        assert (response.status, response.content_type) == (200, "text/html")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(str(counter.client.make_url("/")))
        await page.evaluate("window.stayed = true")
        await page.get_by_role("textbox").fill("What is my EMI?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("I need to know who you are")).to_be_visible(timeout=15_000)
        assert await page.evaluate("window.stayed") is True, "the page was not loaded anew"
        await browser.close()
