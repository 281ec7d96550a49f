"""Translation by a model: what is kept, what is checked, what is refused; by a real client, from a loopback Ollama."""

from __future__ import annotations

import json
import re

import pytest
import structlog

import hookline_language
from hookline.catalogue import Catalogue
from hookline.errors import ServiceNotFound, ServiceUnavailable
from hookline.hookspecs import hookimpl
from hookline.message import Reply, Segment
from hookline.plugin import Plugin
from hookline.testing.ollama import FakeOllama
from hookline_language.protect import Changed, mask, unmask

LLM = Catalogue.load().get("llm")
GLOSSARY = {
    "Your loan of": "Votre prêt de",
    "is approved": "est accepté",
    "call": "appelez",
    "Please": "Veuillez",
}


def says(translation):
    return json.dumps({"translation": translation}, ensure_ascii=False)


def translates(glossary=GLOSSARY):
    """A model that puts each of the glossary's words in place of the other, as the marked text has them."""

    def answer(body):
        text = body["messages"][-1]["content"]
        for word, other in glossary.items():
            text = text.replace(word, other)
        return says(text)

    return answer


@pytest.fixture
def bot_with(make_bot):
    """A bot whose translator asks the Ollama; `more` are lines for `[plugins.language.translation]`."""

    async def make(ollama, more="", plugins=(), top='languages = ["en", "fr", "hi"]', model="llm"):
        names = ["language", "llm", *(one.name for one in plugins), "loopback"]
        config = (
            f'{top}\n[plugins]\nenabled = {names!r}\n[plugins.language.translation]\nmodel = "{model}"\n{more}\n'
            f'[plugins.llm]\nchain = ["ollama"]\n[plugins.llm.providers.ollama]\nhost = "{ollama.host}"\nbackoff = 0.01\n'
        )
        return await make_bot(plugins=[hookline_language.plugin, LLM, *plugins], config=config)

    return make


async def translate(bot, text, source="en", target="fr"):
    return await bot.snapshot().hooks.translate("language", text, source, target)


async def test_amounts_ids_addresses_names_and_placeholders_are_kept(bot_with):
    text = (
        "Your loan of ₹12,34,567.50 is approved: PROS_20261121_001. Please call Asha Rao, +91 98123 45678, "
        "asha@example.com, https://example.com/a?b=1, { $name } at 6.5%."
    )
    async with FakeOllama(answer=translates()) as ollama:
        bot = await bot_with(ollama)
        said = await translate(bot, text)
        asked = ollama.chats[-1]["messages"][-1]["content"]

    assert said == (
        "Votre prêt de ₹12,34,567.50 est accepté: PROS_20261121_001. Veuillez appelez Asha Rao, +91 98123 45678, "
        "asha@example.com, https://example.com/a?b=1, { $name } at 6.5%."
    )
    for kept in ("12,34,567", "PROS_", "Asha", "98123", "example.com", "$name", "6.5"):
        assert kept not in asked, "the model never sees what it could change"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (says("Votre prêt est accepté"), "'₹5,000' was not kept once"),
        (says("Votre prêt de <n1/> et <n1/>"), "was not kept once"),
        (says("Votre prêt de <n1/> à 7 %"), "a number was added"),
        (says("Votre prêt de <n1/> <n2/>"), "a mark was not kept once"),
        (says(""), "it is empty"),
        (says("<n1/> " + "bla " * 200), "it is much longer than the text"),
        ("Votre prêt de <n1/>", "the model did not answer with a translation"),
    ],
)
async def test_a_translation_that_changes_what_it_had_to_keep_is_refused_after_a_second_try(bot_with, answer, cause):
    async with FakeOllama(answer=answer) as ollama:
        bot = await bot_with(ollama)
        with pytest.raises(ServiceUnavailable) as caught:
            await translate(bot, "Your loan of ₹5,000 is approved")

        assert len(ollama.chats) == 2
    assert cause in str(caught.value)


async def test_a_translation_in_the_wrong_script_is_refused(bot_with):
    async with FakeOllama(answer=says("Your loan is approved")) as ollama:
        bot = await bot_with(ollama)
        with pytest.raises(ServiceUnavailable, match="it is not written in Hindi"):
            await translate(bot, "Your loan is approved", target="hi")


async def test_a_second_try_that_keeps_everything_counts(bot_with):
    answers = iter([says("Votre prêt"), says("Votre prêt de <n1/> est accepté")])
    async with FakeOllama(answer=lambda _: next(answers)) as ollama:
        bot = await bot_with(ollama)

        assert await translate(bot, "Your loan of ₹5,000 is approved") == "Votre prêt de ₹5,000 est accepté"


async def test_what_was_translated_once_is_remembered_within_bounds(bot_with):
    async with FakeOllama(answer=translates()) as ollama:
        bot = await bot_with(ollama, "cached = 2")
        for text in ("is approved", "is approved", "Please", "call", "is approved"):
            await translate(bot, text)

        assert len(ollama.chats) == 4, "one was remembered; then the oldest of three was dropped"


