"""What the reference systems ask of their documents, on sample knowledge: whole turns, rag alone and with a model."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

import hookline_embeddings
import hookline_llm
import hookline_rag
from hookline.testing.ollama import FakeOllama
from hookline_rag.service import Service

WORDS = '[plugins.embeddings.models.default]\nkind = "hashing"\n'
RAG = [hookline_embeddings.plugin, hookline_rag.plugin]
LOANS = (
    "The interest rate of a home loan is 8.4 % a year for salaried customers.\n\n"
    "To apply you need these documents:\n\n- proof of identity\n- salary slips of three months\n- the title deed of the property"
)
EMI = "If you miss an EMI, a late fee of ₹500 is charged and we call you after three days."
TARIFFS = "# Tarifs du compte courant\n\nLes frais de tenue de compte sont de 2 500 FCFA par mois.\n"
INVENTORY = "Model,Price,Colour\nSwift Dzire,657000,red\nCreta,1100000,white\nNexon,815000,blue\n"


@pytest.fixture
def make_rag(make_bot):
    async def make(config="", **texts):
        bot = await make_bot(plugins=RAG, config=WORDS + config)
        service = Service(bot.tenant("rag"))
        given = [await service.text(text, title=title, meta={}) for title, text in texts.items()]
        if given:
            assert (await service.ingest(given, wait=20)).live
        return bot

    return make


def with_model(host):
    listed = '[plugins]\nenabled = ["llm", "rag", "embeddings", "loopback"]\n'
    return f'{listed}{WORDS}[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{host}"\n'


async def modelled(make_bot, ollama, title, text):
    bot = await make_bot(plugins=[hookline_llm.plugin, *RAG], config=with_model(ollama.host), blocking=2.0)
    service = Service(bot.tenant("rag"))
    assert (await service.ingest([await service.text(text, title=title, meta={})], wait=20)).live
    return bot


@pytest.mark.row("L48")
async def test_a_rate_that_the_model_invents_is_stopped_and_that_of_the_document_is_given_with_its_source(make_bot):
    said = "The interest rate of a home loan is 7 % a year. [1] For salaried customers the interest rate is 8.4 % a year. [1]"
    async with FakeOllama(said) as ollama:
        bot = await modelled(make_bot, ollama, "Home loans", LOANS)

        reply = await bot.say("What would be the interest rate?")

    assert "8.4 %" in reply.text
    assert "7 %" not in reply.text
    assert [one.title for one in reply.citations] == ["Home loans"]


@pytest.mark.row("L49")
async def test_the_documents_that_are_needed_are_listed_from_the_page(make_rag):
    bot = await make_rag(**{"Home loans": LOANS, "Missed payments": EMI})

    reply = await bot.say("What documents will I need to provide?")

    assert all(one in reply.text for one in ("proof of identity", "salary slips", "title deed"))
    assert [one.title for one in reply.citations] == ["Home loans"]


@pytest.mark.row("K07")
async def test_a_question_in_french_is_answered_from_the_banks_data_folder_with_its_source(make_rag):
    bot = await make_rag('[plugins.rag]\nfolders = ["data"]\n')
    folder = bot.tenant("rag").folder / "data"
    folder.mkdir()
    (folder / "tarifs.md").write_text(TARIFFS, encoding="utf-8")
    await Service(bot.tenant("rag")).runs.take_in_folders()
    await bot.idle()

    reply = await bot.say("Quels sont les frais de tenue de compte ?", language="fr")

    assert "2 500 FCFA" in reply.text
    assert [one.title for one in reply.citations] == ["Tarifs du compte courant"]


@pytest.mark.row("A154")
async def test_a_price_is_that_of_the_inventory_and_what_is_in_no_document_leads_to_a_person(make_rag):
    told = "I don't know that. Shall I connect you with a relationship manager?"
    bot = await make_rag(f'[texts.en]\nunknown = "{told}"\n')
    service = Service(bot.tenant("rag"))
    given = await service.files("inventory.csv", INVENTORY.encode(), key="inventory.csv", meta={})
    assert (await service.ingest(given, wait=20)).live

    for line in INVENTORY.splitlines()[1:]:
        model, price, _ = line.split(",")
        assert price in (await bot.say(f"What is the price of the {model}?")).text
    assert (await bot.say("Who won the cricket match yesterday?")).text == told


@pytest.mark.row("F63")
async def test_the_configured_embedder_serves_documents_and_questions_and_another_one_means_a_new_index(make_bot):
    bot = await make_bot(plugins=RAG, config=WORDS + "dimension = 64\n")
    service = Service(bot.tenant("rag"))
    assert (await service.ingest([await service.text(EMI, title="EMI", meta={})], wait=20)).live
    first = (await service.shelves()).shelf("default").snapshot
    assert first.dimension == 64

    place = bot.tenant("rag").folder / "tenant.toml"
    place.write_text(place.read_text(encoding="utf-8").replace("dimension = 64", "dimension = 128"), encoding="utf-8")
    with capture_logs() as told:
        assert await bot.runtime.load("acme")
        assert "₹500" in (await bot.say("What happens if I miss an EMI?")).text
    shelves = await Service(bot.tenant("rag")).shelves()
    await bot.until(lambda: shelves.shelf("default").snapshot.missing == 0)

    assert any(f"it was made with the embedder {first.embedder!r}, now it is" in str(one.get("reason")) for one in told)
    assert shelves.shelf("default").snapshot.dimension == 128
    assert shelves.shelf("default").snapshot.embedder != first.embedder
