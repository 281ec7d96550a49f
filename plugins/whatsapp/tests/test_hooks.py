"""The whole way with Meta's Cloud API: from the webhook to what is sent, over a real server."""

from __future__ import annotations

import io
import json

import pytest
import sqlalchemy as sa

from hookline.message import Reply
from hookline.undelivered import retry, undelivered
from hookline_whatsapp.models import sent


@pytest.mark.row("L43")
async def test_a_reference_systems_own_path_is_an_alias_of_the_webhook(make_line):
    aliases = {"GET /webhook/": "GET /whatsapp/webhook", "POST /webhook/": "POST /whatsapp/webhook"}
    routes = "".join(f"{json.dumps(name)} = {json.dumps(target)}\n" for name, target in aliases.items())
    line = await make_line(more=f"[routes]\n{routes}")
    query = {"hub.mode": "subscribe", "hub.verify_token": line.meta.verify_token, "hub.challenge": "42"}
    async with line.http.get(f"{line.url}/webhook/", params=query) as answer:
        assert (answer.status, await answer.text()) == (200, "42")
    async with line.http.get(f"{line.url}/webhook/", params={**query, "hub.verify_token": "wrong"}) as answer:
        assert answer.status == 403
    status, _ = await line.post(line.payload(line.text("hello")), path=f"{line.url}/webhook/")
    await line.bot.idle()
    assert (status, line.meta.texts()) == (200, ["You said: hello"])


async def test_the_challenge_is_answered_and_a_wrong_token_refused(line):
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": line.meta.verify_token}
    async with line.http.get(line.webhook, params=query) as answer:
        assert (answer.status, await answer.text()) == (200, "42")
    before = line.refused("forged")
    async with line.http.get(line.webhook, params={**query, "hub.verify_token": "wrong"}) as answer:
        assert answer.status == 403
        assert "verify_token" in (await answer.json())["detail"]
    assert line.refused("forged") == before + 1
    async with line.http.get(line.webhook) as answer:
        assert answer.status == 400


async def test_a_message_is_answered_to_the_customer_who_wrote_it(line):
    (told,) = await line.say("hello there")
    assert told["text"]["body"] == "You said: hello there"
    assert told["to"] == "919812345678"
    assert told["messaging_product"] == "whatsapp"
    (heard,) = line.parrot.heard
    assert (heard.channel, heard.address, heard.provider_id) == ("whatsapp", "+919812345678", "wamid.in1")
    assert line.bot.runtime is not None
    await line.bot.until(lambda: line.meta.seen)
    assert line.meta.seen[0] == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.in1",
        "typing_indicator": {"type": "text"},
    }


async def test_the_same_message_three_times_is_one_turn_and_one_answer(line):
    payload = line.payload(line.text("once"))
    for _ in range(3):
        assert (await line.post(payload))[0] == 200
    await line.bot.idle()
    assert line.meta.texts() == ["You said: once"]
    assert len(line.parrot.heard) == 1


async def test_a_batch_of_several_customers_keeps_each_ones_order(line):
    messages = [line.text(f"{who} {n}", sender=f"+9198000000{who}") for n in range(4) for who in ("01", "02", "03")]
    await line.hear(*messages)
    for who in ("01", "02", "03"):
        mine = [text for text in line.meta.texts() if f": {who}" in text]
        assert mine == [f"You said: {who} {n}" for n in range(4)]


async def test_the_reply_goes_out_from_the_number_that_was_written_to(make_line):
    more = '[plugins.whatsapp.numbers.sales]\nid = "555"\nphone = "+911234500000"\n'
    line = await make_line(more=more)
    line.meta.numbers.add("555")
    await line.hear(line.text("to sales"), number="555")
    await line.hear(line.text("to the first"))
    paths = [path for path, body in line.meta.requests if body and "type" in body]
    assert paths == ["/v23.0/555/messages", f"/v23.0/{line.meta.number}/messages"]


async def test_quick_replies_are_buttons_a_list_or_numbers_and_what_is_chosen_is_the_whole_text(line):
    line.parrot.say = {
        "three": Reply("Which?", quick_replies=("Balance", "Statement", "Something else")),
        "five": Reply("Which?", quick_replies=tuple(f"Option number {n} of the many" for n in range(5))),
        "many": Reply("Which?", quick_replies=tuple(f"Choice {n}" for n in range(12))),
    }
    (told,) = await line.say("three")
    titles = [one["reply"]["title"] for one in told["interactive"]["action"]["buttons"]]
    assert titles == ["Balance", "Statement", "Something else"]
    (told,) = await line.say("five")
    rows = told["interactive"]["action"]["sections"][0]["rows"]
    assert [row["description"] for row in rows] == [f"Option number {n} of the many" for n in range(5)]
    picked = {"type": "list_reply", "list_reply": {"id": rows[2]["id"], "title": rows[2]["title"]}}
    await line.hear(line.message({"type": "interactive", "interactive": picked}))
    assert line.parrot.heard[-1].text == "Option number 2 of the many"
    assert line.parrot.heard[-1].input_type == "choice"
    (told,) = await line.say("many")
    assert told["text"]["body"].endswith("11. Choice 10\n12. Choice 11")
    await line.say("१२")
    assert line.parrot.heard[-1].text == "Choice 11"


