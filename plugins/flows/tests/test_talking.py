"""What customers do in the midst of a flow: ask, correct, go back, cancel, skip, say several things at once, come back days later."""

from __future__ import annotations

import pytest

from hookline.message import Entity
from hookline.testing.clock import FrozenClock

LOAN = """
title: {en: loan simulation}
starts: {words: [simulate], intents: [simulate_loan]}
slots:
  type:
    kind: choice
    name: {en: type}
    choices:
      home: {label: {en: Home loan, fr: Prêt immobilier, hi: होम लोन}, words: [house, flat, घर]}
      car: {label: {en: Car loan, fr: Prêt auto}, words: [vehicle, गाड़ी]}
  amount: {kind: money, min: 100000, max: 500000000, entities: [amount, money], name: {en: amount}}
  months: {kind: duration, unit: months, min: 6, max: 360, name: {en: duration}, entities: [tenure, duration]}
  email: {kind: email, name: {en: e-mail}}
  note: {kind: text, optional: true, max_chars: 40}
steps:
  - {ask: type, text: {en: Which loan?, fr: Quel prêt ?, hi: कौन सा लोन?}}
  - {ask: amount, text: {en: How much?, fr: Combien ?, hi: कितना?}}
  - {ask: months, text: {en: Over how long?, fr: Sur combien de temps ?, hi: कितने समय के लिए?}}
  - {ask: email, text: {en: Your e-mail?, fr: Votre e-mail ?, hi: आपका ईमेल?}}
  - {ask: note, text: {en: Anything else?, fr: Autre chose ?, hi: और कुछ?}}
  - id: sure
    confirm: {en: "A {type_label} of {amount} over {months} months for {email}, note {note}. Right?", fr: "{type_label} de {amount}, {months} mois. Exact ?", hi: "{type_label} {amount}. सही?"}
  - {end: done, text: {en: Sent., fr: Envoyé., hi: भेजा.}}
on:
  - {intent: objection_rate, say: {en: Our rate is fair.}}
  - {intent: not_interested, say: {en: All right.}, then: end}
"""
CARD = """
title: {en: card block}
starts: {words: [block my card]}
slots: {last4: {kind: text, pattern: '[0-9]{4}'}}
steps:
  - {ask: last4, text: {en: The last four digits?}, again: {en: Four digits please.}}
  - {end: done, text: {en: Blocked.}}
"""


@pytest.fixture
def chat(talk):
    """Says these in turn to a bot with the loan and card flows; the texts of the replies."""

    async def say(*texts, bot=None, **more):
        bot = bot or await talk({"loan": LOAN, "card": CARD}, **more)
        return bot, [(await bot.say(text)).text for text in texts]

    return say


async def test_all_in_one_message_is_not_asked_again(chat, office):
    first = "simulate a house loan of 80 lakhs over 15 years"
    office.entities[first] = [Entity("money", 8_000_000, unit="INR"), Entity("duration", 180, unit="month")]

    _, said = await chat(first, "home")

    assert "Which loan?" in said[0]
    assert said[1] == "Your e-mail?"


async def test_several_answers_at_once_fill_several_slots(chat, office):
    told = "a car for 5 lakh over 5 years"
    office.entities[told] = [Entity("money", 500_000, unit="INR"), Entity("duration", 60, unit="month")]

    _, said = await chat("simulate", told)

    assert said[1] == "Your e-mail?"


async def test_a_question_in_between_is_answered_and_the_open_one_repeated(chat, office):
    office.answers["what is the processing fee?"] = "It is 1 %."

    _, said = await chat("simulate", "house", "what is the processing fee?", "5 lakh")

    assert said[2] == "It is 1 %.\n\nBack to our question: How much?"
    assert said[3] == "Over how long?"
    assert "The open question is: 'How much?'" in office.guided[0]
    assert "loan simulation" in office.guided[0]


async def test_a_question_that_nobody_can_answer_asks_the_open_one_again(chat):
    _, said = await chat("simulate", "house", "how much can I borrow?")

    assert said[2] == "I have no answer to that here.\n\nHow much?"


