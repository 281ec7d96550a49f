"""Cutting documents into passages."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.compute import Compute
from hookline_rag.chunk import chunks
from hookline_rag.cut import cut, cut_counted
from hookline_rag.embedder import Described
from hookline_rag.errors import DocumentError, EmptyDocument
from hookline_rag.extract import extract, try_extract
from hookline_rag.ingestion import given as ready
from hookline_rag.sentences import sentences
from hookline_rag.tokens import estimate, fair

WORDS = st.sampled_from(
    [
        "Roaming",
        "costs",
        "4.20",
        "per",
        "minute.",
        "Ask",
        "Dr.",
        "Smith?",
        "खाता",
        "खोलें।",
        "மின்தடை",
        "été",
        "重置。",
        "\n\n",
        "\n- ",
    ]
)


def outline(text, name="a.md"):
    return extract(name, text.encode())[0]


def test_a_chunk_knows_the_path_of_headings_above_it():
    made = outline("# Guide\n\nIntro.\n\n## Prices\n\nFree.\n\n### Abroad\n\nNot free.\n\n## Help\n\nCall us.\n")

    found = [(one.head, made.text[one.start : one.end]) for one in chunks(made.text, made.blocks)]

    assert found == [
        ("Guide", "Intro."),
        ("Guide › Prices", "Free."),
        ("Guide › Prices › Abroad", "Not free."),
        ("Guide › Help", "Call us."),
    ]


def test_a_long_section_is_cut_between_sentences_and_repeats_the_last_one():
    made = outline(" ".join(f"Sentence number {n} says something about things." for n in range(40)), "a.txt")

    found = chunks(made.text, made.blocks, max_tokens=60, overlap=1)

    assert len(found) > 3
    whole = {made.text[a:b] for a, b in sentences(made.text)}
    for before, after in itertools.pairwise(found):
        assert after.start < before.end, "one sentence of overlap"
        assert made.text[after.start : before.end] in whole
    assert found[0].start == 0
    assert found[-1].end == len(made.text)


def test_each_row_of_a_table_and_each_record_is_a_chunk_of_its_own():
    rows = outline("Plan,Price\nBasic,10\nMax,30\n", "plans.csv")
    faq = outline('[{"q":"When?","a":"At nine."},{"q":"Where?","a":"In Lyon."}]', "faq.json")

    assert [rows.text[one.start : one.end] for one in chunks(rows.text, rows.blocks)] == [
        "Plan: Basic; Price: 10",
        "Plan: Max; Price: 30",
    ]
    records = chunks(faq.text, faq.blocks)
    assert [(one.head, faq.text[one.answer : one.end]) for one in records] == [
        ("When?", "At nine."),
        ("Where?", "In Lyon."),
    ]


def test_a_sentence_longer_than_a_chunk_is_cut_at_a_comma_or_a_space():
    made = outline("word, " * 500 + "end.", "a.txt")

    found = chunks(made.text, made.blocks, max_tokens=50)

    assert all(estimate(made.text[one.start : one.end]) <= 50 for one in found)
    assert not any(made.text[one.start : one.end] != made.text[one.start : one.end].strip() for one in found)


def test_a_document_of_headings_alone_is_found_by_them():
    made = outline("# Only\n\n## Headings\n")

    assert len(chunks(made.text, made.blocks)) == 1


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=200), st.integers(20, 200))
def test_chunks_of_any_text_are_spans_of_it_within_the_limit_that_leave_nothing_out(parts, limit):
    made = try_extract("a.txt", " ".join(parts).encode(), 100_000, 10.0)
    if isinstance(made, DocumentError):
        assert isinstance(made, EmptyDocument)
        return
    made = made[0]
    found = chunks(made.text, made.blocks, max_tokens=limit)
    covered = set()
    for one in found:
        assert 0 <= one.start <= one.answer < one.end <= len(made.text)
        assert estimate(made.text[one.start : one.end]) <= limit
        covered.update(range(one.start, one.end))
    for block in made.blocks:
        if block.kind == "heading":
            continue
        missing = [made.text[at] for at in range(block.start, block.end) if at not in covered]
        assert not "".join(missing).strip()


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=3, max_size=60))
def test_the_rows_of_a_document_hold_exactly_the_text_of_their_span(parts):
    text = "Title here\n\nSome text. " + " ".join(parts)
    made = ready(outline(text, "a.txt"), key="k")

    for row in cut(made.title, made.text, made.blocks, 80):
        assert row["text"] == made.text[row["start"] : row["end"]]


def test_the_same_content_has_the_same_hash_and_another_title_another():
    one = ready(outline("# A\n\nText.\n"), key="k", meta={"x": 1, "y": 2})
    same = ready(outline("# A\n\nText.\n"), key="other", meta={"y": 2, "x": 1})
    other = ready(outline("# B\n\nText.\n"), key="k", meta={"x": 1, "y": 2})

    assert one.content_hash == same.content_hash
    assert one.content_hash != other.content_hash


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=150), st.integers(20, 120), st.sampled_from([1, 3, 7]))
def test_chunks_keep_to_the_sizes_that_the_tokenizer_tells_whatever_the_estimate_says(parts, limit, factor):
    made = try_extract("a.txt", " ".join(parts).encode(), 100_000, 10.0)
    if isinstance(made, DocumentError):
        return
    made = made[0]

    def count(texts):
        return [sum(len(word) * factor for word in one.split()) for one in texts]

    found = chunks(made.text, made.blocks, max_tokens=limit, count=count)

    assert all(count([made.text[one.start : one.end]])[0] <= limit for one in found)


def test_a_long_heading_leaves_less_room_and_is_counted_too():
    made = outline("# " + "Heading " * 15 + "\n\n" + "One two three four five. " * 40)
    asked = []

    def count(texts):
        asked.extend(texts)
        return [len(one.split()) for one in texts]

    found = chunks(made.text, made.blocks, max_tokens=200, window=60, title="Guide", count=count)

    assert all(16 + 1 + len(made.text[one.start : one.end].split()) <= 60 for one in found)
    assert any(one.startswith("Guide › Heading") for one in asked)


def test_what_leads_to_a_list_goes_with_the_list():
    made = outline("Some words that fill the chunk before it, quite a lot of them. You need these things:\n\n"
                   "- a passport that is still good for half a year\n- two photos\n", "a.md")  # fmt: skip

    found = [made.text[one.start : one.end] for one in chunks(made.text, made.blocks, max_tokens=30)]

    assert found[1].startswith("You need these things:\n\n- a passport")


async def test_sizes_are_asked_for_in_batches():
    calls = []

    async def count(texts):
        calls.append(len(texts))
        return [len(one.split()) for one in texts]

    made = ready(outline("Some words here. " * 2000, "a.txt"), key="k")
    compute = Compute()
    try:
        rows = await cut_counted(compute, count, "T", made.text, made.blocks, max_tokens=50, window=40)
    finally:
        compute.close()

    assert calls == [1, 512, 512, 512, 464]
    assert all(len(row["text"].split()) + len(row["head"].split()) + 3 <= 40 for row in rows)


@pytest.mark.parametrize(
    "text",
    [
        "How do I pay my bill at the end of the month, and what happens when I am late?",
        "كيف يمكنني دفع فاتورتي في نهاية الشهر وماذا يحدث عندما أتأخر في الدفع؟",
        "నెలాఖరులో నా బిల్లును ఎలా చెల్లించాలి, నేను ఆలస్యం చేస్తే ఏమి జరుగుతుంది?",
        "ฉันจะชำระบิลตอนสิ้นเดือนได้อย่างไร และจะเกิดอะไรขึ้นถ้าฉันชำระช้า",
        "महीने के अंत में मैं अपने बिल का भुगतान कैसे करूँ, और देर होने पर क्या होता है?",
    ],
)
def test_a_passage_holds_as_much_in_any_script_where_the_embedder_can_not_count(text):
    assert 11 <= fair(text) <= 26


def test_an_embedder_sees_its_own_letters_and_its_languages():
    english = Described("m", 384, ("en",), 256)

    assert english.sees("Comment payer ma facture ?")
    assert not english.sees("كيف أدفع فاتورتي؟")
    assert Described("m", 384, ("en", "ar"), 256).sees("كيف أدفع فاتورتي؟")
    assert Described("m", 384, ("*",), 256).sees("كيف أدفع فاتورتي؟")
