"""Whole turns with rag and llm together: documents that were ingested, a model behind the real Ollama client."""

from __future__ import annotations

import re

import pytest

import hookline_embeddings
import hookline_faulty
import hookline_llm
import hookline_rag
from hookline.testing.loopback import Cut, Status
from hookline.testing.ollama import FakeOllama
from hookline_rag.service import Service

GUIDE = "To reset your password, go to account settings and click on 'Reset Password'. Follow the email instructions."
CONFIG = """
[plugins]
enabled = ["llm", "rag", "embeddings", "loopback"]
[plugins.embeddings.models.default]
kind = "hashing"
[plugins.llm]
chain = ["ollama"]
[plugins.llm.providers.ollama]
host = "{host}"
backoff = 0.01
"""


def echo(body):
    """A model that says what the first passage says, in words of its own, and adds something from memory."""
    context = body["messages"][-1]["content"]
    number = re.search(r"\[(\d+)\] Password Reset Guide", context)
    if number is None:
        return "NO_ANSWER"
    n = number.group(1)
    return (
        f"You can reset your password in your account settings: click on 'Reset Password'. [{n}] "
        f"Follow the email instructions. [{n}] This takes exactly 37 minutes. [{n}]"
    )


@pytest.fixture
async def ollama():
    async with FakeOllama(echo) as server:
        yield server


@pytest.fixture
async def bot(make_bot, ollama):
    plugins = [hookline_llm.plugin, hookline_rag.plugin, hookline_embeddings.plugin]
    bot = await make_bot(plugins=plugins, config=CONFIG.format(host=ollama.host), blocking=2.0)
    rag = Service(bot.tenant("rag"))
    document = await rag.text(GUIDE, title="Password Reset Guide", meta={"category": "account"})
    await rag.ingest(
        [document, await rag.text("Invoices are sent on the first of each month.", title="Billing", meta={})], wait=20
    )
    return bot


@pytest.mark.row("T02")
async def test_the_model_answers_from_the_ingested_document_and_names_it(bot, ollama):
    reply = await bot.say("How do I reset my password?")

    assert "account settings" in reply.text
    assert "37" not in reply.text
    assert {c.title for c in reply.citations} == {"Password Reset Guide"}
    assert all(GUIDE[c.start : c.end] == c.text for c in reply.citations)
    assert len(ollama.chats) == 1


@pytest.mark.row("T48")
@pytest.mark.parametrize("fault", [Status(500), Cut(after=16)])
async def test_a_model_that_fails_also_in_mid_answer_leaves_the_documents_own_words(bot, ollama, fault):
    ollama.always(fault)

    reply = await bot.say("How do I reset my password?")

    assert "account settings" in reply.text
    assert [c.title for c in reply.citations] == ["Password Reset Guide"]
    assert reply.text.removesuffix(" [1]") == reply.citations[0].text


async def test_what_is_in_no_document_is_not_asked_of_the_model(bot, ollama):
    reply = await bot.say("Which planet has the largest moons?")

    assert not reply.citations
    assert ollama.chats == []


@pytest.mark.row("T48")
async def test_while_the_documents_can_not_be_reached_the_model_answers_alone_without_figures(make_bot):
    async with FakeOllama(
        "Restarting the router often helps. Call 555 0199 for 20 % off. Give it some minutes."
    ) as ollama:
        config = f"""
[plugins]
enabled = ["llm", "faulty", "loopback"]
[plugins.faulty]
hook = "retrieve"
[plugins.llm]
chain = ["ollama"]
without_documents = "answer"
[plugins.llm.providers.ollama]
host = "{ollama.host}"
"""
        bot = await make_bot(plugins=[hookline_llm.plugin, hookline_faulty.plugin], config=config, blocking=2.0)

        reply = await bot.say("My internet is slow")

        assert reply.text == "Restarting the router often helps. Give it some minutes."
        assert reply.confidence == 0.0
        assert not reply.citations
        assert "<documents>" not in ollama.chats[0]["messages"][-1]["content"]