@pytest.mark.parametrize(
    "text",
    [
        "how much can I borrow?",
        "what is the minimum amount",
        "is 5 lakh the minimum?",
        "combien puis-je emprunter ?",
        "kitna milega",
        "मुझे कितना मिल सकता है",
        "can you explain",
        "why do you ask",
    ],
)
async def test_a_question_is_not_taken_for_an_answer(chat, text):
    bot, said = await chat("simulate", "house", text)

    assert "How much?" in said[2]
    assert (await bot.say("5 lakh")).text == "Over how long?"


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("80 lakhs", 8_000_000), ("1.5 crore", 15_000_000), ("10 millions", 10_000_000), ("800 000", 800_000), ("₹5,00,000", 500_000), ("५ लाख", 500_000),
     ("about 12 lakh I think", 1_200_000), ("dedh crore", 15_000_000), ("one million", 1_000_000), ("trois cent mille", 300_000), ("10 lac", 1_000_000), ("rs 500000 only", 500_000)],
)  # fmt: skip
async def test_amounts_as_customers_write_them(chat, answer, kept):
    bot, said = await chat("simulate", "house", answer)

    assert said[2] == "Over how long?"
    assert (await state(bot))["slots"]["amount"] == kept


async def state(bot):
    ((conversation, _),) = [await bot.tenant().conversations.open("loopback", "alice")]
    known = await bot.tenant().conversations.get(conversation)
    return known.state["flows"]["stack"][-1]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("15 years", 180), ("15 ans", 180), ("180", 180), ("180 months", 180), ("१५ साल", 180), ("2 years 6 months", 30), ("dhai saal", 30), ("fifteen years", 180), ("5 வருடங்கள்", 60)],
)  # fmt: skip
async def test_lengths_of_time_as_customers_write_them(chat, answer, kept):
    bot, said = await chat("simulate", "house", "5 lakh", answer)

    assert said[3] == "Your e-mail?"
    assert (await state(bot))["slots"]["months"] == kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("1", "home"), ("2", "car"), ("२", "car"), ("the second one", "car"), ("HOME LOAN", "home"), ("pret immobilier", "home"), ("a flat please", "home"), ("vehicle", "car"), ("vehicel", "car"),
     ("घर के लिए", "home"), ("not a house, a vehicle", "car"), ("होम लोन", "home"), ("option 2", "car"), ("last one", "car"), ("I'd like to buy a house", "home")],
)  # fmt: skip
async def test_choices_by_label_number_word_script_and_slip(chat, answer, kept):
    bot, said = await chat("simulate", answer)

    assert said[1] == "How much?"
    assert (await state(bot))["slots"]["type"] == kept


async def test_choices_are_buttons_and_numbers_where_there_are_none(chat, talk):
    bot = await talk({"loan": LOAN})

    reply = await bot.say("simulate")

    assert reply.quick_replies == ("Home loan", "Car loan")
    assert reply.text == "Which loan?\n1. Home loan\n2. Car loan"
    assert reply.data["flow"] == {"flow": "loan", "step": "type", "slot": "type", "state": ""}


async def test_an_answer_out_of_range_is_refused_with_its_bounds(chat):
    _, said = await chat("simulate", "house", "500", "5 lakh", "1 month", "10 years", "nobody at home", "a@b.in")

    assert said[2] == "It must be between ₹1 lakh and ₹50 crore."
    assert said[4] == "It must be between 6 months and 30 years."
    assert said[6] == "That does not look like an e-mail address. Could you check it?"
    assert said[7].startswith("Anything else?")


async def test_after_three_tries_the_flow_offers_to_stop(chat):
    _, said = await chat("simulate", "house", "xx", "yy", "zz", "no", "qq", "ww", "ee", "yes")

    assert said[4] == "This does not seem to work. Shall we stop here?\n1. Yes\n2. No"
    assert said[5] == "How much?"
    assert said[8].startswith("This does not seem to work.")
    assert said[9] == "I have stopped that. Nothing was sent."


