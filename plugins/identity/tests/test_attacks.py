"""What somebody would try who wants another's account: guessing, replay, races, a swapped number, telling customers from others."""

from __future__ import annotations

import asyncio
import re

import pytest
import sqlalchemy as sa

from hookline.message import Account
from hookline.models import event
from hookline.testing.clock import FrozenClock
from hookline_identity import codes
from hookline_identity.codes import Wanted
from hookline_identity.models import address, challenge, count, proof

OTP, VERIFY = "/t/acme/identity/otp", "/t/acme/identity/verify"
UNLIMITED = "[ratelimit]\nrequests = 0\ncontact_requests = 0\n"


async def post(client, path, body):
    response = await client.post(path, json=body)
    return response.status, await response.json()


async def opened(branch, n=1):
    """The n newest codes' rows, once all of them are open."""
    async with asyncio.timeout(20):
        while True:
            rows = await branch.tenant.db.fetch(sa.select(challenge).order_by(challenge.c.created_at.desc()).limit(n))
            if len(rows) == n and all(row.state != "queued" for row in rows):
                return rows
            await asyncio.sleep(0.01)


# -- guessing ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("F11", "X09")
async def test_of_a_thousand_guesses_at_once_three_are_looked_at(serve, bank):
    client, branch, _ = await serve(bank.config + UNLIMITED)
    await post(client, OTP, {"customer_id": "C001"})
    code = await branch.code()
    guesses = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 1001)]
    found = await asyncio.gather(*(post(client, VERIFY, {"customer_id": "C001", "otp": one}) for one in guesses))
    statuses = [status for status, _ in found]
    assert set(statuses) <= {401, 429}
    (row,) = await opened(branch)
    assert (row.state, row.tries_left) == ("locked", 0)
    wrong = await branch.tenant.db.fetch(sa.select(count).where(count.c.key.like("wrong:account:%")))
    assert [one.n for one in wrong] == [3]
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code}))[0] == 429


@pytest.mark.row("F11", "X09")
async def test_of_a_hundred_codes_tried_at_once_no_more_than_three_are_judged(serve, bank, database_url):
    """By HTTP and in the chat together, the right one among them: each costs a try, whoever is faster."""
    client, branch, _ = await serve(bank.config + UNLIMITED, database_url=database_url)
    _, told = await post(client, "/t/acme/chat", {"message": "What is my balance? I am C001"})
    session, code = told["session_id"], await branch.code()
    guesses = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 101)]
    found = await asyncio.gather(*(
        post(client, "/t/acme/chat", {"message": guess, "session_id": session})
        if n % 2
        else post(client, VERIFY, {"otp": guess, "session_id": session})
        for n, guess in enumerate(guesses)
    ))  # fmt: skip
    assert {status for status, _ in found} <= {200, 202, 401, 409, 429}
    await branch.bot.idle()
    (row,) = await branch.tenant.db.fetch(sa.select(challenge))
    assert (row.state, row.tries_left) == ("locked", 0)
    counts = await branch.tenant.db.fetch(sa.select(count).where(count.c.key.like("wrong:account:%")))
    assert [one.n for one in counts] == [3]
    events = await branch.tenant.db.fetch(sa.select(event.c.payload).where(event.c.kind == "identity.missed"))
    assert sorted(one.payload["left"] for one in events) == [0, 1, 2], "three were judged"
    assert not await branch.tenant.db.fetch(sa.select(proof))
    assert (await post(client, VERIFY, {"otp": code, "session_id": session}))[0] == 429


async def test_new_codes_do_not_give_endless_guesses(branch, bank, clock):
    await branch.say("What is my balance?")
    await branch.say("C001")
    said = []
    for n in range(1, 6):
        wrong = bank.wrong_of(await branch.code(n))
        said += [(await branch.say(wrong)).data["identity"] for _ in range(3)]
        clock.advance(601)
        await branch.say("send again")
        if said[-1] == "locked" and (await branch.say("send again")).data["identity"] == "limited":
            break
    wrong = await branch.tenant.db.fetch(sa.select(count).where(count.c.key.like("wrong:account:%")))
    assert [one.n for one in wrong] == [10], "ten a day, over all codes"
    assert (await branch.say("resend please")).data["identity"] == "limited"
    clock.advance(86_400)
    assert (await branch.say("What is my balance?")).data["identity"] == "who"
    assert (await branch.say("C001")).data["identity"] == "sent"