async def test_a_long_text_is_split_at_sentences_and_nothing_is_lost(line):
    sentences = [f"This is sentence number {n}, which says what it says." for n in range(300)]
    line.parrot.say = {"long": Reply(" ".join(sentences))}
    told = [one["text"]["body"] for one in await line.say("long")]
    assert len(told) > 3
    assert all(len(one) <= 4096 and one.endswith(".") for one in told)
    assert " ".join(told) == " ".join(sentences)


async def test_a_try_that_broke_off_goes_on_with_the_part_that_was_not_sent(make_line):
    line = await make_line(more="[deliveries]\nbackoff = 0.01\n")
    line.parrot.say = {"long": Reply("A sentence of some length. " * 400)}
    line.meta.refuse(131016, 131000)
    told = await line.say("long")
    assert len(told) == 3
    assert len({one["biz_opaque_callback_data"] for one in told}) == 3


async def test_a_refusal_for_good_is_flagged_at_once_and_a_passing_one_is_tried_again(make_line):
    line = await make_line(more="[deliveries]\nbackoff = 0.01\n")
    line.meta.unreachable.add("919800000009")
    await line.hear(line.text("hello", sender="+919800000009"))
    (outcome,) = await line.outbox()
    assert outcome[0] == "failed"
    assert "131026" in outcome[1]
    assert len(line.meta.requests) - len(line.meta.seen) == 1, "it was tried once"


async def test_statuses_are_noted_and_a_late_failure_flags_the_message(line):
    (told,) = await line.say("hello")
    status = {"id": told["id"], "timestamp": "1760000000", "recipient_id": "919812345678"}
    await line.hear(statuses=[{**status, "status": "delivered"}, {**status, "status": "sent"}])
    rows = await line.rows(sa.select(sent))
    assert [(row.state, row.part) for row in rows] == [("delivered", 0)]
    assert await line.outbox() == [("sent", "")]
    error = {"code": 131049, "title": "Not delivered", "error_data": {"details": "to maintain healthy engagement"}}
    await line.hear(statuses=[{**status, "status": "failed", "errors": [error]}])
    ((state, cause),) = await line.outbox()
    assert state == "failed"
    assert "131049" in cause


async def test_unknown_numbers_are_refused_and_counted(line):
    before = line.refused("unknown_number")
    status, text = await line.post(line.payload(line.text("hello"), number="777"))
    assert status == 403
    assert "plugins.whatsapp.numbers" in json.loads(text)["detail"]
    assert line.refused("unknown_number") == before + 1
    assert not line.parrot.heard


async def test_a_provider_that_calls_for_all_customers_from_one_address_is_not_slowed_down(line):
    bodies = [line.payload(line.text(f"hello {n}", sender=f"+9198000{n:05d}")) for n in range(250)]
    statuses = [(await line.post(body))[0] for body in bodies]
    assert statuses == [200] * 250


async def test_a_body_that_no_provider_sends_is_refused_unread(line):
    async with line.http.post(line.webhook, data=io.BytesIO(b" " * (5 * 1024 * 1024))) as answer:
        assert answer.status == 400
        assert "4,194,304 bytes" in (await answer.json())["detail"]


async def test_a_customer_who_floods_is_told_to_wait_and_the_others_of_the_batch_are_stored(make_line):
    line = await make_line(more="[ratelimit]\ncontact_requests = 3\nseconds = 60.0\n")
    flood = [line.text(f"flood {n}", sender="+919800000009") for n in range(6)]
    status, _ = await line.post(line.payload(*flood, line.text("hello")))
    assert status == 429
    await line.bot.until(lambda: any(heard.text == "hello" for heard in line.parrot.heard))
    await line.bot.idle()
    assert [heard.text for heard in line.parrot.heard if "flood" in heard.text] == ["flood 0", "flood 1", "flood 2"]


async def test_a_text_longer_than_a_message_may_be_is_cut_and_taken(make_line):
    line = await make_line(more="[limits]\nmessage_chars = 50\n")
    await line.say("word " * 100)
    (heard,) = line.parrot.heard
    assert len(heard.text) <= 50
    assert heard.data["whatsapp"]["cut"] is True


