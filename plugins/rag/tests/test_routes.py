"""rag over HTTP."""

from __future__ import annotations

import json

import pytest
from aiohttp import FormData

CURL = {
    "documents": [
        {
            "content": "To reset your password, go to account settings and click on 'Reset Password'...",
            "title": "Password Reset Guide",
            "category": "account_management",
        }
    ]
}


@pytest.mark.row("T11")
@pytest.mark.row("T39")
async def test_documents_are_ingested_by_json_and_the_next_question_uses_them(library, served):
    bot = await library('[routes]\n"POST /api/ingest" = "POST /rag/ingest"\n')
    client, key = await served(bot)

    response = await client.post("/api/ingest", json=CURL, headers=key)

    assert response.status == 200
    assert (await response.json())["ingested"] == 1
    turn = await bot.ask("How do I reset my password?")
    assert "account settings" in turn.reply.text
    assert turn.reply.citations[0].title == "Password Reset Guide"
    assert turn.passages[0].meta["category"] == "account_management"

    again = await client.post("/api/ingest", json=CURL, headers=key)
    assert (await again.json()) | {"documents": []} == {"ingested": 1, "unchanged": 1, "documents": [], "failed": []}


@pytest.mark.row("T11")
@pytest.mark.row("T45")
@pytest.mark.parametrize(
    ("body", "told", "field"),
    [
        ({"documents": []}, '"documents" must be a list with at least one document', "documents"),
        ({}, '"documents" must be a list with at least one document', "documents"),
        ({"documents": ["text"]}, "documents[0] must be an object with content, title and category", "documents[0]"),
        ({"documents": [{"title": "A"}]}, "documents[0].content is missing: it must be the document's text",
         "documents[0].content"),
        ({"documents": [{"content": " "}]}, "documents[0].content is missing: it must be the document's text",
         "documents[0].content"),
        ({"documents": [{"content": "x", "title": 5}]}, "documents[0].title must be a text, not int",
         "documents[0].title"),
    ],
)  # fmt: skip
async def test_a_body_that_can_not_be_used_is_refused_naming_the_field(library, served, body, told, field):
    client, key = await served(await library())

    response = await client.post("/rag/ingest", json=body, headers=key)

    problem = await response.json()
    assert response.status == 400
    assert problem["detail"] == told
    assert problem["errors"][0]["field"] == field


@pytest.mark.parametrize("path", ["/rag/search", "/rag/ingest", "/rag/refresh"])
async def test_a_body_nested_deeper_than_can_be_read_is_refused_saying_so(library, served, path):
    client, key = await served(await library())

    response = await client.post(path, data=b'{"text":' * 50_000, headers={**key, "Content-Type": "application/json"})

    assert response.status == 400
    assert (await response.json())["detail"] == "the body is nested too deeply"


async def test_documents_are_taken_in_from_admins_only(library, served):
    client, _ = await served(await library())

    for method, path in [("POST", "/rag/ingest"), ("POST", "/rag/documents"), ("GET", "/rag/documents"),
                         ("DELETE", "/rag/documents/x"), ("POST", "/rag/search")]:  # fmt: skip
        assert (await client.request(method, path)).status == 401


async def upload(client, key, **files: bytes):
    form = FormData()
    for name, data in files.items():
        form.add_field("file", data, filename=name.replace("_", "."))
    return await client.post("/rag/documents", data=form, headers=key)


async def test_files_are_uploaded_and_a_bad_one_does_not_stop_the_others(library, served):
    bot = await library()
    client, key = await served(bot)

    response = await upload(client, key, roaming_md=b"# Roaming\n\nA day pass costs 5.90.\n", cut_pdf=b"%PDF-1.4 cut")

    told = await response.json()
    assert response.status == 200
    assert told["ingested"] == 1
    assert [one["name"] for one in told["failed"]] == ["cut.pdf"]
    assert told["failed"][0]["error"].startswith("cut.pdf: is no readable PDF")
    assert "5.90" in (await bot.ask("What does a day pass cost?")).reply.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhel'),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="category"\r\n\r\n\xff\xfe\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x",
         b'--x\r\nContent-Disposition: form-data; name="c"\r\nContent-Type: text/plain; charset=nope\r\n\r\nx\r\n--x--\r\n'),
    ],
    ids=["no boundary", "cut off", "no text", "unknown charset"],
)  # fmt: skip
async def test_a_form_that_can_not_be_read_is_refused_saying_so(library, served, kind, body):
    client, key = await served(await library())

    response = await client.post("/rag/documents", data=body, headers={**key, "Content-Type": kind})

    assert response.status == 400
    assert (await response.json())["detail"].startswith("the body is no readable multipart/form-data (")


