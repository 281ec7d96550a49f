"""Files taken in by durable work: progress, cancel, a second one refused, resumed after kill -9, refreshed in time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from hookline.errors import BadRequest
from hookline.testing import FrozenClock
from hookline_rag.errors import AlreadyRunning

OLD = "A day pass for abroad costs 5.90 and holds for 24 hours."
NEW = "A day pass for abroad costs 7.50 and holds for 24 hours."
QUESTION = "What does the day pass cost?"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "papers"
    made.mkdir()
    for n in range(40):
        (made / f"note{n:02}.md").write_text(f"# Note {n}\n\nMatter {n} is settled on day {n}.\n")
    (made / "broken.pdf").write_bytes(b"%PDF-1.4 cut")
    return made


async def finished(service, ident):
    async with asyncio.timeout(60):
        return await service.runs.wait(ident, lambda _row: None, pause=0.02)


async def test_a_run_takes_in_a_folder_part_by_part_and_a_second_time_changes_nothing(library, service, folder):
    bot = await library()
    seen = []
    ident = await service(bot).runs.take_in([folder], by="Asha", about={"tags": ["notes"]})
    row = await service(bot).runs.wait(ident, lambda one: seen.append(one.done), pause=0.001)

    assert (row.state, row.done, row.total, row.started_by) == ("done", 41, 41, "Asha")
    assert (row.told["ingested"], row.told["unchanged"], row.told["namespaces"]) == (40, 0, {"default": 40})
    [failure] = row.told["failed"]
    assert failure.startswith("broken.pdf: ")
    assert seen == sorted(seen)
    assert len((await service(bot).knowledge.page({"tag": "notes"}))[0]) == 40

    again = await finished(service(bot), await service(bot).runs.take_in([folder]))
    assert (again.told["ingested"], again.told["unchanged"]) == (0, 40)


async def test_a_path_that_is_not_there_is_named(library, service, tmp_path):
    with pytest.raises(BadRequest, match=r"there is no file or folder .*nowhere; give paths that are there"):
        await service(await library()).runs.take_in([tmp_path / "nowhere"])


async def test_files_with_fields_and_names_of_their_own_are_taken_in_beside_the_others(library, service, tmp_path):
    odd = {
        b"number.json": '{"title": "A", "content": "Matter one is settled on day one.", "notes": 5}',
        b"nothing.json": '{"title": "B", "content": "Matter two is settled on day two.", "notes": null}',
        b"surrogate.json": '{"title": "C\\ud800", "content": "Matter three is settled.", "x": ["\\udc00!"], "\\udc01k": "v"}',
        b"front.md": "---\nnotes: see below\n---\n# Matter four\n\nIt is settled on day four.\n",
        "d\xe9but.md".encode("latin-1"): "# Matter five\n\nIt is settled on day five.\n",
    }
    folder = tmp_path / "papers"
    folder.mkdir()
    for name, text in odd.items():
        (folder / os.fsdecode(name)).write_text(text)
    (folder / os.fsdecode(b"\xe9mpty.md")).write_text("")
    bot = await library()

    row = await finished(service(bot), await service(bot).runs.take_in([folder]))

    assert (row.state, row.told["ingested"], row.told["notes"]) == ("done", 5, [])
    assert row.told["failed"] == ["\\udce9mpty.md: is empty; leave it out"]
    rows = {one.source: one for one in await service(bot).store.documents()}
    assert rows["number.json"].meta == {"notes": 5}
    assert (rows["surrogate.json"].title, rows["surrogate.json"].meta) == ("C", {"x": ["!"], "k": "v"})
    assert rows["d\\udce9but.md"].origin.endswith("/d\\udce9but.md")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"url": "http://"}, "http://: "),
        ({"url": "http://example.com:99999/"}, "http://example.com:99999/: is no proper URL"),
        ({"url": "http://[::1"}, "http://[::1: is no proper URL"),
        ({"url": "http://example.com/", "namespace": "No Good"}, "namespace 'No Good' can't be one"),
        ({"namespace": "No Good"}, "namespace 'No Good' can't be one"),
    ],
)
async def test_what_no_run_could_take_in_is_refused_at_once(library, served, body, told):
    bot = await library()
    (bot.runtime_of().folder / "knowledge").mkdir()
    client, key = await served(bot)

    response = await client.post("/rag/runs", json=body, headers=key)

    assert response.status == 400
    assert (await response.json())["detail"].startswith(told)
    assert (await (await client.get("/rag/runs", headers=key)).json())["runs"] == []


async def test_a_site_is_refused_at_once_where_the_web_is_turned_off(library, served):
    client, key = await served(await library("[plugins.rag.web]\nenabled = false\n"))

    response = await client.post("/rag/runs", json={"url": "https://shop.example/"}, headers=key)

    assert response.status == 400
    assert "set `web.enabled` in [plugins.rag]" in (await response.json())["detail"]


@pytest.mark.row("A116")
async def test_the_trigger_answers_202_takes_in_the_tenants_folder_and_is_refused_while_it_runs(
    told, embedder, served, service
):
    bot = await told()
    home = bot.runtime_of().folder / "knowledge"
    home.mkdir()
    (home / "roaming.md").write_text(f"# Roaming\n\n{OLD}\n")
    client, key = await served(bot)
    path = "/api/v1/admin/ingestion/trigger"
    embedder.gate.clear()

    first = await client.post(path, headers=key)
    second = await client.post(path, headers=key)

    assert (first.status, second.status) == (202, 409)
    job = (await first.json())["job_id"]
    assert (await second.json())["detail"] == (
        f"ingestion (files) runs already, as {job}; wait until it is done, or cancel it"
    )
    embedder.gate.set()
    await finished(service(bot), job)
    done = await (await client.get(f"/api/v1/admin/ingestion/{job}", headers=key)).json()
    assert (done["status"], done["told"]["ingested"]) == ("done", 1)
    assert "5.90" in (await bot.ask(QUESTION)).reply.text
    assert (await client.post(path, headers=key)).status == 202


async def test_a_run_that_is_cancelled_leaves_what_is_live_and_takes_back_the_rest(told, embedder, service, folder):
    bot = await told()
    embedder.gate.clear()
    runs = service(bot).runs
    ident = await runs.take_in([folder], alone=True)
    await embedder.waiting.wait()

    assert (await runs.cancel(ident, by="Asha")).state == "cancelled"
    embedder.gate.set()
    await bot.idle()

    assert (await runs.row(ident)).error == "cancelled by Asha"
    assert await service(bot).store.documents() == []
    assert await runs.take_in([folder], alone=True)  # the slot is free again


async def test_only_one_run_of_its_kind_runs_at_a_time_and_the_other_is_named(told, embedder, service, folder):
    bot = await told()
    embedder.gate.clear()
    runs = service(bot).runs
    ident = await runs.take_in([folder], alone=True)

    with pytest.raises(AlreadyRunning) as refused:
        await runs.take_in([folder], alone=True)

    assert refused.value.run == ident
    embedder.gate.set()
    await finished(service(bot), ident)


async def test_a_run_that_can_not_go_on_says_why(library, service, folder, monkeypatch):
    bot = await library("[turns]\nattempts = 1\n")
    runs = service(bot).runs
    ident = await runs.take_in([folder / "note00.md"])
    (folder / "note00.md").unlink()

    row = await finished(service(bot), ident)

    assert row.state == "done"
    assert row.told["ingested"] + len(row.told["failed"]) <= 1


@pytest.mark.row("A141")
async def test_only_documents_past_their_age_are_read_again(library, service, served, tmp_path):
    clock = FrozenClock()
    bot = await library("[plugins.rag]\nrefresh_seconds = 1000\nrefresh_every = 100000\n", clock=clock)
    client, key = await served(bot)
    old, young = tmp_path / "old.md", tmp_path / "young.md"
    old.write_text(OLD)
    await finished(service(bot), await service(bot).runs.take_in([old]))
    clock.advance(900)
    young.write_text("Bills are issued on the third day of each month.")
    await finished(service(bot), await service(bot).runs.take_in([young]))
    old.write_text(NEW)
    clock.advance(200)
    stale = await (await client.get("/rag/documents?status=stale", headers=key)).json()
    assert [one["title"] for one in stale["documents"]] == ["Old"]
    assert stale["documents"][0]["status"] == "stale"

    response = await client.post("/api/v1/knowledge/refresh", headers=key)

    told = await response.json()
    assert (response.status, told["refreshed"]) == (202, 1)
    row = await finished(service(bot), told["job_id"])
    assert (row.told["refreshed"], row.told["changed"], row.told["failed"]) == (1, 1, [])
    assert "7.50" in (await bot.ask(QUESTION)).reply.text
    again = await (await client.post("/api/v1/knowledge/refresh", headers=key)).json()
    assert again["refreshed"] == 0


@pytest.mark.row("A144")
async def test_what_is_stale_is_read_again_when_its_time_has_come_without_a_request(library, service, tmp_path):
    clock = FrozenClock()
    bot = await library("[plugins.rag]\nrefresh_seconds = 3600\nrefresh_every = 600\n", clock=clock)
    file = tmp_path / "roaming.md"
    file.write_text(OLD)
    await finished(service(bot), await service(bot).runs.take_in([file]))
    file.write_text(NEW)

    clock.advance(3700)
    async with asyncio.timeout(20):
        while "7.50" not in (await bot.ask(QUESTION)).reply.text:
            await asyncio.sleep(0.02)

    assert next(row.kind for row in await service(bot).runs.rows()) == "refresh"
    gone = [row for row in await service(bot).runs.rows() if row.started_by == "schedule"]
    assert len(gone) == 1


async def test_a_stale_document_whose_file_is_gone_is_told_and_stays(library, service, tmp_path):
    clock = FrozenClock()
    bot = await library("[plugins.rag]\nrefresh_seconds = 10\nrefresh_every = 100000\n", clock=clock)
    file = tmp_path / "roaming.md"
    file.write_text(OLD)
    await finished(service(bot), await service(bot).runs.take_in([file]))
    file.unlink()
    clock.advance(20)

    ident, count = await service(bot).runs.refresh()

    row = await finished(service(bot), ident)
    assert count == 1
    assert row.told["refreshed"] == 0
    assert "roaming.md: can't be read (No such file or directory); check its path" in row.told["failed"][0]
    assert "5.90" in (await bot.ask(QUESTION)).reply.text


async def test_a_refresh_of_everything_takes_in_also_what_has_an_age_of_its_own(library, service, tmp_path):
    bot = await library()
    note = tmp_path / "note.md"
    note.write_text(f"# Roaming\n\n{OLD}\n")
    await finished(service(bot), await service(bot).runs.take_in([note], about={"refresh_seconds": 86_400.0}))
    note.write_text(f"# Roaming\n\n{NEW}\n")

    ident, count = await service(bot).runs.refresh(everything=True)

    assert count == 1
    assert (await finished(service(bot), ident)).told["changed"] == 1
    assert "7.50" in (await bot.ask(QUESTION)).reply.text


# -- a real process, killed -------------------------------------------------------------------------------------------


CONFIG = '[plugins]\nenabled = ["rag", "embeddings"]\n[plugins.embeddings.models.default]\nkind = "hashing"\n'


def hookline(place, *command: str, **more):
    where = ["--tenants", str(place / "tenants"), "--data", str(place / "data"), "--tenant", "acme"]
    return [sys.executable, "-m", "hookline", *command, *where], more


def rows(place, sql: str):
    with sqlite3.connect(f"file:{place}/data/hookline.db?mode=ro", uri=True, timeout=10) as connection:
        return connection.execute(sql).fetchall()


def until(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except sqlite3.Error:
            pass
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


@pytest.mark.slow
@pytest.mark.row("X12")
def test_a_process_killed_in_the_middle_goes_on_where_it_was_and_the_old_version_serves_meanwhile(tmp_path):
    (tmp_path / "tenants/acme").mkdir(parents=True)
    (tmp_path / "tenants/acme/tenant.toml").write_text(CONFIG)
    papers = tmp_path / "papers"
    papers.mkdir()
    words = "kestrel lantern ochre pebble quartz ribbon saffron thimble umber velvet".split()
    for n in range(160):
        body = "\n\n".join(f"{words[k % 10]} {words[(k + n) % 10]} number {n} has rule {k}." for k in range(60))
        (papers / f"note{n:03}.md").write_text(f"# Note {n}\n\n{body}\n")
    first = papers / "note000.md"
    command, _ = hookline(tmp_path, "ingest", str(first))
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    first.write_text("# Note 0\n\nThe rule has changed to 4711.\n")

    command, _ = hookline(tmp_path, "ingest", str(papers))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: rows(tmp_path, "SELECT done FROM rag_run WHERE state = 'running' AND done >= 32 AND done < 128"))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    [(ident, done)] = rows(tmp_path, "SELECT id, done FROM rag_run WHERE state = 'running'")
    assert 32 <= done < 160
    live = rows(tmp_path, "SELECT id, version, created_at FROM rag_document WHERE status = 'live'")
    assert len(live) < 160

    # Any process on the folder goes on with it; this one has something else to do and waits until it is over.
    command, _ = hookline(tmp_path, "knowledge", "follow", ident)
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=180)

    assert "160 files: 160 documents taken in, 0 unchanged" in told.stdout, told.stdout
    assert rows(tmp_path, f"SELECT state, done, total FROM rag_run WHERE id = '{ident}'") == [("done", 160, 160)]
    after = rows(tmp_path, "SELECT id, version, created_at FROM rag_document WHERE status = 'live'")
    assert len(after) == 160
    assert set(live) <= set(after)  # what was live by then was not done again
    doubles = "SELECT count(*) FROM rag_version GROUP BY document HAVING count(*) > 1"
    assert len(rows(tmp_path, doubles)) == 1  # note 0, which had changed
    orphans = (
        "SELECT count(*) FROM rag_chunk c LEFT JOIN rag_document d ON d.id = c.document WHERE d.version != c.version"
    )
    assert rows(tmp_path, orphans) == [(0,)]
    assert json.loads(rows(tmp_path, f"SELECT told FROM rag_run WHERE id = '{ident}'")[0][0])["failed"] == []
