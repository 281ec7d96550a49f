"""Documents in, changed, out; crashes, damage and changes of embedder in between."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from hookline_rag import models
from hookline_rag.errors import DocumentNotFound
from hookline_rag.index import Ref

DAY_PASS = "A day pass for abroad costs 5.90 and holds for 24 hours."
DEARER = "A day pass for abroad costs 7.50 and holds for 24 hours."
QUESTION = "What does the day pass cost?"


async def count(bot, table, tenant: str = "") -> int:
    rows = await bot.tenant("rag", tenant).db.fetch(sa.select(sa.func.count().label("n")).select_from(table))
    return rows[0].n


async def answer(bot, text: str = QUESTION) -> str:
    return (await bot.ask(text)).reply.text


async def test_the_same_content_again_changes_nothing(library, put):
    bot = await library()
    first = await put(bot, {"Roaming": DAY_PASS})
    again = await put(bot, {"Roaming": DAY_PASS})

    assert [one.what for one in first.puts] == ["new"]
    assert [one.what for one in again.puts] == ["unchanged"]
    assert again.live == first.live
    assert await count(bot, models.version) == 1


@pytest.mark.row("T45")
async def test_title_and_category_are_kept_and_come_back_with_the_passages(library, put):
    bot = await library()
    await put(bot, {"Roaming": DAY_PASS})

    turn = await bot.ask(QUESTION)

    assert turn.passages[0].title == "Roaming"
    assert turn.passages[0].meta["category"] == "test"
    assert turn.reply.data["passages"][0]["category"] == "test"


async def test_changed_content_is_a_new_version_that_replaces_the_old(library, put):
    bot = await library()
    await put(bot, {"Roaming": DAY_PASS})
    changed = await put(bot, {"Roaming": DEARER})

    assert [(one.what, one.newest) for one in changed.puts] == [("changed", 2)]
    turn = await bot.ask(QUESTION)
    assert "7.50" in turn.reply.text
    assert [(cited.version, cited.text) for cited in turn.reply.citations] == [(2, DEARER)]
    assert await count(bot, models.chunk) == 1
    assert await count(bot, models.vector) == 1


async def test_the_old_version_answers_until_the_new_one_is_complete(told, embedder, put):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    embedder.gate.clear()
    embedder.waiting.clear()
    changing = asyncio.create_task(put(bot, {"Roaming": DEARER}))
    await embedder.waiting.wait()

    rows = await bot.tenant("rag").db.fetch(sa.select(models.document))
    assert [(row.version, row.newest, row.status) for row in rows] == [(1, 2, "embedding")]

    embedder.gate.set()
    await changing
    assert "7.50" in await answer(bot)


async def test_a_part_that_was_embedded_before_is_not_embedded_again(told, embedder, put):
    bot = await told()
    sections = {n: f"## Part {n}\n\nSection {n} tells of thing number {n}.\n" for n in range(5)}
    await put(bot, {"Guide": "# Guide\n\n" + "\n".join(sections.values())})
    embedder.texts.clear()

    await put(bot, {"Guide": "# Guide\n\n" + "\n".join({**sections, 2: "## Part 2\n\nAll is new here.\n"}.values())})

    assert [text for text in embedder.texts if "All is new" not in text] == []


async def test_a_deleted_document_is_gone_from_database_index_and_answers_at_once(library, put, service):
    bot = await library()
    done = await put(bot, {"Roaming": DAY_PASS, "Bills": "Bills are issued on the third day of each month."})

    await service(bot).delete(done.puts[0].id)

    assert not (await bot.ask(QUESTION)).reply.answered
    assert not any("pass" in passage.text for passage in (await bot.ask(QUESTION)).passages)
    for table in (models.document, models.version, models.chunk, models.vector):
        assert await count(bot, table) == 1
    found = await service(bot).find(QUESTION)
    assert all(one.row.document == done.puts[1].id for one in found.candidates)
    with pytest.raises(DocumentNotFound):
        await service(bot).delete(done.puts[0].id)


async def test_a_document_deleted_between_finding_and_answering_is_not_cited(library, put, service):
    bot = await library()
    done = await put(bot, {"Roaming": DAY_PASS})
    passages = await service(bot).retrieve(QUESTION, "")
    await service(bot).store.delete(done.puts[0].id)

    reply = await service(bot).respond(QUESTION, "", passages)

    assert not reply.answered
    assert reply.citations == ()


async def test_an_index_that_is_behind_the_database_gives_nothing_that_is_deleted(library, put, service):
    bot = await library()
    done = await put(bot, {"Roaming": DAY_PASS})
    shelf = (await service(bot).shelves()).shelf("default")
    old = shelf.snapshot
    await service(bot).store.delete(done.puts[0].id)

    assert len(old) == 1
    assert await service(bot).store.chunks(list(old.refs)) == {}


async def test_documents_stored_by_a_server_that_died_before_their_job_go_live_at_the_next_start(library, service):
    bot = await library()
    made = await service(bot).text(DAY_PASS, title="Roaming", meta={})
    await service(bot).store.put("default", [made], 1.0)

    await bot.restart()

    async def live() -> bool:
        return "5.90" in await answer(bot)

    async with asyncio.timeout(10):
        while not await live():
            await asyncio.sleep(0.05)


async def test_a_job_that_can_not_embed_is_tried_again_and_in_the_end_says_why(told, embedder, put, service):
    bot = await told("[turns]\nattempts = 2\nbackoff = 0.01\n")
    embedder.failing = "the model is not there"

    done = await put(bot, {"Roaming": DAY_PASS})

    assert done.live == frozenset()
    row = await service(bot).store.document(done.puts[0].id)
    assert (row.status, row.version) == ("failed", 0)
    assert "the model is not there" in row.error

    embedder.failing = ""
    assert (await put(bot, {"Roaming": DAY_PASS})).live


async def test_a_wait_that_ends_too_early_leaves_the_document_to_its_job(told, embedder, put):
    bot = await told()
    embedder.gate.clear()

    done = await put(bot, {"Roaming": DAY_PASS}, wait=0.05)

    assert done.live == frozenset()
    embedder.gate.set()
    await bot.idle()
    assert "5.90" in await answer(bot)


@pytest.mark.row("K10")
async def test_another_embedder_makes_all_vectors_anew_and_the_two_never_meet(told, embedder, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS, "Bills": "Bills are issued on the third day of each month."})
    embedder.id, embedder.dimension = "told-2", 96

    assert await bot.runtime.load("acme")
    assert "5.90" in await answer(bot)
    await bot.until(lambda: service_snapshot(bot).missing == 0)

    snapshot = service_snapshot(bot)
    assert (snapshot.embedder, snapshot.dimension, snapshot.missing) == ("told-2", 96, 0)
    rows = await bot.tenant("rag").db.fetch(sa.select(models.vector.c.embedder, models.vector.c.vector))
    assert {(row.embedder, len(row.vector)) for row in rows if row.embedder == "told-2"} == {("told-2", 96 * 4)}
    assert "5.90" in await answer(bot)


def service_snapshot(bot):
    shelves = bot.runtime_of()._resources["rag:shelves"]
    return shelves.shelf("default").snapshot


def index_files(bot, suffix: str = ""):
    folder = bot.folder / "data" / "tenants" / "acme" / "rag" / "index"
    return sorted(path for path in folder.rglob(f"*{suffix}") if path.is_file() and not path.name.endswith(".lock"))


@pytest.mark.row("T35")
async def test_the_index_is_on_disk_and_is_loaded_from_there_without_embedding_again(told, embedder, put):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    before = {path.name: path.stat().st_mtime_ns for path in index_files(bot)}
    assert any(name.endswith(".faiss") for name in before)
    embedder.texts.clear()

    await bot.restart()

    assert "5.90" in await answer(bot)
    assert embedder.texts == []
    assert {path.name: path.stat().st_mtime_ns for path in index_files(bot)} == before


@pytest.mark.parametrize("suffix", [".faiss", ".msgpack", "manifest.json", ".term", ".idx", "meta.json"])
@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
async def test_a_damaged_index_is_made_anew_from_the_database_without_embedding(told, embedder, put, suffix, how):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS, "Bills": "Bills are issued on the third day of each month."})
    await bot.runtime.close()
    embedder.texts.clear()
    for path in index_files(bot, suffix):
        data = path.read_bytes()
        if how == "gone":
            path.unlink()
        else:
            middle = len(data) // 2
            path.write_bytes(data[:middle] if how == "cut" else data[:middle] + b"\xff\xfe" + data[middle + 2 :])

    await bot.start()

    assert "5.90" in await answer(bot)
    assert "third day" in await answer(bot, "When are bills issued?")
    assert embedder.texts == []


async def test_an_index_that_is_older_than_the_database_catches_up_at_the_start(told, put, service, tmp_path):
    import shutil

    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    folder = bot.folder / "data" / "tenants" / "acme" / "rag" / "index"
    shutil.copytree(folder, tmp_path / "old")
    await put(bot, {"Roaming": DEARER, "Bills": "Bills are issued on the third day of each month."})
    await bot.runtime.close()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "old", folder)

    await bot.start()

    assert "7.50" in await answer(bot)
    assert "third day" in await answer(bot, "When are bills issued?")
    assert len(service_snapshot(bot)) == 2


async def test_questions_are_answered_while_documents_come_and_go(library, put, service):
    bot = await library()
    await put(bot, {"Roaming": DAY_PASS})
    done = asyncio.Event()

    async def change() -> None:
        for n in range(12):
            made = await put(bot, {f"Note {n}": f"Note number {n} tells of matter {n}."})
            if n % 3 == 0:
                await service(bot).delete(made.puts[0].id)
        done.set()

    async def ask() -> int:
        asked = 0
        while not done.is_set():
            assert "5.90" in await answer(bot)
            asked += 1
        return asked

    _, *asked = await asyncio.gather(change(), ask(), ask())
    assert all(asked)
    assert len(service_snapshot(bot)) == 9


async def test_near_duplicates_are_shown_once(library, put):
    bot = await library()
    await put(bot, {"Roaming": DAY_PASS, "Roaming, copied": DAY_PASS, "Bills": "Bills cost 1.50 on paper."})

    turn = await bot.ask(QUESTION)

    assert len([passage for passage in turn.passages if passage.text == DAY_PASS]) == 1


async def test_a_span_read_from_the_stored_text_is_in_code_points_in_any_script(library, put, service):
    text = "👋🏽 नमस्ते दुनिया। வணக்கம் உலகம். Ça coûte 5 €. 𝔘nicode."
    bot = await library()
    done = await put(bot, {"Mixed": text})

    for start in range(0, len(text), 3):
        assert await service(bot).store.span(done.puts[0].id, 1, start, start + 7) == text[start : start + 7]
    assert await service(bot).store.chunks([Ref("none", 1, 0)]) == {}


async def test_namespaces_are_kept_apart(library, put, service):
    bot = await library()
    await put(bot, {"Roaming": DAY_PASS}, namespace="internal")

    assert not (await service(bot).find(QUESTION)).candidates
    assert (await service(bot).find(QUESTION, namespace="internal")).candidates
