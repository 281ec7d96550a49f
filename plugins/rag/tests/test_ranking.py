"""The order of what is found: both sides, a second opinion, near duplicates, priorities, budgets, filters."""

from __future__ import annotations

import attrs
import numpy as np
import onnx
import pytest
import sqlalchemy as sa
import tokenizers
from onnx import TensorProto, helper, numpy_helper

from hookline.errors import ConfigError
from hookline.message import Passage
from hookline_rag import models
from hookline_rag.candidates import alike
from hookline_rag.context import context
from hookline_rag.extractive import answer
from hookline_rag.rerank import CrossEncoder
from hookline_rag.tokens import estimate

CODES = {
    "Router A": "Model XR-7741 has four ports and costs 49 euros.",
    "Router B": "Model XR-7742 has eight ports and costs 99 euros.",
    "Router C": "A router with many ports for small offices, easy to set up.",
}


def cross_encoder(folder, favourite="eight"):
    """A real model for onnxruntime that finds every text relevant that holds one word."""
    words = ["[PAD]", "[UNK]", "[SEP]", favourite]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A", pair="$A [SEP] $B:1", special_tokens=[("[SEP]", 2)]
    )
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    table = numpy_helper.from_array(np.array([[0.0], [0.0], [-2.0], [5.0]], np.float32), "table")
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["each"]),
            helper.make_node("ReduceSum", ["each", "axis"], ["logits"], keepdims=0),
        ],
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])],
        [table, numpy_helper.from_array(np.array([1], np.int64), "axis")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "model.onnx"))
    return folder


async def titles(one, question, **more):
    return [found.row.title for found in (await one.find(question, **more)).candidates]


@pytest.mark.row("A162")
async def test_an_exact_code_is_found_though_its_neighbour_is_as_near(told, put, service):
    bot = await told()
    await put(bot, CODES)

    assert (await titles(service(bot), "ports of the XR-7742"))[0] == "Router B"


@pytest.mark.row("A162")
async def test_a_cross_encoder_changes_the_order_and_not_how_sure_the_bot_is(library, put, service, tmp_path):
    folder = cross_encoder(tmp_path / "model")
    bot = await library(f'[plugins.rag]\nrerank = "{folder}"\n')
    await put(bot, CODES)
    one = service(bot)
    await one.answers.load()
    question = "Which router has four ports?"

    raw = await one.find(question, rerank="")
    again = await one.find(question)

    assert raw.candidates[0].row.title == "Router A"
    assert again.candidates[0].row.title == "Router B"
    assert again.candidates[0].reranked > 0.9 > 0.2 > again.candidates[-1].reranked
    sure = {found.row.title: found.confidence for found in raw.candidates}
    assert all(found.confidence == pytest.approx(sure[found.row.title]) for found in again.candidates)


async def test_evidence_is_a_second_opinion_without_a_model(library, put, service):
    bot = await library()
    await put(bot, CODES)
    found = await service(bot).find("four ports", rerank="evidence")

    sure = [one.confidence for one in found.candidates]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is no model.onnx in that folder"),
        ({"model.onnx": b"no model"}, "there is no tokenizer.json in that folder"),
        ({"model.onnx": b"no model", "tokenizer.json": b"{}"}, "the model can't be read"),
    ],
)
def test_a_folder_without_a_usable_model_is_named_with_what_is_wrong(tmp_path, files, said):
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    with pytest.raises(ConfigError, match=said) as caught:
        CrossEncoder(tmp_path)
    assert str(tmp_path) in str(caught.value)


async def test_a_tenant_with_a_model_that_is_not_there_does_not_start(library, tmp_path):
    with pytest.raises(AssertionError, match=r"there is no model.onnx in that folder"):
        await library(f'[plugins.rag]\nrerank = "{tmp_path}"\n')


# -- near duplicates, priority, budget --------------------------------------------------------------------------------


@pytest.mark.row("A163")
async def test_of_two_passages_that_say_the_same_one_is_kept(library, put, service):
    bot = await library("[plugins.rag]\nsame_share = 0.8\n")
    text = "The showroom in Pune is open from nine to six, and on Sundays from ten to two."
    await put(
        bot,
        {
            "Hours": text,
            "Opening": text.replace("showroom", "show-room"),
            "Address": "We are in Pune, near the station.",
        },
    )

    found = await titles(service(bot), "When is the showroom in Pune open?")

    assert len({"Hours", "Opening"} & set(found)) == 1
    assert "Address" in found


def test_jaccard_is_the_share_of_common_words():
    assert alike("a b c".split(), "b c d".split()) == pytest.approx(0.5)
    assert alike([], []) == 1.0
    assert alike(["a"], ["b"]) == 0.0


@pytest.mark.row("A163")
async def test_what_a_route_names_first_comes_first_in_the_context(library, put, service):
    bot = await library(
        '[plugins.rag]\nnamespaces = ["faqs", "inventory"]\n'
        '[plugins.rag.routes]\nBUY = ["inventory", "faqs"]\nASK = ["faqs", "inventory"]\n'
        '[plugins.rag.route_words]\nBUY = ["buy"]\nASK = ["ask"]\n'
    )
    await put(bot, {"Stock": "To buy a Swift, see price 649000 and colours."}, namespace="inventory")
    await put(bot, {"How": "To buy or ask for a Swift, call us."}, namespace="faqs")

    assert [one.namespace for one in await service(bot).retrieve("buy a Swift", "")] == ["inventory", "faqs"]
    assert [one.namespace for one in await service(bot).retrieve("ask for a Swift", "")] == ["faqs", "inventory"]


