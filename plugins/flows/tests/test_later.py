"""What happens without a message: timers, silence, starts from outside; and what outlives a change of the flow."""

from __future__ import annotations

import pytest

from hookline.errors import FunctionRefused
from hookline.hookspecs import hookimpl
from hookline.message import Challenge, Reply
from hookline.plugin import Plugin
from hookline.testing.clock import FrozenClock

FOLLOW = """
title: {en: follow-up}
starts: {words: [go]}
slots: {day: {kind: choice, choices: {tomorrow: {}, week: {words: [next week]}}}, ok: {kind: boolean}}
steps:
  - {ask: day, text: {en: When?}}
  - timer: {after: "day == 'week' ? '168h' : '24h'", kind: followup, go: remind}
  - {say: {en: "I come back, {day_label}."}}
  - {id: fin, end: done}
  - id: remind
    say: {en: "Here I am again ({day})."}
  - {ask: ok, text: {en: Still interested?}}
  - {id: out, end: done, text: {en: "Noted: {ok}"}}
"""


async def told(bot, who="alice"):
    await bot.idle()
    return [message.text for message in bot.channel.sent if message.address == who]


async def test_a_timer_brings_the_flow_back_with_what_it_knew(talk):
    clock = FrozenClock()
    bot = await talk({"follow": FOLLOW}, clock=clock)
    await bot.say("go")
    assert (await bot.say("next week")).text == "I come back, Week."

    clock.advance(7 * 86400 + 5)
    await bot.until(lambda: any("Here I am" in m.text for m in bot.channel.sent))

    assert "Here I am again (week).\n\nStill interested?\n1. Yes\n2. No" in await told(bot)
    assert (await bot.say("yes")).text == "Noted: true"


async def test_a_timer_that_is_due_survives_a_restart(talk):
    clock = FrozenClock()
    bot = await talk({"follow": FOLLOW}, clock=clock)
    await bot.say("go")
    await bot.say("tomorrow")
    await bot.restart()

    clock.advance(86400 + 5)
    await bot.until(lambda: any("Here I am" in m.text for m in bot.channel.sent))


SILENT = """
starts: {words: [go]}
title: {en: form}
slots: {name: {kind: person}}
steps: [{ask: name, text: {en: Your name?}}, {end: done}]
timeout: {after: 30m, say: {en: Are you there?}%s}
"""


async def test_who_says_nothing_is_asked_again(talk):
    clock = FrozenClock()
    bot = await talk({"form": SILENT % ""}, clock=clock)
    await bot.say("go")

    clock.advance(31 * 60)
    await bot.until(lambda: any("Are you there?" in m.text for m in bot.channel.sent))

    assert (await told(bot))[-1] == "Are you there?\n\nYour name?"


async def test_silence_may_end_the_flow(talk):
    clock = FrozenClock()
    bot = await talk({"form": SILENT % ", then: end"}, clock=clock)
    await bot.say("go")

    clock.advance(31 * 60)
    await bot.until(lambda: any("Are you there?" in m.text for m in bot.channel.sent))

    assert (await bot.say("go")).text == "Your name?"


async def test_an_answer_in_time_puts_the_time_out_off(talk):
    clock = FrozenClock()
    bot = await talk({"form": SILENT % ""}, clock=clock)
    await bot.say("go")
    clock.advance(20 * 60)
    await bot.say("12345")
    clock.advance(20 * 60)
    await bot.idle()
    clock.advance(11 * 60)
    await bot.until(lambda: any("Are you there?" in m.text for m in bot.channel.sent))

    assert sum("Are you there?" in text for text in await told(bot)) == 1


async def test_a_flow_that_nobody_goes_on_with_is_given_up_without_a_word(talk):
    clock = FrozenClock()
    bot = await talk(
        {"form": "starts: {words: [go]}\nslots: {n: {kind: number}}\nsteps: [{ask: n, text: {en: How many?}}]"},
        clock=clock,
    )
    await bot.say("go")
    clock.advance(8 * 86400)
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")

    async def place():
        known = await bot.tenant().conversations.get(conversation)
        return known.state.get("flows", {}).get("stack")

    for _ in range(2000):
        if await place() is None:
            break
        await bot.idle()

    assert await place() is None
    assert await told(bot) == ["How many?"]


PAYMENT = """
title: {en: payment}
given: [invoice, amount]
slots: {amount: {kind: money, entities: []}, paid: {kind: boolean}}
steps:
  - {ask: paid, text: {en: "Did you pay {amount} for invoice {invoice}?"}}
  - branch: [{when: paid, go: fine}, {go: complain}]
  - {id: fine, end: confirmed, text: {en: Thank you.}}
  - {id: complain, handoff: payment_problem, text: {en: Somebody will look into it.}}
"""


