"""The parts, without a server: sentences, sources, grounding, refusals, the breaker."""

from __future__ import annotations

import email.utils
import time

import pytest

from hookline.message import Passage
from hookline.testing.clock import FrozenClock
from hookline_llm.breaker import Breaker
from hookline_llm.facts import facts
from hookline_llm.grounding import Dropped, Grounding, markers
from hookline_llm.refusal import refused, retry_after
from hookline_llm.sentences import SentenceStream, spans
from hookline_llm.sources import Source, choose, disarm, render


def passage(text, title="Guide", start=0):
    return Passage("guide", 3, start, start + len(text), text, title=title, confidence=0.9)


def grounding(*texts, question="How much is it?"):
    return Grounding(question, [Source(n, passage(text, start=1000 * n), text) for n, text in enumerate(texts, 1)])


def held(text, language):
    return Grounding("", [Source(1, passage(text), text)], language)


def streamed(text, size):
    stream = SentenceStream()
    found = [s for at in range(0, len(text), size) for s in stream.feed(text[at : at + size])]
    return [*found, *stream.close()]


# -- sentences -----------------------------------------------------------------------------------------------------

SENTENCES = [
    ["It costs 4.20 euros. [1] ", "Ask Dr. Martin, e.g. by phone. [2, 3] ", "Is it free? ", "No!"],
    ["See J. Smith at 10 a.m. on Monday [1]. ", "Then visit example.com/help. [2]"],
    ["1. Open the settings.\n", "2. Press Reset [1].\n", "- Done. "],
    ["फ्रांस में रोमिंग ४.२० यूरो है। [1] ", "डेटा शामिल है।[2] ", "धन्यवाद।"],
    ["பிரான்சில் ரோமிங் 4.20 யூரோ. [1] ", "தரவு உண்டு."],
    ["Cela coûte 4,20 € par minute. [1] ", "« Vraiment ? » ", "Oui."],
    ["Prices rise… ", "Or not?! ", "**Bold.** ", "End"],
]


@pytest.mark.parametrize("wanted", SENTENCES, ids=lambda wanted: wanted[0][:12])
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_a_stream_is_cut_into_sentences_however_its_pieces_fall(wanted, size):
    assert streamed("".join(wanted), size) == wanted


def test_nothing_of_a_text_is_lost_between_sentences():
    text = "  One. Two!\n\nThree [1] four. [2]\n"

    assert "".join(streamed(text, 1)) == text


def test_an_unfinished_last_sentence_is_dropped_where_the_text_was_cut_off():
    stream = SentenceStream()
    cut_off = SentenceStream()
    cut_off.feed("Whole. Unfinished and")
    stream.feed("Whole. Finished too. [1]")

    assert stream.close(complete=False) == ["Finished too. [1]"]
    assert cut_off.close(complete=False) == []


def test_spans_are_exact():
    text = " It costs 4.20. [1]  Is it?  "

    assert [text[a:b] for a, b in spans(text)] == ["It costs 4.20. [1]", "Is it?"]


# -- sources -------------------------------------------------------------------------------------------------------


def test_passages_are_taken_whole_as_long_as_they_fit_and_the_last_is_cut_at_a_sentence():
    one = passage("One sentence of some forty characters here. " * 3)
    two = passage("Two sentences of some forty characters too. " * 9)

    chosen = choose([one, two, one], 400)

    assert [source.number for source in chosen] == [1, 2]
    assert chosen[0].text == one.text.rstrip()
    assert chosen[1].text.endswith("characters too.")
    assert two.text.startswith(chosen[1].text)
    assert len(render(chosen)) <= 400


@pytest.mark.parametrize("chars", [200, 500, 1000, 2000])
def test_the_budget_holds_for_any_mixture(chars):
    passages = [passage("word " * n, title="T" * n) for n in (3, 70, 11, 200, 1)]

    assert len(render(choose(passages, chars))) <= chars


def test_a_first_sentence_that_is_too_long_is_cut_between_words():
    chosen = choose([passage("word " * 200)], 200)

    assert chosen[0].text.endswith("word")
    assert 150 < len(render(chosen)) <= 200


