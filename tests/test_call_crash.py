"""Kills a real server with -9 in the midst of a phone call, at each named place, and while a call is being placed: Twilio asks again,
and the call goes on as if nothing had been; a call that was being placed is looked up, and never placed twice."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import aiohttp
import attrs
import pytest
import pytest_asyncio

from hookline.catalogue import Catalogue
from hookline.plugin import Plugin
from hookline.testing.loopback import Status
from hookline.testing.process import ServerProcess
from hookline.testing.twiliocalls import TwilioCalls

TOKEN, ACCOUNT = "c" * 32, "AC" + "1" * 32
PLACES = ("accept.durable", "turn.decided", "turn.durable", "deliver.durable")
FLOW = """
slots:
  count: {kind: number, min: 1, entities: []}
  size: {kind: choice, entities: [], choices: {small: {label: {en: Small}}, large: {label: {en: Large}}}}
steps:
  - {id: count, ask: count, text: {en: How many?}}
  - {id: size, ask: size, text: {en: Which size?}}
  - {id: told, say: {en: "{count} of {size_label}."}}
  - {id: fin, end: ordered, text: {en: Goodbye.}}
"""
CONFIG = f"""
[plugins]
enabled = ["flows", "voice"]
[plugins.voice.calls]
flow = "order"
[plugins.voice.calls.twilio]
account_sid = "{ACCOUNT}"
auth_token = "${{CALLS_TOKEN}}"
[ratelimit]
requests = 0
contact_requests = 0
"""


@attrs.define
class Twilio:
    """Asks, and asks once more with the same token where no answer comes; starts the server again where it was killed."""

    server: ServerProcess
    http: aiohttp.ClientSession
    call: str
    killed: int = 0
    n: int = 0

    async def ask(self, path: str, **fields: str) -> ET.Element:
        """What the call hears: a document that says nothing itself leads on, as where the answer was not ready in time."""
        found = await self._asked(path, **fields)
        while not words(found) and (way := found.findtext("Redirect")):
            found = await self._asked(way)
        return found

    async def _asked(self, path: str, **fields: str) -> ET.Element:
        self.n += 1
        form = {"AccountSid": ACCOUNT, "CallSid": self.call, "From": "+919800000001", "To": "+911140000000", **fields}
        url = f"{self.server.url}{path}"
        told = url + "".join(f"{key}{form[key]}" for key in sorted(form))
        given = base64.b64encode(hmac.digest(TOKEN.encode(), told.encode(), hashlib.sha1)).decode()
        headers = {"X-Twilio-Signature": given, "I-Twilio-Idempotency-Token": f"t{self.n}"}
        while True:
            found = await self._once(url, form, headers)
            if found is not None:
                return found
            await self.server.dies()
            self.killed += 1
            self.server.start()
            await self.server.ready(self.http)

    async def _once(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> ET.Element | None:
        sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            async with self.http.post(url, data=urlencode(form), headers=sent) as answer:
                text = await answer.text()
        except aiohttp.ClientError:
            return None
        assert answer.status == 200, text
        return ET.fromstring(text)


def words(document: ET.Element) -> str:
    return " ".join(one.text or "" for one in document.iter("Say"))


@pytest.mark.slow
@pytest.mark.row("X05")
async def test_a_call_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "tenants" / "crash"
    (folder / "flows").mkdir(parents=True)
    (folder / "tenant.toml").write_text(CONFIG)
    (folder / "flows" / "order.yaml").write_text(FLOW)
    server = ServerProcess(tmp_path / "tenants", "crash", tmp_path / "data", env={"CALLS_TOKEN": TOKEN})
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        try:
            for number, place in enumerate(PLACES):
                server.start(f"{place}:2")
                await server.ready(http)
                twilio = Twilio(server, http, f"CA{number:032x}")
                assert "How many?" in words(await twilio.ask("/voice/calls/answer"))
                assert "Which size?" in words(await twilio.ask("/voice/calls/steps/count/answer", Digits="3")), place
                end = await twilio.ask("/voice/calls/steps/size/answer", SpeechResult="large")
                assert words(end) == "3 of Large. Goodbye.", place
                assert end.find("Hangup") is not None
                assert twilio.killed == 1, place
                server.kill()
            rows = await server.rows("SELECT conversation, direction FROM message")
        finally:
            server.kill()
    calls = {conversation for conversation, _ in rows}
    assert len(calls) == len(PLACES)
    for call in calls:
        assert [direction for told, direction in rows if told == call].count("inbound") == 3
        assert [direction for told, direction in rows if told == call].count("outbound") == 3
    assert await server.rows("SELECT DISTINCT outcome FROM voice_call") == [("ordered",)]


# -- calls that the bot places ------------------------------------------------------------------------------------------

CUSTOMER, PUBLIC = "+919800000001", "https://shop.example"
OUTBOUND = """
[plugins.voice.calls.outbound]
quiet_from = "00:00"
quiet_until = "00:00"
lookup_seconds = 1.0
answered_seconds = 6.0
"""


@attrs.define
class Office:
    """A server that places calls at a Twilio on loopback, which kills it at the moment that a test names."""

    server: ServerProcess
    http: aiohttp.ClientSession
    twilio: TwilioCalls

    def kill_at(self, moment: str) -> None:
        def meet(now: str) -> bool:
            if now == moment and not self.server.dead:
                self.server.kill()
                return False
            return True

        self.twilio.meet = meet

    async def order_and_die(self, key: str, moment: str) -> None:
        self.kill_at(moment)
        self.server.command("calls", "place", CUSTOMER, "--key", key, "--tenant", "crash")
        await self.server.dies()
        self.twilio.meet = lambda _moment: True

    async def up(self) -> None:
        self.server.start()
        await self.server.ready(self.http)

    async def order(self, key: str, *states: str) -> tuple[str, str, int, str, str]:
        """The order's state, outcome, attempts, call and cause, once it is in one of the states."""
        statement = f"SELECT state, outcome, attempts, call, error FROM voice_order WHERE key = '{key}'"
        async with asyncio.timeout(60):
            while (rows := await self.server.rows(statement))[0][0] not in states:
                await asyncio.sleep(0.05)
        return rows[0]

    async def report(self, sid: str, status: str) -> None:
        """Twilio says how far a call is."""
        placed = self.twilio.placed[sid]
        path = placed["StatusCallback"].removeprefix(PUBLIC)
        form = {"AccountSid": self.twilio.account, "CallSid": sid, "From": self.twilio.number, "To": CUSTOMER,
                "Direction": "outbound-api", "CallStatus": status, "CallDuration": "7"}  # fmt: skip
        headers = {"X-Twilio-Signature": self.twilio.sign(f"{PUBLIC}{path}", form)}
        async with self.http.post(f"{self.server.url}{path}", data=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


@pytest_asyncio.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    folder = tmp_path / "tenants" / "crash"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "order.yaml").write_text(FLOW)
    async with TwilioCalls() as twilio, aiohttp.ClientSession() as http:
        account = CONFIG.replace(ACCOUNT, twilio.account).replace(
            "[plugins.voice.calls]",
            f"""[plugins.voice.calls]
numbers = ["{twilio.number}"]""",
        )
        account = account.replace("auth_token =", f'url = "{twilio.host}"\nauth_token =')
        (folder / "tenant.toml").write_text(f'public_url = "{PUBLIC}"\n{account}\n{OUTBOUND}')
        env = {"CALLS_TOKEN": twilio.token}
        server = ServerProcess(tmp_path / "tenants", "crash", tmp_path / "data", database_url, env=env)
        try:
            yield Office(server, http, twilio)
        finally:
            server.kill()


