"""The flow file: each way that it declares leads where it says, and what it declares wrongly is refused with its line.

The cases are made of the file: a question, an intent or a fact that is declared there and has no message here fails.
"""

from __future__ import annotations

import asyncio

import pytest
import yaml

from .conftest import TENANT
from .test_prompts import pack

FLOW = yaml.load(
    (TENANT / "flows" / "loan.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)  # `on` is no truth
STEPS = {step.get("id") or step["ask"]: step for step in FLOW["steps"]}
QUESTIONS = [name for name, step in STEPS.items() if "ask" in step or "confirm" in step]

LOAN, HOUSE = "I need a loan against my property", "I have a house in Bangalore worth 1.5 crore"
TO = {  # what is said until the question is asked
    "property_type": [LOAN],
    "city": [LOAN, "house"],
    "worth": [LOAN, "house", "Bangalore"],
    "amount": [HOUSE],
    "purpose": [HOUSE, "80 lakhs"],
    "consent": [HOUSE, "80 lakhs", "business"],
    "phone": [HOUSE, "80 lakhs", "business", "yes"],
    "follow_up_day": [HOUSE, "let me think about it"],
}
BY_INTENT = {
    "loan_enquiry": "I want a loan please",
    "property_info": "I have a house in Bangalore",
    "requirement_info": "I need about 80 lakhs",
    "resume": "I am ready now, shall we continue",
    "greeting": "Good morning",
    "defer": "I will think about it and get back to you",
    "not_interested": "I am not interested in this",
    "opt_out": "please stop messaging me",
    "objection_rate": "Your interest rate is too high",
    "objection_risk": "I am worried about losing my house",
    "objection_trust": "is this a scam or what",
    "objection_process": "that is too much paperwork for me",
    "objection_fees": "there are hidden charges for sure",
    "objection_bank": "my bank gives it to me cheaper",
    "no_property": "sorry, I do not own any property",
    "who": "tell me first, who are you",
    "call_me": "please ring me up",
    "annoyed": "what a useless thing you are",
}
TAKEN = {  # a message without any fact in it, for each intent, fact and answer that a transition waits for
    **BY_INTENT,
    "objection_risk": "honestly I am afraid of it all",
    "entity:date": "on the 3rd of December",
    "entity:period": "next week",
    "entity:festival": "once Diwali is over",
    "entity:time": "at 4 pm",
    "entity:part_of_day": "in the evening",
    "says:yes": "yes, that suits me",
    "says:no": "no, thank you",
}
AND_TELLS = {"requirement_info": "purpose"}  # what a message answers besides -> the question after that
FIRST = {("amount", "says:yes"): ["1 crore for business"]}  # what has to be said before the transition is open
ANSWERS = {  # (question, answer) -> next question
    ("property_type", "a house"): "city",
    ("property_type", "house in Bangalore"): "worth",
    ("property_type", "house in Bangalore worth 1.5 crore"): "amount",
    ("city", "Bangalore"): "worth",
    ("city", "Bangalore, 1.5 crore worth"): "amount",
    ("worth", "1.5 crore"): "amount",
    ("amount", "80 lakhs"): "purpose",
    ("amount", "80 lakhs for business"): "consent",
    ("amount", "1 crore for business"): "amount",  # more than the limit
    ("amount", "2 lakhs for business"): "amount",  # less than the smallest loan
    ("purpose", "for business"): "consent",
    ("purpose", "beekeeping"): "consent",
    ("consent", "yes"): "phone",
    ("consent", "no"): "follow_up_day",
    ("phone", "98450 12345"): "",
    ("phone", "skip"): "",
    ("follow_up_day", "5 December"): "follow_up_day",
}
BEGINS = {  # the first message's intent -> the question after it
    "loan_enquiry": "property_type",
    "property_info": "worth",
    "requirement_info": "property_type",
    "greeting": "property_type",
    "resume": "property_type",
    "defer": "follow_up_day",
    "not_interested": "",
    "opt_out": "",
    "objection_rate": "property_type",
    "objection_risk": "city",
    "objection_trust": "property_type",
    "objection_process": "property_type",
    "objection_fees": "property_type",
    "objection_bank": "property_type",
    "no_property": "",
    "who": "property_type",
    "call_me": "property_type",
    "annoyed": "property_type",
}
LANDS = {  # where a transition leads -> the question that is asked there; "" where the conversation is closed
    "follow_up": "follow_up_day", "not_interested": "", "opted_out": "", "no_property": "", "agreed": "phone", "assess": "consent",
    "details": "amount",
}  # fmt: skip


def test_each_question_and_each_first_intent_of_the_file_has_its_case():
    assert set(TO) == set(QUESTIONS)
    assert {question for question, _ in ANSWERS} == set(QUESTIONS)
    assert set(BEGINS) == set(FLOW["starts"]["intents"])
    assert {step["state"] for step in STEPS.values()} | {"questions"} == set(FLOW["states"])


def transitions():
    """Each transition of the file, for each question at which it is open: question, what it waits for, where it leads."""
    for question in QUESTIONS:
        own = STEPS[question].get("on", [])
        mine = {name for way in own for name in _names(way)}
        for way in (*own, *FLOW["on"]):
            for name in _names(way):
                if way in own or name not in mine:
                    yield question, name, way


def _names(way):
    """What a transition waits for."""
    found = []
    for key in ("intent", "entity"):
        given = way.get(key, [])
        given = [given] if isinstance(given, str) else given
        found += [name if key == "intent" else f"entity:{name}" for name in given]
    return [*found, f"says:{way['says']}"] if "says" in way else found


@pytest.mark.slow
@pytest.mark.row("L18")
async def test_each_transition_leads_from_each_state_to_the_state_that_the_file_declares(lender):
    cases = list(transitions())
    assert {name for _, name, _ in cases} <= set(TAKEN), "a message for each"
    assert len(cases) > 100
    room = asyncio.Semaphore(8)

    async def wrong(n, question, name, way):
        who = f"t{n}"
        async with room:
            for said in (*TO[question], *FIRST.get((question, name), ())):
                await lender.say(said, who=who)
            assert await waits_for(lender, who) == question, (question, TO[question])
            said = await lender.say(TAKEN[name], who=who)
            reached = await waits_for(lender, who)
        expected = AND_TELLS.get(name, LANDS[way["go"]]) if "go" in way else question
        spoken = pack("english")[way["say"]] in said if "say" in way else True
        if reached == expected and spoken:
            return ""
        state = STEPS[expected]["state"] if expected else "closed"
        return f"{STEPS[question]['state']}/{question} + {name} ({TAKEN[name]!r}) -> {reached!r}, declared {state}/{expected}: {said!r}"

    found = await asyncio.gather(*(wrong(n, *case) for n, case in enumerate(cases)))
    assert not any(found), "\n".join(text for text in found if text)


async def waits_for(lender, who):
    """The question that is open; "" where the flow has ended."""
    stack = (await lender.flow(who)).get("stack") or [{"step": ""}]
    return stack[-1]["step"]


async def test_each_answer_leads_to_the_next_question(lender):
    wrong = []
    for n, ((question, message), expected) in enumerate(ANSWERS.items()):
        who = f"{question}-{n}"
        for said in TO[question]:
            await lender.say(said, who=who)
        await lender.say(message, who=who)
        reached = await waits_for(lender, who)
        if reached != expected:
            wrong.append(f"{question} + {message!r} -> {reached!r}, declared {expected!r}")
    assert not wrong, "\n".join(wrong)


async def test_each_first_message_leads_to_the_declared_question(lender):
    wrong = []
    for intent, expected in BEGINS.items():
        await lender.say(BY_INTENT[intent], who=intent)
        reached = await waits_for(lender, intent)
        if reached != expected:
            wrong.append(f"{intent}: {BY_INTENT[intent]!r} -> {reached!r}, declared {expected!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.row("L17")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    state: requirement\n    ask: purpose", "    state: requirment\n    ask: purpose", "requirment"),
        ("go: not_interested}", "go: nowhere}", "nowhere"),
        ("text: ask-city", "text: ask-town", "ask-town"),
        ("ask: worth", "ask: price", "price"),
        ("result.within", "result.within &&", "CEL"),
        ("call: assess_loan", "call: asses_loan", "asses_loan"),
    ],
)
async def test_an_unknown_state_step_phrase_slot_or_function_fails_with_file_and_line(make_lender, old, new, problem):
    lines = []

    def change(folder):
        file = folder / "flows" / "loan.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        at = text.index(old)
        lines.append(text[:at].count("\n") + 1)
        file.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")

    with pytest.raises(AssertionError) as refused:
        await make_lender(change=change)

    told = str(refused.value)
    assert "flows/loan.yaml:" in told
    assert problem in told
    near = [int(part.split(":")[0]) for part in told.split("flows/loan.yaml:")[1:]]
    assert any(abs(line - lines[0]) <= 3 for line in near), (told, lines)