def test_disarmed_text_keeps_its_length_and_its_innocent_marks():
    text = "a < b, <Documents> </ question > [1, 2] [note] 【3】"

    assert disarm(text) == "a < b, (Documents> (/ question > (1, 2) [note] (3)"
    assert len(disarm(text)) == len(text)


# -- grounding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("4.20 euros", "4,20 €"),
        ("1,00,000 rupees", "one lakh rupees"),
        ("₹1,00,000", "१ लाख रुपये"),
        ("12.500", "12500"),
        ("1'250.50", "1250.5"),
        ("४२०", "420"),
        ("௧௦", "10"),
        ("007", "7"),
        ("twenty-five percent", "25 %"),
        ("quatre-vingt-dix-sept", "97"),
        ("पच्चीस प्रतिशत", "25%"),
        ("60 minutes", "1 hour"),
        ("24 heures", "1 jour"),
        ("$3.5 million", "3,500,000 dollars"),
        ("2 Go", "2000 Mo"),
        ("12 March 2024", "March 12, 2024"),
        ("12.03.2024", "2024-03-12"),
        ("le 12 mars 2024", "१२ मार्च २०२४"),
        ("March 2024", "12 March 2024"),
        ("5 pm", "17:00"),
        ("17h30", "5:30 p.m."),
        ("1800-200-300", "1800 200 300"),
        ("+33 1 23 45 67 89", "01 23 45 67 89"),
        ("https://www.example.com/help.", "example.com/help"),
        ("Help@Acme.in", "help@acme.in"),
    ],
)
def test_facts_agree_however_they_are_written(written, same):
    (one,), (other,) = facts(written), facts(same)

    assert one.agrees(other) or other.agrees(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4.20 euros", "4.20 dollars"),
        ("5 minutes", "5 hours"),
        ("10 MB", "10 GB"),
        ("5 %", "5 euros"),
        ("one lakh", "1,000,000"),
        ("12 March 2024", "12 May 2024"),
        ("12 March 2024", "13 March 2024"),
        ("5 pm", "5 am"),
        ("1800-200-300", "1800-200-301"),
        ("example.com/help", "example.com/home"),
        ("पच्चीस", "छब्बीस"),
    ],
)
def test_facts_that_differ_do_not_agree(one, other):
    (a,), (b,) = facts(one), facts(other)

    assert not a.agrees(b)


def test_markers_are_read_in_all_the_ways_in_which_models_write_them():
    assert markers("A [1] b [2, 3][5-7] c 【8】 d [९] [note] (4)") == [1, 2, 3, 5, 6, 7, 8, 9]


def test_a_sentence_is_cited_with_the_sentence_that_is_nearest():
    check = grounding("Hello there. Roaming costs 4.20 euros per minute. Data is extra.", "Fixed lines are free.")

    grounded = check.check("Roaming costs 4.20 euros per minute. [1]")

    assert grounded.text == "Roaming costs 4.20 euros per minute."
    assert [(c.text, c.start, c.end) for c in grounded.citations] == [
        ("Roaming costs 4.20 euros per minute.", 1013, 1049)
    ]


def test_a_marker_of_a_passage_that_does_not_say_it_is_put_right():
    check = grounding("Roaming costs 4.20 euros per minute.", "Fixed lines are free on Sundays.")

    assert [c.start for c in check.check("Roaming costs 4.20 euros per minute. [2]").citations] == [1000]
    assert [c.start for c in check.check("Roaming costs 4.20 euros per minute. [9]").citations] == [1000]
    assert [c.start for c in check.check("Roaming costs 4.20 euros per minute.").citations] == [1000]


@pytest.mark.parametrize(
    "said",
    [
        "Roaming costs 4.20 euros per minute. [1]",
        "The price for roaming is 4.2 euros a minute. [1]",
        "Per minute of roaming you pay 4,20 euros. [1]",
        "1. Roaming costs 4.20 euros. [1]",
        "According to the documents, you pay 4.20 euros for a minute of roaming. [1]",
    ],
)
def test_what_the_passages_say_in_other_words_is_kept(said):
    assert grounding("Roaming costs 4.20 euros per minute.", question="What is the price in Spain?").check(said)


