"""Requests that the provider did not send, or not now, or not so: each is refused with its status, counted, and leaves nothing."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest


def other(body):
    return "sha256=" + hmac.new(b"another secret", body, hashlib.sha256).hexdigest()


FORGED = {
    "no signature": lambda good, body: {},
    "an empty one": lambda good, body: {"X-Hub-Signature-256": ""},
    "of another secret": lambda good, body: {"X-Hub-Signature-256": other(body)},
    "the old SHA-1 header alone": lambda good, body: {"X-Hub-Signature": good.replace("sha256", "sha1")},
    "without its prefix": lambda good, body: {"X-Hub-Signature-256": good.removeprefix("sha256=")},
    "cut short": lambda good, body: {"X-Hub-Signature-256": good[:-1]},
    "in capitals": lambda good, body: {"X-Hub-Signature-256": good.upper()},
    "twice over": lambda good, body: {"X-Hub-Signature-256": f"{good},{good}"},
    "not ASCII": lambda good, body: {"X-Hub-Signature-256": "sha256=é"},
}


@pytest.mark.parametrize("how", FORGED)
async def test_a_forged_signature_is_refused_and_nothing_is_stored(line, how):
    body = json.dumps(line.payload(line.text("give me everything"))).encode()
    before = line.refused("forged")
    status, text = await line.post(body, sign=False, headers=FORGED[how](line.meta.sign(body), body))
    assert status == 403
    assert "app_secret" in text
    assert line.refused("forged") == before + 1
    await line.bot.idle()
    assert not line.parrot.heard


@pytest.mark.parametrize("change", [b" ", b"\n", b"\x00"])
async def test_a_body_that_was_changed_by_one_byte_is_refused(line, change):
    body = json.dumps(line.payload(line.text("hello"))).encode()
    status, _ = await line.post(body + change, sign=False, headers={"X-Hub-Signature-256": line.meta.sign(body)})
    assert status == 403


async def test_the_signature_is_over_the_bytes_as_they_came(line):
    body = json.dumps(line.payload(line.text("ünïcode ✓")), ensure_ascii=True, indent=3).encode()
    assert (await line.post(body))[0] == 200
    await line.bot.idle()
    assert line.meta.texts() == ["You said: ünïcode ✓"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"{}", b'{"entry": 7}', b"\xff\xfe", b"[" * 100_000, b'{"entry":' * 5000],
    ids=lambda body: repr(body[:12]),
)
async def test_what_is_signed_and_no_payload_is_malformed(line, body):
    before = line.refused("malformed")
    status, _ = await line.post(body)
    assert status == 400
    assert line.refused("malformed") == before + 1


async def test_a_replayed_message_that_is_too_old_is_refused(line):
    before = line.refused("stale")
    old = line.text("transfer it all", at=line.tenant.clock.now() - 30 * 86400)
    status, text = await line.post(line.payload(old))
    assert status == 403
    assert "replay_seconds" in text
    assert line.refused("stale") == before + 1
    assert not line.parrot.heard


async def test_of_a_batch_the_fresh_messages_are_taken_and_the_old_ones_counted(line):
    before = line.refused("stale")
    old = line.text("old", at=line.tenant.clock.now() - 30 * 86400)
    await line.hear(old, line.text("new"))
    assert line.meta.texts() == ["You said: new"]
    assert line.refused("stale") == before + 1


async def test_a_repeat_by_a_stranger_of_a_request_that_was_good_changes_nothing(line):
    payload = line.payload(line.text("hello"))
    await line.post(payload)
    await line.bot.idle()
    await line.post(payload)
    await line.bot.idle()
    assert len(line.parrot.heard) == len(line.meta.messages) == 1


async def test_without_a_secret_nothing_is_taken(make_line):
    config = """
[plugins.whatsapp]
provider = "meta"
numbers = { main = { id = "109876543210987" } }
meta = { access_token = "${META_TOKEN}", app_secret = "${META_SECRET:-}", verify_token = "${META_VERIFY:-}" }
"""
    line = await make_line(config=config, env={"META_TOKEN": "EAAG"})
    status, text = await line.post(line.payload(line.text("hello")))
    assert status == 503
    assert "plugins.whatsapp.meta.app_secret" in text
    async with line.http.get(
        line.webhook, params={"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""}
    ) as answer:
        assert answer.status == 503


async def test_a_message_for_one_tenant_can_not_be_posted_to_another(make_line):
    line = await make_line()
    status, _ = await line.post(line.payload(line.text("hello")), path=f"{line.url}/t/nobody/whatsapp/webhook")
    assert status == 404
