"""Codes are searched for in all that is kept and said: tables, the database's files, logs, events, traces, errors, replies."""

from __future__ import annotations

import asyncio
import io
import re
import sqlite3

import msgspec
import pytest
import sqlalchemy as sa

from hookline.logs import Logs
from hookline.testing.loopback import Status
from hookline.testing.twiliocodes import TwilioCodes


def forms(code):
    """How a code may stand somewhere."""
    deva = code.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    return [code, f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", " ".join(code), ", ".join(code), deva]


def found_in(text, code):
    return [form for form in forms(code) if form in text]


async def watch(bot, conversation, shown):
    """What pages that look at the conversation are shown."""
    async with bot.runtime.live.subscribe("acme", f"conversation:{conversation}") as events:
        async for event in events:
            shown.append(event)


@pytest.mark.row("F10", "X09", "F06")
async def test_a_code_is_in_no_table_file_log_event_trace_or_reply(make_bot, bank, capfd):
    stream = io.StringIO()
    logs = Logs(stream=stream, style="json", level="debug")
    logs.configure()
    said, shown = [], []
    try:
        async with TwilioCodes() as twilio:
            config = bank.config.replace('sms = "folder", email = "folder"', 'sms = "twilio"') + (
                f'[plugins.identity.twilio]\naccount_sid = "{twilio.account}"\nauth_token = "${{TOKEN}}"\n'
                f'sms_from = "{twilio.number}"\nurl = "{twilio.host}"\n[turns]\nbackoff = 0.01\n'
            )
            bot = await make_bot(plugins=bank.plugins, config=config, env={"TOKEN": twilio.token})

            async def say(text, who="alice"):
                said.append(await bot.say(text, who=who))
                return said[-1]

            def code_of(n):
                return re.search(r"\b\d{6}\b", twilio.messages[n - 1]["Body"])[0]

            first = await say("What is my balance?")
            watching = asyncio.create_task(watch(bot, first.conversation, shown))
            await bot.until(lambda: bot.runtime.live.subscribers("acme", f"conversation:{first.conversation}"))
            twilio.fail(Status(500))
            await say("C001")
            await bot.until(lambda: twilio.messages)
            code = code_of(1)
            await say(bank.wrong_of(code))
            assert "Your balance is" in (await say(f"my code is {code[:3]} {code[3:]}")).text
            await bot.until(lambda: len([one for one in shown if one.kind == "message"]) >= 3)
            watching.cancel()
            await say("What is my balance?", who="bob")
            await say("C002", who="bob")
            await bot.until(lambda: len(twilio.messages) == 2)
            open_code = code_of(2)
            await say(open_code[:5], who="bob")
            await say("so many things happened on that day that I can not tell, " + open_code, who="bob")
            await bot.idle()
            codes = [code, open_code, bank.wrong_of(code)]

            file = next((bot.folder / "data").rglob("hookline.db"))
            tables = {}
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
                names = [n for (n,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
                for name in names:
                    tables[name] = str(connection.execute(f'SELECT * FROM "{name}"').fetchall())
            connection.close()
            on_disk = {p.name: p.read_bytes() for p in (bot.folder / "data").rglob("*") if p.is_file()}
    finally:
        logs.close()
    assert {"inbox", "outbox", "message", "event", "audit", "identity_challenge"} <= set(tables)
    assert any(name.endswith("-wal") for name in on_disk)
    out = "".join(capfd.readouterr())
    for one in codes:
        for name, text in tables.items():
            assert not found_in(text, one), name
        for name, content in on_disk.items():
            for form in forms(one):
                assert form.encode() not in content, name
        assert not found_in(stream.getvalue(), one)
        assert not found_in(out, one)
        assert not found_in(str([msgspec.to_builtins(told) for told in said]), one)
        assert not found_in(str(shown), one)
    for number in ("9800000001", "9800000002"):
        assert number not in stream.getvalue()
        assert all(
            number not in tables[name]
            for name in tables
            if name.startswith(("identity", "event", "audit", "inbox", "outbox"))
        )


async def test_an_error_in_the_turn_of_a_code_does_not_repeat_it(make_bot, bank, records):
    stream = io.StringIO()
    logs = Logs(stream=stream, style="json", level="debug")
    logs.configure()
    try:
        bot = await make_bot(plugins=bank.plugins, config=bank.config + "[turns]\nbackoff = 0.01\n")
        branch = bank.branch(bot)
        await branch.say("What is my balance?")
        await branch.say("C001")
        code = await branch.code()
        records.accounts["C001"] = _Broken()
        inbox_id = await bot.tell(f"code {code}")
        await bot.tenant().wait(inbox_id, 20)
        rows = await bot.tenant().conversations.database.fetch(
            sa.text("SELECT error, payload FROM inbox"), tenant="acme"
        )
    finally:
        logs.close()
    assert "broken records" in stream.getvalue()
    assert code not in stream.getvalue()
    assert code not in str(rows)


class _Broken:
    """A record that can't be read."""

    @property
    def id(self):
        raise RuntimeError("broken records")
