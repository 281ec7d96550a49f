"""`hookline doctor whatsapp`: each thing that is wrong is said with what to do, and the webhook is set on demand."""

from __future__ import annotations

import time
from pathlib import Path

import aiohttp
import attrs
import pytest
import pytest_asyncio

import hookline_whatsapp
from hookline.examination import Examination, ask
from hookline.settings import Secret, Settings
from hookline.testing.gupshup import GupshupServer
from hookline.testing.metaaccount import MetaAccount
from hookline.testing.twiliowhatsapp import TwilioWhatsApp
from hookline_whatsapp.config import Config, Gupshup, Meta, Number, Twilio, Window


async def look(config, public="", *, change=False, online=True, routes=None, languages=()):
    """All findings as (weight, text)."""
    settings = Settings(plugins=("whatsapp",), public_url=public, routes=routes or {}, languages=languages)
    async with aiohttp.ClientSession() as http:
        about = Examination("acme", "whatsapp", config, settings, Path(), Path(), http, online=online, change=change)
        return [(one.weight, one.text) for one in await ask(hookline_whatsapp.plugin.examine, about)]


def errors(found):
    return [text for weight, text in found if weight == "error"]


def of_meta(meta, number="", phone="+911234567890", **keys):
    told = {"access_token": meta.token, "app_secret": meta.secret, "verify_token": meta.verify_token, **keys}
    table = Meta(**{key: Secret(value, f"WHATSAPP_{key.upper()}") for key, value in told.items()}, url=meta.host)
    return Config(provider="meta", numbers={"main": Number(number or meta.number, phone)}, meta=table)


@pytest_asyncio.fixture
async def site(make_line):
    """A server of ours, and the account at Meta that it is to be known to."""
    async with MetaAccount() as meta:
        config = of_meta(meta)
        line = await make_line(
            config=f"""
[plugins.whatsapp]
provider = "meta"
numbers.main = {{ id = "{meta.number}", phone = "+911234567890" }}
meta = {{ access_token = "{meta.token}", app_secret = "{meta.secret}", verify_token = "{meta.verify_token}", url = "{meta.host}" }}
[routes]
"GET /hook" = "GET /whatsapp/webhook"
"POST /hook" = "POST /whatsapp/webhook"
"""
        )
        yield line, meta, config


async def test_a_webhook_is_missed_then_set_then_found(site):
    line, meta, config = site
    meta.subscribed = False
    found = await look(config, line.url)
    assert errors(found) == [
        f"the app {meta.app} has no webhook for WhatsApp; hookline doctor whatsapp --set sets it to {line.webhook}",
        f"WhatsApp account {meta.account} does not send its webhooks to the app {meta.app}; hookline doctor whatsapp --set subscribes it",
    ]
    notes = [text for weight, text in found if weight == "note"]
    assert notes[0] == f"App Dashboard, WhatsApp, Configuration, Webhook: Callback URL {line.webhook}"
    assert notes[1].startswith("Verify token: the value of WHATSAPP_VERIFY_TOKEN; then subscribe")
    assert ("ok", f"{line.webhook} is reached, and answers Meta's question") in found
    done = await look(config, line.url, change=True)
    assert errors(done) == []
    assert (meta.callback, meta.fields, meta.subscribed) == (line.webhook, ["messages"], True)
    calm = await look(config, line.url)
    assert {weight for weight, _ in calm} == {"ok", "note"}
    text = " ".join(text for _, text in [*found, *done, *calm])
    assert not any(secret in text for secret in (meta.token, meta.secret, meta.verify_token))


async def test_an_alias_of_the_webhook_is_ours_and_another_address_is_not(site):
    line, meta, config = site
    routes = {"POST /hook": "POST /whatsapp/webhook"}
    meta.callback = f"{line.url}/hook"
    assert errors(await look(config, line.url, routes=routes)) == []
    meta.callback = "https://old.example/hook"
    (text,) = errors(await look(config, line.url, routes=routes))
    assert text.startswith(f"the app {meta.app} has another webhook: https://old.example/hook; ")
    meta.callback, meta.fields = line.webhook, ["account_update"]
    assert "is not subscribed to the field messages" in errors(await look(config, line.url))[0]
    meta.fields, meta.active = ["messages"], False
    assert "is not active" in errors(await look(config, line.url))[0]


