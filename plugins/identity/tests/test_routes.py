"""Codes over HTTP, and a chat that knows of them."""

from __future__ import annotations

import pytest

from hookline.testing.clock import FrozenClock

OTP, VERIFY = "/t/acme/identity/otp", "/t/acme/identity/verify"


async def post(client, path, body, **more):
    response = await client.post(path, json=body, **more)
    return response.status, await response.json()


@pytest.mark.row("F10", "X09")
async def test_a_code_is_sent_to_the_registered_phone_whatever_the_request_says(serve):
    client, branch, _ = await serve()
    status, told = await post(client, OTP, {"customer_id": "C001"})
    code = await branch.code()
    assert (status, told) == (
        200,
        {"sent": True, "phone": "••••", "expires_in": 300, "resend_after": 30, "session_id": None},
    )
    assert code not in str(told)
    assert (await branch.letter()).startswith("To: +919800000001\n")
    refused = await client.post(OTP, json={"customer_id": "C002", "phone": "+911234567890"})
    if refused.status == 200:
        assert (await branch.letter(2)).startswith("To: +919800000002\n")
    assert all("1234567890" not in letter for letter in branch.letters())


@pytest.mark.row("F11", "X09", "F06")
async def test_the_right_code_is_good_once_and_proves_the_session(serve, bank):
    client, branch, _ = await serve()
    _, opened = await post(client, "/t/acme/chat", {"message": "What is my balance?"})
    session = opened["session_id"]
    assert bank.balance not in opened["answer"]
    await post(client, OTP, {"customer_id": "C001", "session_id": session})
    code = await branch.code()
    body = {"customer_id": "C001", "otp": code, "session_id": session}
    status, told = await post(client, VERIFY, body)
    assert (status, told["authenticated"], told["session_id"], told["expires_in"]) == (200, True, session, 900)
    _, answer = await post(client, "/t/acme/chat", {"message": "What is my balance?", "session_id": session})
    assert answer["answer"] == f"Your balance is {bank.balance}."
    assert (await post(client, VERIFY, body))[0] == 401, "a second use"


@pytest.mark.row("F11")
async def test_a_wrong_code_is_401_and_after_three_even_the_right_one_is_429(serve, bank):
    client, branch, _ = await serve()
    await post(client, OTP, {"customer_id": "C001"})
    code = await branch.code()
    wrong = {"customer_id": "C001", "otp": bank.wrong_of(code)}
    assert [(await post(client, VERIFY, wrong))[0] for _ in range(3)] == [401, 401, 401]
    response = await client.post(VERIFY, json={"customer_id": "C001", "otp": code})
    assert response.status == 429
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.row("F11")
async def test_an_expired_code_is_401(serve):
    clock = FrozenClock()
    client, branch, _ = await serve(clock=clock)
    await post(client, OTP, {"customer_id": "C001"})
    code = await branch.code()
    clock.advance(300)
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code}))[0] == 401


async def test_another_code_can_be_asked_for_after_half_a_minute(serve):
    clock = FrozenClock()
    client, branch, _ = await serve(clock=clock)
    await post(client, OTP, {"customer_id": "C001"})
    first = await branch.code()
    response = await client.post(OTP, json={"customer_id": "C001"})
    assert (response.status, response.headers["Retry-After"]) == (429, "31")
    clock.advance(31)
    assert (await post(client, OTP, {"customer_id": "C001"}))[0] == 200
    second = await branch.code(2)
    if first != second:
        assert (await post(client, VERIFY, {"customer_id": "C001", "otp": first}))[0] == 401
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": second}))[0] == 200


async def test_without_a_session_one_is_opened_for_who_has_proved(serve, bank):
    client, branch, _ = await serve()
    await post(client, OTP, {"customer_id": "C001"})
    _, told = await post(client, VERIFY, {"customer_id": "C001", "otp": await branch.code()})
    _, answer = await post(client, "/t/acme/chat", {"message": "my balance", "session_id": told["session_id"]})
    assert answer["answer"] == f"Your balance is {bank.balance}."


