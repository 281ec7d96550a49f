"""The tenant's rules: which fires on what, with which reason, and that none fires twice."""

from __future__ import annotations

import pytest

from hookline.errors import ConfigError
from hookline.hookspecs import hookimpl
from hookline.message import Entity, HandoffRequest, Intent, Reply, Score
from hookline.plugin import Plugin
from hookline_handoff import handling
from hookline_handoff.config import Config
from hookline_handoff.wording import Wording

TELECOM = """
[plugins.handoff.triggers]
low_confidence = 0.6
long_conversation = 10
keywords = ["refund", "cancel", "angry", "not working"]
topics = ["billing dispute", "service outage"]
"""
AUTOMOTIVE = """
[plugins.handoff.triggers]
intents = ["ESCALATION", "COMPLAINT"]
ratings = ["Poor"]
nps = 6
repeated_fallback = 0
"""
LENDING = """
[plugins.handoff.triggers]
qualified_lead = 70.0
"""
BANK = """
[plugins.handoff.triggers]
user_request = false
repeated_fallback = 2
"""


class _Understood:
    """Intents, entities and scores as the tests write them: "intent:COMPLAINT", "rating:Poor", "lead:72"."""

    def __init__(self, tenant):
        self.tenant = tenant

    @staticmethod
    def _said(turn, name):
        return [word.partition(":")[2] for word in turn.message.text.split() if word.startswith(f"{name}:")]

    @hookimpl
    async def classify_intent(self, turn):
        return [Intent(name, 0.9) for name in self._said(turn, "intent")]

    @hookimpl
    async def extract_entities(self, turn):
        named = [Entity(name, value) for name in ("rating", "nps") for value in self._said(turn, name)]
        return named + [Entity("sentiment", float(value)) for value in self._said(turn, "sentiment")]

    @hookimpl
    async def score(self, turn):
        return [Score("lead", float(value)) for value in self._said(turn, "lead")]

    @hookimpl
    async def request_handoff(self, turn):
        if turn.message.text == "flow: over to sales":
            return HandoffRequest("flow", "Sales will take it from here.", data={"skill": "sales"})
        return None


UNDERSTOOD = Plugin("understood", hooks=_Understood)


@pytest.fixture
async def reason(make_desk, make_bot):
    """What becomes of a message: the reason of the handoff, or None."""

    async def ask(config, *texts):
        desk = await make_desk(config, more_plugins=[UNDERSTOOD])
        for text in texts:
            reply = await desk.bot.say(text)
        made = await desk.last(reply.conversation)
        return made.reason if made else None

    return ask


# -- the table: each tenant's list fires on its own samples, and no other's ------------------------------------------------


TABLE = [
    (TELECOM, "I want a REFUND now", "frustration: refund"),
    (TELECOM, "cancel my plan", "frustration: cancel"),
    (TELECOM, "I am angry", "frustration: angry"),
    (TELECOM, "internet not  WORKING", "frustration: not working"),
    (TELECOM, "I have a billing dispute", "sensitive: billing dispute"),
    (TELECOM, "is there a service outage in my area", "sensitive: service outage"),
    (TELECOM, "sure 0.59", "low_confidence"),
    (TELECOM, "I want to talk to a human", "user_request"),
    (AUTOMOTIVE, "intent:ESCALATION please", "intent: ESCALATION"),
    (AUTOMOTIVE, "intent:COMPLAINT", "intent: COMPLAINT"),
    (AUTOMOTIVE, "it was rating:Poor", "feedback: Poor"),
    (AUTOMOTIVE, "nps:6", "nps: 6"),
    (LENDING, "lead:72", "qualified_lead"),
]


@pytest.mark.row("X06", "T24", "T25", "T26", "T27", "T28", "T29")
@pytest.mark.parametrize(("config", "text", "wanted"), TABLE)
async def test_each_list_fires_on_its_own_samples(reason, config, text, wanted):
    assert await reason(config, text) == wanted


@pytest.mark.row("X06")
@pytest.mark.parametrize("config", [TELECOM, AUTOMOTIVE, LENDING, BANK])
async def test_and_on_no_other_tenants(make_desk, config):
    desk = await make_desk(config, more_plugins=[UNDERSTOOD])
    foreign = [text for other, text, wanted in TABLE if other != config and wanted != "user_request"]
    for n, text in enumerate(foreign):
        talk = (await desk.bot.say(text, who=f"customer{n}")).conversation
        assert await desk.last(talk) is None, text