@pytest.mark.parametrize(
    "text",
    [
        "no, 12 years",
        "non, 12 ans",
        "sorry 12 years",
        "actually 12 years",
        "nahi, 12 saal",
        "I meant 12 years",
        "नहीं, 12 साल",
        "make it 12 years",
        "change the duration to 12 years",
    ],
)
async def test_a_correction_of_an_earlier_answer_is_taken_and_the_open_question_repeated(chat, text):
    bot, said = await chat("simulate", "house", "5 lakh", "15 years", text)

    assert said[4] == "Changed: duration is now 12 years.\n\nYour e-mail?"
    assert (await state(bot))["slots"]["months"] == 144


async def test_a_correction_at_the_summary_shows_the_summary_anew(chat):
    _, said = await chat("simulate", "house", "5 lakh", "15 years", "a@b.in", "none", "no, 12 years")

    assert "over 180 months" in said[5]
    assert said[6].startswith("Changed: duration is now 12 years.\n\nA Home loan")
    assert "over 144 months" in said[6]


async def test_no_at_the_summary_asks_what_to_change(chat):
    _, said = await chat(
        "simulate", "house", "5 lakh", "15 years", "a@b.in", "skip", "no", "the amount", "6 lakh", "yes"
    )

    assert said[6].startswith("What shall I change?")
    assert said[7] == "How much?"
    assert "of 6,00,000 over 180 months" in said[8]
    assert said[9] == "Sent."


async def test_what_to_change_may_be_said_with_its_new_value(chat):
    _, said = await chat(
        "simulate", "house", "5 lakh", "15 years", "a@b.in", "skip", "no", "the amount should be 7 lakh"
    )

    assert "of 7,00,000" in said[7]


@pytest.mark.parametrize(
    "yes",
    [
        "yes",
        "haan ji",
        "ok",
        "no problem",
        "pas de problème",
        "हाँ",
        "ஆம்",
        "c'est bon",
        "Yes, that's right",
        "that is correct",
        "👍",
        "1",
        "theek hai",
        "go ahead please",
        "everything is fine",
    ],
)
async def test_a_yes_in_many_words_confirms(chat, yes):
    _, said = await chat("simulate", "house", "5 lakh", "15 years", "a@b.in", "skip", yes)

    assert said[6] == "Sent."


@pytest.mark.parametrize(
    "no",
    [
        "no",
        "non",
        "nahi",
        "नहीं",
        "not correct",
        "that's wrong",
        "2",
        "no no",
        "இல்லை",
        "galat hai",
        "incorrect",
        "pas vraiment",
    ],
)
async def test_a_no_in_many_words_asks_what_to_change(chat, no):
    _, said = await chat("simulate", "house", "5 lakh", "15 years", "a@b.in", "skip", no)

    assert said[6].startswith("What shall I change?")


@pytest.mark.parametrize("text", ["no idea", "I don't know", "hmm", "maybe", "what does that mean?"])
async def test_what_is_neither_yes_nor_no_is_asked_again(chat, text):
    _, said = await chat("simulate", "house", "5 lakh", "15 years", "a@b.in", "skip", text)

    assert "A Home loan of 5,00,000" in said[6]


@pytest.mark.parametrize(
    "text",
    [
        "cancel",
        "Cancel please",
        "annuler",
        "रद्द करो",
        "never mind",
        "forget it",
        "stop",
        "please cancel my application",
    ],
)
async def test_cancel_ends_the_flow(chat, text):
    _, said = await chat("simulate", "house", text, "simulate")

    assert said[2] == "I have stopped that. Nothing was sent."
    assert said[3].startswith("Which loan?")


async def test_back_asks_the_question_before_again(chat):
    _, said = await chat("simulate", "house", "5 lakh", "back", "6 lakh", "go back", "retour", "back", "car")

    assert said[3] == "How much?"
    assert said[4] == "Over how long?"
    assert said[5] == "How much?"
    assert said[6].startswith("Which loan?")
    assert said[7].startswith("This is the first question.\n\nWhich loan?")
    assert said[8] == "How much?"


