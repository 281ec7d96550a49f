"""The language of a conversation, through whole turns."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

import hookline_language
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin

NINE = 'languages = ["en", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn", "fr"]\n'


class Teller:
    """Answers with the language of the turn; a timer tells it again."""

    @hookimpl
    async def respond(self, turn):
        if turn.message.text == "later":
            turn.timer("again", 0.0)
        return Reply(f"[{turn.language}]")

    @hookimpl
    async def on_timer(self, turn, timer):
        turn.send(Reply(f"[timer {turn.language}]"))


TELLER = Plugin("teller", hooks=lambda tenant: Teller())


@pytest.fixture
def talk(make_bot):
    """A bot that tells the language of each message; `say` several in turn gives what it told."""

    async def make(config=NINE):
        bot = await make_bot(plugins=[hookline_language.plugin, TELLER], config=config)

        async def say(*texts, **more):
            return [(await bot.say(text, **more)).text for text in texts]

        return bot, say

    return make


async def test_a_reply_is_in_the_language_of_the_message(talk):
    _, say = await talk()

    for n, (text, tag) in enumerate(
        [("I want to buy a car", "en"), ("मला गाडी घ्यायची आहे", "mr"), ("mujhe gaadi kharidni hai", "hi-Latn")]
    ):
        assert await say(text, who=f"customer {n}") == [f"[{tag}]"]


@pytest.mark.row("L13")
async def test_a_customer_who_changes_the_language_is_followed(talk):
    _, say = await talk()

    assert await say(
        "I need a home loan",
        "मुझे पंद्रह साल के लिए लोन चाहिए",
        "ನನಗೆ ಗೃಹ ಸಾಲ ಬೇಕು",
        "எனக்கு வீட்டுக் கடன் வேண்டும்",
        "నాకు ఇంటి రుణం కావాలి",
        "what is the interest rate?",
    ) == ["[en]", "[hi]", "[kn]", "[ta]", "[te]", "[en]"]


@pytest.mark.parametrize(
    "word",
    ["ok", "OK!", "5000000", "Rahul Sharma", "rahul@example.com", "9812345678", "15", "👍", "yes", "EMI", "Pune"],
)
async def test_an_ok_a_number_a_name_or_a_borrowed_word_changes_nothing(talk, word):
    _, say = await talk()

    assert await say("मुझे घर के लिए लोन चाहिए", word) == ["[hi]", "[hi]"]


@pytest.mark.parametrize(
    "text", ["namaste, I want to know the loan rate", "my naam is Rahul", "I like chai and samosa"]
)
async def test_a_word_of_another_language_in_a_sentence_changes_nothing(talk, text):
    _, say = await talk()

    assert await say("I need a loan for my house", text) == ["[en]", "[en]"]


async def test_a_first_word_is_taken_back_by_the_first_sentence(talk):
    _, say = await talk()

    assert await say("hello", "kitna byaj hai?", "ok") == ["[en]", "[hi-Latn]", "[hi-Latn]"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speak Tamil", "நிச்சயமாக, இனி நான் தமிழ் மொழியில் பேசுகிறேன்."),
        ("हिंदी में बात करो", "ज़रूर, अब मैं हिन्दी में बात करूँगा।"),
        ("en français s'il vous plaît", "Bien sûr, je continue avec vous dans cette langue : français."),
        ("kannada dalli matadi", "ಖಂಡಿತ, ಇನ್ನು ನಾನು ಕನ್ನಡ ಭಾಷೆಯಲ್ಲಿ ಮಾತನಾಡುತ್ತೇನೆ."),
    ],
)
async def test_a_language_that_is_asked_for_is_spoken_from_then_on(talk, text, said):
    _, say = await talk()
    tag = {"s": "ta", "ह": "hi", "e": "fr", "k": "kn"}[text[0]]

    assert await say("I need a home loan", text, "12", "ok thanks") == ["[en]", said, f"[{tag}]", f"[{tag}]"]


async def test_the_language_that_a_channel_names_is_a_hint_and_what_is_written_says_more(talk):
    _, say = await talk()

    assert await say("12", "मुझे घर के लिए लोन चाहिए", "12", language="en") == ["[en]", "[hi]", "[hi]"]
    assert await say("12", language="fr") == ["[fr]"], "a language that changes was chosen"
    assert await say("12", "I want a loan for my house", language="fr") == ["[fr]", "[en]"]


@pytest.mark.parametrize("text", ["bonjour", "నాకు రుణం కావాలి", "मला कर्ज हवे आहे", "mujhe loan chahiye"])
async def test_a_wrong_hint_is_not_followed_on_the_first_message(talk, text):
    tag = {"b": "fr", "న": "te", "म": "mr", "m": "hi-Latn"}[text[0]]
    _, say = await talk()

    assert await say(text, language="en") == [f"[{tag}]"]


@pytest.mark.parametrize(
    "text", ["12", "👍", "Rahul", "Rahul Sharma", "SELECT name FROM users WHERE id = 1;", "def f(x): return x + 1"]
)
async def test_numbers_names_emoji_and_programs_change_no_conversation(talk, text):
    _, say = await talk()

    assert await say("bonjour", text) == ["[fr]", "[fr]"]
    assert await say("मुझे घर के लिए लोन चाहिए", text) == ["[hi]", "[hi]"]


async def test_the_language_that_a_channel_names_may_be_set_to_win_until_the_customer_asks_for_another(talk):
    _, say = await talk(
        f'{NINE}[plugins]\nenabled = ["language", "teller", "loopback"]\n[plugins.language]\nexplicit = "always"\n'
    )

    assert await say("I want a loan", language="hi") == ["[hi]"]
    assert await say("I want a loan for my house", language="HI-in") == ["[hi]"]
    assert (await say("please speak Tamil", language="hi"))[0].startswith("நிச்சயமாக")
    assert await say("12", language="hi") == ["[ta]"]
    assert await say("12", language="fr") == ["[fr]"], "the customer has chosen anew"


async def test_a_channels_language_may_be_a_start_only(talk):
    _, say = await talk(
        f'{NINE}[plugins]\nenabled = ["language", "teller", "loopback"]\n[plugins.language]\nexplicit = "start"\n'
    )

    assert await say("hello", "मुझे घर के लिए लोन चाहिए", language="fr") == ["[fr]", "[hi]"]


async def test_what_a_contact_prefers_is_spoken_where_the_message_shows_nothing(talk):
    bot, say = await talk()
    await say("12")
    await bot.close()
    with contextlib.closing(sqlite3.connect(bot.runtime.data.database)) as file, file:
        file.execute("UPDATE contact SET language = 'mr'")
    await bot.start()

    assert await say("12", "ok") == ["[mr]", "[mr]"]
    assert await say("what is the interest rate today?") == ["[en]"]


async def test_a_language_that_is_not_spoken_is_told_once_and_the_tenants_own_is_used(talk):
    _, say = await talk('languages = ["en", "hi"]\n')

    assert await say("எனக்கு கார் வேண்டும்", "எனக்கு கார் வேண்டும்") == [
        "I'm sorry, I don't speak Tamil yet. I will go on in English.\n\n[en]",
        "[en]",
    ]


async def test_the_closest_language_is_used_for_one_that_is_not_spoken(talk):
    _, say = await talk('languages = ["en", "hi"]\n')

    assert await say("मला नवीन गाडी घ्यायची आहे", "मला कर्ज पाहिजे", "mujhe gaadi chahiye") == [
        "क्षमा करें, मैं अभी मराठी नहीं बोलता। मैं हिन्दी में बात करूँगा।\n\n[hi]",
        "[hi]",
        "[hi]",
    ]


async def test_a_request_for_a_language_that_is_not_spoken_is_answered(talk):
    _, say = await talk('languages = ["en", "hi"]\n')

    assert await say("do you speak Spanish?") == ["I'm sorry, I don't speak Spanish yet. I will go on in English."]


async def test_the_notes_can_be_turned_off(talk):
    _, say = await talk(
        'languages = ["en"]\n[plugins]\nenabled = ["language", "teller", "loopback"]\n[plugins.language]\nnotes = false\n'
    )

    assert await say("எனக்கு கார் வேண்டும்") == ["[en]"]


async def test_a_conversation_keeps_its_language_over_a_restart(talk):
    bot, say = await talk()
    await say("मला गाडी घ्यायची आहे")

    await bot.restart()

    assert await say("12") == ["[mr]"]


async def test_what_a_timer_says_later_is_in_the_language_of_the_conversation(talk):
    bot, say = await talk()
    await say("मला गाडी घ्यायची आहे", "later")

    await bot.until(lambda: any("timer" in one.text for one in bot.channel.sent))

    assert [one.text for one in bot.channel.sent if "timer" in one.text] == ["[timer mr]"]


async def test_each_conversation_has_its_own_language(talk):
    _, say = await talk()

    assert await say("मला गाडी घ्यायची आहे", who="asha") == ["[mr]"]
    assert await say("I want to buy a car", who="tom") == ["[en]"]
    assert await say("12", who="asha") == ["[mr]"]


@pytest.mark.row("L64")
async def test_a_language_is_added_by_files_and_one_line_of_config(make_bot):
    class Host:
        def __init__(self, tenant):
            self.tenant = tenant

        @hookimpl
        async def respond(self, turn):
            return Reply(self.tenant.phrase("ask" if "?" not in turn.message.text else "rate", turn.language))

    bot = await make_bot(plugins=[hookline_language.plugin, Plugin("host", hooks=Host)], config='languages = ["en"]\n')
    folder = bot.folder / "tenants" / "acme"
    english, marathi = folder / "prompts" / "english", folder / "prompts" / "marathi"
    for path, pack in (
        (english, {"ask": "How much do you need?", "rate": "It is 8.5 %."}),
        (marathi, {"ask": "तुम्हाला किती रक्कम हवी आहे?"}),
    ):
        path.mkdir(parents=True)
        (path / "prompts.json").write_text(json.dumps(pack, ensure_ascii=False), encoding="utf-8")
    toml = folder / "tenant.toml"
    toml.write_text(toml.read_text().replace('["en"]', '["en", "mr"]'), encoding="utf-8")
    assert await bot.runtime.load("acme"), bot.runtime_of().error

    assert (await bot.say("मला घरासाठी कर्ज हवे आहे")).text == "तुम्हाला किती रक्कम हवी आहे?"
    assert (await bot.say("व्याज दर किती आहे?")).text == "It is 8.5 %.", "what the pack lacks comes from English"
    assert any("no phrase in 'mr' for rate" in text for text in bot.runtime_of().warnings)


async def test_a_language_that_is_not_spoken_is_answered_in_the_one_that_the_config_names_for_it(talk):
    config = 'title = "Acme"\nlanguage = "en"\nlanguages = ["en", "hi"]\n[plugins]\nenabled = ["language", "teller", "loopback"]\n[plugins.language]\ninstead = { gu = "hi" }\n'
    _, say = await talk(config)

    first, second = await say("મારે ઘર માટે લોન જોઈએ છે", "વ્યાજ દર કેટલો છે?")

    assert first.endswith("[hi]")
    assert "हिन्दी" in first, "and it is said, once"
    assert second == "[hi]"
    assert (await say("எனக்கு வீட்டுக் கடன் வேண்டும்", who="bob"))[0].endswith("[en]")


async def test_a_language_named_instead_that_is_not_spoken_either_is_refused(talk):
    with pytest.raises(
        AssertionError, match=r"\[plugins\.language\] instead\.gu: given 'ta'; allowed: the tenant's languages, en, hi"
    ):
        await talk(
            'language = "en"\nlanguages = ["hi"]\n[plugins]\nenabled = ["language", "teller", "loopback"]\n[plugins.language]\ninstead = { gu = "ta" }\n'
        )