async def test_what_is_wrong_with_token_secret_and_number_is_said(site):
    line, meta, config = site
    meta.callback = line.webhook
    (text,) = errors(await look(of_meta(meta, access_token="other"), line.url))
    assert text == (
        "meta.access_token is not good: The access token could not be decrypted; make a new one: Business settings, System users"
    )
    (text,) = errors(await look(of_meta(meta, app_secret="other"), line.url))
    assert text.startswith(
        f"meta.app_secret is not the secret of the app {meta.app} that the token is of (Meta answers 400, code 190: "
    )
    (text,) = errors(await look(of_meta(meta, verify_token="other"), line.url))
    assert (
        text
        == f"{line.webhook} has another verify_token than this configuration: reload or restart the server (hookline reload)"
    )
    (text,) = errors(await look(of_meta(meta, number="911234567890"), line.url))
    assert text.startswith("number main (911234567890): the token can't see it (Meta answers 404, code 100: ")
    assert "`id` is the phone number id, not the number itself" in text
    (text,) = errors(await look(of_meta(meta, phone="+911111111111"), line.url))
    assert text.endswith("its phone is +911234567890 at Meta, and +911111111111 here: correct one of the two")
    meta.node |= {
        "status": "DISCONNECTED",
        "quality_rating": "RED",
        "webhook_configuration": {"phone_number": "https://x.example"},
    }
    found = await look(config, line.url)
    state, override = errors(found)
    assert "its status is DISCONNECTED, so it neither sends nor gets messages" in state
    assert "an override sends its webhooks to https://x.example instead" in override
    assert any("its quality is rated low" in text for weight, text in found if weight == "warning")


async def test_a_token_that_ends_or_lacks_a_right_is_said(site):
    line, meta, config = site
    meta.callback, meta.expires_at = line.webhook, int(time.time()) + 7200
    warnings = [text for weight, text in await look(config, line.url) if weight == "warning"]
    assert warnings == ["meta.access_token ends in 2 hours; a system user's token can be made to last"]
    meta.expires_at = int(time.time()) - 60
    assert errors(await look(config, line.url))[0].startswith("meta.access_token ends in 0 hours")
    meta.expires_at, meta.scopes = 0, []
    found = await look(config, line.url)
    assert errors(found)[0].startswith("meta.access_token may not send: it lacks whatsapp_business_messaging")


async def test_the_template_is_looked_for_in_each_language_with_its_state_and_parameters(site):
    line, meta, config = site
    meta.callback = line.webhook
    window = Window(template="news", languages={"en": "en_US"}, variables={"1": "{name}", "2": "{text}"})
    config = attrs.evolve(config, window=window)
    assert errors(await look(config, line.url)) == [
        "window.template: there is no template 'news'; make it in WhatsApp Manager, or correct the name"
    ]
    meta.templates = {("news", "en_US"): 2, ("newsletter", "hi"): 2}
    found = await look(config, line.url)
    assert errors(found) == []
    assert ("ok", "window.template: 'news' is approved in en_US") in found
    assert errors(await look(config, line.url, languages=("en", "hi"))) == [
        "window.template: 'news' in hi is not there (there is: en_US): what is written in 'hi' would be refused (132001); translate it, or say "
        'hi = "…" in window.languages'
    ]
    meta.states = {("news", "en_US"): "PENDING"}
    (text,) = errors(await look(config, line.url))
    assert text.startswith("window.template: 'news' in en_US is PENDING: Meta sends approved templates alone (132015)")
    meta.states, meta.templates = {}, {("news", "en_US"): 3}
    (text,) = errors(await look(config, line.url))
    assert text == "window.template: 'news' in en_US has 3 parameters, and window.variables has 2 (132000)"
    meta.scopes = ["whatsapp_business_messaging"]
    told = await look(config, line.url)
    assert any("nothing is known of the template" in text for weight, text in told if weight == "warning")


@pytest.mark.row("L56")
async def test_a_token_that_does_not_say_its_accounts_looks_at_the_one_that_is_named(site):
    line, meta, config = site
    meta.callback, meta.targets, meta.templates = line.webhook, False, {("news", "en_US"): 0}
    config = attrs.evolve(config, window=Window(template="news", languages={"en": "en_US"}))
    warnings = [text for weight, text in await look(config, line.url) if weight == "warning"]
    assert warnings[0].startswith(
        "meta.access_token does not say which WhatsApp accounts it reaches: with meta.account"
    )
    named = attrs.evolve(config, meta=attrs.evolve(config.meta, account=meta.account))
    found = await look(named, line.url)
    assert [text for weight, text in found if weight in ("warning", "error")] == []
    assert ("ok", "window.template: 'news' is approved in en_US") in found
    meta.targets = True
    other = attrs.evolve(config, meta=attrs.evolve(config.meta, account="42"))
    assert errors(await look(other, line.url)) == [
        f"meta.account: 42 is none of the accounts that meta.access_token reaches ({meta.account}); copy the WhatsApp Business Account ID "
        "from WhatsApp, API setup, or give the system user that account"
    ]


async def test_a_public_address_that_leads_nowhere_or_elsewhere_is_said(site):
    line, meta, config = site
    meta.callback = line.webhook
    (text, *_) = errors(await look(config, "http://127.0.0.1:9"))
    assert text.startswith(
        "http://127.0.0.1:9/t/acme/whatsapp/webhook does not answer (ClientConnectorError): start the server"
    )
    (text, *_) = errors(await look(config, meta.host))
    assert text.endswith("or public_url has a path that a proxy takes away")
    failed = errors(await look(config, meta.host, change=True))
    assert any("could not be set (Meta answers 400, code 2200: " in text for text in failed)