SILENT = [
    (TELECOM, "sure 0.60"),
    (TELECOM, "sure 0.61"),
    (TELECOM, "I was refunded"),
    (TELECOM, "I am hungry and tangry"),
    (TELECOM, "a question about billing"),
    (TELECOM, "hello"),
    (TELECOM, "thank you"),
    (AUTOMOTIVE, "rating:Excellent nps:7"),
    (AUTOMOTIVE, "intent:SERVICE"),
    (LENDING, "lead:69.9"),
]


@pytest.mark.row("T22", "T26", "T28")
@pytest.mark.parametrize(("config", "text"), SILENT)
async def test_what_is_near_fires_nothing(reason, config, text):
    assert await reason(config, text) is None


@pytest.mark.row("T03")
async def test_without_triggers_none_fires(reason):
    none = "[plugins.handoff]\ntriggers = []\n"

    assert await reason(none, *(text for _, text, _ in TABLE), "? a", "? b", "? c", "? d") is None


async def test_triggers_can_be_named_and_have_their_usual_limits(reason):
    named = '[plugins.handoff]\ntriggers = ["low_confidence", "qualified_lead"]\n'

    assert await reason(named, "sure 0.59") == "low_confidence"
    assert await reason(named, "human please") is None


def test_a_trigger_that_there_is_none_of_is_refused():
    with pytest.raises(ValueError, match="triggers: given 'anger'; allowed: user_request, low_confidence"):
        Config(triggers=("anger",))


async def test_a_keyword_without_letters_is_refused_with_its_place(make_desk):
    with pytest.raises((ConfigError, AssertionError), match=r"keywords: given '!!'; allowed: a word or phrase"):
        await make_desk('[plugins.handoff.triggers]\nkeywords = ["!!"]\n')


# -- single rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("T23")
async def test_the_eleventh_message_is_for_a_person_once(make_desk):
    desk = await make_desk(TELECOM)
    for n in range(10):
        reply = await desk.bot.say(f"question {n}")
    assert await desk.last(reply.conversation) is None

    eleventh = await desk.bot.say("and one more")
    made = await desk.handoff(reply.conversation)
    assert made.reason == "long_conversation"
    assert eleventh.text == "bot: and one more\n\nI'm getting a colleague for you. You are next."
    await desk.claim(reply.conversation)
    await handling.resolve(desk.tenant, await desk.handoff(reply.conversation), desk.asha)
    await desk.bot.say("thanks, and another one")
    assert await desk.count() == 1


@pytest.mark.row("T24", "T27")
async def test_other_forms_of_a_word_and_more_words_are_the_tenants_to_add(reason):
    stems = '[plugins.handoff.triggers]\nkeywords = ["refund", "useless"]\ninflections = true\n'

    assert await reason(stems, "have I been refunded?") == "frustration: refund"
    assert await reason(stems, "this is USELESS") == "frustration: useless"


@pytest.mark.parametrize(
    ("text", "farewell"),
    [
        ("No, that is all. Thanks.", True),
        ("thank you so much, you helped me a great deal", True),
        ("ok bye", True),
        ("धन्यवाद", True),
        ("merci, c'est tout", True),
        ("thanks, but how do I cancel it?", False),
        ("thanks, it is still not working", False),
        ("my invoice is wrong", False),
    ],
)
async def test_a_long_talk_is_not_handed_over_at_its_farewell(make_desk, text, farewell):
    desk = await make_desk("[plugins.handoff.triggers]\nlong_conversation = 1\n")
    reply = await desk.bot.say("question")
    await desk.bot.say(text)

    made = await desk.last(reply.conversation)
    assert (made is None) is farewell


def test_a_phrase_in_which_a_word_does_not_count_is_the_tenants_to_name():
    words = Wording(["angry", "refund"], exceptions=["angry birds", "refund policy"])

    assert words.find("play The Angry Birds Movie") is None
    assert words.find("what is your refund policy") is None
    assert words.find("your refund policy makes me angry") == "angry"


