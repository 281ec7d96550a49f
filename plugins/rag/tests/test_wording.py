"""Other words for the same thing: irregular forms, synonyms, and what a question wants to do."""

from __future__ import annotations

import pytest

from hookline_rag.action import action
from hookline_rag.evidence import examine, rarity_of, weigh
from hookline_rag.irregular import BASES
from hookline_rag.question import understand
from hookline_rag.synonyms import synonyms
from hookline_rag.terms import stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lost", "losing"),
        ("stolen", "steal"),
        ("bought", "buying"),
        ("children", "child"),
        ("paid", "pays"),
        ("broken", "breaks"),
    ],
)
def test_irregular_forms_have_one_stem(one, other):
    assert stem(one, "en") == stem(other, "en")


def test_no_form_is_the_base_of_others_and_other_languages_have_none():
    assert BASES.keys().isdisjoint(BASES.values())
    assert stem("lost", "de") == "lost"


@pytest.mark.parametrize(
    ("text", "language", "verb"),
    [
        ("How do I reset my router?", "en", "reset"),
        ("how can I still cancel it?", "en", "cancel"),
        ("How to unblock a card", "en", "unblock"),
        ("Where do I find the PUK?", "en", ""),
        ("What does it cost?", "en", ""),
        ("Can I grill on the balcony?", "en", ""),
        ("How much is it?", "en", ""),
        ("Comment fermer mon compte ?", "fr", "fermer"),
        ("Comment puis-je payer par chèque ?", "fr", "payer"),
        ("Comment est-ce que je peux annuler ?", "fr", "annuler"),
        ("¿Cómo renuevo el carné?", "es", ""),
        ("¿Cómo puedo renovar el carné?", "es", "renovar"),
        ("Como posso cancelar a conta?", "pt", "cancelar"),
        ("Come posso annullare l'ordine?", "it", "annullare"),
        ("", "en", ""),
    ],
)
def test_what_a_question_wants_to_do(text, language, verb):
    assert action(text, language) == verb


def test_synonyms_go_by_the_word_or_its_stem_in_their_own_language():
    assert "lock" in synonyms("block", "block", "en")
    assert "lock" in synonyms("blocking", stem("blocking", "en"), "en")
    assert not synonyms("block", "block", "sw")
    assert "beenden" in synonyms("kundigen", "kundig", "de")


def evidence(question, text, head="", known=()):
    asked = understand(question)
    weights = weigh(asked, 50, lambda forms: 3 if forms & set(known) else 0)
    return examine(weights, text, 0, 0, head, "en", whole=True)


def test_a_passage_about_the_thing_but_not_the_action_lacks_what_matters():
    other = evidence("How do I reset my router?", "Send the router back by post.", known=("reset", "router"))
    right = evidence("How do I reset my router?", "Press the button to reset the router.", known=("reset", "router"))

    assert (other.action, right.action) == (1.0, 0.0)
    assert other.lacking == pytest.approx(0.5)
    assert right.lacking == 0.0


def test_a_passage_about_the_action_but_another_thing_lacks_what_matters():
    known = ("reset", "router", "new", "password")
    other = evidence("How do I reset my new router?", "Choose Security to reset the password.", known=known)
    right = evidence("How do I reset my new router?", "Press the button to reset the router.", known=known)

    assert (other.object, right.object) == (1.0, pytest.approx(0.5))
    assert evidence("Is my router new?", "Choose Security.", known=known).object == 0.0


async def test_how_to_reset_a_router_is_not_answered_by_how_to_reset_a_password(library, put, service):
    bot = await library()
    await put(
        bot,
        {
            "Passwords": "To reset your password, choose Security in the app and press Reset password.",
            "Returns": "Send the router back by post within fourteen days.",
        },
    )

    found = await service(bot).find("How do I reset my router?")

    assert all(one.confidence < 0.5 for one in found.candidates)
    assert {one.row.title for one in found.candidates if "objectless" in one.values} == {"Passwords"}
    assert (await bot.ask("How do I reset my password?")).reply.answered


def test_a_word_that_no_passage_has_is_no_proof_that_this_one_is_about_something_else():
    assert evidence("How do I reboot my router?", "Restart the router.", known=("router",)).lacking == 0.0


def test_the_rarest_word_that_is_there_counts_against_the_rarest_that_could_be():
    found = evidence("router price", "The router is white.", known=("router", "price"))
    assert found.rarest == pytest.approx(rarity_of(3, 50) / rarity_of(1, 50))
    assert evidence("router price", "Nothing of it.").rarest == 0.0


async def test_a_lost_card_is_blocked_by_the_page_on_locking_after_losing_it(library, put, service):
    bot = await library()
    await put(
        bot,
        {
            "Losing your card": "Lock the card at once in the app under Cards, or call 1900.",
            "Unwanted callers": "Block callers that you do not want in the app under Protection.",
            "Opening hours": "We are open from nine to five.",
        },
    )

    found = await service(bot).find("how to block lost card")

    assert found.candidates[0].row.title == "Losing your card"