@pytest.mark.parametrize(
    ("answer", "said"), [("Yes", "Thank you."), ("haan", "Thank you."), ("No", "Somebody will look into it.")]
)
async def test_a_system_starts_a_flow_and_the_next_message_is_its_answer(talk, answer, said):
    bot = await talk({"payment": PAYMENT})
    await bot.hear("hello")
    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")

    payload = {"flow": "payment", "slots": {"amount": 5000, "invoice": "A-7"}}
    row = await bot.tenant().command("start", payload, plugin="flows", lane=conversation, by="shop")
    (asked,) = await bot.tenant().wait(row, 20)

    assert asked.text == "Did you pay 5,000 for invoice A-7?\n1. Yes\n2. No"
    assert asked.quick_replies == ("Yes", "No")
    assert (await bot.say("what is this about?")).text.endswith("Did you pay 5,000 for invoice A-7?\n1. Yes\n2. No")
    reply = await bot.say(answer)
    assert reply.text == said


async def test_a_step_hands_over_with_its_reason_and_what_is_known(talk):
    bot = await talk({"payment": PAYMENT.replace("title:", "starts: {words: [pay]}\ntitle:")}, plugins=("handoff",))
    await bot.say("pay")
    reply = await bot.say("no")

    assert reply.text.startswith("Somebody will look into it.")
    (row,) = [r for r in await events(bot, "turn") if r.get("handoff")]
    assert row["handoff"]["reason"] == "payment_problem"


async def events(bot, kind):
    import sqlalchemy as sa

    from hookline.models import event

    rows = await bot.tenant().db.fetch(sa.select(event.c.kind, event.c.payload).order_by(event.c.id))
    return [row.payload for row in rows if row.kind == kind]


@pytest.mark.row("L07")
async def test_the_event_log_tells_the_way_through_the_flow(talk):
    bot = await talk({"follow": FOLLOW})
    await bot.say("go")
    await bot.say("tomorrow")

    assert await events(bot, "flows.started") == [{"flow": "follow", "version": 1}]
    first, second = await events(bot, "flows.step")
    assert first["path"] == [["follow", "day", "ask"]]
    assert second["path"] == [
        ["follow", "day", "answer"],
        ["follow", "timer-2", "next"],
        ["follow", "say-3", "next"],
        ["follow", "fin", "end"],
    ]
    assert [e["outcome"] for e in await events(bot, "flows.ended")] == ["done"]


# -- a function that refuses, a check of the tenant's own -----------------------------------------------------------


async def test_a_function_says_in_the_customers_words_why_not(talk, office):
    def refuse(**_):
        raise FunctionRefused("We lend from 18 years on.")

    office.functions["lend"] = refuse
    bot = await talk({"x": "starts: {words: [go]}\nsteps: [{call: lend}, {say: {en: fine}}]"})

    assert (await bot.say("go")).text == "We lend from 18 years on."


async def test_a_function_that_fails_goes_to_otherwise_and_the_customer_is_told_nothing_technical(talk, office):
    office.functions["lend"] = lambda: 1 / 0
    bot = await talk(
        {
            "x": "starts: {words: [go]}\nsteps: [{call: lend, otherwise: sorry}, {end: done}, {id: sorry, say: {en: Try later.}}]"
        }
    )

    assert (await bot.say("go")).text == "Try later."


async def test_an_answer_is_checked_by_the_tenants_own_code(talk, office):
    def check(value, least):
        if len(value) < least:
            raise FunctionRefused("A customer number has four signs.")

    office.functions["check"] = check
    bot = await talk(
        {
            "x": "starts: {words: [go]}\nslots: {n: {kind: text, check: {call: check, with: {least: '4'}}}, m: {kind: number, check: 'value > 3'}}\nsteps: [{ask: n, text: {en: Number?}}, {ask: m, text: {en: M?}, again: {en: More.}}, {end: done, text: {en: ok}}]"
        }
    )
    await bot.say("go")

    assert (await bot.say("abc")).text == "A customer number has four signs."
    assert (await bot.say("abcd")).text == "M?"
    assert (await bot.say("2")).text == "More."
    assert (await bot.say("4")).text == "ok"


# -- who the customer is --------------------------------------------------------------------------------------------

BALANCE = """
identity: true
starts: {words: [balance]}
steps:
  - {call: balance, into: found}
  - {end: done, text: {en: "You have {found}."}}
"""


def guard():
    class Hooks:
        def __init__(self, tenant):
            self.proved = False

        @hookimpl
        async def receive(self, turn):
            self.proved = self.proved or turn.message.text == "123456"
            if self.proved:
                turn.prove("C-1")
            return turn.message

        @hookimpl
        async def require_identity(self, turn, purpose):
            assert purpose in ("flow:balance", "step:balance"), purpose
            if turn.account or not purpose.startswith("step:"):
                return None
            return Challenge(Reply("Please type the code."))

    return Plugin("guard", hooks=Hooks)


