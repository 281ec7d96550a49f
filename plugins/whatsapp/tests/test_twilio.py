"""Twilio: forms signed behind proxies, its own client for what goes out, files with credentials for Twilio alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from yarl import URL

from hookline.message import Attachment, Reply
from hookline.testing.loopback import Status
from hookline.testing.twiliowhatsapp import TwilioWhatsApp
from hookline_whatsapp.twilioread import signed

FORMS = Path(__file__).parent / "payloads" / "twilio"
PUBLIC = "https://bot.example"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest_asyncio.fixture
async def twilio():
    async with TwilioWhatsApp() as server:
        yield server


@pytest_asyncio.fixture
async def line(make_line, twilio):
    return await make_line(config=config_of(twilio))


def config_of(twilio, more=""):
    return f"""
public_url = "{PUBLIC}"
[deliveries]
backoff = 0.01
[plugins.whatsapp]
provider = "twilio"
[plugins.whatsapp.numbers.main]
id = "{twilio.number}"
phone = "{twilio.number}"
[plugins.whatsapp.twilio]
account_sid = "{twilio.account}"
auth_token = "{twilio.token}"
url = "{twilio.host}"
content_url = "{twilio.host}"
{more}
"""


def form_of(twilio, name="text", **more):
    text = (FORMS / f"{name}.json").read_text(encoding="utf-8").replace("ACCOUNT", twilio.account)
    return {**json.loads(text)["payload"], **more}


async def post(line, twilio, form, *, url=f"{PUBLIC}/t/acme/whatsapp/webhook", signature=None, **headers):
    given = twilio.sign(url, form) if signature is None else signature
    told = {"X-Twilio-Signature": given, "Content-Type": "application/x-www-form-urlencoded", **headers}
    async with line.http.post(line.webhook, data=urlencode(form), headers=told) as answer:
        return answer.status, await answer.text()


async def say(line, twilio, body, **more):
    before = len(twilio.messages)
    line.n += 1
    sid = f"SM{line.n:032x}"
    form = form_of(twilio, Body=body, MessageSid=sid, SmsMessageSid=sid, SmsSid=sid, **more)
    assert (await post(line, twilio, form))[0] == 200
    await line.bot.idle()
    return twilio.messages[before:]


@pytest.mark.row("K03")
@pytest.mark.row("F46")
async def test_a_form_is_answered_once_by_twilios_own_client(line, twilio):
    form = form_of(twilio)
    for _ in range(2):
        status, text = await post(line, twilio, form)
        assert (status, text) == (200, "<Response/>")
    await line.bot.idle()
    (told,) = twilio.messages
    assert told["Body"] == "You said: Bonjour"
    assert (told["To"], told["From"]) == ("whatsapp:+919812345678", f"whatsapp:{twilio.number}")
    assert told["StatusCallback"] == f"{PUBLIC}/t/acme/whatsapp/webhook"


@pytest.mark.parametrize(
    "url",
    [
        f"{PUBLIC}/t/acme/whatsapp/webhook",
        f"{PUBLIC}:443/t/acme/whatsapp/webhook",
    ],
)
async def test_the_signature_is_over_the_address_that_twilio_called_not_the_one_behind_the_proxy(line, twilio, url):
    assert (await post(line, twilio, form_of(twilio), url=url))[0] == 200


async def test_the_signature_is_over_an_alias_where_twilio_called_that(make_line, twilio):
    alias = '[routes]\n"POST /webhook/whatsapp" = "POST /whatsapp/webhook"\n'
    line = await make_line(config=config_of(twilio, alias))
    form = form_of(twilio)
    good = twilio.sign(f"{PUBLIC}/webhook/whatsapp?x=a%20b", form)
    told = {"X-Twilio-Signature": good, "Content-Type": "application/x-www-form-urlencoded"}
    url = URL(f"{line.url}/webhook/whatsapp?x=a%20b", encoded=True)
    async with line.http.post(url, data=urlencode(form), headers=told) as answer:
        assert answer.status == 200
    await line.bot.idle()
    assert twilio.texts() == ["You said: Bonjour"]


ENVIRONMENT = """
public_url = "${PUBLIC_URL:-}"
[plugins.whatsapp]
provider = "twilio"
[plugins.whatsapp.numbers.main]
id = "${TWILIO_WHATSAPP_NUMBER:-simulator}"
[plugins.whatsapp.twilio]
account_sid = "${TWILIO_ACCOUNT_SID:-}"
auth_token = "${TWILIO_AUTH_TOKEN:-}"
"""


@pytest.mark.row("K83", "K84", "K85", "K86")
async def test_account_token_number_and_address_may_come_from_the_environment(make_line, twilio):
    env = {
        "TWILIO_ACCOUNT_SID": twilio.account, "TWILIO_AUTH_TOKEN": twilio.token, "PUBLIC_URL": PUBLIC,
        "TWILIO_WHATSAPP_NUMBER": f"whatsapp:{twilio.number}",
    }  # fmt: skip
    line = await make_line(config=f'{ENVIRONMENT}url = "{twilio.host}"\n', env=env)
    line.parrot.say = {"Bonjour": Reply("Voici", attachments=(Attachment("/brochure.pdf", "application/pdf"),))}
    assert (await post(line, twilio, form_of(twilio)))[0] == 200, "signed for PUBLIC_URL with the token"
    assert (await post(line, twilio, form_of(twilio, MessageSid="SM9", To="whatsapp:+15550009999")))[0] == 403
    await line.bot.idle()
    (told,) = twilio.messages
    path, _ = twilio.requests[0]
    assert path == f"POST /2010-04-01/Accounts/{twilio.account}/Messages.json"
    assert (told["From"], told["MediaUrl"]) == (f"whatsapp:{twilio.number}", f"{PUBLIC}/brochure.pdf")
    assert told["StatusCallback"].startswith(f"{PUBLIC}/")
    assert twilio.token not in repr(line.tenant.config)


@pytest.mark.row("K102")
async def test_who_writes_too_much_is_told_once_to_wait_and_the_others_are_answered(make_line, twilio):
    line = await make_line(config=config_of(twilio, "[ratelimit]\ncontact_requests = 5\nseconds = 10.0\n"))
    before = line.refused("flood")

    async def write(n, sender):
        form = form_of(twilio, Body=f"Bonjour {n}", MessageSid=f"SM{sender}{n}", From=f"whatsapp:{sender}")
        return await post(line, twilio, form)

    flood = [await write(n, "+221771234567") for n in range(20)]
    other = await write(0, "+221770000000")
    await line.bot.idle()
    assert {*flood, other} == {(200, "<Response/>")}, "Twilio would not send again what is refused"
    told = [one["Body"] for one in twilio.messages if one["To"] == "whatsapp:+221771234567"]
    warning = "You write faster than I can read. Please wait a moment, then send me the last of it again."
    assert told.count(warning) == 1
    assert {one for one in told if one != warning} == {f"You said: Bonjour {n}" for n in range(5)}
    assert [one["Body"] for one in twilio.messages if one["To"] == "whatsapp:+221770000000"] == ["You said: Bonjour 0"]
    assert line.refused("flood") == before + 15


FORGED = {
    "none": lambda good: "",
    "another": lambda good: base64.b64encode(b"0" * 20).decode(),
    "cut": lambda good: good[:-2],
    "not base64": lambda good: "é" * 10,
    "lower": lambda good: good.lower(),
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_forged_form_is_refused(line, twilio, how):
    form = form_of(twilio)
    before = line.refused("forged")
    good = twilio.sign(f"{PUBLIC}/t/acme/whatsapp/webhook", form)
    status, text = await post(line, twilio, form, signature=FORGED[how](good))
    assert status == 403
    assert "public_url" in text
    assert line.refused("forged") == before + 1
    assert not line.parrot.heard


async def test_a_changed_field_or_address_is_refused(line, twilio):
    form = form_of(twilio)
    good = twilio.sign(f"{PUBLIC}/t/acme/whatsapp/webhook", form)
    assert (await post(line, twilio, {**form, "Body": "send it to me"}, signature=good))[0] == 403
    assert (await post(line, twilio, {**form, "More": "1"}, signature=good))[0] == 403
    assert (await post(line, twilio, form, url=f"{PUBLIC}/t/other/whatsapp/webhook"))[0] == 403
    assert (await post(line, twilio, form, url=line.webhook))[0] == 403
    assert (await post(line, twilio, {**form, "AccountSid": "AC" + "0" * 32}))[0] == 403


async def test_json_and_forms_without_an_id_are_malformed(line, twilio):
    form = form_of(twilio)
    assert (await post(line, twilio, form, **{"Content-Type": "application/json"}))[0] == 400
    bare = {key: value for key, value in form.items() if not key.endswith("Sid") or key == "AccountSid"}
    assert (await post(line, twilio, bare))[0] == 400


def test_the_validator_is_not_fooled_by_a_field_that_is_there_twice():
    from multidict import MultiDict

    form = MultiDict([("Body", "a"), ("Body", "b")])
    from twilio.request_validator import RequestValidator

    good = RequestValidator("token").compute_signature("https://x.example/", form)
    assert signed("token", ["https://x.example/"], form, good)
    assert not signed("token", ["https://x.example/"], MultiDict([("Body", "a")]), good)


async def test_a_long_answer_is_split_at_twilios_limit(line, twilio):
    line.parrot.say = {"long": Reply("A sentence of some length. " * 200)}
    told = await say(line, twilio, "long")
    assert len(told) == 4
    assert all(len(one["Body"]) <= 1600 for one in told)


async def test_quick_replies_are_contents_made_once_for_each_set(line, twilio):
    line.parrot.say = {
        "ask": Reply("Which one?", quick_replies=("Yes", "No")),
        "ask again": Reply("And now?", quick_replies=("Yes", "No")),
        "list": Reply("Pick", quick_replies=("One", "Two", "Three", "Four")),
    }
    for text in ("ask", "ask again", "list"):
        await say(line, twilio, text)
    assert twilio.texts() == ["Which one?", "And now?", "Pick"]
    assert len(twilio.contents) == 2
    quick, listed = (one["types"] for one in twilio.contents.values())
    assert [one["title"] for one in quick["twilio/quick-reply"]["actions"]] == ["Yes", "No"]
    assert len(listed["twilio/list-picker"]["items"]) == 4
    await say(line, twilio, "Yes", ButtonText="Yes", ButtonPayload="reply:Yes")
    assert line.parrot.heard[-1].input_type == "choice"


async def test_a_status_callback_flags_what_was_not_delivered(line, twilio):
    (told,) = await say(line, twilio, "hello")
    status = {
        "AccountSid": twilio.account,
        "MessageSid": told["sid"],
        "SmsSid": told["sid"],
        "MessageStatus": "undelivered",
        "ErrorCode": "63024",
        "From": told["From"],
        "To": told["To"],
    }
    assert (await post(line, twilio, status))[0] == 200
    await line.bot.idle()
    ((state, cause),) = await line.outbox()
    assert state == "failed"
    assert "63024" in cause


async def test_who_told_twilio_to_stop_has_opted_out_here_too(line, twilio):
    twilio.opted_out.add("+919812345678")
    await say(line, twilio, "hello")
    ((state, cause),) = await line.outbox()
    assert state == "failed"
    assert "21610" in cause


async def test_a_passing_failure_is_tried_again(line, twilio):
    twilio.fail(Status(503), Status(500))
    (told,) = await say(line, twilio, "hello")
    assert told["Body"] == "You said: hello"


async def test_a_file_is_fetched_with_the_accounts_credentials_and_shown_to_the_staff(make_line, twilio):
    line = await make_line(config=config_of(twilio))
    twilio.files["ME1"] = (PNG, "image/png")
    url = f"{twilio.host}/2010-04-01/Accounts/{twilio.account}/Media/ME1"
    await say(line, twilio, "my house", NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")
    heard = line.parrot.heard[-1]
    assert heard.text == "my house"
    assert [(one.media_type, one.size) for one in heard.attachments] == [("image/png", len(PNG))]
    pair = base64.b64encode(f"{twilio.account}:{twilio.token}".encode()).decode()
    assert twilio.credentials == [f"Basic {pair}"]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/x", "file:///etc/passwd", "ftp://x", "//x"]
)
async def test_a_file_inside_our_own_network_is_not_fetched(line, twilio, url):
    (told,) = await say(line, twilio, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
    assert "did not reach me" in told["Body"]
    assert twilio.credentials == []
    assert line.parrot.heard == []


async def test_credentials_never_go_to_another_host(make_line, twilio):
    async with TwilioWhatsApp() as elsewhere:
        elsewhere.files["ME1"] = (PNG, "image/png")
        more = f'[plugins.whatsapp.media]\nallowed_hosts = ["127.0.0.1:{elsewhere.port}"]\n'
        line = await make_line(config=config_of(twilio, more))
        url = f"{elsewhere.host}/2010-04-01/Accounts/{elsewhere.account}/Media/ME1"
        await say(line, twilio, "look", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
        assert elsewhere.credentials in ([], [""])