@pytest.mark.parametrize(
    "said",
    [
        "Roaming costs 5.20 euros per minute. [1]",
        "Roaming costs 420 euros per minute. [1]",
        "Since 2019 roaming costs 4.20 euros. [1]",
        "Roaming with Vodafone costs 4.20 euros. [1]",
        "Roaming costs 4.20 euros on the X200 plan. [1]",
        "Bananas ripen faster beside apples. [1]",
        "Everything is wonderful today. [1]",
    ],
)
def test_what_the_passages_do_not_say_is_dropped(said):
    assert grounding("Roaming costs 4.20 euros per minute.").check(said) is None


PLANS = (
    "The Basic plan costs ₹299 a month and the Premium plan ₹599. Cancel by 12 March 2024. Call 1800-200-300 or write "
    "to help@acme.in. Refunds are not given for opened items. Our office in Pune is open Monday to Friday from 9 am to 5 pm."
)
PLANS_HI = "बेसिक प्लान ₹299 प्रति माह है और प्रीमियम प्लान ₹599 है। 12 मार्च 2024 तक रद्द करें। खुले सामान पर रिफंड नहीं मिलता।"
PLANS_FR = "Le forfait Basique coûte 29,90 € par mois. Il n'est pas possible de le résilier avant 12 mois."
PLANS_DE = "Der Tarif Basis kostet 9,90 € im Monat. Eine Kündigung ist nicht vor Ablauf von 24 Monaten möglich."


@pytest.mark.parametrize(
    ("language", "passage", "said"),
    [
        ("en", PLANS, "The Basic plan is 299 rupees monthly."),
        ("en", PLANS, "The Premium plan costs 599 rupees a month."),
        ("en", PLANS, "The Basic plan costs two hundred and ninety-nine rupees a month."),
        ("en", PLANS, "You must cancel by March 12, 2024."),
        ("en", PLANS, "Opened items are not refunded."),
        ("en", PLANS, "Email help@acme.in."),
        ("en", PLANS, "The office in Pune is open from 09:00 to 17:00, Monday to Friday."),
        ("hi", PLANS_HI, "बेसिक प्लान की कीमत दो सौ निन्यानवे रुपये है।"),
        ("hi", PLANS_HI, "आप १२ मार्च २०२४ तक रद्द कर सकते हैं।"),
        ("fr", PLANS_FR, "Le forfait Basique coûte 29,90 euros par mois."),
        ("fr", PLANS_FR, "Vous ne pouvez pas le résilier avant un an."),
        ("de", PLANS_DE, "Der Basis-Tarif kostet 9,90 Euro pro Monat."),
        ("hi", PLANS, "बेसिक प्लान की कीमत 299 रुपये प्रति माह है। [1]"),
        ("hi", PLANS, "कार्यालय पुणे में है। [1]"),
    ],
)
def test_what_is_true_stays_in_other_words_forms_and_languages(language, passage, said):
    assert held(passage, language).check(said), said


@pytest.mark.parametrize(
    ("language", "passage", "said", "reason"),
    [
        ("en", PLANS, "The Basic plan costs ₹599 a month.", "number exchanged"),
        ("en", PLANS, "The Basic plan costs three hundred rupees a month.", "unknown number"),
        ("en", PLANS, "The Basic plan costs $299 a month.", "unknown number"),
        ("en", PLANS, "The Basic plan costs ₹299 a year.", "word exchanged"),
        ("en", PLANS, "Cancel by 12 April 2024.", "unknown date"),
        ("en", PLANS, "Cancel by next Friday.", "added: next"),
        ("en", PLANS, "Opened items are refunded.", "negation left out"),
        ("en", PLANS, "The office in Mumbai is open Monday to Friday.", "unknown name"),
        ("en", PLANS, "Call 1800-200-301.", "unknown phone"),
        ("en", PLANS, "Write to sales@acme.in.", "unknown mail"),
        ("en", PLANS, "We promise your money back.", "nothing like it"),
        ("hi", PLANS_HI, "बेसिक प्लान की कीमत ३९९ रुपये है।", "unknown number"),
        ("hi", PLANS_HI, "खुले सामान पर रिफंड मिलता है।", "negation left out"),
        ("hi", PLANS_HI, "प्रीमियम प्लान ₹299 है।", "number in a wrong place"),
        ("fr", PLANS_FR, "Le forfait Basique coûte vingt-neuf euros par mois.", "unknown number"),
        ("fr", PLANS_FR, "Vous pouvez le résilier avant 12 mois.", "negation left out"),
        ("de", PLANS_DE, "Eine Kündigung ist vor Ablauf von 24 Monaten möglich.", "negation left out"),
        ("hi", PLANS, "बेसिक प्लान की कीमत 399 रुपये प्रति माह है। [1]", "unknown number"),
    ],
)
def test_what_is_false_goes_and_says_why(language, passage, said, reason):
    assert held(passage, language).judge(said) == Dropped(reason)


