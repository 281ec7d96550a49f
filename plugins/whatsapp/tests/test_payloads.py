"""Every shape that the providers document, and the odd ones: read alike, never refused, never lost.

A file has the provider's payload and what is made of it; null: it is noted and left.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.problems import Problem
from hookline_whatsapp import gupshupread, metaread, reading, twilioread

FOLDER = Path(__file__).parent / "payloads"
FILES = sorted(FOLDER.glob("*/*.json"))


def read(provider, payload):
    if provider == "twilio":
        return twilioread.batch_of({key: reading.clean(text) for key, text in payload.items()})
    parsed = reading.parse(json.dumps(payload).encode())
    return metaread.batch_of(parsed) if provider == "meta" or "entry" in parsed else gupshupread.batch_of(parsed)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_payload_is_read_as_it_is_meant(file):
    sample = json.loads(file.read_text(encoding="utf-8"))
    batch = read(file.parent.name, sample["payload"])
    expected = sample["expected"]
    if expected is None:
        assert batch.messages == ()
        return
    (told,) = batch.messages
    assert (told.kind, told.text) == (expected["kind"], expected["text"])
    assert told.sender == expected.get("sender", "+919812345678")
    assert [one.ref for one in told.media] == expected.get("media", [])
    assert told.id
    for key, value in expected.get("data", {}).items():
        assert told.data[key] == value


HALF = r'{"name": "\ud800", "note": "a\u0000b"}'


@pytest.mark.parametrize("provider", ["meta", "twilio"])
async def test_half_letters_in_json_within_json_are_taken_as_any_database_can_keep_them(provider):
    """A form that a customer filled in, and what Twilio tells of the channel, are JSON inside a string."""
    if provider == "meta":
        sample = json.loads((FOLDER / "meta" / "form.json").read_text(encoding="utf-8"))["payload"]
        part = sample["entry"][0]["changes"][0]["value"]["messages"][0]["interactive"]["nfm_reply"]
        part["response_json"] = HALF
    else:
        sample = json.loads((FOLDER / "twilio" / "text.json").read_text(encoding="utf-8"))["payload"]
        sample["ChannelMetadata"] = HALF
    (told,) = read(provider, sample).messages
    kept = msgspec.json.decode(msgspec.json.encode(told.data))
    assert kept["form" if provider == "meta" else "channel"] == {"name": "\ufffd", "note": "ab"}


async def test_half_a_letter_that_is_written_in_bytes_is_read_as_none():
    raw = b'{"entry": [], "name": "?"}'.replace(b"?", b"\xed\xa0\x80")
    assert reading.parse(raw)["name"] == "\ufffd"


@pytest.mark.row("X03")
async def test_the_same_text_is_the_same_message_whoever_carries_it():
    told = {name: read(name, json.loads((FOLDER / name / "text.json").read_text())["payload"]).messages[0]
            for name in ("meta", "twilio", "gupshup")}  # fmt: skip
    assert {(one.kind, one.text, one.sender, one.name) for one in told.values()} == {
        ("text", "Bonjour", "+919812345678", "Asha Rao")
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "entry changes value messages statuses contacts metadata phone_number_id field type from id text body image "
                "interactive button_reply location latitude context errors code status payload source timestamp app".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_json_of_any_shape_is_read_or_refused_and_nothing_else(value):
    for reader in (metaread.batch_of, gupshupread.batch_of):
        try:
            reader(reading.parse(json.dumps(value).encode()))
        except Problem as problem:
            assert problem.status == 400  # noqa: PT017  either way is right


@given(
    st.dictionaries(
        st.sampled_from("type text image location interactive context id from errors timestamp reaction".split()), JSON
    )
)
@settings(max_examples=300, deadline=None)
def test_a_message_of_any_shape_is_read(message):
    whole = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [message], "contacts": [message]}}]}]}
    metaread.batch_of(whole)


def test_a_status_in_each_providers_words():
    meta = {"id": "wamid.1", "status": "failed", "timestamp": "1760000000", "recipient_id": "919812345678",
            "biz_opaque_callback_data": "inbox-1-0/2", "errors": [{"code": 131049, "title": "no"}]}  # fmt: skip
    told = metaread.batch_of({"entry": [{"changes": [{"field": "messages", "value": {"statuses": [meta]}}]}]})
    (one,) = told.statuses
    assert (one.state, one.code, one.error, one.tag, one.address) == (
        "failed",
        131049,
        "no",
        "inbox-1-0/2",
        "+919812345678",
    )
    form = {
        "MessageSid": "SM1",
        "MessageStatus": "undelivered",
        "ErrorCode": "63016",
        "From": "whatsapp:+14155238886",
        "To": "whatsapp:+919812345678",
    }
    (one,) = twilioread.batch_of(form).statuses
    assert (one.id, one.state, one.code, one.number) == ("SM1", "failed", 63016, "+14155238886")
    assert twilioread.batch_of({**form, "MessageStatus": "queued"}).noted == ("status queued",)
    event = {
        "app": "DemoApp",
        "timestamp": 1585344475993,
        "version": 2,
        "type": "message-event",
        "payload": {
            "id": "ee4a68a0",
            "gsId": "gs1",
            "type": "failed",
            "destination": "919812345678",
            "payload": {"code": 1002, "reason": "no WhatsApp"},
        },
    }
    (one,) = gupshupread.batch_of(event).statuses
    assert (one.id, one.state, one.code, one.at) == ("gs1", "failed", 1002, 1585344475.993)
