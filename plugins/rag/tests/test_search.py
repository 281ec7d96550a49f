"""The pure parts of finding and answering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.message import Passage
from hookline_rag import links
from hookline_rag.confidence import FEATURES, confidence, is_calibrated
from hookline_rag.context import context
from hookline_rag.errors import BadLink
from hookline_rag.evidence import examine, weigh
from hookline_rag.extractive import readable
from hookline_rag.greeting import is_figure, is_small_talk
from hookline_rag.index import Ref, Row, changed, empty
from hookline_rag.lexicon import Lexicon
from hookline_rag.question import understand
from hookline_rag.search import Share, by_words, fuse, mix, weight

TEXTS = {
    "roaming": "Inside the European Union calls cost the same as at home.",
    "password": "Open the login page and choose Forgot password.",
    "bills": "The bill is issued on the third day of each month.",
    "konto": "खाता खोलने के लिए आधार कार्ड चाहिए।",
    "min": "மின்தடை ஏற்பட்டால் அழைக்கவும்.",
}
LANGUAGES = {"konto": "hi", "min": "ta"}


def direction(n, dimension=8):
    vector = np.zeros(dimension, np.float32)
    vector[n] = 1.0
    return vector


def built(names=tuple(TEXTS), lexicon=None, old=None, revision=1, removed=()):
    lexicon = lexicon or Lexicon(None)
    rows = [
        Row(Ref(name, 1, 0), "", TEXTS[name], LANGUAGES.get(name, "en"), direction(list(TEXTS).index(name)))
        for name in names
    ]
    return changed(old or empty(lexicon, "e", 8), lexicon, removed=removed, added=rows, revision=revision), lexicon


def found(snapshot, text, vector=None, share=0.6):
    question = understand(text, snapshot.words.languages)
    hits = fuse(snapshot, by_words(snapshot, question), vector, share=Share(share), limit=5)
    return [hit.ref.document for hit in hits]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("When is my bill issued?", "bills"),
        ("forgotten passwords", "password"),
        ("खाता कैसे खोलें", "konto"),
        ("மின்தடை", "min"),
        ("மின்தடைகள் பற்றி", "min"),
    ],
)
def test_words_are_found_by_stem_and_by_parts_in_any_script(text, document):
    snapshot, _ = built()

    assert found(snapshot, text)[0] == document


@pytest.mark.parametrize("text", ['"(a AND b', "title:x^2 ~ [", "\\", "", "?!", "a" * 5000, "* OR *", "NOT"])
def test_punctuation_that_a_query_parser_would_refuse_is_harmless(text):
    snapshot, _ = built()

    found(snapshot, text)


def test_vectors_find_what_words_do_not_and_the_weight_decides():
    snapshot, _ = built()

    assert found(snapshot, "When is the bill issued?", direction(0), share=1.0)[0] == "roaming"
    assert found(snapshot, "When is the bill issued?", direction(0), share=0.1)[0] == "bills"
    assert found(snapshot, "unrelated", direction(1))[0] == "password"


def test_a_snapshot_stays_as_it_was_when_the_next_one_is_made():
    before, lexicon = built()
    after, _ = built(("roaming",), lexicon, before, 2, removed=[("bills", 1), ("roaming", 1)])

    assert found(before, "When is my bill issued?")[0] == "bills"
    assert "bills" not in found(after, "When is my bill issued?")
    assert len(before) == 5
    assert len(after) == 4
    assert found(after, "calls in the European Union")[0] == "roaming"
    assert after.versions == before.versions - {("bills", 1)}


def test_chunks_without_a_vector_are_counted_and_found_by_their_words():
    lexicon = Lexicon(None)
    rows = [Row(Ref("a", 1, 0), "", TEXTS["bills"], "en", None), Row(Ref("b", 1, 0), "", "Other.", "en", direction(0))]
    snapshot = changed(empty(lexicon, "e", 8), lexicon, removed=(), added=rows, revision=1)

    assert snapshot.missing == 1
    assert found(snapshot, "bill issued", direction(1))[0] == "a"


@pytest.mark.parametrize(
    ("text", "languages", "share"),
    [
        ("How do I reset my password?", ("en",), 0.7),
        ("roaming", ("en",), 0.7),
        ("Comment changer mon mot de passe ?", ("en",), 0.3),
        ("Kaip pasikeisti slaptažodį internetu", ("en",), 0.455),
        ("Làm thế nào để đổi mật khẩu của tôi?", ("en",), 0.0),
        ("पासवर्ड कैसे बदलें?", ("en",), 0.0),
        ("पासवर्ड कैसे बदलें?", ("en", "hi"), 0.7),
        ("கடவுச்சொல்", ("*",), 0.7),
        ("12345", ("en",), 0.7),
    ],
)
def test_vectors_count_as_far_as_the_embedder_reads_the_language(text, languages, share):
    assert weight(understand(text), "some-model", languages).dense == pytest.approx(share, abs=0.03)


def test_hashed_words_count_little_in_any_language():
    assert weight(understand("How?"), "hashing-1", ("*",)).dense == pytest.approx(0.175)


WORDS = np.array([0.0] * 29 + [9.0], np.float32)  # the words are sure of the last of thirty


def test_a_clear_winner_of_one_side_counts_for_more():
    vectors = np.linspace(0.5, 0.4, 30).astype(np.float32)

    assert mix(vectors, WORDS, Share(0.55, 0.0)).argmax() == 0
    assert mix(vectors, WORDS, Share(0.55, 0.3)).argmax() == 29


def test_vectors_that_find_everything_alike_are_not_believed_where_nobody_says_that_they_read_the_language():
    blind = np.linspace(0.75, 0.72, 30).astype(np.float32)
    seeing = np.linspace(0.8, 0.2, 30).astype(np.float32)

    assert mix(blind, WORDS, Share(0.7)).argmax() == 0
    assert mix(blind, WORDS, Share(0.7, doubtful=True)).argmax() == 29
    assert mix(seeing, WORDS, Share(0.7, doubtful=True)).argmax() == 0


# -- evidence and answers ------------------------------------------------------------------------------------------

GUIDE = (
    "Our shop was founded in 1990 by two sisters from Lyon who loved tea. Orders placed before 14:00 leave the same day. "
    "Express delivery the next morning costs 9.90. We also sell gift cards, which hold for three years. "
    "Complaints are answered within a week by our small and friendly team."
)


def evidence(text, question, *, start=0, answer=None, head="", whole=False):
    asked = understand(question, ("en",))
    weights = weigh(asked, 10, lambda variants: 1)
    return examine(weights, text, start, start if answer is None else answer, head, "en", whole=whole)


def test_the_sentences_that_hold_the_question_are_chosen():
    found = evidence(GUIDE, "What does express delivery cost?", start=100)

    quoted = GUIDE[found.start - 100 : found.end - 100]
    assert "Express delivery the next morning costs 9.90." in quoted
    assert "founded" not in quoted
    assert quoted in GUIDE
    assert 0.5 < found.window <= found.coverage <= 1.0


def test_a_list_is_quoted_whole_with_the_line_that_introduces_it():
    text = (
        "We are a shop for tea and have been there for a very long time, as you may know from the newspaper.\n"
        "To send something back:\n- Print the label from your order page.\n- Put it on the parcel.\n"
        "- Hand the parcel in at the post office.\nThank you very much for your patience with all of this."
    )
    found = evidence(text, "Where do I print the label to send something back?")

    assert text[found.start : found.end].startswith("To send something back:")
    assert text[found.start : found.end].endswith("post office.")


def test_a_record_is_answered_by_its_answer_alone():
    text = "When are you open?\nFrom nine to five. Closed on Sunday."
    found = evidence(text, "when do you open", answer=19, head="When are you open?", whole=True)

    assert text[found.start : found.end] == "From nine to five. Closed on Sunday."
    assert found.head > 0.9


@given(st.text(min_size=1, max_size=200), st.text(max_size=60))
def test_whatever_is_asked_of_whatever_text_the_sentences_chosen_are_a_span_of_it(text, question):
    found = evidence(text, question)

    assert 0 <= found.start < found.end <= len(text)
    assert 0.0 <= found.coverage <= 1.0 + 1e-9


def test_a_quoted_span_is_made_readable_and_lists_keep_their_lines():
    assert readable("One line\nand another.") == "One line and another."
    assert readable("Do this:\n- one\n- two") == "Do this:\n- one\n- two"
    assert readable("- only one") == "only one"


def test_more_evidence_makes_more_confidence_and_only_a_known_embedders_cosines_count():
    low = dict.fromkeys(FEATURES["second"], 0.1)
    low |= {
        "missing": 0.5,
        "lacking": 0.5,
        "headless": 0.0,
        "headless_other": 0.0,
        "lead_words": 0.0,
        "agree": 0.0,
        "spread": 0.0,
        "lead_vectors": 0.0,
    }
    high = {**low, "coverage": 0.9, "window": 0.9, "coverage2": 0.8, "missing": 0.1, "lacking": 0.1, "rarest": 0.9, "above": 0.3, "lead_words": 0.3, "agree": 1.0,
            "spread": 0.5, "lead_vectors": 0.2, "cosine": 0.8, "cosine_high": 0.3, "sentence": 0.8}  # fmt: skip

    for model in FEATURES.values():
        first, second = ({name: values[name] for name in model} for values in (low, high))
        assert 0.0 < confidence(first) < 0.5 < confidence(second) < 1.0, model
    assert is_calibrated("all-MiniLM-L6-v2-53aa51172d14-int8t2")
    assert not is_calibrated("nomic-embed-text")


# -- the context ---------------------------------------------------------------------------------------------------


def passages(*texts, **more):
    return [Passage(f"d{n}", 1, 100, 100 + len(text), text, **more) for n, text in enumerate(texts)]


def test_the_context_takes_the_best_first_and_cuts_the_last_at_a_sentence():
    first, second = context(passages("A first sentence.", "One. Two. Three is long.", "Never."), 45)

    assert first.text == "A first sentence."
    assert (second.text, second.start, second.end) == ("One. Two.", 100, 109)


def test_a_passage_that_is_cut_keeps_its_answer():
    text = "Nothing of use here. " * 10 + "The answer is this."
    [cut] = context(passages(text, meta={"answer": [100 + 210, 100 + len(text)]}), 60)

    assert cut.text == "The answer is this."
    assert cut.start == 310


@given(st.lists(st.text(alphabet="abc. ", min_size=1, max_size=80), max_size=6), st.integers(0, 200))
def test_the_context_never_has_more_than_its_limit_and_its_passages_stay_spans(texts, limit):
    given_ = passages(*texts)
    kept = context(given_, limit)

    assert sum(len(one.text) for one in kept) <= limit
    for one, whole in zip(kept, given_, strict=False):
        assert whole.text[one.start - 100 : one.end - 100] == one.text


# -- links, greetings ------------------------------------------------------------------------------------------------


def test_a_link_is_good_for_exactly_what_it_names():
    url = links.link("secret", "acme", "d", 1, 100)
    signature = url.split("signature=")[1]

    links.check("secret", "acme", "d", 1, 100, signature, 99.0)
    for wrong in [("other", "acme", "d", 1, 100), ("secret", "ecma", "d", 1, 100), ("secret", "acme", "e", 1, 100),
                  ("secret", "acme", "d", 2, 100), ("secret", "acme", "d", 1, 101)]:  # fmt: skip
        with pytest.raises(BadLink, match="signature"):
            links.check(*wrong, signature, 99.0)
    with pytest.raises(BadLink, match="no longer good"):
        links.check("secret", "acme", "d", 1, 100, signature, 101.0)


@pytest.mark.parametrize(
    "text",
    ["hi", "HELLO!!!", "Hello, I need help with my account", "नमस्ते जी", "merci beaucoup", "Salam aleykoum", "bjr"],
)
def test_what_asks_nothing_is_small_talk(text):
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    ["yes", "No.", "हाँ", "जी हाँ", "नहीं", "oui, merci", "Nein danke", "sí", "ஆம்", "అవును", "ಇಲ್ಲ", "હા", "haan ji", "да", "نعم",
     "はい", "please", "😀", "??"],
)  # fmt: skip
async def test_a_bare_yes_or_no_is_not_answered_from_a_document(library, put, text):
    bot = await library()
    await put(bot, {"Fees": f"{text} 1 % {text} is the fee. हाँ नहीं yes no oui non please."})

    reply = (await bot.ask(text)).reply

    assert is_small_talk(text)
    assert not reply.citations


@pytest.mark.parametrize("text", ["yes, what does roaming cost?", "no internet", "no sim", "हाँ, बिल कब आता है?"])
def test_a_yes_or_no_with_a_question_is_a_question(text):
    assert not is_small_talk(text)


@pytest.mark.parametrize(
    "text", ["", "help me reset my password", "hi, what does roaming cost?", "ok but why", "hello world program", "1"]
)
def test_what_asks_something_is_not(text):
    assert not is_small_talk(text)


@pytest.mark.parametrize("text", ["1", "1.", "10 %", "1 crore", "₹ 20", "१", "1 లక్ష"])
def test_a_short_number_or_an_amount_alone_is_a_figure(text):
    assert is_figure(text)


@pytest.mark.parametrize("text", ["", "112", "1930", "option 1", "75L", "10 years"])
def test_a_number_that_may_be_a_code_or_says_what_it_is_of_is_looked_for(text):
    assert not is_figure(text)


ARABIC = {
    "الفواتير": "تصدر الفاتورة في اليوم الأول من كل شهر. يمكن دفع الفاتورة بالبطاقة أو بالتحويل البنكي خلال أربعة عشر يوما.",
    "الشريحة": "إذا ضاعت الشريحة فاتصل بنا لإيقافها فورا. الشريحة البديلة تكلف خمسة يورو وتصل خلال يومين.",
    "التجوال": "التجوال في الاتحاد الأوروبي مجاني. خارج الاتحاد الأوروبي تكلف الدقيقة يورو واحدا.",
    "المتاجر": "متاجرنا مفتوحة من التاسعة صباحا حتى السادسة مساء كل يوم ما عدا الأحد.",
}


async def test_a_question_in_arabic_that_shares_only_common_words_is_not_answered(library, put, service):
    bot = await library('[plugins.rag]\nembedder = ""\n')
    await put(bot, ARABIC)

    for question in (
        "كيف يمكن دفع الفاتورة بالبطاقة؟",
        "كم تكلف الشريحة البديلة؟",
        "هل التجوال في الاتحاد الأوروبي مجاني؟",
    ):
        assert (await bot.ask(question)).reply.answered, question
    for question in (
        "كم عدد سكان العاصمة الفرنسية في كل عام؟",
        "ما هي عاصمة البرازيل في اليوم الحالي؟",
        "من كتب رواية الحرب والسلام خلال القرن التاسع عشر؟",
        "كيف يمكن زراعة الطماطم خلال الشتاء في الحديقة؟",
    ):
        assert not (await bot.ask(question)).reply.answered, question


@pytest.mark.parametrize(("share", "lead", "answered"), [(0.32, 0.02, False), (0.79, 0.28, True)])
def test_by_words_alone_a_third_of_a_question_is_no_answer_and_four_fifths_are(share, lead, answered):
    # The medians of questions of other articles and of its own, on Arabic articles (TyDi QA).
    values = dict.fromkeys(FEATURES["words"], 0.0)
    values |= {"coverage": share, "window": share, "coverage2": share**2, "terms": 0.38, "lead_words": lead}
    values |= {"missing": 0.37, "bm25": 0.43} if not answered else {"missing": 0.18, "bm25": 1.0}

    assert (confidence(values) >= 0.5) is answered