async def test_markdown_is_written_as_whatsapp_does_and_sources_stand_below(make_line):
    line = await make_line(more="")
    line.parrot.say = {
        "fees": Reply("## Fees\n\nThe fee is **1 %** of the *loan*, see [here](https://bank.example/fees).")
    }
    (told,) = await line.say("fees")
    assert told["text"]["body"] == "*Fees*\n\nThe fee is *1 %* of the _loan_, see here (https://bank.example/fees)."
    assert told["text"]["preview_url"] is True


@pytest.mark.parametrize(
    "part",
    [
        {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
        {"type": "sticker", "sticker": {"mime_type": "image/webp"}},
        {"type": "revoke", "revoke": {"original_message_id": "wamid.x"}},
    ],
    ids=lambda part: part["type"],
)
async def test_what_needs_no_answer_is_kept_and_gets_none(line, part):
    await line.say("hello")
    await line.hear(line.message(part))
    assert line.meta.texts() == ["You said: hello"]
    conversation, _ = await line.tenant.conversations.open("whatsapp", "+919812345678")
    *_, kept = await line.tenant.conversations.history(conversation)
    assert kept.data["whatsapp"]["kind"] in ("reaction", "sticker", "deleted")


async def test_an_unknown_kind_is_kept_and_answered_kindly(line):
    await line.hear(line.message({"type": "hologram", "hologram": {"id": 1}}))
    assert "I can't read this kind of message" in line.meta.texts()[0]


async def test_a_customer_without_a_number_is_answered_by_the_field_that_meta_reads(line):
    message = {
        "from_user_id": "IN.13491208655302741918",
        "id": "wamid.scoped",
        "timestamp": str(int(line.tenant.clock.now())),
        "type": "text",
        "text": {"body": "hello"},
    }
    await line.hear(message, contacts=[{"user_id": "IN.13491208655302741918", "profile": {"name": "Asha"}}])
    assert line.meta.dropped == []
    (told,) = line.meta.messages
    assert told["recipient"] == "IN.13491208655302741918"
    assert "to" not in told


async def test_a_failure_that_is_reported_before_the_answer_to_the_sending_is_not_lost(line):
    taken = sa.insert(sent).values(
        provider_id="wamid.fixed", state="failed", rank=3, error="code 131026: undeliverable", at=0.0
    )
    await line.tenant.db.write(taken)
    line.meta.next_id = "wamid.fixed"
    await line.hear(line.text("hello"))
    ((state, cause),) = await line.outbox()
    assert state == "failed"
    assert "131026" in cause


FAILED = {"status": "failed", "timestamp": "1760000000", "recipient_id": "919812345678", "errors": [{"code": 131026}]}


async def test_a_message_that_was_flagged_as_not_delivered_is_sent_again_when_staff_says_so(line):
    taken = sa.insert(sent).values(provider_id="wamid.fixed", state="failed", rank=3, error="code 131026", at=0.0)
    await line.tenant.db.write(taken)
    line.meta.next_id = "wamid.fixed"
    await line.hear(line.text("hello"))
    (row,) = await undelivered(line.bot.runtime, "acme", states=["failed"])
    assert await retry(line.bot.runtime, "acme", row.id)
    await line.bot.idle()
    assert line.meta.texts() == ["You said: hello"] * 2
    assert await line.outbox() == [("sent", "")]
    await line.hear(statuses=[{**FAILED, "id": "wamid.fixed"}])
    assert await line.outbox() == [("sent", "")], "the report of the first try, once more, is not about the second"
    await line.hear(statuses=[{**FAILED, "id": line.meta.messages[1]["id"]}])
    assert [state for state, _ in await line.outbox()] == ["failed"]


async def test_a_failure_that_was_noted_before_a_crash_is_told_to_the_outbox_when_it_is_reported_again(line):
    (told,) = await line.say("hello")
    await line.tenant.db.write(sa.update(sent).values(state="failed", rank=3))  # as it was when the server was killed
    await line.hear(statuses=[{**FAILED, "id": told["id"]}])
    ((state, cause),) = await line.outbox()
    assert (state, "131026" in cause) == ("failed", True)


async def test_a_part_that_is_reported_as_failed_while_the_next_waits_flags_the_message(make_line):
    line = await make_line(more='[plugins.whatsapp.numbers.slow]\nid = "555"\nper_second = 1.0\n')
    line.meta.numbers.add("555")
    line.parrot.say = {"long": Reply("A sentence of some length. " * 200)}
    assert (await line.post(line.payload(line.text("long"), number="555")))[0] == 200
    await line.bot.until(lambda: line.meta.messages)  # the second goes a second later
    await line.hear(statuses=[{**FAILED, "id": line.meta.messages[0]["id"]}])
    assert len(line.meta.messages) == 2
    ((state, cause),) = await line.outbox()
    assert (state, "131026" in cause) == ("failed", True)
