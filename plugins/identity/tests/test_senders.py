"""Codes really go out: by Twilio's client to a server that refuses what Twilio refuses, by SMTP, by signed webhooks."""

from __future__ import annotations

import asyncio
import re
import warnings
import xml.etree.ElementTree as ET

import msgspec
import pytest
import pytest_asyncio
import sqlalchemy as sa
import structlog
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from hookline.message import Account
from hookline.signing import check_signature
from hookline.testing.loopback import Status
from hookline.testing.twiliocodes import TwilioCodes
from hookline_identity.models import challenge

TWILIO = """
protects = ["balance"]
claim_pattern = "C\\\\d{{3,6}}"
deliver = {{ {deliver} }}
[plugins.identity.twilio]
account_sid = "{account}"
auth_token = "${{TOKEN}}"
sms_from = "+15005550006"
whatsapp_from = "whatsapp:+15005550006"
voice_from = "+15005550006"
url = "{host}"
[plugins.identity.twilio_verify]
account_sid = "{account}"
auth_token = "${{TOKEN}}"
service_sid = "{verify}"
url = "{host}"
"""


@pytest_asyncio.fixture
async def twilio():
    async with TwilioCodes() as server:
        yield server


@pytest.fixture
def by(make_bot, bank, twilio):
    """`branch = await by('sms = "twilio"')`."""

    async def make(deliver: str, **more):
        table = TWILIO.format(deliver=deliver, account=twilio.account, host=twilio.host, verify=twilio.verify)
        config = (
            f'title = "Vista Bank"\n[locale]\nphone_region = "IN"\n[turns]\nbackoff = 0.01\n[plugins.identity]{table}'
        )
        return bank.branch(await make_bot(plugins=bank.plugins, config=config, env={"TOKEN": twilio.token}, **more))

    return make


async def asks(branch, customer="C001"):
    await branch.say("What is my balance?")
    return await branch.say(customer)


async def state(branch, wanted):
    """The newest code's row, once it is so."""

    async def found():
        rows = await branch.tenant.db.fetch(sa.select(challenge).order_by(challenge.c.created_at.desc()))
        return rows[0] if rows and wanted(rows[0]) else None

    async with asyncio.timeout(20):
        while (row := await found()) is None:
            await asyncio.sleep(0.01)
    return row


