"""`hookline ingest` as a person runs it: a real process, on a folder of its own, against a real web server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

pytestmark = pytest.mark.slow  # each starts processes

CONFIG = """
[plugins]
enabled = ["rag", "embeddings"]
[plugins.rag]
metadata_schema = "metadata_schema.yaml"
[plugins.rag.loaders.inventory]
files = ["inventory.csv"]
namespace = "inventory"
[plugins.rag.loaders.faq]
files = ["faqs.json"]
namespace = "faq"
[plugins.embeddings.models.default]
kind = "hashing"
"""


@pytest.fixture
def acme(tmp_path):
    """The folder of a tenant with data to take in."""
    folder = tmp_path / "tenants" / "acme"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "tenant.toml").write_text(CONFIG)
    (folder / "metadata_schema.yaml").write_text("inventory: {required: [price]}\n")
    (folder / "knowledge" / "inventory.csv").write_text("Model,Price\nSwift,650000\nAlto,\n")
    faqs = [{"question": f"Question {n}?", "answer": f"Answer {n} is this.", "category": "x"} for n in range(23)]
    (folder / "knowledge" / "faqs.json").write_text(json.dumps(faqs))
    return folder


def ingest(folder, *arguments):
    place = folder.parents[1]
    command = [sys.executable, "-m", "hookline", "ingest", *arguments, "--tenants", str(place / "tenants"),
               "--data", str(place / "data"), "--tenant", "acme"]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.row("A174")
@pytest.mark.row("A176")
def test_a_folder_of_the_machine_is_taken_in_with_counts_a_namespace_and_again_without_doubles(acme):
    first = ingest(acme, "--source-type", "local", "--path", str(acme / "knowledge"))
    again = ingest(acme, "--source-type", "local", "--path", str(acme / "knowledge"))

    assert first.returncode == 0, first.stderr
    assert first.stdout == (
        "2 files: 2 documents taken in, 0 unchanged\n  faq: 1 document; 23 chunks in all\n"
        "  inventory: 1 document; 1 chunk in all\n"
    )
    assert (
        "note: inventory.csv: row 3 lacks price, though metadata_schema.yaml demands it; it is left out" in first.stderr
    )
    assert again.stdout.startswith("2 files: 0 documents taken in, 2 unchanged\n  faq: 1 document; 23 chunks in all\n")
    (acme / "one.md").write_text("# Fees\n\nA transfer costs two euros.\n")
    alone = ingest(acme, str(acme / "one.md"))
    assert alone.stdout.startswith("1 file: 1 document taken in, 0 unchanged\n  default: 1 document; 1 chunk in all\n")


@pytest.mark.row("A174")
def test_a_path_that_is_not_there_ends_with_status_2_and_says_so(acme):
    done = ingest(acme, "--source-type", "local", "--path", "/no/such/folder")

    assert done.returncode == 2
    assert "there is no file or folder /no/such/folder; give paths that are there" in done.stderr


@pytest.mark.row("K89")
def test_nothing_named_takes_in_the_tenants_own_folder_and_tells_documents_and_chunks(acme):
    first, again = ingest(acme), ingest(acme)

    assert first.returncode == again.returncode == 0, first.stderr
    assert "2 documents taken in" in first.stdout
    assert "23 chunks in all" in first.stdout
    assert again.stdout.startswith("2 files: 0 documents taken in, 2 unchanged")
    assert any((acme.parents[1] / "data").rglob("*.faiss"))


async def test_a_site_is_taken_in_by_its_address_and_what_fails_is_told(acme):
    pages = {"/": "<h1>Bank</h1><p>We open at nine.</p><a href='/fees'>f</a><a href='/none'>n</a>",
             "/fees": "<h1>Fees</h1><p>A transfer costs two euros.</p>"}  # fmt: skip

    async def take(request: web.Request) -> web.Response:
        found = pages.get(request.path)
        return web.Response(text=found or "", content_type="text/html", status=200 if found else 404)

    app = web.Application()
    app.router.add_get("/{path:.*}", take)
    server = TestServer(app)
    await server.start_server()
    try:
        address = str(server.make_url("/"))
        refused = await asyncio.to_thread(ingest, acme, address)
        allowed = f'[plugins.rag.web]\nallowed_hosts = ["127.0.0.1:{server.port}"]\npause_seconds = 0\n'
        (acme / "tenant.toml").write_text(CONFIG + allowed)
        done = await asyncio.to_thread(ingest, acme, address, "--depth", "1", "--pages", "10")
    finally:
        await server.close()

    assert refused.returncode == 1
    assert "not taken in: 127.0.0.1:" in refused.stderr
    assert "is no public address" in refused.stderr
    assert done.returncode == 1
    assert done.stdout.startswith("3 pages: 2 documents taken in, 0 unchanged\n  default: 2 documents;")
    assert f"not taken in: {address}none: is not there (status 404); leave it out" in done.stderr
