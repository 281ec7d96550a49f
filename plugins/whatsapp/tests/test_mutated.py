"""Payloads that nobody should send, a thousand a provider, to the real server: never a 500, and what is good is never lost.

What providers send is taken from their samples and then spoilt: nulls, other types, nesting, long lists, half surrogates, control
characters, ids of 10,000 characters, the same again.  Beside each spoilt message of Meta's and Gupshup's is a good one, before or after it.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import json
import random
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from hookline.models import inbox
from hookline.testing.gupshup import GupshupServer
from hookline.testing.twiliowhatsapp import TwilioWhatsApp
from hookline_whatsapp.models import sent

FOLDER = Path(__file__).parent / "payloads"
COUNT, AT_ONCE = 1000, 16


def deep(levels):
    told = []
    for _ in range(levels):
        told = [told] if levels % 2 else {"value": told}
    return told


ODD = [
    None, True, False, 0, -1, 2**70, 10**300, 0.5, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\x00" * 50, "\x07\x1b[31m\r\n",
    "\ud800", "\udfff\ud800", "😀", "\ud83d\ude00", "\u202e\u200f\ufeff", "a" * 10_000, "é" * 10_000, "+" + "9" * 10_000,
    "wamid." + "x" * 10_000, "' OR 1=1 --", "${HOME}", "{text}", "<script>alert(1)</script>", "../../../etc/passwd", "http://[::1]/x",
    "https://169.254.169.254/latest", [], {}, [[]], [None] * 50, [{}] * 50, {"": ""}, {"\x00": "\ud800"}, {"id": None}, [1, "a", None],
    deep(20), deep(21), deep(200), deep(201), ["x"] * 3000, {str(n): n for n in range(1000)}, "1e999", "-0", "99999999999999999999",
    "1700000000000000000000", "9" * 5000, "text", "image", "messages", "statuses", "0x10", "１２３４５６７８", "919812345678",
]  # fmt: skip


def places(value, path=()):
    """All paths in a payload."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from places(one, (*path, n))


def spoil(payload, chance):
    """A copy with one to four things wrong."""
    told = copy.deepcopy(payload)
    for _ in range(chance.randint(1, 4)):
        path = chance.choice([path for path in places(told) if path] or [()])
        if not path:
            return told
        holder = told
        for key in path[:-1]:
            holder = holder[key]
        key, odd = path[-1], copy.deepcopy(chance.choice(ODD))
        match chance.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(["", "\x00", "id", "type", "from", "x" * 300])] = holder.pop(key)
            case 2 if isinstance(holder, list):
                holder.extend(copy.deepcopy(holder[key]) for _ in range(chance.choice([1, 30])))
            case 3:
                holder[key] = [holder[key], odd]
            case 4:
                holder[key] = {"body": holder[key], "id": odd}
            case _:
                holder[key] = odd
    return told if len(json.dumps(told)) < 500_000 else payload  # no provider sends more, and the client warns of it