async def test_a_session_of_ones_own_choice_is_proved_before_anybody_has_written_in_it(serve, bank):
    client, branch, _ = await serve(bank.config + "[conversations]\nown_ids = true\n")
    await post(client, OTP, {"customer_id": "C001", "session_id": "s1"})
    assert (await post(client, VERIFY, {"otp": await branch.code(), "session_id": "s1"}))[0] == 200
    _, answer = await post(client, "/t/acme/chat", {"message": "my balance", "session_id": "s1"})
    assert answer["answer"] == f"Your balance is {bank.balance}."


async def test_a_code_that_a_session_asked_for_is_typed_in_its_chat(serve, bank):
    client, branch, _ = await serve()
    _, opened = await post(client, "/t/acme/chat", {"message": "What is my balance?"})
    await post(client, OTP, {"customer_id": "C001", "session_id": opened["session_id"]})
    said = {"message": await branch.code(), "session_id": opened["session_id"]}
    assert (await post(client, "/t/acme/chat", said))[1]["answer"] == f"Your balance is {bank.balance}."


async def test_a_code_proves_the_session_that_asked_and_no_other(serve, bank):
    client, branch, _ = await serve()
    mine = (await post(client, "/t/acme/chat", {"message": "hello"}))[1]["session_id"]
    other = (await post(client, "/t/acme/chat", {"message": "hello"}))[1]["session_id"]
    await post(client, OTP, {"customer_id": "C001", "session_id": mine})
    code = await branch.code()
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code, "session_id": other}))[0] == 401
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code}))[0] == 401
    assert (await post(client, VERIFY, {"customer_id": "C002", "otp": code, "session_id": mine}))[0] == 401
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code, "session_id": mine}))[0] == 200


async def test_who_signs_out_over_http_is_nobody_any_more(serve, bank):
    client, branch, _ = await serve()
    await post(client, OTP, {"customer_id": "C001"})
    _, told = await post(client, VERIFY, {"customer_id": "C001", "otp": await branch.code()})
    token = {"Authorization": f"Bearer {told['token']}"}
    status = await (await client.get("/t/acme/identity/status", headers=token)).json()
    assert (status["authenticated"], status["method"]) == (True, "code by sms, over HTTP")
    asked = {"session_id": told["session_id"]}
    assert (await (await client.get("/t/acme/identity/status", params=asked)).json())["authenticated"]
    assert (await post(client, "/t/acme/identity/logout", {}, headers=token))[0] == 200
    assert not (await (await client.get("/t/acme/identity/status", params=asked)).json())["authenticated"]
    assert not (await (await client.get("/t/acme/identity/status", headers=token)).json())["authenticated"]
    _, answer = await post(client, "/t/acme/chat", {"message": "my balance", **asked})
    assert bank.balance not in answer["answer"]


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        (OTP, {"customer_id": " "}, 400, "customer_id: give 1 to 200 characters"),
        (OTP, {}, 400, "customer_id"),
        (OTP, {"customer_id": "C001", "session_id": "nobody"}, 404, "there is no such session"),
        (VERIFY, {"otp": "12", "customer_id": "C001"}, 400, "otp: give the six digits"),
        (VERIFY, {"otp": "123456"}, 400, "customer_id: missing; name the customer, or the session that asked"),
        ("/t/acme/identity/logout", {}, 400, "session_id: missing; or show the token"),
    ],
)
async def test_what_can_not_be_is_refused_and_says_what_can(serve, path, body, status, told):
    client, _, _ = await serve()
    found, answer = await post(client, path, body)
    assert found == status
    assert told in answer["detail"]


async def test_staff_end_a_proof_and_see_it_beside_the_conversation(serve, bank):
    client, branch, key = await serve()
    told = await branch.prove()
    staff = {"Authorization": f"Bearer {key}"}
    known = await branch.tenant.conversations.get(told.conversation)
    (panel,) = await branch.bot.snapshot().hooks.console_panels(known.conversation)
    assert (panel.title, panel.data["verified"], panel.data["account"]) == ("Identity", True, "C001")
    assert panel.data["method"] == "code by sms"
    assert panel.data["code"]["state"] == "used"
    where = f"/t/acme/identity/conversations/{told.conversation}/end"
    assert (await client.post(where)).status == 401
    assert (await client.post(where, headers=staff)).status == 200
    assert (await client.post(where, headers=staff)).status == 404
    assert (await branch.say("balance?")).data["identity"] == "who"