@pytest.mark.parametrize("text", ["", "   ", "₹12,500", "PROS_20261121_001", "https://example.com/x"])
async def test_what_has_no_words_is_not_translated(bot_with, text):
    async with FakeOllama(answer=says("?")) as ollama:
        bot = await bot_with(ollama)

        assert await translate(bot, text) == text
        assert ollama.chats == []


async def test_a_model_that_is_down_or_slow_and_a_text_that_is_too_long_are_said(bot_with):
    async with FakeOllama(answer=translates()) as ollama:
        bot = await bot_with(ollama, "max_chars = 10")
        with pytest.raises(ServiceUnavailable, match=r"the text has 11 characters; .*max_chars allows 10"):
            await translate(bot, "is approved")
        with pytest.raises(ServiceUnavailable, match="'nonsense tag' is no language tag"):
            await translate(bot, "Please", target="nonsense tag")
    with pytest.raises(ServiceUnavailable):
        await translate(bot, "Please")


async def test_without_a_model_there_is_no_translator(make_bot):
    bot = await make_bot(plugins=[hookline_language.plugin])

    with pytest.raises(ServiceNotFound):
        await translate(bot, "Please")
    assert (await bot.snapshot().hooks.check_health())["translation"]["status"] == "off"


class Quoter:
    """Answers with a sentence of an English document."""

    @hookimpl
    async def respond(self, turn):
        return Reply("Your loan of ₹5,000 is approved, please call the branch tomorrow morning.")


QUOTER = Plugin("quoter", hooks=lambda tenant: Quoter())
FRENCH = {
    "Your loan of <n1/> is approved, please call the branch tomorrow morning.": "Votre prêt de <n1/> est accepté, "
    "appelez l'agence demain matin."
}


async def test_a_reply_in_another_language_is_translated_into_the_customers(bot_with):
    async with FakeOllama(answer=translates(FRENCH)) as ollama:
        bot = await bot_with(ollama, "replies = true", [QUOTER])

        reply = await bot.say("Je voudrais savoir où en est mon prêt")
        assert reply.text == "Votre prêt de ₹5,000 est accepté, appelez l'agence demain matin."
        english = await bot.say("I want to know about my loan", who="tom")
        assert english.text.startswith("Your loan of ₹5,000")
        assert len(ollama.chats) == 1


async def test_a_reply_that_can_not_be_translated_is_sent_as_it_is(bot_with):
    async with FakeOllama(answer=says("Votre prêt")) as ollama:
        bot = await bot_with(ollama, "replies = true", [QUOTER])

        with structlog.testing.capture_logs() as logs:
            reply = await bot.say("Je voudrais savoir où en est mon prêt")

    assert reply.text.startswith("Your loan of ₹5,000")
    [line] = [line for line in logs if line["event"] == "reply not translated"]
    assert "'₹5,000' was not kept once" in line["reason"]


async def test_a_customers_message_is_translated_beside_its_text_for_agents(bot_with):
    async with FakeOllama(answer=translates({"Je veux un prêt de <n1/>": "I want a loan of <n1/>"})) as ollama:
        bot = await bot_with(ollama, 'messages = "en"', [QUOTER])

        await bot.say("Je veux un prêt de 5000")
        known = await bot.tenant().conversations.get((await bot.say("ok")).conversation)

    [first] = [one for one in known.history if one.text == "Je veux un prêt de 5000"]
    assert first.data["translation"] == {"language": "en", "text": "I want a loan of 5000"}


class Engine:
    """Answers in English what it is asked in English, and writes down what it sees."""

    def __init__(self):
        self.seen = []

    @hookimpl
    async def respond(self, turn):
        self.seen.append((turn.message.text, turn.language))
        if "stream" in turn.message.text:
            return self.streamed()
        return Reply("Your loan is approved, please call the branch.", quick_replies=("Appeler", "Non merci"))

    async def streamed(self):
        for sentence in ("Your loan is approved, please call the branch. ", "Please bring your papers with you."):
            yield Segment(sentence)


WORKING = {
    "मेरे ऋण का क्या हुआ?": "What happened to my loan?",
    "Où en est mon prêt, s'il vous plaît ?": "What happened to my loan?",
    "Racontez-moi tout en direct, s'il vous plaît": "Please stream it all",
    "Your loan is approved, please call the branch.": {
        "fr": "Votre prêt est accepté, appelez l'agence.",
        "hi": "आपका ऋण स्वीकृत हो गया है, कृपया शाखा को फोन करें।",
    },
    "Please bring your papers with you.": {"fr": "Apportez vos papiers, s'il vous plaît."},
}


def works(body):
    """A model that knows these sentences; the language that is wanted stands in what it is told."""
    told = body["messages"][-1]["content"]
    known = next((known for known in WORKING if known in told), None)
    said = WORKING.get(known, "?")
    wanted = "hi" if "Hindi" in json.dumps(body["messages"]) else "fr"
    return says(said if isinstance(said, str) else said[wanted])