@pytest.fixture
def database_plugins() -> Sequence[Plugin]:
    return Catalogue.load().plugins


@pytest.mark.slow
async def test_a_call_that_was_being_placed_at_a_crash_is_placed_once(office: Office) -> None:
    await office.up()
    await office.order_and_die("taken", "taken")
    (sid,) = office.twilio.placed
    await office.up()
    assert await office.order("taken", "placed") == ("placed", "", 1, sid, "")
    await office.report(sid, "completed")
    assert (await office.order("taken", "done"))[:2] == ("done", "answered")

    await office.order_and_die("asked", "asked")
    assert list(office.twilio.placed) == [sid]
    await office.up()
    state, _, attempts, call, error = await office.order("asked", "placed")
    assert (state, attempts, error) == ("placed", 1, "")
    assert set(office.twilio.placed) == {sid, call}


@pytest.mark.slow
@pytest.mark.parametrize("database_url", [""])  # where it is stored makes no difference to what Twilio can't tell
async def test_a_call_that_can_t_be_looked_up_is_not_placed_again_and_staff_are_told(office: Office) -> None:
    await office.up()
    await office.order_and_die("open", "taken")
    (sid,) = office.twilio.placed
    office.twilio.always(Status(503))
    await office.up()
    state, outcome, _, _, error = await office.order("open", "unknown")
    assert (state, outcome) == ("unknown", "unknown")
    assert (
        error
        == "a crash left open whether the call was placed, and it can't be looked up: Twilio answers 503: Unable to fetch page"
    )
    listed = office.server.command("calls", "orders", "--state", "unknown", "--tenant", "crash")
    assert CUSTOMER in listed
    assert error in listed
    office.twilio.always(None)
    assert list(office.twilio.placed) == [sid]

    await office.report(sid, "ringing")  # so it was placed after all
    assert await office.order("open", "placed") == ("placed", "", 1, sid, "")
    await office.report(sid, "completed")
    assert (await office.order("open", "done"))[:2] == ("done", "answered")
    kinds = await office.server.rows("SELECT kind FROM event WHERE kind = 'voice.outcome'")
    assert len(kinds) == 2  # that nobody knew, and how it went
