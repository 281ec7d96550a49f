"""The same question again: answered from memory while no document has changed, and never with what is gone."""

from __future__ import annotations

import attrs
import pytest
import sqlalchemy as sa

from hookline.testing import FrozenClock
from hookline_rag import models

DAY_PASS = "A day pass for abroad costs 5.90 and holds for 24 hours."
DEARER = "A day pass for abroad costs 7.50 and holds for 24 hours."
QUESTION = "What does the day pass for abroad cost?"


async def texts(service, text=QUESTION, language="en"):
    return [passage.text for passage in await service.retrieve(text, language)]


@pytest.mark.row("A160")
async def test_the_same_question_again_is_neither_embedded_nor_searched(told, embedder, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS, "Bills": "The bill is sent on the first of each month."})
    one = service(bot)
    first = await one.retrieve(QUESTION, "en")
    embedder.failing = "the embedder must not be asked again"
    finder = one.answers.finder

    async def never():
        raise AssertionError("searched again")

    one.answers.finder = never
    again = await one.retrieve(QUESTION, "en")
    one.answers.finder = finder

    assert again == first
    assert again[0].text == DAY_PASS
    assert len(one.answers.remembered) == 1


async def test_a_question_in_another_language_or_words_is_another_question(told, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)

    for text, language in ((QUESTION, "en"), (QUESTION.upper(), "en"), (QUESTION, "fr")):
        await texts(one, text, language)

    assert len(one.answers.remembered) == 3


async def test_a_changed_document_answers_with_its_new_text_at_once(told, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    assert await texts(one) == [DAY_PASS]

    await put(bot, {"Roaming": DEARER})

    assert await texts(one) == [DEARER]
    assert "7.50" in (await bot.ask(QUESTION)).reply.text


@pytest.mark.row("X11")
async def test_a_deleted_document_is_never_served_from_memory(told, put, service):
    bot = await told()
    done = await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    assert await texts(one) == [DAY_PASS]
    assert (await bot.ask(QUESTION)).reply.citations

    await one.delete(done.puts[0].id)

    assert await texts(one) == []
    assert len(one.answers.remembered) <= 1
    assert not (await bot.ask(QUESTION)).reply.citations


async def test_a_document_deleted_behind_the_back_of_the_revision_is_not_served_either(told, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    assert await texts(one) == [DAY_PASS]

    await bot.tenant("rag").db.write(sa.delete(models.chunk))

    assert await texts(one) == []


async def test_what_is_remembered_holds_no_text_of_a_document(told, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    await texts(one)

    assert DAY_PASS not in repr(vars(one.answers.remembered))
    assert "holds for 24" not in repr(list(one.answers.remembered._entries.values()))


async def test_memory_is_bounded_and_the_oldest_question_goes_first(told, put, service):
    bot = await told("[plugins.rag]\nremember_bytes = 40000\n")
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)

    for n in range(30):
        await texts(one, f"What does the day pass for abroad cost in zone {n}?")

    memory = one.answers.remembered
    assert 1 < len(memory) < 30
    assert memory.size <= 40_000
    newest = next(reversed(memory._entries.values()))
    assert "29" in newest.found.question.text


async def test_nothing_is_remembered_where_it_is_turned_off(told, put, service):
    bot = await told("[plugins.rag]\nremember_bytes = 0\n")
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)

    assert await texts(one) == await texts(one) == [DAY_PASS]
    assert len(one.answers.remembered) == 0


async def test_what_was_found_by_words_for_want_of_the_embedder_is_not_remembered(told, embedder, put, service):
    bot = await told()
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    embedder.failing = "down"

    assert await texts(one) == [DAY_PASS]

    assert len(one.answers.remembered) == 0


async def test_a_minute_later_the_question_is_looked_for_again(told, put, service):
    clock = FrozenClock()
    bot = await told(clock=clock)
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    await texts(one)
    (first,) = one.answers.remembered._entries.values()

    clock.advance(61)
    await texts(one)

    (second,) = one.answers.remembered._entries.values()
    assert second.at == first.at + 61


async def test_a_document_answers_from_the_moment_that_its_date_says(told, put, service):
    clock = FrozenClock()
    bot = await told(clock=clock)
    await put(bot, {"Roaming": DAY_PASS})
    one = service(bot)
    given = await one.text(DEARER, title="Roaming from June", meta={})
    soon = attrs.evolve(given, about={"valid_from": clock.now() + 10})
    await one.ingest([soon])
    assert await texts(one) == [DAY_PASS]

    clock.advance(10)

    assert set(await texts(one)) == {DAY_PASS, DEARER}


@pytest.mark.parametrize("about", [{"tags": ["travel"]}, {"valid_from": None}])
async def test_a_document_given_again_with_other_tags_or_dates_is_found_by_them_at_once(told, put, service, about):
    clock = FrozenClock()
    bot = await told('[plugins.rag]\ntags = ["travel"]\n', clock=clock)
    one = service(bot)
    before = {"tags": ["old"]} if "tags" in about else {"tags": ["travel"], "valid_from": clock.now() + 1000}
    given = await one.text(DAY_PASS, title="Roaming", meta={})
    await one.ingest([attrs.evolve(given, about=before)])
    assert await texts(one) == []

    await one.ingest([attrs.evolve(given, about=about)])

    assert await texts(one) == [DAY_PASS]


async def test_two_tenants_remember_apart(told, put, service):
    bot = await told(tenants={"acme": "", "other": ""})
    await put(bot, {"Roaming": DAY_PASS}, tenant="acme")
    ours, theirs = service(bot, "acme"), service(bot, "other")

    assert await texts(ours) == [DAY_PASS]
    assert await texts(theirs) == []