async def test_restart_forgets_the_answers(chat):
    _, said = await chat("simulate", "house", "5 lakh", "start over", "car")

    assert said[3].startswith("Let's start again.\n\nWhich loan?")
    assert said[4] == "How much?"


async def test_what_have_i_said_lists_the_answers(chat):
    _, said = await chat("simulate", "house", "5 lakh", "what have I said so far?")

    assert said[3] == "So far I have:\n- Type: Home loan\n- Amount: ₹5 lakh\n\nOver how long?"


async def test_an_optional_question_can_be_skipped_and_another_not(chat):
    _, said = await chat("simulate", "house", "skip", "5 lakh", "15 years", "a@b.in", "skip")

    assert said[2] == "I need this to go on.\n\nHow much?"
    assert "note ." in said[6]


TOWN = """
starts: {words: [begin]}
slots:
  town: {kind: text, entities: [town], named: true, max_chars: 40}
  day: {kind: date, entities: []}
  purpose: {kind: choice, choices: {shop: {label: {en: Shop}}, other: {label: {en: Other}}}}
steps:
  - {ask: town, text: {en: Which town?}, again: {en: Only its name.}, tries: 9}
  - {ask: day, text: {en: Which day?}, again: {en: A day please.}, tries: 9}
  - {ask: purpose, text: {en: What for?}, again: {en: In a few words.}, tries: 1, otherwise: odd}
  - {id: sure, confirm: {en: "{town}, {purpose_label}. May we call?"}, no: bye}
  - {id: fin, end: done, text: {en: Good.}}
  - {id: odd, set: {purpose: "'other'"}, next: sure}
  - {id: bye, end: refused, text: {en: Pity.}}
  - {id: gone, end: gone, text: {en: Goodbye.}}
on:
  - {intent: dear, say: {en: It is cheap.}}
  - {intent: not_interested, go: gone}
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("it's in Sirsi", "Sirsi"),
        ("Gokak town", "Gokak"),
        ("sorry, Udgir", "Udgir"),
        ("बांदा में है", "बांदा"),
        ("Banda mein", "Banda"),
        ("c'est à Thiès", "Thiès"),
        ("ఆదోని లో ఉంది", "ఆదోని"),
        ("Hosur, Krishnagiri district", "Hosur, Krishnagiri district"),
    ],
)
async def test_a_name_is_kept_without_the_words_around_it(talk, text, kept):
    bot = await talk({"town": TOWN})
    await bot.say("begin")
    assert (await bot.say(text)).text == "Which day?"
    assert (await state(bot))["slots"]["town"] == kept


@pytest.mark.parametrize(
    "text",
    [
        "I want a loan please",
        "you people never stop",
        "yes",
        "no",
        "thanks",
        "busy",
        "je veux un prêt",
        "मुझे पैसे चाहिए",
        "mujhe loan chahiye",
        "मला कर्ज हवे",
        "મને લોન જોઈએ",
        "எனக்கு கடன் வேண்டும்",
        "నాకు రుణం కావాలి",
        "ನನಗೆ ಸಾಲ ಬೇಕು",
    ],
)
async def test_a_sentence_is_no_name(talk, text):
    bot = await talk({"town": TOWN})
    await bot.say("begin")
    assert (await bot.say(text)).text == "Only its name."


@pytest.mark.parametrize(
    "text", ["I am ready now", "right now", "not today", "I am 45 years old", "abhi", "maintenant", "अभी"]
)
async def test_a_time_without_a_day_is_no_date(talk, text):
    bot = await talk({"town": TOWN})
    await bot.say("begin")
    await bot.say("Sirsi")
    assert (await bot.say(text)).text == "A day please."


async def test_a_yes_says_nothing_about_a_purpose(talk):
    bot = await talk({"town": TOWN})
    said = [(await bot.say(text)).text for text in ("begin", "Sirsi", "tomorrow", "yes", "beekeeping")]
    assert said[3].startswith("In a few words.")
    assert said[4].startswith("Sirsi, Other.")


async def test_a_yes_or_no_that_is_about_another_matter_is_answered_as_that(talk, office):
    office.intents = {"yes I heard it is too dear": "dear", "no, I am not interested in this": "not_interested"}
    bot = await talk({"town": TOWN})
    for text in ("begin", "Sirsi", "tomorrow", "shop"):
        await bot.say(text)
    assert (await bot.say("yes I heard it is too dear")).text.startswith("It is cheap.\n\nSirsi, Shop.")
    assert (await bot.say("no, I am not interested in this")).text == "Goodbye."


@pytest.mark.parametrize("text", ["I am scared", "I'm driving", "मैं व्यस्त हूँ", "je suis au volant", "main busy hoon"])
async def test_who_says_how_they_are_has_not_agreed(talk, text):
    bot = await talk({"town": TOWN})
    for said in ("begin", "Sirsi", "tomorrow", "shop"):
        await bot.say(said)
    assert "Sirsi, Shop. May we call?" in (await bot.say(text)).text


PLAN = """
starts: {words: [begin]}
slots: {phone: {kind: phone, optional: true}, day: {kind: date, entities: []}}
steps:
  - {ask: phone, text: {en: Which number?}}
  - {ask: day, text: {en: Which day?}, again: {en: A day please.}, tries: 9, on: [{says: "yes", say: {en: Fine.}}, {says: "no", go: bye}]}
  - {id: fin, end: done, text: {en: Good.}}
  - {id: bye, end: refused, text: {en: Pity.}}
