"""rag's statements on PostgreSQL, where they run under row level security and beside other processes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import hookline_rag
from hookline.catalogue import Catalogue
from hookline_rag import models

pytestmark = pytest.mark.service("postgresql")


@pytest.fixture
def database_plugins():
    return [Catalogue.load().get("embeddings"), hookline_rag.plugin]


async def test_documents_come_change_answer_and_go(library, put, service, postgres_url, embedder):
    bot = await library(database_url=postgres_url)
    text = "A day pass for abroad costs 5.90 — नमस्ते 👋🏽 and holds for 24 hours."

    done = await put(bot, {"Roaming": text, "Bills": "Bills are issued on the third day of each month."})
    again = await put(bot, {"Roaming": text})
    assert [one.what for one in (*done.puts, *again.puts)] == ["new", "new", "unchanged"]
    turn = await bot.ask("What does the day pass cost?")
    assert "5.90" in turn.reply.text
    assert turn.reply.citations[0].text == text

    await put(bot, {"Roaming": text.replace("5.90", "7.50")})
    assert "7.50" in (await bot.ask("What does the day pass cost?")).reply.text

    await service(bot).delete(done.puts[0].id)
    assert not (await bot.ask("What does the day pass cost?")).reply.answered
    for table in (models.document, models.version, models.chunk, models.vector):
        rows = await bot.tenant("rag").db.fetch(sa.select(sa.func.count().label("n")).select_from(table))
        assert rows[0].n == 1