async def test_what_is_not_set_is_said_without_asking_anybody(make_line):
    config = Config(
        provider="meta", meta=Meta(access_token=Secret("", "WHATSAPP_ACCESS_TOKEN"), url="http://127.0.0.1:9")
    )
    found = await look(config)
    assert [weight for weight, _ in found] == ["error"] * 5
    assert "access_token is not set (the variable WHATSAPP_ACCESS_TOKEN is not set): Business settings" in found[1][1]
    assert {weight for weight, _ in await look(config, online=False)} == {"warning"}
    numbered = attrs.evolve(of_meta_nowhere(), numbers={"main": Number("1")})
    (text,) = [one for one in errors(await look(numbered, "http://127.0.0.1:9")) if "debug_token" in one]
    assert text == "Meta does not answer at http://127.0.0.1:9/v23.0/debug_token: ClientConnectorError"
    assert await look(Config()) == [
        ("ok", "the provider is the simulator: its page is /whatsapp/simulator, and it reaches nobody")
    ]
    assert (await look(Config(), "https://bot.example"))[0][0] == "warning"


def of_meta_nowhere():
    some = Secret("x")
    return Config(provider="meta", meta=Meta(some, some, some, url="http://127.0.0.1:9"))


async def test_twilios_account_and_senders(make_line):
    async with TwilioWhatsApp() as twilio:
        keys = {"url": twilio.host, "messaging_url": twilio.host}
        good = Twilio(twilio.account, Secret(twilio.token), **keys)
        config = Config(provider="twilio", numbers={"main": Number("+15550001111", "+15550001111")}, twilio=good)
        line = await make_line(
            config=f"""
[plugins.whatsapp]
provider = "twilio"
numbers.main = {{ id = "+15550001111" }}
twilio = {{ account_sid = "{twilio.account}", auth_token = "{twilio.token}" }}
"""
        )
        wrong = attrs.evolve(config, twilio=attrs.evolve(good, auth_token=Secret("no")))
        (text,) = errors(await look(wrong, line.url))
        assert text.startswith(
            "twilio.account_sid and twilio.auth_token are not good together (Twilio answers 401, code 20003"
        )
        (text,) = errors(await look(config, line.url))
        assert text == "number main: +15550001111 is no WhatsApp sender of this account; there are: none"
        twilio.senders["XE1"] = {"sid": "XE1", "sender_id": "whatsapp:+15550001111", "status": "ONLINE", "webhook": {}}
        found = await look(config, line.url)
        assert errors(found) == [
            f"number main: the webhook of +15550001111 is not set; hookline doctor whatsapp --set sets it to {line.webhook}"
        ]
        assert ("ok", f"{line.webhook} is reached") in found
        assert errors(await look(config, line.url, change=True)) == []
        assert twilio.senders["XE1"]["webhook"]["callback_url"] == line.webhook
        assert errors(await look(config, line.url)) == []
        twilio.senders["XE1"] |= {"status": "OFFLINE"}
        twilio.senders["XE1"]["webhook"]["callback_method"] = "GET"
        assert [text[:62] for text in errors(await look(config, line.url))] == [
            "number main: the sender +15550001111 is OFFLINE, so it neither",
            "number main: the webhook of +15550001111 is called by GET, not",
        ]
        twilio.kind = "Trial"
        assert any("is a trial" in text for weight, text in await look(config, line.url) if weight == "warning")
        twilio.state = "suspended"
        assert "the Twilio account is suspended" in errors(await look(config, line.url))[0]
        sandbox = attrs.evolve(config, numbers={"main": Number("+14155238886")})
        twilio.state = "active"
        assert any("is the sandbox" in text for weight, text in await look(sandbox, line.url) if weight == "note")


async def test_gupshups_key_app_and_template():
    async with GupshupServer() as gupshup:
        table = Gupshup(Secret(gupshup.key), Secret(gupshup.token, "GUPSHUP_TOKEN"), gupshup.host)
        config = Config(provider="gupshup", numbers={"main": Number(gupshup.app_name, gupshup.number)}, gupshup=table)
        found = await look(config, "http://127.0.0.1:9")
        assert ("ok", f"gupshup.api_key is good, and the app {gupshup.app_name} is there") in found
        assert any(text.endswith("with the value of GUPSHUP_TOKEN for TOKEN; all events") for _, text in found)
        wrong = attrs.evolve(config, gupshup=attrs.evolve(table, api_key=Secret("no")))
        assert errors(await look(wrong, "http://127.0.0.1:9"))[1].startswith(
            "gupshup.api_key is not good (Gupshup answers 401"
        )
        other = attrs.evolve(config, numbers={"main": Number("Other", gupshup.number)}, window=Window(template="t-1"))
        assert "Gupshup has no app 'Other' for this key" in errors(await look(other, "http://127.0.0.1:9"))[1]
        untold = attrs.evolve(config, numbers={"main": Number(gupshup.app_name)}, window=Window(template="t-1"))
        assert [text[:28] for text in errors(await look(untold, "http://127.0.0.1:9", change=True))[1:]] == [
            "number main: phone is not se",
            "window.template: the app Dem",
        ]
