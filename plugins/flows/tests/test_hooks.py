"""Flows in whole turns, on a real database."""

from __future__ import annotations

LOAN = """
version: 1
title: {en: loan simulation, fr: simulation de prêt}
starts: {words: [simulate, simulation]}
slots:
  type:
    kind: choice
    choices:
      home: {label: {en: Home loan, fr: Prêt immobilier}, words: [house, flat, maison]}
      car: {label: {en: Car loan, fr: Prêt auto}, words: [vehicle, voiture]}
  amount: {kind: money, min: 100000, max: 500000000}
  months: {kind: duration, unit: months, min: 6, max: 360, name: {en: duration}}
steps:
  - {ask: type, text: {en: Which loan?}}
  - {ask: amount, text: {en: How much?}}
  - {ask: months, text: {en: Over how long?}}
  - call: simulate
    with: {type: type, amount: amount, months: months}
    into: result
  - branch:
      - {when: result.eligible, go: fine}
      - {go: refused}
  - id: fine
    say: {en: "You pay {result_monthly} a month."}
    next: sure
  - id: refused
    say: {en: "That is too much."}
    next: finish
  - id: sure
    confirm: {en: "A {type_label} of {amount} over {months} months. Right?"}
  - id: finish
    end: done
    text: {en: Thank you.}
"""


def simulate(type, amount, months):  # noqa: A002  the flow calls it so
    return {"monthly": round(amount / months), "eligible": amount < 50_000_000}


async def test_a_flow_asks_calls_the_tenants_function_branches_confirms_and_ends(talk, office):
    office.functions["simulate"] = simulate
    bot = await talk({"loan": LOAN})

    assert "Which loan?" in (await bot.say("I want a simulation")).text
    assert "How much?" in (await bot.say("a house")).text
    assert "Over how long?" in (await bot.say("80 lakhs")).text
    summary = (await bot.say("15 years")).text
    assert "You pay 44,444 a month." in summary
    assert "A Home loan of 80,00,000 over 180 months. Right?" in summary
    assert (await bot.say("yes")).text == "Thank you."
    assert office.calls == [("simulate", {"type": "home", "amount": 8000000, "months": 180})]


async def test_an_amount_that_is_refused_takes_the_other_branch(talk, office):
    office.functions["simulate"] = simulate
    bot = await talk({"loan": LOAN})

    await bot.say("simulation")
    await bot.say("Car loan")
    await bot.say("10 crore")
    reply = await bot.say("120")

    assert reply.text == "That is too much.\n\nThank you."


async def test_a_tenant_without_flows_answers_as_before(talk, office):
    office.answers["hello"] = "Good day"
    bot = await talk({})

    assert (await bot.say("hello")).text == "Good day"
