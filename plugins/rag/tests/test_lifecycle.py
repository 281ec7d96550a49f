"""A document's life over HTTP: given, told apart, changed, restored, cancelled, refreshed, no longer valid."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
import sqlalchemy as sa

from hookline import audit
from hookline.testing import FrozenClock
from hookline_rag import models
from hookline_rag.store import By

OLD = "A day pass for abroad costs 5.90 and holds for 24 hours."
NEW = "A day pass for abroad costs 7.50 and holds for 24 hours."
QUESTION = "What does the day pass cost?"


async def post(client, path, key, body=None, status=200):
    response = await client.post(path, json=body or {}, headers=key)
    told = await response.json()
    assert response.status == status, told
    return told


async def only(client, key):
    listed = await (await client.get("/rag/documents", headers=key)).json()
    [one] = listed["documents"]
    return one


@pytest.mark.row("A140")
async def test_a_new_document_is_version_1_and_the_same_id_with_other_content_is_version_2(library, served):
    bot = await library()
    client, key = await served(bot)
    path = "/api/v1/knowledge/ingest"

    first = await post(client, path, key, {"id": "roaming", "title": "Roaming", "content": OLD}, 201)
    second = await post(client, path, key, {"id": "roaming", "title": "Roaming", "content": NEW}, 200)
    again = await post(client, path, key, {"id": "roaming", "title": "Roaming", "content": NEW}, 200)

    assert [(one["version"], one["what"]) for one in (first, second, again)] == [
        (1, "new"), (2, "changed"), (2, "unchanged"),
    ]  # fmt: skip
    assert "7.50" in (await bot.ask(QUESTION)).reply.text
    found = await post(client, "/rag/search", key, {"text": QUESTION})
    assert all("5.90" not in one["text"] for one in found["passages"])


@pytest.mark.row("A142")
async def test_the_status_tells_of_each_document_its_version_chunks_and_time(library, served):
    client, key = await served(await library())
    await post(client, "/api/v1/knowledge/ingest", key, {"documents": [{"id": "a", "title": "A", "content": OLD}]}, 201)

    [one] = (await (await client.get("/api/v1/knowledge/status", headers=key)).json())["documents"]

    assert (one["status"], one["version"], one["versions"], one["chunks"]) == ("ready", 1, [1], 1)
    assert one["updated"] > 0


@pytest.mark.row("A143")
async def test_a_document_is_deleted_by_its_own_id_or_the_callers_and_an_unknown_one_is_404(library, served):
    bot = await library()
    client, key = await served(bot)
    await post(client, "/api/v1/knowledge/ingest", key, {"id": "roaming", "title": "R", "content": OLD}, 201)

    assert (await client.delete("/api/v1/knowledge/document/roaming", headers=key)).status == 200
    assert not (await bot.ask(QUESTION)).reply.answered
    assert (await client.delete("/api/v1/knowledge/document/roaming", headers=key)).status == 404


async def test_tags_validity_owner_and_age_are_given_with_a_document_and_changed_later(library, served):
    client, key = await served(await library())
    given = {"title": "Roaming", "content": OLD, "tags": ["b", "a", "b"], "valid_until": "2099-12-31", "owner": "Asha"}
    await post(client, "/rag/ingest", key, {"documents": [given]})
    one = await only(client, key)
    assert (one["tags"], one["owner"], one["valid"], one["valid_until"]) == (["a", "b"], "Asha", True, 4102444800.0)

    changed = await client.patch(
        f"/rag/documents/{one['id']}", json={"tags": ["c"], "valid_until": None, "refresh_seconds": 60}, headers=key
    )

    told = await changed.json()
    assert (told["tags"], told["valid_until"], told["refresh_seconds"], told["owner"]) == (["c"], None, 60, "Asha")
    for query, count in (("tag=c", 1), ("tag=a", 0), ("text=roam", 1), ("text=%25", 0), ("status=live", 1)):
        found = await (await client.get(f"/rag/documents?{query}", headers=key)).json()
        assert len(found["documents"]) == count, query


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "name at least one of tags, valid_from, valid_until, owner, refresh_seconds, namespace"),
        ({"tags": "a, b", "valid_from": "tomorrow"}, "valid_from must be a date like 2026-12-31"),
        ({"tags": [1]}, "tags must be a list of texts"),
        ({"valid_from": "2027-01-01", "valid_until": "2026-01-01"}, "valid_until must be after valid_from"),
        ({"refresh_seconds": -1}, "refresh_seconds must be a number of seconds above 0"),
        ({"owner": 5}, "owner must be a text"),
        ({"refresh_seconds": 10**400}, "refresh_seconds must be a number of seconds above 0"),
        ({"namespace": "No Good"}, "namespace 'No Good' can't be one"),
    ],
)
async def test_a_change_that_can_not_be_is_refused_saying_why(library, served, body, told):
    client, key = await served(await library())
    await post(client, "/rag/ingest", key, {"documents": [{"title": "Roaming", "content": OLD}]})
    ident = (await only(client, key))["id"]

    response = await client.patch(f"/rag/documents/{ident}", json=body, headers=key)

    assert response.status == 400
    assert (await response.json())["detail"].startswith(told)


@pytest.mark.parametrize(
    ("asked", "status"), [("²", 400), ("9" * 5000, 400), ("-1", 400), ("999999999", 404), ("0", 404)]
)
async def test_a_version_that_can_not_be_is_told_as_such(library, served, asked, status):
    client, key = await served(await library())
    await post(client, "/rag/ingest", key, {"documents": [{"title": "Roaming", "content": OLD}]})
    ident = (await only(client, key))["id"]

    shown = await client.get(f"/rag/documents/{ident}", params={"version": asked}, headers=key)
    restored = await client.post(f"/rag/documents/{ident}/restore", json={"version": 10**30}, headers=key)

    assert (shown.status, restored.status) == (status, 404)


async def test_a_document_answers_from_its_first_moment_until_its_last_by_the_clock_alone(library, served, put):
    clock = FrozenClock()
    bot = await library(clock=clock)
    client, key = await served(bot)
    now = clock.now()
    # What is not yet valid may stay unknown for the minute for which what was found is remembered.
    given = {"title": "R", "content": OLD, "valid_from": now + 61, "valid_until": now + 120}
    await post(client, "/rag/ingest", key, {"documents": [given]})

    assert not (await bot.ask(QUESTION)).reply.answered
    clock.advance(61)
    assert "5.90" in (await bot.ask(QUESTION)).reply.text
    clock.advance(58)
    assert "5.90" in (await bot.ask(QUESTION)).reply.text
    clock.advance(1)
    assert not (await bot.ask(QUESTION)).reply.answered


async def test_a_version_is_restored_as_the_newest_one_and_says_where_it_comes_from(library, served):
    bot = await library()
    client, key = await served(bot)
    for text in (OLD, NEW):
        await post(client, "/rag/ingest", key, {"documents": [{"title": "Roaming", "content": text}]})
    ident = (await only(client, key))["id"]

    told = await post(client, f"/rag/documents/{ident}/restore", key, {"version": 1})

    assert [(one["version"], one["status"]) for one in told["documents"]] == [(3, "live")]
    shown = await (await client.get(f"/rag/documents/{ident}", headers=key)).json()
    assert [(one["version"], one["restored_from"], one["live"]) for one in shown["versions"]] == [
        (3, 1, True), (2, None, False), (1, None, False),
    ]  # fmt: skip
    assert shown["versions"][0]["made_by"] == "test"
    turn = await bot.ask(QUESTION)
    assert "5.90" in turn.reply.text
    assert turn.reply.citations[0].version == 3
    older = await (await client.get(f"/rag/documents/{ident}?version=2", headers=key)).json()
    assert older["text"] == NEW
    # What was restored is what is there now: the same content again is nothing new.
    again = await post(client, "/rag/ingest", key, {"documents": [{"title": "Roaming", "content": OLD}]})
    assert again["unchanged"] == 1
    await post(client, f"/rag/documents/{ident}/restore", key, {"version": 9}, 404)


async def test_only_the_newest_versions_are_kept(library, served, put):
    bot = await library("[plugins.rag]\nkeep_versions = 2\n")
    for n in range(5):
        await put(bot, {"Roaming": f"A day pass costs {n}.00."})

    rows = await bot.tenant("rag").db.fetch(sa.select(models.version.c.version))
    assert sorted(row.version for row in rows) == [4, 5]


async def test_an_ingestion_that_is_cancelled_leaves_the_old_version_and_no_trace(told, embedder, put, served):
    bot = await told()
    client, key = await served(bot)
    await put(bot, {"Roaming": OLD})
    ident = (await only(client, key))["id"]
    embedder.gate.clear()
    embedder.waiting.clear()
    await put(bot, {"Roaming": NEW}, wait=0.0)
    await embedder.waiting.wait()
    assert (await only(client, key))["status"] == "embedding"

    assert await post(client, f"/rag/documents/{ident}/cancel", key) == {"result": "kept"}
    embedder.gate.set()
    await bot.idle()

    one = await only(client, key)
    assert (one["status"], one["version"], one["newest"], one["chunks"]) == ("live", 1, 1, 1)
    assert "5.90" in (await bot.ask(QUESTION)).reply.text
    for table in (models.version, models.chunk, models.vector):
        assert len(await bot.tenant("rag").db.fetch(sa.select(table))) == 1
    # The number is free again, and what comes next is not mixed up with what was taken back.
    assert (await put(bot, {"Roaming": NEW})).puts[0].newest == 2
    assert "7.50" in (await bot.ask(QUESTION)).reply.text


async def test_a_first_version_that_is_cancelled_was_never_there(told, embedder, put, served):
    bot = await told()
    client, key = await served(bot)
    embedder.gate.clear()
    done = await put(bot, {"Roaming": OLD}, wait=0.0)

    assert await post(client, f"/rag/documents/{done.puts[0].id}/cancel", key) == {"result": "gone"}
    embedder.gate.set()
    await bot.idle()

    for table in (models.document, models.version, models.chunk, models.vector):
        assert await bot.tenant("rag").db.fetch(sa.select(table)) == []


async def test_a_document_moves_to_another_namespace(library, served, put, service):
    bot = await library()
    client, key = await served(bot)
    await put(bot, {"Roaming": OLD})
    ident = (await only(client, key))["id"]

    await client.patch(f"/rag/documents/{ident}", json={"namespace": "internal"}, headers=key)

    assert not (await bot.ask(QUESTION)).reply.answered
    assert (await service(bot).find(QUESTION, namespace="internal")).candidates


@pytest.mark.row("A115")
async def test_the_index_is_counted_by_namespace(library, served, put):
    bot = await library()
    client, key = await served(bot)
    await put(bot, {"Roaming": OLD, "Bills": "Bills are issued on the third day."})
    await put(bot, {"Rates": "The rate is 7 per cent."}, namespace="faqs")

    told = await (await client.get("/api/v1/admin/index/stats", headers=key)).json()

    counted = {name: (one["documents"], one["chunks"], one["vectors"]) for name, one in told["namespaces"].items()}
    assert counted == {"default": (2, 2, 2), "faqs": (1, 1, 1)}
    assert told["vectors"] == 3


async def test_what_happens_is_streamed_to_whoever_looks(told, served, put):
    bot = await told()
    client, key = await served(bot)
    response = await client.get("/rag/events", headers={**key, "Accept": "text/event-stream"})
    assert response.headers["Content-Type"].startswith("text/event-stream")

    await put(bot, {"Roaming": OLD})

    async with asyncio.timeout(10):
        while b"event: document" not in (line := await response.content.readline()):
            assert line
    assert b'"status":"embedding"' in await response.content.readline()
    response.close()


async def test_the_search_route_shows_the_answer_and_both_ranks(library, served, put):
    bot = await library()
    client, key = await served(bot)
    await put(bot, {"Roaming": OLD, "Bills": "Bills are issued on the third day."})

    told = await post(client, "/rag/search", key, {"text": QUESTION})

    assert told["answer"]["answered"]
    assert "5.90" in told["answer"]["text"]
    best = told["passages"][0]
    assert best["lexical_rank"] == 1
    assert best["dense_rank"] in (1, 2)


async def test_a_version_goes_live_where_its_document_was_moved_while_it_was_embedded(told, embedder, put, service):
    bot = await told()
    one = service(bot)
    done = await put(bot, {"Roaming": "A day pass for abroad costs 5.90."})
    embedder.gate.clear()
    embedder.waiting.clear()
    await put(bot, {"Roaming": "A day pass for abroad costs 7.50."}, wait=0)
    await embedder.waiting.wait()
    await one.knowledge.change(done.puts[0].id, {"namespace": "internal"}, by=By("Asha"))
    embedder.gate.set()
    await bot.idle()

    found = await one.find("What does a day pass for abroad cost?", namespace="internal")

    assert [candidate.row.text for candidate in found.candidates] == ["A day pass for abroad costs 7.50."]


async def test_a_file_that_comes_by_its_path_and_by_its_name_alone_is_one_document(library, served, service, tmp_path):
    bot = await library()
    client, key = await served(bot)
    path = tmp_path / "elsewhere" / "roaming.txt"
    path.parent.mkdir()
    path.write_text(OLD)
    runs = service(bot).runs
    row = await runs.wait(await runs.take_in([path], by="command line"), lambda _: None)
    assert row.told["ingested"] == 1

    async def upload(name, text):
        form = aiohttp.FormData()
        form.add_field("file", text.encode(), filename=name)
        return await (await client.post("/rag/documents", data=form, headers=key)).json()

    assert (await upload("roaming.txt", OLD))["unchanged"] == 1
    one = await only(client, key)
    assert one["id"] == (await upload("roaming.txt", OLD))["documents"][0]["id"]
    assert (await upload("other.txt", OLD))["unchanged"] == 0, "another name is another document"
    assert (await upload("roaming.txt", NEW))["unchanged"] == 0, "and so is another text: which one is right?"
    await client.delete(f"/rag/documents/{one['id']}", headers=key)
    again = await runs.wait(await runs.take_in([path], by="command line"), lambda _: None)
    assert (again.told["ingested"], again.told["unchanged"]) == (1, 0)


async def test_who_changed_the_knowledge_is_in_the_audit_log_and_no_word_of_it(library, served):
    bot = await library()
    client, key = await served(bot)
    path = "/api/v1/knowledge/ingest"
    told = await post(client, path, key, {"id": "roaming", "title": "Zanzibar", "content": OLD}, 201)
    await post(client, path, key, {"id": "roaming", "title": "Zanzibar", "content": NEW}, 200)
    ident = told["id"]
    await client.patch(f"/rag/documents/{ident}", json={"tags": ["abroad"]}, headers=key)
    await post(client, f"/rag/documents/{ident}/restore", key, {"version": 1})
    await client.delete(f"/rag/documents/{ident}", headers=key)

    rows = (await audit.entries(bot.runtime.database, "acme"))[::-1]

    assert [(row.what, row.subject) for row in rows if row.what.startswith("knowledge.")] == [
        ("knowledge.ingest", "default"), ("knowledge.ingest", "default"), ("knowledge.change", ident),
        ("knowledge.restore", ident), ("knowledge.delete", ident),
    ]  # fmt: skip
    assert all(row.who for row in rows)
    assert not any("Zanzibar" in str(row) or "day pass" in str(row) for row in rows)


async def test_the_api_page_says_what_each_body_holds(library, served):
    client, _ = await served(await library())
    found = await (await client.get("/openapi.json")).json()
    schemas = found["components"]["schemas"]
    assert {"DocumentsBody", "DocumentBody", "ChangeBody", "SearchBody", "RunBody", "RestoreBody"} <= set(schemas)
    assert schemas["SearchBody"]["required"] == ["text"]


async def test_documents_are_listed_newest_first_a_page_at_a_time(library, served):
    client, key = await served(await library())
    for n in range(5):
        await post(client, "/api/v1/knowledge/ingest", key, {"id": f"d{n}", "title": f"T{n}", "content": OLD}, 201)

    titles, after = [], ""
    while after is not None:
        page = await (await client.get(f"/rag/documents?limit=2&after={after}", headers=key)).json()
        titles += [one["title"] for one in page["documents"]]
        after = page["next"]

    assert titles == ["T4", "T3", "T2", "T1", "T0"]