async def test_from_a_hundred_conversations_at_once_an_account_gets_no_more_codes_than_allowed(make_bot, bank):
    config = bank.config + UNLIMITED + "[plugins.identity.otp]\nresend_seconds = 1\n"
    branch = bank.branch(await make_bot(plugins=bank.plugins, config=config))
    tenant = branch.tenant
    account = await tenant.hooks.find_account("C001")

    async def ask(n):
        async with tenant.action(by="a test") as act:
            await codes.ask_for(tenant, act, Wanted("C001", account, f"talk{n}", f"who{n}", f"net{n}"))

    await asyncio.gather(*(ask(n) for n in range(100)))
    await branch.bot.idle()
    rows = await tenant.db.fetch(sa.select(challenge.c.state, challenge.c.target, challenge.c.reason))
    assert len([row for row in rows if row.target]) <= 5
    assert {(row.state, row.reason) for row in rows if not row.target} == {("open", "limit")}, "as of nobody's"
    assert len(branch.letters()) <= 5


async def test_an_address_that_tries_many_customers_is_slowed_down(serve, bank):
    client, _, _ = await serve(bank.config + UNLIMITED)
    statuses = [(await post(client, OTP, {"customer_id": f"C9{n:03d}"}))[0] for n in range(25)]
    assert statuses == [200] * 20 + [429] * 5


async def test_staff_unlock_a_customer(make_bot, bank, clock):
    from hookline_identity import commands

    branch = bank.branch(await make_bot(plugins=bank.plugins, config=bank.config, clock=clock))
    for n in range(5):
        await branch.say("What is my balance?", who=f"p{n}")
        await branch.say("C001", who=f"p{n}")
        clock.advance(31)
    await branch.say("What is my balance?")
    assert (await branch.say("C001")).data["identity"] == "limited"
    locks = await commands.list_locks(branch.tenant, {}, print)
    assert [(one["what"], one["kind"], one["n"]) for one in locks] == [("send", "account", 5), ("send", "claim", 5)]
    assert await commands.unlock(branch.tenant, {"customer": "C001"}, print) == {"cleared": 2}
    assert await commands.list_locks(branch.tenant, {}, print) == []


# -- replay and races --------------------------------------------------------------------------------------------------


@pytest.mark.row("F11", "X09")
async def test_of_many_who_give_the_right_code_at_once_one_is_proved(serve, bank, database_url):
    client, branch, _ = await serve(bank.config + UNLIMITED, database_url=database_url)
    await post(client, OTP, {"customer_id": "C001"})
    body = {"customer_id": "C001", "otp": await branch.code()}
    found = await asyncio.gather(*(post(client, VERIFY, body) for _ in range(20)))
    assert sorted(status for status, _ in found) == [200] + [401] * 19
    proofs = await branch.tenant.db.fetch(sa.select(proof))
    assert len(proofs) == 1


async def test_a_code_that_was_used_in_the_chat_is_no_good_over_http(serve, bank):
    client, branch, _ = await serve(bank.config + UNLIMITED)
    _, told = await post(client, "/t/acme/chat", {"message": "What is my balance? I am C001"})
    session, code = told["session_id"], await branch.code()
    both = await asyncio.gather(
        post(client, "/t/acme/chat", {"message": code, "session_id": session}),
        post(client, VERIFY, {"otp": code, "session_id": session}),
    )
    rows = await branch.tenant.db.fetch(sa.select(challenge))
    assert [row.state for row in rows] == ["used"], both
    assert (await post(client, VERIFY, {"otp": code, "session_id": session}))[0] == 401


