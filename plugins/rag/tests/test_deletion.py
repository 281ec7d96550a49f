"""A deleted document is gone: from every table, every file and every answer, in the same second."""

from __future__ import annotations

import asyncio
import gc
import time
from types import FunctionType, ModuleType

import asyncpg
import pytest
import tantivy

import hookline_rag
from hookline.catalogue import Catalogue

# Words that stand nowhere else; stems and characters grams of them would be found as well.
CANARY = "Zyxquorv Blimfaznak pays 4711 ducats. ज़ुक्सक्वोर्व ब्लिमफ़ज़्नक को दें।"
TRACES = ["zyxquorv", "blimfaznak", "ज़ुक्सक्वोर्व", "ज़ुक्स", "4711 ducats"]
OTHER = "Bills are issued on the third day of each month."
QUESTION = "What does Zyxquorv Blimfaznak pay?"


def files_with(folder, traces) -> list[str]:
    """The files below the folder that hold one of the traces, in any case."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            found += [f"{path.name}: {trace}" for trace in traces if trace.lower().encode() in data]
    return found


def terms_in(folder, terms=("zyxquorv", "blimfaznak", "4711")) -> list[str]:
    """Those of the terms that a saved lexicon knows: its dictionary is compressed, so bytes alone prove nothing.

    tantivy's `doc_freq` counts deleted documents too, as long as the dictionary names them.
    """
    found = []
    for meta in folder.rglob("meta.json"):
        searcher = tantivy.Index.open(str(meta.parent)).searcher()
        found += [one for one in terms for field in ("body", "head") if searcher.doc_freq(field, one)]
    return found


@pytest.mark.row("A143")
async def test_no_file_and_no_table_holds_a_deleted_text_and_nothing_answers_from_it(library, put, service):
    bot = await library()
    done = await put(bot, {"Payments to Zyxquorv": CANARY * 40, "Bills": OTHER})
    assert "4711" in "".join(one.text for one in (await bot.ask(QUESTION)).passages)
    assert any(".db" in name for name in files_with(bot.folder / "data", TRACES))
    assert "zyxquorv" in terms_in(bot.folder / "data")

    began = time.monotonic()
    await service(bot).delete(done.puts[0].id)
    took = time.monotonic() - began

    assert files_with(bot.folder / "data", TRACES) == []
    assert terms_in(bot.folder / "data") == []
    turn = await bot.ask(QUESTION)
    assert not turn.reply.answered
    assert all("Zyxquorv" not in one.text for one in turn.passages)
    assert "third day" in (await bot.ask("When are bills issued?")).reply.text
    assert took < 1.0
    await bot.restart()
    assert files_with(bot.folder / "data", TRACES) == []
    assert not (await bot.ask(QUESTION)).reply.answered


async def test_what_was_cancelled_before_it_was_live_is_in_no_file_either(told, embedder, put, service):
    from hookline_rag.store import By

    bot = await told()
    embedder.gate.clear()
    done = await put(bot, {"Payments": CANARY}, wait=0.0)
    await embedder.waiting.wait()

    await service(bot).knowledge.cancel(done.puts[0].id, by=By("test"))
    embedder.gate.set()
    await bot.idle()

    assert files_with(bot.folder / "data", TRACES) == []


async def test_a_kill_between_the_delete_and_the_index_leaves_nothing_after_the_next_start(library, put, service):
    bot = await library()
    done = await put(bot, {"Payments": CANARY, "Bills": OTHER})
    # As if the process had died right after the commit: the rows are gone, the saved index is as it was.
    await service(bot).store.delete(done.puts[0].id)
    assert terms_in(bot.folder / "data") != []

    await bot.restart()

    assert terms_in(bot.folder / "data") == []
    assert "third day" in (await bot.ask("When are bills issued?")).reply.text


async def test_no_object_of_the_plugin_keeps_the_text_in_memory(library, put, service):
    bot = await library()
    done = await put(bot, {"Payments": CANARY, "Bills": OTHER})
    await bot.ask("What is paid to him?")
    await service(bot).delete(done.puts[0].id)
    await bot.ask("When are bills issued?")
    shelves = await service(bot).shelves()

    seen: set[int] = set()
    waiting: list[object] = [shelves, bot.runtime_of()._resources]
    held = []
    while waiting:
        one = waiting.pop()
        # The embedder is another plugin's: hashing remembers the places of single words.
        foreign = type(one).__module__.startswith("hookline_embeddings")
        if id(one) in seen or foreign or isinstance(one, (type, ModuleType, FunctionType)):
            continue
        seen.add(id(one))
        if isinstance(one, str) and "blimfaznak" in one.lower():
            held.append(one)
        if len(seen) < 200_000:
            waiting += gc.get_referents(one)
    assert held == []


@pytest.fixture
def database_plugins():
    return [Catalogue.load().get("embeddings"), hookline_rag.plugin]


@pytest.mark.service("postgresql")
async def test_a_second_process_on_postgresql_does_not_answer_from_it_either(
    library, make_bot, put, service, embedder, tmp_path, postgres_url
):
    one = await library(database_url=postgres_url)
    two = await library(database_url=postgres_url)
    done = await put(one, {"Payments": CANARY, "Bills": OTHER})
    async with asyncio.timeout(10):  # what is new is known to another process a moment later
        while "4711" not in "".join(p.text for p in (await two.ask(QUESTION)).passages):
            await asyncio.sleep(0.05)
    assert terms_in(two.folder / "data") != []

    await service(one).delete(done.puts[0].id)

    turn = await two.ask(QUESTION)
    assert not turn.reply.answered
    assert all("Zyxquorv" not in p.text for p in turn.passages)
    async with asyncio.timeout(5):
        while terms_in(two.folder / "data"):
            await asyncio.sleep(0.05)
    own = await asyncpg.connect(postgres_url)
    tables = await own.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for [table] in tables:
        rows = await own.fetch(f'SELECT t::text AS row FROM "{table}" t')
        assert [row["row"] for row in rows if "zyxquorv" in row["row"].lower()] == [], table
    await own.close()
    await one.close()
    await two.close()