"""


@pytest.mark.parametrize("text", ["no", "no thanks", "nahi", "வேண்டாம்", "వద్దు", "ಬೇಡ", "non merci", "નહીં", "नको"])
async def test_who_turns_an_optional_question_down_is_not_asked_again(talk, text):
    bot = await talk({"plan": PLAN})
    await bot.say("begin")
    assert (await bot.say(text)).text == "Which day?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("haan theek hai", "Fine.\n\nWhich day?"),
        ("no, my wife is against it", "Pity."),
        ("9845012345", "A day please."),
    ],
)
async def test_a_yes_or_no_may_lead_out_of_a_question(talk, text, said):
    bot = await talk({"plan": PLAN})
    await bot.say("begin")
    await bot.say("skip")
    assert (await bot.say(text)).text == said


async def test_another_flow_in_the_middle_is_done_first_and_the_first_one_goes_on(chat):
    _, said = await chat("simulate", "house", "please block my card", "12a4", "1234", "5 lakh")

    assert said[2] == "The last four digits?"
    assert said[3] == "Four digits please."
    assert said[4] == "Blocked.\n\nBack to loan simulation.\n\nHow much?"
    assert said[5] == "Over how long?"


async def test_cancelling_the_inner_flow_returns_to_the_outer(chat):
    _, said = await chat("simulate", "house", "block my card", "cancel")

    assert said[3] == "I have stopped that. Nothing was sent.\n\nBack to loan simulation.\n\nHow much?"


@pytest.mark.row("L04")
async def test_an_objection_is_answered_and_the_open_question_repeated(chat, office):
    office.intents["Your interest rate is too high"] = "objection_rate"

    _, said = await chat("simulate", "house", "Your interest rate is too high", "5 lakh")

    assert said[2] == "Our rate is fair.\n\nHow much?"
    assert said[3] == "Over how long?"


async def test_a_transition_may_end_the_flow(chat, office):
    office.intents["I am not interested"] = "not_interested"

    _, said = await chat("simulate", "house", "I am not interested", "simulate")

    assert said[2] == "All right."
    assert said[3].startswith("Which loan?")


async def test_days_later_the_customer_is_told_where_the_talk_was(chat, talk):
    clock = FrozenClock()
    bot = await talk({"loan": LOAN}, clock=clock)
    await chat("simulate", "house", bot=bot)
    clock.advance(3 * 86400)

    _, said = await chat("hello", "5 lakh", bot=bot)

    assert said[0] == "Welcome back. We were here:\n\nHow much?"
    assert said[1] == "Over how long?"


async def test_where_were_we_repeats_the_question(chat):
    _, said = await chat("simulate", "house", "where were we?")

    assert said[2] == "My question was:\n\nHow much?"


async def test_a_flow_begins_by_an_intent(chat, office):
    office.intents["I need money for a house"] = "simulate_loan"

    _, said = await chat("I need money for a house")

    assert said[0].startswith("Which loan?")


async def test_a_restart_of_the_server_changes_nothing(chat):
    bot, _ = await chat("simulate", "house")
    await bot.restart()

    assert (await bot.say("5 lakh")).text == "Over how long?"


async def test_a_flow_begins_by_a_fact_that_is_no_question(talk, office):
    for text in ("80 lakhs for business", "what about 80 lakhs?"):
        office.entities[text] = [Entity("amount", 8_000_000)]
    office.answers["what about 80 lakhs?"] = "That is much."
    bot = await talk({"loan": LOAN.replace("words: [simulate]", "entities: [amount]")})

    assert (await bot.say("what about 80 lakhs?")).text == "That is much."
    assert (await bot.say("80 lakhs for business")).text.startswith("Which loan?")


async def test_restart_keeps_what_whoever_began_the_flow_gave_it(talk):
    outer = """
    starts: {words: [go]}
    slots: {invoice: {kind: text}}
    steps:
      - {ask: invoice, text: {en: Which invoice?}}
      - {flow: paid, with: {invoice: invoice}}
    """
    inner = """
    slots: {invoice: {kind: text}, ok: {kind: boolean}, day: {kind: text}}
    steps:
      - {ask: ok, text: {en: "Did you pay {invoice}?"}}
      - {ask: day, text: {en: "When did you pay {invoice}?"}}
    """
    bot = await talk({"outer": outer, "paid": inner})
    await bot.say("go")
    assert (await bot.say("A-7")).text.startswith("Did you pay A-7?")
    assert (await bot.say("yes")).text == "When did you pay A-7?"

    assert "Did you pay A-7?" in (await bot.say("start over")).text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("change the owner to Jean Le Goff", "Jean Le Goff"),
        ("the owner should be Marie La Rue", "Marie La Rue"),
        ("no, the owner is A. Le Pen", "A. Le Pen"),
        ("owner ko badal kar Asha Rao karo", "Asha Rao"),
        ("CHANGE THE OWNER TO ASHA RAO", "ASHA RAO"),
    ],
)
async def test_a_name_that_is_corrected_keeps_its_small_words(talk, text, kept):
    flow = """
    starts: {words: [go]}
    slots: {owner: {kind: person}, town: {kind: text}, n: {kind: number}}
    steps:
      - {ask: owner, text: {en: Owner?}}
      - {ask: n, text: {en: N?}}
      - {end: done, text: {en: "{owner} {n}"}}
      - {id: never, ask: town, text: {en: Town?}}
    timeout: {after: 1h, go: never}
    """
    bot = await talk({"x": flow})
    await bot.say("go")
    await bot.say("Asha")
    assert "N?" in (await bot.say(text)).text

    assert (await bot.say("3")).text == f"{kept} 3"


INCOME = """
starts: {words: [go]}
slots: {amount: {kind: money, name: {en: amount}}, income: {kind: money, min: 1000, name: {en: income}}, since: {kind: date, max: today}}
steps:
  - {ask: amount, text: {en: How much?}}
  - {ask: income, text: {en: Your income?}}
  - {ask: since, text: {en: Since when?}}
  - {end: done, text: {en: "{amount} {income}"}}