def test_hindi_and_tamil_are_checked_by_their_words_too():
    hindi = grounding("फ्रांस में रोमिंग का शुल्क 4.20 यूरो प्रति मिनट है।", question="रोमिंग कितने की है?")
    tamil = grounding("பிரான்சில் ரோமிங் கட்டணம் நிமிடத்திற்கு 4.20 யூரோ.", question="ரோமிங் எவ்வளவு?")

    assert hindi.check("रोमिंग का शुल्क ४.२० यूरो प्रति मिनट है। [1]")
    assert hindi.check("चाँद पनीर से बना हुआ गोला है। [1]") is None
    assert tamil.check("ரோமிங் கட்டணம் 4.20 யூரோ. [1]")
    assert tamil.check("நிலா வெண்ணெயால் செய்யப்பட்டது. [1]") is None


def test_an_answer_in_another_script_than_the_documents_needs_its_marker_and_the_right_numbers():
    check = grounding("Roaming costs 4.20 euros per minute.")

    assert check.check("रोमिंग का शुल्क 4.20 यूरो प्रति मिनट है। [1]")
    assert check.check("रोमिंग का शुल्क 4.20 यूरो प्रति मिनट है।") is None
    assert check.check("रोमिंग का शुल्क 9.99 यूरो प्रति मिनट है। [1]") is None


def test_a_sentence_without_content_says_nothing():
    check = grounding("Roaming costs 4.20 euros per minute.")

    assert not check.says_something("Yes. [1]")
    assert not check.says_something("Certainly!")
    assert check.says_something("It is 5. [1]")


# -- refusals and the breaker ----------------------------------------------------------------------------------------


def test_retry_after_is_seconds_or_a_date_and_never_nonsense():
    soon = email.utils.formatdate(time.time() + 30, usegmt=True)

    assert retry_after("2.5") == 2.5
    assert 27 <= retry_after(soon) <= 30
    assert [retry_after(v) for v in ("", "soon", "-3", "nan", "inf")] == [0.0] * 5
    assert retry_after("1e9") == 86400.0


@pytest.mark.parametrize(
    ("status", "told", "again", "blame"),
    [
        (400, "model provider 'p' refuses the request (HTTP 400, context_length_exceeded)", False, False),
        (401, "model provider 'p' does not accept the key (HTTP 401, context_length_exceeded)", False, True),
        (404, "model provider 'p' has no model 'm' (HTTP 404, context_length_exceeded)", False, True),
        (429, "model provider 'p' has had too many requests (HTTP 429, context_length_exceeded)", True, True),
        (502, "model provider 'p' is out of order (HTTP 502, context_length_exceeded)", True, True),
    ],
)
def test_a_refusal_says_what_its_status_means(status, told, again, blame):
    error = refused("p", "m", status, {}, "context_length_exceeded")

    assert (str(error), error.again, error.blame) == (told, again, blame)


def test_a_code_that_is_more_than_a_code_is_not_repeated():
    assert "Priya" not in str(refused("p", "m", 400, {}, "Priya's card is 4111"))


def test_a_breaker_lets_one_try_after_the_pause_and_closes_when_it_succeeds():
    clock = FrozenClock()
    breaker = Breaker(clock, failures=2, recovery=30)
    breaker.enter()
    breaker.failed()
    assert breaker.enter()
    breaker.failed()
    assert not breaker.enter()

    clock.advance(31)
    assert breaker.enter()
    assert not breaker.enter(), "one try at a time"
    breaker.left()
    assert breaker.enter(), "nothing was learned from one who left"
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()