@pytest.mark.row("F10", "X09")
async def test_a_code_goes_by_sms_to_the_registered_number_alone(by, bank, twilio):
    branch = await by('sms = "twilio"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.messages)
    (sent,) = twilio.messages
    assert (sent["To"], sent["From"]) == ("+919800000001", "+15005550006")
    code = re.search(r"\d{6}", sent["Body"])[0]
    assert sent["Body"].startswith(f"{code} is your code for Vista Bank.")
    assert (await branch.say(code)).text == f"Your balance is {bank.balance}."


async def test_a_code_goes_by_whatsapp_where_that_is_registered(by, bank, twilio, records):
    records.accounts["C001"] = Account("C001", (("whatsapp", "+919800000001"),))
    branch = await by('whatsapp = "twilio"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.messages)
    assert twilio.messages[0]["To"] == "whatsapp:+919800000001"
    code = re.search(r"\d{6}", twilio.messages[0]["Body"])[0]
    assert (await branch.say(code)).text == f"Your balance is {bank.balance}."


async def test_a_call_says_the_figures_one_by_one_and_twice(by, bank, twilio):
    branch = await by('voice = "twilio"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.phoned)
    said = [one.text for one in ET.fromstring(twilio.phoned[0]["Twiml"]).iter("Say")]
    assert len(said) == 2
    figures = re.search(r"Your code is: (\d(?:, \d){5})\.", said[0])[1]
    assert (await branch.say(figures.replace(", ", ""))).text == f"Your balance is {bank.balance}."


async def test_where_one_way_refuses_the_next_is_taken(by, bank, twilio):
    twilio.opted_out.add("+919800000001")
    branch = await by('sms = "twilio", voice = "twilio"')
    with structlog.testing.capture_logs() as logs:
        await asks(branch)
        await branch.bot.until(lambda: twilio.phoned)
    (warned,) = [line for line in logs if line["event"] == "a code was not taken"]
    assert warned["reason"] == "Twilio answered 400 (code 21610: https://www.twilio.com/docs/errors/21610)"
    row = await state(branch, lambda row: row.way == "voice")
    assert row.state == "open"


async def test_where_a_server_is_down_it_is_tried_again(by, bank, twilio):
    twilio.fail(Status(503), Status(429))
    branch = await by('sms = "twilio"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.messages)
    assert len(twilio.calls("POST", "/Messages.json")) == 3
    assert len({call["Body"] for call in twilio.calls("POST", "/Messages.json")}) == 1, "it is the same code each time"


async def test_an_address_that_nobody_takes_is_noted_and_shows_in_the_health(by, twilio):
    twilio.opted_out.add("+919800000001")
    branch = await by('sms = "twilio"')
    await asks(branch)
    await state(branch, lambda row: row.reason == "undelivered")
    health = await branch.bot.snapshot().hooks.check_health()
    assert health["identity"] == {"status": "degraded", "detail": "1 codes were not taken in the last hour"}


async def test_twilio_verify_makes_and_checks_codes_of_its_own(by, bank, twilio):
    branch = await by('sms = "twilio_verify"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.codes)
    code = twilio.codes["+919800000001"]
    assert "You can try 2 more times" in (await branch.say(bank.wrong_of(code))).text
    assert (await branch.say(code)).text == f"Your balance is {bank.balance}."
    assert [form["Code"] for form in twilio.calls("POST", "/VerificationCheck")][-1] == code
    assert not twilio.messages


async def test_where_twilio_verify_can_not_be_asked_no_try_is_lost(by, bank, twilio):
    branch = await by('sms = "twilio_verify"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.codes)
    twilio.fail(Status(503))
    assert (await branch.say(twilio.codes["+919800000001"])).text.startswith("I can't check the code just now.")
    assert (await branch.say(twilio.codes["+919800000001"])).text == f"Your balance is {bank.balance}."


async def test_where_twilio_verify_takes_no_more_tries_the_customer_is_told_for_how_long(by, bank, twilio, clock):
    """Its five are of one verification, which another code does not begin anew."""
    branch = await by('sms = "twilio_verify"', clock=clock)
    await asks(branch)
    await branch.bot.until(lambda: twilio.codes)
    wrong = bank.wrong_of(twilio.codes["+919800000001"])
    said = [(await branch.say(wrong)).data["identity"] for _ in range(3)]
    clock.advance(31)
    await branch.say("send again")
    await branch.bot.until(lambda: twilio.verifications["+919800000001"].sends == 2)
    said += [(await branch.say(wrong)).data["identity"] for _ in range(2)]
    told = await branch.say(twilio.codes["+919800000001"])

    assert said == ["wrong", "wrong", "locked", "wrong", "wrong"]
    assert told.text == branch.tenant.phrase("identity-locked", "en", minutes=10)
    assert (await state(branch, lambda row: row.state == "open")).tries_left == 1, "it was not tried"


async def test_where_twilio_verify_sends_no_more_the_next_way_is_taken_at_once(by, twilio, records, clock):
    branch = await by('sms = "twilio_verify", voice = "twilio"', clock=clock)
    await asks(branch)
    await branch.bot.until(lambda: twilio.codes)
    twilio.verifications["+919800000001"].sends = 5
    clock.advance(31)
    await branch.say("send again")
    clock.advance(31)
    with structlog.testing.capture_logs() as logs:
        await branch.say("send again")
        await branch.bot.until(lambda: len(twilio.phoned) == 2)

    (warned,) = [line for line in logs if line["event"] == "a code was not taken"]
    assert warned["reason"] == "Twilio answered 429 (code 60203: https://www.twilio.com/docs/errors/60203)"


async def test_an_approved_code_counts_once_though_the_turn_runs_again(by, bank, twilio):
    from hookline_identity import verify

    branch = await by('sms = "twilio_verify"')
    await asks(branch)
    await branch.bot.until(lambda: twilio.codes)
    code, row = twilio.codes["+919800000001"], await state(branch, lambda row: row.state == "open")
    assert await verify.checked(branch.tenant, row, code), "the turn was lost before its commit"
    assert (await branch.say(code)).text == f"Your balance is {bank.balance}."
    assert len(twilio.calls("POST", "/VerificationCheck")) == 1


async def test_a_wrong_token_is_said_in_the_log_without_the_number(by, twilio):
    branch = await by('sms = "twilio"')
    twilio.token = "another"
    with structlog.testing.capture_logs() as logs:
        await asks(branch)
        await state(branch, lambda row: row.reason == "undelivered")
    assert "9800000001" not in str(logs)
    assert "Twilio answered 401 (code 20003" in str(logs)


class Mailbox:
    """A mail server's memory."""

    def __init__(self):
        self.mails = []
        self.refuse, self.later = "", 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse:
            return self.refuse
        if self.later:
            self.later -= 1
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@pytest_asyncio.fixture
async def mail(make_bot, bank):
    """A mail server that asks for a password, and a bank that sends by it: `box, branch = await mail()`."""
    servers = []

    async def make(password="right", security="none"):
        box = Mailbox()

        def allowed(server, session, envelope, mechanism, data):
            good = isinstance(data, LoginPassword) and data.password == b"right"
            return AuthResult(success=good, handled=False)

        def serve():
            with warnings.catch_warnings():  # that a password goes in the clear, which on this machine it may
                warnings.simplefilter("ignore", UserWarning)
                return SMTP(box, authenticator=allowed, auth_require_tls=False, auth_required=True, loop=loop)

        loop = asyncio.get_running_loop()
        server = await loop.create_server(serve, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        config = (
            'title = "Vista Bank"\n[turns]\nbackoff = 0.01\n[plugins.identity]\nprotects = ["balance"]\n'
            'claim_pattern = "C\\\\d{3}"\ndeliver = { email = "smtp" }\n'
            f'[plugins.identity.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n'
            f'username = "bank"\npassword = "${{MAIL}}"\nsender = "Vista Bank <otp@vista.example>"\n'
        )
        return box, bank.branch(await make_bot(plugins=bank.plugins, config=config, env={"MAIL": password}))

    yield make
    for server in servers:
        server.close()


async def test_a_code_goes_by_mail(mail, bank):
    box, branch = await mail()
    assert "••••@••••" in (await asks(branch, "C003")).text
    await branch.bot.until(lambda: box.mails)
    ((to, text),) = box.mails
    assert to == ["asha@example.com"]
    assert "Subject: Your code for Vista Bank" in text
    assert "Auto-Submitted: auto-generated" in text
    code = re.search(r"is (\d{6})\.", text)[1]
    assert code not in text.split("\r\n\r\n")[0], "a phone shows the subject while it is locked"
    assert (await branch.say(code)).text == "Your balance is 1.00."


@pytest.mark.parametrize(
    ("answer", "password", "told"),
    [
        ("550 no such user asha@example.com", "right", "the mail server answered 550"),
        ("", "wrong", "the mail server refuses the username and password (code 535)"),
    ],
)
async def test_a_mail_that_is_refused_is_noted_without_the_address(mail, answer, password, told):
    box, branch = await mail(password)
    box.refuse = answer
    with structlog.testing.capture_logs() as logs:
        await asks(branch, "C003")
        await state(branch, lambda row: row.reason == "undelivered")
    (warned,) = [line for line in logs if line["event"] == "a code was not taken"]
    assert warned["reason"] == told
    assert "asha@example.com" not in str(logs)


async def test_without_encryption_nothing_is_sent_where_it_is_asked_for(mail):
    box, branch = await mail(security="starttls")
    with structlog.testing.capture_logs() as logs:
        await asks(branch, "C003")
        await branch.bot.until(lambda: any(line["event"] == "turn failed" for line in logs))
    assert not box.mails


async def test_a_mail_that_can_not_be_taken_now_is_sent_later(mail):
    box, branch = await mail()
    box.later = 2
    await asks(branch, "C003")
    await branch.bot.until(lambda: box.mails, timeout=20)


async def test_a_mail_server_that_stays_away_is_noted_in_the_end(mail):
    box, branch = await mail()
    box.later = 1000
    await asks(branch, "C003")
    await state(branch, lambda row: row.reason == "undelivered")


async def test_a_code_goes_to_a_system_of_ones_own_in_a_signed_request(make_bot, bank):
    taken, secret = [], "whsec_" + "c2VjcmV0LW9mLXRoZS1iYW5rLXdpdGgtbWFueS1ieXRlcw=="
    answers = [503, 200]

    async def take(request):
        body = await request.read()
        ident = check_signature(secret, request.headers, body, branch.bot.clock.now())
        taken.append((ident, msgspec.json.decode(body)))
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_post("/otp", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        config = (
            '[locale]\nphone_region = "IN"\n[turns]\nbackoff = 0.01\n[plugins.identity]\nprotects = ["balance"]\nclaim_pattern = "C\\\\d{3}"\n'
            'deliver = { sms = "webhook" }\n[plugins.identity.webhook]\nsecret = "${HOOK}"\n'
            f'url = "http://127.0.0.1:{runner.addresses[0][1]}/otp"\n'
        )
        branch = bank.branch(await make_bot(plugins=bank.plugins, config=config, env={"HOOK": secret}))
        await asks(branch)
        await branch.bot.until(lambda: len(taken) == 2)
        assert taken[0] == taken[1], "a repeat has the same id"
        told = taken[1][1]["data"]
        assert (taken[1][1]["type"], told["way"], told["to"]) == ("otp.requested", "sms", "+919800000001")
        assert (await branch.say(told["code"])).text == f"Your balance is {bank.balance}."
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("deliver", "problem"),
    [
        ('sms = "smtp"', "deliver.sms: given 'smtp', which sends only by email"),
        ('email = "twilio"', "deliver.email: given 'twilio', which sends only by sms and whatsapp and voice"),
        ('email = "smtp"', "deliver.email: 'smtp' needs smtp.host, smtp.sender"),
        ('sms = "twilio"', "deliver.sms: 'twilio' needs twilio.account_sid, twilio.sms_from"),
        ('sms = "webhook"', "deliver.sms: 'webhook' needs webhook.url"),
    ],
)
async def test_what_can_not_send_is_refused_when_the_config_is_loaded(make_bot, bank, deliver, problem):
    bot = await make_bot(plugins=bank.plugins, config=bank.config)
    file = bot.folder / "tenants" / "acme" / "tenant.toml"
    file.write_text(file.read_text().replace('sms = "folder", email = "folder"', deliver), encoding="utf-8")
    assert not await bot.runtime.load("acme")
    assert problem in bot.runtime_of().error


async def test_the_demos_folder_is_refused_on_a_public_server(make_bot, bank):
    bot = await make_bot(plugins=bank.plugins, config=bank.config)
    file = bot.folder / "tenants" / "acme" / "tenant.toml"
    file.write_text(
        file.read_text().replace('public_url = ""', 'public_url = "https://bank.example"'), encoding="utf-8"
    )
    assert not await bot.runtime.load("acme")
    assert 'deliver: "folder" sends nobody anything' in bot.runtime_of().error