@pytest.mark.row("L65")
async def test_a_tenant_of_its_own_overrides_one_state_and_one_transition_in_its_own_file(make_lender):
    own = """\
extends: _base.yaml
starts:
  intents: [loan_enquiry, property_info, requirement_info, greeting]
steps:
  - id: city
    state: property
    ask: city
    text:
      en: "Which town, and near what?"
      hi: "कौन सा शहर, और किसके पास?"
      kn: "ಯಾವ ಊರು, ಯಾವುದರ ಹತ್ತಿರ?"
      ta: "எந்த ஊர், எதன் அருகில்?"
      te: "ఏ ఊరు, దేనికి దగ్గర?"
on:
  - {intent: objection_rate, go: follow_up}
"""

    def change(folder):
        (folder / "flows" / "loan.yaml").rename(folder / "flows" / "_base.yaml")
        (folder / "flows" / "loan.yaml").write_text(own, encoding="utf-8")

    lender = await make_lender(change=change)

    assert await lender.say("I need a loan against my house") != ""
    assert "Which town, and near what?" in await lender.say("where were we?")
    await lender.say("Bangalore")
    assert await waits_for(lender, "asha") == "worth"
    assert "take your time" in await lender.say("Your interest rate is too high")
    assert await waits_for(lender, "asha") == "follow_up_day"
    assert "stay the owner" in await lender.say("I'm worried about losing my house")