async def test_an_old_message_sent_again_proves_nothing(branch, bank, clock):
    await branch.prove()
    (row,) = await branch.tenant.db.fetch(sa.select(challenge))
    code = await branch.code()
    await branch.say("log out")
    clock.advance(1)
    await branch.say("What is my balance?")
    assert bank.balance not in (await branch.say(code)).text
    assert row.state == "used"


async def test_a_seal_from_outside_is_not_taken(branch, bank):
    from hookline_identity.sealing import keys_of

    sealed = (await keys_of(branch.tenant)).seal("log out", "loopbackalice")
    await branch.prove()
    told = await branch.say("hello", data={"identity_sealed": sealed})
    assert told.text == "bank: hello"


# -- swapped numbers ---------------------------------------------------------------------------------------------------


async def test_a_code_is_void_once_its_number_is_registered_no_more(branch, records):
    await branch.say("What is my balance?")
    await branch.say("C001")
    code = await branch.code()
    records.accounts["C001"] = Account("C001", (("sms", "+919999999999"),))
    assert (await branch.say(code)).text == "That code is not good any more. Shall I send a new one?"
    rows = await branch.tenant.db.fetch(sa.select(challenge))
    assert [(row.state, row.reason) for row in rows] == [("void", "moved")]


async def test_over_http_too(serve, records):
    client, branch, _ = await serve()
    await post(client, OTP, {"customer_id": "C001"})
    code = await branch.code()
    records.accounts["C001"] = Account("C001", (("sms", "+919999999999"),))
    assert (await post(client, VERIFY, {"customer_id": "C001", "otp": code}))[0] == 401


async def test_a_number_that_has_just_been_registered_gets_no_code_for_a_day(branch, records, clock):
    await branch.prove()
    await branch.say("log out")
    records.accounts["C001"] = Account("C001", (("sms", "+919999999999"),))
    clock.advance(60)
    before = len(branch.letters())
    await branch.say("What is my balance?")
    told = await branch.say("C001")
    assert told.text == branch.tenant.phrase("identity-sent-unshown", "en", minutes=5), "as if there were one"
    await branch.bot.idle()
    assert len(branch.letters()) == before
    clock.advance(86_400)
    await branch.say("What is my balance?")
    await branch.say("C001")
    assert (await branch.letter(before + 1)).startswith("To: +919999999999")


async def test_the_older_address_is_used_while_the_newer_cools_down(branch, records, clock):
    await branch.prove()
    await branch.say("log out")
    records.accounts["C001"] = Account("C001", (("sms", "+919999999999"), ("email", "ravi@example.com")))
    clock.advance(60)
    await branch.say("What is my balance?")
    await branch.say("C001")
    assert (await branch.letter(2)).startswith("To: ravi@example.com")


async def test_a_number_that_goes_and_comes_back_cools_down_again(branch, records, clock):
    await branch.prove()
    await branch.say("log out")
    whole = records.accounts["C001"]
    records.accounts["C001"] = Account("C001", (("email", "ravi@example.com"),))
    clock.advance(60)
    await branch.say("What is my balance, C001?")
    assert (await branch.letter(2)).startswith("To: ravi@example.com")
    records.accounts["C001"] = whole
    clock.advance(60)
    await branch.say("resend")
    assert (await branch.letter(3)).startswith("To: ravi@example.com")


@pytest.mark.parametrize("between", [(("sms", "not a number"),), ()])
async def test_a_number_cools_down_also_where_none_was_registered_in_between(branch, records, clock, between):
    await branch.prove()
    await branch.say("log out")
    await _registered_anew(branch, records, clock, between)
    assert len(branch.letters()) == 1


async def test_the_first_number_of_a_customer_who_had_none_cools_down(branch, records, clock):
    await _registered_anew(branch, records, clock, ())
    assert branch.letters() == []
    clock.advance(86_400)
    await branch.say("What is my balance?")
    await branch.say("C001")
    assert (await branch.letter(1)).startswith("To: +919999999999")