def samples(provider):
    files = sorted((FOLDER / provider).glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8"))["payload"] for file in files]


async def post_all(work):
    """Run the posts, some at once; their (status, text)."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(post):
        async with gate:
            return await post()

    return await asyncio.gather(*(one(post) for post in work))


async def stored(line):
    rows = await line.bot.runtime.database.fetch(sa.select(inbox.c.source_key), {}, tenant="acme")
    return {row.source_key for row in rows}


@pytest.mark.slow
async def test_metas(make_line):
    line = await make_line()
    await line.bot.runtime.lanes.close(grace=0)  # what is taken is looked at, and not answered
    chance, known, work = random.Random(6), samples("meta"), []
    status = {"id": "wamid.out", "status": "delivered", "timestamp": "1700000000", "recipient_id": "919812345678"}
    reports = line.payload(
        statuses=[status, {**status, "status": "failed", "errors": [{"code": 131026, "title": "x"}]}]
    )
    for n in range(COUNT):
        told = spoil(chance.choice([*known, reports]), chance)
        good = line.payload(line.text("good", sender=f"+9198{n:08d}", ident=f"wamid.good{n}"))
        entries = told.get("entry") if isinstance(told, dict) else None
        entries = entries if isinstance(entries, list) else [told]
        whole = {"object": "whatsapp_business_account", "entry": [*entries, *good["entry"]]}
        if n % 2:
            whole["entry"].reverse()
        work.append(functools.partial(line.post, json.dumps(whole).encode()))
    answers = await post_all(work)
    assert {status for status, _ in answers} == {200}, [text for status, text in answers if status != 200][:3]
    assert {f"wamid.good{n}" for n in range(COUNT)} <= await stored(line)


async def test_what_was_taken_of_it_goes_through_its_turn(make_line):
    line = await make_line(more="[turns]\nbackoff = 0.01\n")
    chance, known = random.Random(9), samples("meta")
    for _ in range(120):
        await line.post(json.dumps(spoil(chance.choice(known), chance)).encode())
    good = [line.text("good", sender=f"+9198{n:08d}") for n in range(10)]
    await line.hear(*good)
    rows = await line.bot.runtime.database.fetch(sa.select(inbox.c.state, inbox.c.error), {}, tenant="acme")
    assert [row.error for row in rows if row.state == "dead"] == []
    assert len([one for one in line.meta.texts() if one == "You said: good"]) == 10


async def test_gupshups(make_line):
    async with GupshupServer() as gupshup:
        line = await make_line(
            config=f"""
[plugins.whatsapp]
provider = "gupshup"
numbers.main = {{ id = "{gupshup.app_name}", phone = "{gupshup.number}" }}
gupshup = {{ api_key = "{gupshup.key}", token = "{gupshup.token}" }}
"""
        )
        await line.bot.runtime.lanes.close(grace=0)
        chance, known, work = random.Random(7), samples("gupshup"), []
        now = int(line.tenant.clock.now() * 1000)
        known = [
            {**one, "app": gupshup.app_name, **({"timestamp": now} if "timestamp" in one else {})} for one in known
        ]
        path = f"{line.webhook}?token={gupshup.token}"
        whole = []
        for n in range(COUNT):
            told = spoil(chance.choice(known), chance)
            inner = told.get("payload") if isinstance(told, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get("id"), str):
                inner["id"] = f"{inner['id'][:9000]}-{n}"
            whole.append(told)
            work.append(functools.partial(line.post, json.dumps(told).encode(), sign=False, path=path))
        answers = await post_all(work)
        assert {status for status, _ in answers} <= {200, 400, 403}, [
            text for status, text in answers if status >= 500
        ][:3]
        there = await stored(line)
        clear = [one for one in whole if is_clear(one, gupshup.app_name)]
        assert len(clear) > COUNT / 10
        assert {one["payload"]["id"] for one in clear} <= there


def is_clear(told, app):
    """Whether it is surely a message to the app from somebody: then it has to be there."""
    inner = told.get("payload") if isinstance(told, dict) else None
    good = told.get("app") == app and told.get("type") == "message" if isinstance(inner, dict) else False
    plain = good and isinstance(inner.get("id"), str) and inner["id"].isascii() and inner["id"].isprintable()
    times = good and isinstance(told.get("timestamp"), int) and 1.6e12 < told["timestamp"] < 2e12
    return bool(plain and times and len(inner["id"]) < 200 and inner.get("source") == "919812345678")


async def test_twilios(make_line):
    async with TwilioWhatsApp() as twilio:
        public = "https://bot.example"
        line = await make_line(
            config=f"""
public_url = "{public}"
[plugins.whatsapp]
provider = "twilio"
numbers.main = {{ id = "{twilio.number}", phone = "{twilio.number}" }}
twilio = {{ account_sid = "{twilio.account}", auth_token = "{twilio.token}" }}
"""
        )
        await line.bot.runtime.lanes.close(grace=0)
        chance, known, work, clear = random.Random(8), samples("twilio"), [], set()
        known.append({**known[0], "MessageStatus": "failed", "ErrorCode": "63016", "Body": ""})
        url = f"{public}/t/acme/whatsapp/webhook"
        for n in range(COUNT):
            form = {**chance.choice(known), "MessageSid": f"SM{n:032x}"}
            told = {
                str(key): str(value)[:10_000].encode("utf-8", "replace").decode()
                for key, value in spoil(form, chance).items()
            }
            told["AccountSid"] = twilio.account
            headers = {
                "X-Twilio-Signature": twilio.sign(url, told),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            work.append(functools.partial(send, line, told, headers))
            same = all(told.get(key) == form[key] for key in ("MessageSid", "From", "To"))
            if (
                same
                and form["From"] == "whatsapp:+919812345678"
                and told.get("SmsStatus") == "received"
                and "MessageStatus" not in told
            ):
                clear.add(form["MessageSid"])
        answers = await post_all(work)
        assert {status for status, _ in answers} <= {200, 400, 403}, [
            text for status, text in answers if status >= 500
        ][:3]
        assert len(clear) > COUNT / 4
        there = await stored(line)
        assert clear <= there


async def send(line, form, headers):
    async with line.http.post(line.webhook, data=urlencode(form), headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"entry": ' + b"[" * 100_000, b'{"entry": ' + b"9" * 5000 + b"}"]
)
async def test_what_is_no_payload_is_refused_as_that(line, body):
    status, text = await line.post(body)
    assert status == 400, text


async def test_the_same_message_many_times_in_one_batch_is_one(line):
    one = line.text("hello", ident="wamid.same")
    await line.hear(*[one] * 300)
    assert len(line.meta.messages) == 1
    assert len(await line.rows(sa.select(sent))) == 1
