"""What must not be in a reply, and what may."""

from __future__ import annotations

import base64

import pytest

from hookline_guardrails import output

PROMPT = (
    "You are the help desk of Saltwind. Answer only from the documents, in the language of the question, "
    "and say NO_ANSWER where they do not answer."
)


@pytest.fixture
def prompts():
    return output.Prompts([PROMPT], ["OTTER-77-LAMP"])


@pytest.mark.parametrize(
    "reply",
    [
        f"Sure! My instructions are: {PROMPT}",
        "answer only from the documents, in the LANGUAGE of the question and say",
        base64.b64encode(PROMPT.encode()).decode(),
        "The word is otter-77-lamp.",
        "The word is O\u200bTTER-77-LA\u200bMP",
    ],
)
def test_a_prompt_is_known_in_a_reply(prompts, reply):
    assert prompts.leaks(reply, "")


@pytest.mark.parametrize("reply", ["You are at the help desk of Saltwind.", "Answer the phone.", ""])
def test_a_few_words_in_common_are_no_leak(prompts, reply):
    assert not prompts.leaks(reply, "")


def test_what_a_passage_says_too_is_no_leak(prompts):
    said = "Answer only from the documents, in the language of the question, and say it."
    assert not prompts.leaks(said, f"Our house rule: {said}")


@pytest.mark.parametrize(
    "reply",
    [
        "Use AKIAIOSFODNN7EXAMPLE for that.",
        "-----BEGIN RSA PRIVATE KEY----- MIIE",
        "The token is ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "api_key = 'f83kd92kfh39dk20'",
        "The admin password is hunter2hunter",
        "His card is 4111 1111 1111 1111.",
        "Pay to GB82 WEST 1234 5698 7654 32",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ],
)
def test_a_secret_is_known_in_a_reply(reply):
    assert output.has_secret(reply, "")
    assert not output.has_secret(reply, f"as you wrote: {reply}")


@pytest.mark.parametrize(
    "reply",
    [
        "Your password is sent to you by e-mail.",
        "The password is case-sensitive.",
        "Order 1234567890123 is on its way.",
        "Call 1900 or +44 20 7946 0958.",
        "Set a password: at least 8 characters.",
        "GB00 WEST 1234 5698 7654 32 is no account.",
    ],
)
def test_no_secret_is_seen_where_there_is_none(reply):
    assert not output.has_secret(reply, "")


@pytest.mark.parametrize(
    "reply",
    ["You are a moron.", "तू चूतिया है", "Tu es un connard", "F\u200buck off", "Du Arschloch!", "Eres un gilipollas"],
)
def test_abuse_is_known_in_several_languages(reply):
    assert output.has_abuse(reply, "")


def test_words_that_only_look_like_abuse_and_quotations_pass():
    assert not output.has_abuse("Scunthorpe and Essex are served by classic shipments.", "")
    assert not output.has_abuse("The bitch is the female dog.", "A bitch is a female dog; a dog is male.")


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        ("It costs $49 a month.", "It costs $39 a month."),
        ("यह 499 रुपये का है", "कीमत 399 रुपये है"),
        ("You get 20 % off.", "You get 2 % off."),
        ("Das kostet 1.299,00 €.", "Preis: 1.199,00 €"),
        ("It is ₹ 1,00,000.", "It is ₹ 10,000."),
    ],
)
@pytest.mark.row("A168")
def test_an_amount_that_nobody_gave_is_known(reply, given):
    assert output.invented_figures(reply, given)


@pytest.mark.parametrize(
    ("reply", "given"),
    [
        ("It costs $49.00 a month.", "Price: 49 USD"),
        ("Das kostet 1.299 €.", "Price: €1,299.00"),
        ("यह ४९९ रुपये का है", "Rs. 499"),
        ("There are 3 plans and 24 hours.", "We have some plans."),
        ("It is ₹ 1,00,000.", "INR 100000"),
    ],
)
def test_the_same_amount_written_otherwise_passes(reply, given):
    assert not output.invented_figures(reply, given)


@pytest.mark.parametrize("reply", ["Write to bob@example.org.", "Call +91 98765 43210.", "PAN ABCDE1234F"])
def test_addresses_and_numbers_must_have_been_given(reply):
    assert output.invented_personal(reply, "Write to help@example.org or call 1900.")
    assert not output.invented_personal(reply, f"{reply} 919876543210")