async def _registered_anew(branch, records, clock, between):
    """A code is asked for while the record of C001 is `between`, and again as soon as it has another number."""
    records.accounts["C001"] = Account("C001", between)
    clock.advance(60)
    await branch.say("What is my balance?")
    await branch.say("C001")
    records.accounts["C001"] = Account("C001", (("sms", "+919999999999"),))
    clock.advance(60)
    await branch.say("resend")
    await branch.bot.idle()


# -- who is a customer -------------------------------------------------------------------------------------------------


@pytest.mark.row("F10", "X09")
async def test_who_is_no_customer_gets_the_same_answer(serve, bank):
    client, branch, _ = await serve(bank.phones, clock=FrozenClock())
    known = await post(client, OTP, {"customer_id": "C001"})
    unknown = await post(client, OTP, {"customer_id": "C777"})
    assert known[0] == unknown[0] == 200
    shape = re.compile(r"••••\d\d")
    assert shape.fullmatch(known[1].pop("phone"))
    assert shape.fullmatch(unknown[1].pop("phone"))
    assert known[1] == unknown[1]
    code = await branch.code()
    tries = [(OTP, {}), *[(VERIFY, {"otp": "000000" if code != "000000" else "111111"})] * 4]
    for path, body in tries:
        both = [await post(client, path, {"customer_id": who, **body}) for who in ("C001", "C777")]
        for _, told in both:
            told.pop("request_id")
        assert both[0] == both[1], path


WAYS = {"phones": 'sms = "folder"', "mail": 'email = "folder"', "both": 'sms = "folder", email = "folder"'}
SAID = (
    "What is my balance?", "{claim}", "{wrong}", "I did not get it", "48291", "what is my balance", "{wrong}", "{wrong}", "{wrong}",
    "resend", "cancel", "balance of {claim}", "log out",
)  # fmt: skip


def plainly(text, claim):
    """Without what differs by chance: the claim itself, and the two digits of an address or of what could be one."""
    return re.sub(r"••••\d\d", "••••NN", text.replace(claim, "CLAIM"))


@pytest.mark.parametrize("ways", WAYS)
@pytest.mark.row("F10", "X09")
async def test_neither_words_nor_buttons_nor_a_status_tell_a_customer_from_nobody(serve, bank, records, clock, ways):
    """A customer, one with two addresses, one whose address is new, one without any, and nobody: the same to the letter."""
    config = bank.config.replace('sms = "folder", email = "folder"', WAYS[ways]) + UNLIMITED
    client, branch, _ = await serve(config, clock=clock)
    records.accounts |= {
        "C004": Account("C004", (("sms", "+919800000004"), ("sms", "+919811111104"), ("email", "four@example.com"))),
        "C005": Account("C005", ()),
        "C006": Account("C006", (("sms", "+919800000006"), ("email", "six@example.com"))),
    }
    await post(client, OTP, {"customer_id": "C006"})
    records.accounts["C006"] = Account("C006", (("sms", "+919800009996"), ("email", "new@example.com")))
    clock.advance(60)
    heard = {}
    for claim in ("C001", "C004", "C005", "C006", "C777"):
        wrong = "271828"
        talk = heard[claim] = []
        for text in SAID:
            told = await branch.say(text.format(claim=claim, wrong=wrong), who=f"who-{claim}")
            await branch.bot.idle()
            letters = "".join(branch.letters())
            assert wrong not in letters, "a code that is right by chance: run it again"
            talk.append((plainly(told.text, claim), told.quick_replies, told.data.get("identity")))
        clock.advance(61)
    for claim in list(heard):
        talk = heard[claim]
        for path, body in ((OTP, {}), (OTP, {}), *[(VERIFY, {"otp": "271828"})] * 5, (OTP, {})):
            response = await client.post(path, json={"customer_id": claim, **body})
            told = await response.json()
            told.pop("request_id", None)
            talk.append((response.status, plainly(str(told), claim), response.headers.get("Retry-After")))
    for claim, talk in heard.items():
        assert talk == heard["C777"], claim