def passages(*texts):
    return [Passage(f"d{n}", 1, 0, len(text), text) for n, text in enumerate(texts)]


@pytest.mark.row("A164")
@pytest.mark.parametrize("tokens", [5, 12, 20, 40, 200])
def test_a_tiny_window_keeps_the_first_and_drops_the_last(tokens):
    given = passages("One sentence here. And a second one.", "Another passage here.", "The least important of all.")
    kept = context(given, 2000, tokens)

    assert sum(estimate(one.text) for one in kept) <= tokens
    assert [one.document for one in kept] == [one.document for one in given][: len(kept)]
    assert all(whole.text.startswith(one.text) for one, whole in zip(kept, given, strict=False))
    assert len(kept) == {5: 1, 12: 1, 20: 3, 40: 3, 200: 3}[tokens]


@pytest.mark.row("T36")
async def test_ten_long_documents_make_a_context_of_at_most_two_thousand_characters(library, put, service):
    bot = await library()
    text = " ".join(f"Sentence {n} of the roaming guide tells what costs are." for n in range(18))
    await put(bot, {f"Guide {n}": f"{text} Zone {n} is number {n}." for n in range(10)})

    kept = await service(bot).retrieve("What does the roaming guide tell of costs?", "")

    assert 0 < sum(len(one.text) for one in kept) <= 2000
    assert all(one.text.rstrip().endswith(".") for one in kept)


# -- filters ----------------------------------------------------------------------------------------------------------------


async def mark(bot, title, **values):
    statement = sa.update(models.document).where(models.document.c.title == title).values(**values)
    await bot.tenant("rag").db.write(statement)


async def test_a_document_answers_only_while_it_is_valid(library, put, service):
    bot = await library()
    await put(
        bot, {"Winter offer": "In winter the fare is 10 euros.", "Summer offer": "In summer the fare is 20 euros."}
    )
    now = bot.clock.now()
    await mark(bot, "Winter offer", valid_until=now)
    await mark(bot, "Summer offer", valid_from=now)

    assert await titles(service(bot), "What is the fare?") == ["Summer offer"]
    await mark(bot, "Summer offer", valid_from=now + 60)
    assert await titles(service(bot), "What is the fare?") == []
    assert not (await bot.ask("What is the fare in summer?")).reply.answered


async def test_only_documents_with_a_tag_that_is_asked_for_are_found_however_many_others_are_nearer(
    library, put, service
):
    bot = await library()
    await put(bot, {f"Fare {n}": f"The fare of the line {n} is {n} euros." for n in range(30)})
    await mark(bot, "Fare 17", tags=["night", "bus"])

    assert await titles(service(bot), "What is the fare of the line?", tags=["night"]) == ["Fare 17"]
    assert await titles(service(bot), "What is the fare of the line?", tags=["train"]) == []


async def test_the_tags_of_the_config_are_the_default(library, put, service):
    bot = await library('[plugins.rag]\ntags = ["public"]\n')
    await put(bot, {"Inside": "The staff code is 17.", "Outside": "The door code is 42."})
    await mark(bot, "Outside", tags=["public"])

    assert await titles(service(bot), "What is the code?") == ["Outside"]
    assert "42" in (await bot.ask("What is the door code?")).reply.text


# -- tables ------------------------------------------------------------------------------------------------------------------


async def test_rows_of_a_table_that_answer_alike_are_quoted_together(library, service):
    bot = await library()
    one = service(bot)
    table = b"Plan,Price a month\nBreeze,9.90\nGust,16.90\nGale,24.90\n"
    await one.ingest(await one.files("plans.csv", table, key="plans.csv", meta={}))

    reply = (await bot.ask("What is the price a month of a plan?")).reply

    assert {"9.90", "16.90", "24.90"} <= set(reply.text.replace(";", " ").split())
    assert len(reply.citations) == 3


async def test_rows_that_hold_the_same_words_of_the_question_are_quoted_together_however_near_each_is():
    rows = [
        Passage("d", 1, at, at + 9, f"{name} €9.90", confidence=sure, lexical=lexical, meta={"kind": "row"})
        for at, (name, sure, lexical) in enumerate([("Gale", 0.9, 4.0), ("Gust", 0.7, 4.1), ("Last", 0.8, 2.0)])
    ]

    async def span(document, version, start, end):
        return next(row.text for row in rows if row.start == start)

    told = await answer([attrs.evolve(row, end=row.start + len(row.text)) for row in rows], span, least=0.5)
    sure = await answer([attrs.evolve(row, end=row.start + len(row.text)) for row in rows], span, least=0.75)

    assert [one.text for one in told.citations] == ["Gale €9.90", "Gust €9.90"]
    assert [one.text for one in sure.citations] == ["Gale €9.90"]