async def test_a_marked_flow_waits_for_the_proof_and_goes_on_where_it_was(make_bot, office, write, tmp_path):
    import hookline_flows

    office.functions["balance"] = lambda: 42
    office.answers["what are your hours?"] = "Nine to five."
    write(tmp_path / "house", {"balance": BALANCE})
    bot = await make_bot(plugins=[guard(), hookline_flows.plugin, office.plugin()], folder=tmp_path / "house")

    assert (await bot.say("balance")).text == "Please type the code."
    assert office.calls == []
    assert (await bot.say("what are your hours?")).text.startswith("Nine to five.")
    assert (await bot.say("000000")).text == "Please type the code."
    assert (await bot.say("123456")).text == "You have 42."


async def test_a_marked_flow_stays_shut_where_nobody_asks_for_proof(make_bot, office, write, tmp_path):
    import hookline_flows

    class Careless:
        def __init__(self, tenant):
            pass

        @hookimpl
        async def require_identity(self, turn, purpose):
            return None

    office.functions["balance"] = lambda: 42
    write(tmp_path / "house", {"balance": BALANCE})
    bot = await make_bot(
        plugins=[Plugin("careless", hooks=Careless), hookline_flows.plugin, office.plugin()], folder=tmp_path / "house"
    )

    assert (await bot.say("balance")).text == "I can't do this here, as I can't check who you are."
    assert office.calls == []


# -- versions -------------------------------------------------------------------------------------------------------

V1 = """
version: 1
starts: {words: [go]}
slots: {a: {kind: number}, b: {kind: number}}
steps: [{ask: a, text: {en: A?}}, {ask: b, text: {en: B of old?}}, {end: done, text: {en: "old {a} {b}"}}]
"""
V2 = """
version: 2
starts: {words: [go]}
slots: {a: {kind: number}, c: {kind: number}}
steps: [{ask: a, text: {en: A?}}, {ask: c, text: {en: C of new?}}, {end: done, text: {en: "new {a} {c}"}}]
"""


async def test_a_running_flow_ends_on_its_own_version_also_after_a_restart(talk, write):
    bot = await talk({"x": V1})
    await bot.say("go")
    write(bot.folder, {"x": V2})
    await bot.restart()

    assert (await bot.say("1")).text == "B of old?"
    assert (await bot.say("2")).text == "old 1 2"
    await bot.say("go")
    assert (await bot.say("1")).text == "C of new?"


async def test_a_running_flow_moves_by_rule(talk, write):
    bot = await talk({"x": V1})
    await bot.say("go")
    await bot.say("1")
    write(bot.folder, {"x": V2 + "migrate: {1: {b: c}}\n"})
    assert await bot.runtime.load("acme"), bot.runtime_of().error

    assert (await bot.say("7")).text == "new 1 7"


async def test_a_change_within_a_version_is_taken_at_once(talk, write):
    bot = await talk({"x": V1})
    await bot.say("go")
    write(bot.folder, {"x": V1.replace("B of old?", "And B?")})
    assert await bot.runtime.load("acme")

    assert (await bot.say("1")).text == "And B?"


async def test_a_flow_whose_file_is_gone_is_still_ended(talk, write):
    bot = await talk({"x": V1})
    await bot.say("go")
    (bot.folder / "tenants" / "acme" / "flows" / "x.yaml").unlink()
    write(bot.folder, {"y": V2})
    await bot.restart()

    assert (await bot.say("1")).text == "B of old?"
    assert (await bot.say("2")).text == "old 1 2"


# -- flows in flows -------------------------------------------------------------------------------------------------


async def test_a_sub_flow_gets_values_and_gives_its_own_back(talk):
    outer = """
    starts: {words: [go]}
    slots: {name: {kind: person}}
    steps:
      - {ask: name, text: {en: Name?}}
      - {flow: address, with: {owner: name}, into: {street: street, town: town}}
      - {end: done, text: {en: "{name}: {street}, {town}"}}
    """
    inner = """
    slots: {owner: {kind: person}, street: {kind: text}, town: {kind: text}}
    steps:
      - {ask: street, text: {en: "Where does {owner} live?"}}
      - {ask: town, text: {en: Town?}}
    """
    bot = await talk({"outer": outer, "address": inner})
    await bot.say("go")

    assert (await bot.say("my name is Asha Rao")).text == "Where does Asha Rao live?"
    assert (await bot.say("12 Hill Road")).text == "Town?"
    await bot.restart()
    assert (await bot.say("Pune")).text == "Asha Rao: 12 Hill Road, Pune"


async def test_a_reference_is_taken_once_also_when_an_answer_is_corrected(talk):
    flow = """
    starts: {words: [go]}
    slots: {n: {kind: number}}
    steps:
      - {ask: n, text: {en: N?}}
      - {reference: claim, into: ref}
      - confirm: {en: "{ref}: {n}?"}
      - {end: done, text: {en: "{ref} sent"}}
    """
    bot = await talk({"x": flow})
    await bot.say("go")
    first = (await bot.say("3")).text.split(":")[0]
    again = (await bot.say("no, 4")).text

    assert f"{first}: 4?" in again
    assert (await bot.say("yes")).text == f"{first} sent"