"""


@pytest.mark.parametrize(
    "text", ["no, 6 million", "sorry, 6 million", "en fait je voudrais 6 millions", "नहीं, 60 लाख", "nahi, 60 lakh"]
)
async def test_a_no_before_anything_was_answered_takes_back_the_answer_before(talk, text):
    bot = await talk({"x": INCOME})
    await bot.say("go")
    await bot.say("5 million")

    assert (await bot.say(text)).text.endswith("Your income?")
    assert (await bot.say("5")).text != "Since when?"
    assert (await bot.say("no, 70000")).text == "Since when?"


@pytest.mark.parametrize(
    "text", ["le 31 février", "February 31", "on 12/11", "12 novembre 2026", "२५ दिसंबर", "2026-11-12"]
)
async def test_a_day_is_no_amount(talk, text):
    bot = await talk({"x": INCOME}, config='language = "en"\n')
    await bot.say("go")

    assert "How much?" not in (await bot.say("5 million")).text
    assert (await bot.say(text, language="hi" if "द" in text else "fr")).text != "Since when?"


async def test_a_day_that_can_only_be_past_is_read_so(talk):
    bot = await talk({"x": INCOME.replace('{en: "{amount} {income}"}', '{en: "{since}"}')}, clock=FrozenClock())
    today = bot.tenant("flows").clock.now()
    await bot.say("go")
    await bot.say("5 million")
    await bot.say("90000")
    import datetime as dt

    soon = dt.datetime.fromtimestamp(today, dt.UTC) + dt.timedelta(days=40)
    said = (await bot.say(f"{soon.day}/{soon.month}")).text
    assert str(soon.year - 1) in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I was charged 35 twice in October. Why is that?", True),
        ("On m'a prélevé 3 500 F le 12 novembre sans prévenir. Pourquoi ?", True),
        ("मेरे खाते से दो बार पैसे कटे हैं। ऐसा क्यों?", True),
        ("Why was I charged twice?", False),
        ("Well. What does that cost?", False),
    ],
)
async def test_a_long_text_may_end_in_a_question(talk, office, text, kept):
    office.answers[text] = "No idea."
    bot = await talk(
        {
            "x": "starts: {words: [go]}\nslots: {t: {kind: text}}\nsteps: [{ask: t, text: {en: What happened?}}, {end: done, text: {en: '{t}'}}]"
        }
    )
    await bot.say("go")

    assert ((await bot.say(text)).text == text) is kept


async def test_a_check_of_the_tenants_own_may_give_the_value_that_is_kept(talk, office):
    office.functions["monthly"] = lambda value: value / 12 if value > 1000 else None
    bot = await talk(
        {
            "x": "starts: {words: [go]}\nslots: {n: {kind: number, check: {call: monthly}}}\nsteps: [{ask: n, text: {en: N?}}, {end: done, text: {en: '{n}'}}]"
        }
    )
    await bot.say("go")
    assert (await bot.say("1200")).text == "100"
    await bot.say("go")
    assert (await bot.say("12")).text == "12"


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "on 5 March 2031", "2031-03-05"),
        ("en", "5/3/2031", "2031-03-05"),
        ("fr", "le 5 mars 2031", "2031-03-05"),
        ("fr", "05/03/2031", "2031-03-05"),
        ("hi", "5 मार्च 2031", "2031-03-05"),
        ("hi", "५ मार्च २०३१ को", "2031-03-05"),
        ("en", "2031-03-05", "2031-03-05"),
        ("fr", "le 31 février 2031", ""),
        ("en", "as soon as you like", ""),
    ],
)
async def test_a_day_is_read_in_the_customers_language(talk, language, text, day):
    flow = "starts: {words: [go]}\nslots: {d: {kind: date}}\nsteps: [{ask: d, text: {en: When?, fr: Quand ?, hi: कब?}}, {end: done, text: {en: Good., fr: Good., hi: Good.}}]"
    bot = await talk({"x": flow}, config='languages = ["en", "fr", "hi"]\n')
    await bot.say("go", language=language)

    reply = await bot.say(text, language=language)

    conversation, _ = await bot.tenant().conversations.open("loopback", "alice")
    state = (await bot.tenant().conversations.get(conversation)).state["flows"]
    assert (state.get("last", {}).get("slots", {}).get("d", "")) == day
    assert (reply.text == "Good.") is bool(day)