@pytest.mark.row("F64")
async def test_the_bot_works_in_one_language_and_its_customers_speak_theirs(bot_with):
    engine = Engine()
    async with FakeOllama(answer=works) as ollama:
        bot = await bot_with(ollama, 'works_in = "en"', [Plugin("engine", hooks=lambda tenant: engine)])

        reply = await bot.say("मेरे ऋण का क्या हुआ?", who="asha")
        assert engine.seen == [("What happened to my loan?", "hi")]
        assert reply.text == "आपका ऋण स्वीकृत हो गया है, कृपया शाखा को फोन करें।"
        assert len(ollama.chats) == 2, "the message, and the reply"
        known = await bot.tenant().conversations.get(reply.conversation)
        assert [one.text for one in known.history] == ["मेरे ऋण का क्या हुआ?", reply.text], "as the customer wrote it"

        reply = await bot.say("Où en est mon prêt, s'il vous plaît ?", who="jean")
        assert (engine.seen[-1], reply.text) == (
            ("What happened to my loan?", "fr"),
            "Votre prêt est accepté, appelez l'agence.",
        )
        await bot.say("Appeler", who="jean")
        assert engine.seen[-1] == ("Appeler", "fr"), "one of the answers that were offered stays as it was offered"

        asked = len(ollama.chats)
        reply = await bot.say("What happened to my loan?", who="tom")
        assert (engine.seen[-1], len(ollama.chats)) == (("What happened to my loan?", "en"), asked)


async def test_what_is_streamed_is_translated_sentence_by_sentence(bot_with):
    async with FakeOllama(answer=works) as ollama:
        bot = await bot_with(ollama, 'works_in = "en"', [Plugin("engine", hooks=lambda tenant: Engine())])

        reply = await bot.say("Racontez-moi tout en direct, s'il vous plaît")

    assert reply.text == "Votre prêt est accepté, appelez l'agence. Apportez vos papiers, s'il vous plaît."


async def test_a_message_that_can_not_be_translated_is_worked_on_as_it_is(bot_with):
    engine = Engine()
    async with FakeOllama(answer=says("")) as ollama:
        bot = await bot_with(ollama, 'works_in = "en"', [Plugin("engine", hooks=lambda tenant: engine)])

        with structlog.testing.capture_logs() as logs:
            await bot.say("Où en est mon prêt, s'il vous plaît ?")

    assert engine.seen == [("Où en est mon prêt, s'il vous plaît ?", "fr")]
    assert any(line["event"] == "message not translated" for line in logs)


@pytest.mark.row("L14")
async def test_facts_of_a_translated_tamil_message_are_those_of_its_english_twin(bot_with):
    nlu = Catalogue.load().get("nlu")
    tamil = "1.5 கோடி மதிப்புள்ள வீட்டிற்கு 80 லட்சம் கடன் வேண்டும், என் எண் 9812345678"
    english = "I need a loan of 80 lakh for a house worth 1.5 crore, my number is 9812345678"
    glossary = {"<n1/> கோடி மதிப்புள்ள வீட்டிற்கு <n2/> லட்சம் கடன் வேண்டும், என் எண் <n3/>": (
        "I need a loan of <n2/> lakh for a house worth <n1/> crore, my number is <n3/>"
    )}  # fmt: skip
    async with FakeOllama(answer=translates(glossary)) as ollama:
        bot = await bot_with(ollama, plugins=[nlu, QUOTER], top='languages = ["en", "ta"]')
        said = await translate(bot, tamil, "ta", "en")
        twin = await bot.ask(english)
        told = await bot.ask(said)

        assert ollama.chats, "the translator was asked"
    facts = [sorted((one.name, str(one.value)) for one in turn.entities) for turn in (told, twin)]
    assert facts[0] == facts[1]
    values = {str(value) for _, value in facts[0]}
    assert {"8000000", "15000000"} <= {value.removesuffix(".0") for value in values}


# -- masking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Pay ₹12,500 by 21/11/2026.", ["₹12,500", "21/11/2026"]),
        ("Ask for Asha Rao on Monday.", ["Asha Rao"]),
        ("Your KYC is due", ["KYC"]),
        ("Bonjour {{name}}, %(count)s prêts", ["{{name}}", "%(count)s"]),
        ("10\u202f000\u202f000\u202fFCFA sur 180 mois", ["10\u202f000\u202f000", "FCFA", "180"]),
        ("Please call us", []),
    ],
)
def test_what_is_kept_is_masked(text, kept):
    masked, found = mask(text)

    assert found == kept
    assert unmask(masked, found) == text
    assert not re.search(r"\d", re.sub(r"<n\d+/>", "", masked))


def test_marks_may_come_in_another_order_and_with_spaces():
    masked, kept = mask("Pay ₹500 for PROS_1")

    assert masked == "Pay <n1/> for <n2/>"
    assert unmask("Pour < n2 / >, payez <n1>", kept) == "Pour PROS_1, payez ₹500"
    with pytest.raises(Changed, match="'₹500' was not kept once"):
        unmask("Pour <n2/>", kept)