async def test_the_age_of_an_uploaded_file_is_given_in_its_form(library, served):
    client, key = await served(await library())
    form = FormData()
    form.add_field("file", b"A day pass costs 5.90.", filename="pass.txt")
    form.add_field("refresh_seconds", "3600")

    assert (await client.post("/rag/documents", data=form, headers=key)).status == 200

    [row] = (await (await client.get("/rag/documents", headers=key)).json())["documents"]
    assert row["refresh_seconds"] == 3600.0


async def test_an_upload_of_bad_files_alone_is_told_as_such(library, served):
    client, key = await served(await library())

    assert (await upload(client, key, a_mp3=b"ID3")).status == 422
    assert (await client.post("/rag/documents", data={"x": "y"}, headers=key)).status == 415
    form = FormData()
    form.add_field("category", "x", content_type="text/plain")
    form.add_field("other", "y", content_type="text/plain")
    assert (await client.post("/rag/documents", data=form(), headers=key)).status in (400, 415)


async def test_documents_are_listed_shown_and_deleted(library, served):
    bot = await library()
    client, key = await served(bot)
    made = [(await (await client.post("/rag/ingest", json=CURL, headers=key)).json())["documents"][0]["id"]]

    listed = await (await client.get("/rag/documents", headers=key)).json()
    shown = await (await client.get(f"/rag/documents/{made[0]}", headers=key)).json()

    assert [(one["title"], one["status"], one["version"]) for one in listed["documents"]] == [
        ("Password Reset Guide", "live", 1)
    ]
    assert shown["text"] == CURL["documents"][0]["content"]
    assert shown["meta"] == {"category": "account_management"}
    assert shown["chunks"][0]["start"] == 0

    assert (await client.delete(f"/rag/documents/{made[0]}", headers=key)).status == 204
    assert (await client.delete(f"/rag/documents/{made[0]}", headers=key)).status == 404
    assert (await client.get(f"/rag/documents/{made[0]}", headers=key)).status == 404
    assert not (await bot.ask("How do I reset my password?")).reply.answered


async def test_the_link_of_a_citation_opens_the_document_with_the_passage_marked(library, served):
    bot = await library()
    client, key = await served(bot)
    nasty = {"content": "A <script>alert(1)</script> day pass costs 5.90 & more.", "title": "Roaming <b>"}
    await client.post("/rag/ingest", json={"documents": [nasty]}, headers=key)
    [cited] = (await bot.ask("What does the day pass cost?")).reply.citations

    page = await client.get(cited.url, headers={"Accept": "text/html"})
    data = await client.get(cited.url)

    html = await page.text()
    assert page.status == 200
    assert "<mark" in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "<b>" not in html
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    told = await data.json()
    assert told["passage"] == cited.text == told["text"][told["start"] : told["end"]]


@pytest.mark.parametrize("change", [("version=1", "version=2"), ("until=", "until=1"), ("signature=", "signature=0")])
async def test_a_link_that_was_changed_opens_nothing(library, served, put, change):
    bot = await library()
    client, _ = await served(bot)
    await put(bot, {"Roaming": "A day pass costs 5.90."})
    [cited] = (await bot.ask("What does the day pass cost?")).reply.citations

    assert change[0] in cited.url
    response = await client.get(cited.url.replace(*change))

    assert response.status == 403
    assert (await client.get(cited.url.split("?", maxsplit=1)[0])).status == 403


async def test_a_link_ends_after_its_time_and_with_its_document(library, served, put, service):
    from hookline.testing import FrozenClock

    clock = FrozenClock()
    bot = await library("[plugins.rag]\nlink_seconds = 60\n", clock=clock)
    client, _ = await served(bot)
    done = await put(bot, {"Roaming": "A day pass costs 5.90."})
    [cited] = (await bot.ask("What does the day pass cost?")).reply.citations
    assert (await client.get(cited.url)).status == 200

    clock.advance(61)
    assert (await client.get(cited.url)).status == 403

    [fresh] = (await bot.ask("What does the day pass cost?")).reply.citations
    await service(bot).delete(done.puts[0].id)
    assert (await client.get(fresh.url)).status == 404


async def test_the_search_route_says_what_was_found_and_why(library, served, put):
    bot = await library()
    client, key = await served(bot)
    await put(bot, {"Roaming": "A day pass costs 5.90.", "Bills": "Bills cost 1.50 on paper."})

    response = await client.post("/rag/search", json={"text": "What does the day pass cost?"}, headers=key)

    told = await response.json()
    best = told["passages"][0]
    assert best["title"] == "Roaming"
    assert best["answer"] == "A day pass costs 5.90."
    assert {"score", "dense", "lexical", "confidence", "evidence"} <= best.keys()
    assert {"index", "embed", "search", "fetch", "weigh"} <= told["ms"].keys()
    bad = await client.post("/rag/search", data=json.dumps([]), headers=key)
    assert bad.status == 400