@pytest.mark.parametrize(
    ("phrases", "text", "language", "found"),
    [
        (["रिफंड"], "मुझे रिफंड चाहिए", "hi", "रिफंड"),
        (["remboursement"], "où sont mes remboursements ?", "fr", "remboursement"),
        (["annuler"], "je veux annulé mon forfait", "fr", "annuler"),
        (["not working"], "it's not, working", "en", "not working"),
        (["cancel"], "uncancelled", "en", None),
        (["ரத்து"], "என் திட்டத்தை ரத்து செய்யுங்கள்", "ta", "ரத்து"),
    ],
)
def test_words_are_found_in_the_languages_of_customers(phrases, text, language, found):
    assert Wording(phrases, inflections=True).find(text, language) == found


async def test_several_questions_in_a_row_without_an_answer_are_for_a_person(make_desk):
    desk = await make_desk(BANK)
    await desk.bot.say("? one")
    await desk.bot.say("known")
    first = await desk.bot.say("? two")
    assert await desk.last(first.conversation) is None

    second = await desk.bot.say("? three")

    assert second.text == "bot: ? three\n\nI'm getting a colleague for you. You are next."
    made = await desk.handoff(second.conversation)
    assert (made.reason, made.data) == ("repeated_fallback", {"unanswered": 2})


async def test_a_bad_mood_is_for_a_person_where_the_tenant_says_so(reason):
    config = "[plugins.handoff.triggers]\nsentiment = -0.7\n"

    assert await reason(config, "sentiment:-0.8") == "sentiment"
    assert await reason(config, "sentiment:-0.6") is None


@pytest.mark.row("A139")
async def test_a_complaint_opens_one_handoff_however_often_it_is_made(make_desk):
    desk = await make_desk(AUTOMOTIVE, more_plugins=[UNDERSTOOD])
    reply = await desk.bot.say("intent:COMPLAINT")
    await desk.bot.say("intent:COMPLAINT and rating:Poor")
    await desk.bot.say("nps:2")

    assert reply.text == "I'm getting a colleague for you. You are next."
    assert await desk.count() == 1
    assert (await desk.handoff(reply.conversation)).priority == 1


async def test_another_plugin_can_ask_for_a_person_too(make_desk):
    desk = await make_desk(TELECOM, more_plugins=[UNDERSTOOD])

    reply = await desk.bot.say("flow: over to sales")

    assert reply.text == "Sales will take it from here.\n\nI'm getting a colleague for you. You are next."
    made = await desk.handoff(reply.conversation)
    assert (made.reason, made.source, made.skill) == ("flow", "plugin", "sales")


async def test_a_question_without_a_trace_opens_none(make_desk):
    desk = await make_desk(TELECOM)

    turn = await desk.bot.ask("I want to talk to a human")

    assert turn.handoff is not None
    assert await desk.count() == 0


class _Menu:
    """Offers two buttons whose words sound like the wish for a person, and listens for one of them."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        if "menu" in turn.message.text:
            return Reply("Choose.", quick_replies=("Service client", "Talk to a person"))
        if turn.message.text == "Service client":
            return Reply("What is wrong with our service?")
        return Reply("I don't know that.", answered=False)


async def test_a_button_that_the_bot_offered_is_an_answer_first(make_desk):
    desk = await make_desk(
        "[plugins]\nenabled = ['handoff', 'menu', 'loopback']\n", more_plugins=[Plugin("menu", _Menu)]
    )
    talk = (await desk.bot.say("menu please")).conversation
    assert (await desk.bot.say("service client ")).text != "What is wrong with our service?"
    assert await desk.last(talk) is not None, "nobody listened for it so written: it is a wish"

    talk = (await desk.bot.say("menu please", who="bob")).conversation
    assert (await desk.bot.say("Service client", who="bob")).text == "What is wrong with our service?"
    assert await desk.last(talk) is None
    assert await desk.bot.hear("Service client", who="bob")
    assert (await desk.last(talk)).reason == "user_request", "not offered any more"


async def test_a_button_for_a_person_that_nobody_listens_for_still_gets_one(make_desk):
    desk = await make_desk(
        "[plugins]\nenabled = ['handoff', 'menu', 'loopback']\n", more_plugins=[Plugin("menu", _Menu)]
    )
    talk = (await desk.bot.say("menu please")).conversation
    await desk.bot.hear("Talk to a person")
    assert (await desk.last(talk)).reason == "user_request"