@pytest.mark.row("F10", "X09")
async def test_two_claims_of_one_person_look_like_those_of_two(serve, bank, clock):
    """Whatever was done with a customer number shows nowhere when a phone number of the same customer is given, or another's."""
    numbers = {"same": "+91 98000 00001", "another": "+91 98000 00002"}
    heard = {}
    for name, number in numbers.items():
        client, branch, _ = await serve(bank.phones + UNLIMITED, clock=clock)
        talk = heard[name] = []

        async def ask(path, client=client, talk=talk, **body):
            status, told = await post(client, path, body)
            told.pop("request_id", None)
            talk.append((status, str(told)))

        await branch.say("What is my balance?", who="first")
        await branch.say("C001", who="first")
        await ask(OTP, customer_id=number)  # a moment after the other
        await branch.say("What is my balance?", who="second")
        await branch.say("C001", who="second")
        for text in ("cancel", "What is my balance?", number):
            told = await branch.say(text, who="second")
            talk.append((told.text, told.quick_replies, told.data["identity"]))
        for _ in range(4):  # with what went to "first" and "second" and to the number: more than five
            clock.advance(31)
            await post(client, OTP, {"customer_id": "C001"})
            for _ in range(3):
                await post(client, VERIFY, {"customer_id": "C001", "otp": "271828"})
        await branch.bot.idle()
        letters = branch.letters()
        assert sum("+919800000001" in one for one in letters) <= 5, "to one phone, by whichever claim"
        assert all("271828" not in one for one in letters), "a code that is right by chance: run it again"
        await ask(OTP, customer_id=number)
        for _ in range(4):
            await ask(VERIFY, customer_id=number, otp="271828")
        await post(client, OTP, {"customer_id": "C001"})
        for guess in ("271828", "271829"):
            await branch.say(guess, who="second")
        clock.advance(3601)  # codes are sent again, but the account has had its ten wrong ones of the day
        await ask(OTP, customer_id=number)
        await ask(VERIFY, customer_id=number, otp="271828")
        await branch.bot.idle()
        if name == "same":
            wrong = await branch.tenant.db.fetch(sa.select(count.c.n).where(count.c.key.like("wrong:account:%")))
            assert max(row.n for row in wrong) >= 10
            assert len(branch.letters()) == len(letters), "it gets no code as long as that lasts"
    assert heard["same"] == heard["another"]


async def test_no_code_is_right_while_the_account_has_had_its_wrong_ones(serve, bank, clock):
    """Whichever claim they were tried by: it is only not told."""
    config = bank.phones + UNLIMITED + "[plugins.identity.limits]\naccount_wrong = 3\n"
    client, branch, _ = await serve(config, clock=clock)
    await post(client, OTP, {"customer_id": "9800000001"})
    code = await branch.code()
    await branch.say("What is my balance?")
    await branch.say("C001")
    for _ in range(3):
        await branch.say(bank.wrong_of(await branch.code(2)))

    assert (await post(client, VERIFY, {"customer_id": "9800000001", "otp": code}))[0] == 401
    clock.advance(86_401)
    await post(client, OTP, {"customer_id": "9800000001"})
    body = {"customer_id": "9800000001", "otp": await branch.code(3)}
    assert (await post(client, VERIFY, body))[0] == 200


@pytest.mark.parametrize(
    ("before", "said"),
    [("C555", "C555 or {one}"), ("{one}", "{one} or C555"), ("+91 {phone}", "0{phone}"), ("{phone}", "+91-{phone}")],
)
async def test_a_claim_beside_another_and_a_number_written_otherwise_tell_nothing(make_bot, bank, clock, before, said):
    """Of what was asked for in another conversation a moment ago, and again in other words, here."""
    heard = {}
    for name, one, phone in (("somebody", "C002", "9800000002"), ("nobody", "C777", "9800000077")):
        branch = bank.branch(await make_bot(plugins=bank.plugins, config=bank.phones, clock=clock))
        talk = heard[name] = []
        for who, claim in (("first", before), ("second", said)):
            await branch.say("What is my balance?", who=who)
            told = await branch.say(claim.format(one=one, phone=phone), who=who)
            talk.append((plainly(told.text, one), told.quick_replies, told.data["identity"]))
    assert heard["somebody"] == heard["nobody"]


async def test_who_gives_a_phone_number_is_not_shown_its_end(make_bot, bank):
    """Of a customer it is that number's own, of nobody any: so that would tell."""
    branch = bank.branch(await make_bot(plugins=bank.plugins, config=bank.phones))
    for claim in ("+91 98000 00002", "9800000077"):
        await branch.say("What is my balance?", who=claim)
        told = await branch.say(claim, who=claim)
        assert told.text == branch.tenant.phrase("identity-sent-unshown", "en", minutes=5)
    assert (await branch.letter()).startswith("To: +919800000002")


async def test_what_is_shown_of_nobodys_phone_is_always_the_same(make_bot, bank):
    from hookline_identity import registered
    from hookline_identity.sealing import keys_of

    branch = bank.branch(await make_bot(plugins=bank.plugins, config=bank.phones))
    keys = await keys_of(branch.tenant)
    shown = [registered.mask_of(branch.tenant, keys, None, claim) for claim in ("C777", "c-777", "C777")]
    assert len(set(shown)) == 1
    many = {registered.mask_of(branch.tenant, keys, None, f"C{n}") for n in range(500)}
    assert len(many) > 80, "as many as phones have"


async def test_the_work_is_the_same_for_a_customer_and_for_nobody(branch, clock):
    """By construction: the same reads, the same writes, the same jobs, in the same order; so time tells nothing."""
    tenant = branch.tenant

    async def traced(claim, n):
        account = await tenant.hooks.find_account(claim)
        async with tenant.action(by="a test") as act:
            await codes.ask_for(tenant, act, Wanted(claim, account, f"talk{n}", f"who{n}", f"net{n}"))
            writes = [(type(op.statement), op.statement.table.name) for _, op in act.writes]
            jobs = [(one.kind, one.name, sorted(one.payload), len(one.payload["code"])) for one in act.work]
        return writes, jobs

    assert await traced("C001", 1) == await traced("C777", 2), "the first time"
    clock.advance(31)
    assert await traced("C001", 1) == await traced("C777", 2), "another code"
    await branch.bot.idle()
    assert [row.state for row in await opened(branch, 2)] == ["open", "open"]


async def test_a_try_is_the_same_work_for_a_customer_and_for_nobody(serve, records):
    client, branch, _ = await serve()
    looks = []
    for who in ("C001", "C777"):
        await post(client, OTP, {"customer_id": who})
        await branch.bot.idle()
        records.looks.clear()
        await post(client, VERIFY, {"customer_id": who, "otp": "000000"})
        looks.append(len(records.looks))
    assert looks[0] == looks[1]


@pytest.mark.slow
async def test_nobody_ever_gets_in_as_a_claim_that_is_no_account(serve):
    """Even who knew the code of a claim that is nobody's."""
    client, branch, _ = await serve()
    await post(client, OTP, {"customer_id": "C777"})
    (row,) = await opened(branch)
    assert (row.account, row.state) == ("", "open")
    from hookline_identity import checking
    from hookline_identity.codes import code_digest
    from hookline_identity.sealing import keys_of

    keys = await keys_of(branch.tenant)
    guessed = next(f"{n:06d}" for n in range(1_000_000) if code_digest(keys, row.id, f"{n:06d}") == row.digest)
    assert (await checking.judge(branch.tenant, row, guessed, "", "")).outcome == "wrong"


async def test_seen_addresses_of_nobody_do_not_pile_up(branch, clock):
    tenant = branch.tenant
    async with tenant.action(by="a test") as act:
        await codes.ask_for(tenant, act, Wanted("C777", None, "t1", "w1", "n1"))
    clock.advance(codes.KEPT + 1)
    async with tenant.action(by="a test") as act:
        await codes.ask_for(tenant, act, Wanted("C778", None, "t2", "w2", "n2"))
    assert len(await tenant.db.fetch(sa.select(address))) == 1
    assert len(await tenant.db.fetch(sa.select(challenge))) == 1
