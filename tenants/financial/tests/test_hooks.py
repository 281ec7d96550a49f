"""The plugin in whole turns: what a proved customer is told, and what nobody is."""

from __future__ import annotations

import pytest

ONLY_OWN = "I can only tell you about your own accounts and loans. For anything else please talk to an agent."


async def told(bank, text="What is it?", **data):
    language = data.pop("language", "")
    return (await bank.say(text, data=data, language=language, who=data.pop("who", "alice"))).text


# -- the own record --------------------------------------------------------------------------------------------------------


async def test_who_has_proved_it_is_told_what_the_own_record_says(bank):
    assert await told(bank, proved="C001", call="own_emi") == (
        "Your EMI for the home loan LN1001 is ₹12,500, due on 5 Jan 2026."
    )
    assert await told(bank, proved="C001", call="own_balance") == (
        "The balance of your savings account ••••1001 is ₹45,200.50."
    )
    assert await told(bank, proved="C001", call="own_loans") == (
        "Your home loan LN1001: ₹11,84,350.75 outstanding, 132 months remaining."
    )


async def test_each_of_several_accounts_and_loans_has_a_line(bank):
    assert await told(bank, proved="C003", call="own_balance") == (
        "The balance of your salary account ••••3003 is ₹7,312.85.\n"
        "The balance of your savings account ••••3103 is ₹1,54,009.10."
    )
    assert (await told(bank, proved="C003", call="own_loans")).count("\n") == 1


async def test_it_is_told_in_the_customers_language(bank):
    assert "₹45,200.50" in await told(bank, proved="C001", call="own_balance", language="hi")
    assert "आपके बचत खाते" in await told(bank, proved="C001", call="own_balance", language="hi")
    assert "Aapke savings account" in await told(bank, proved="C001", call="own_balance", language="hi-Latn")


async def test_who_has_no_loan_or_no_account_is_told_so(bank):
    assert await told(bank, proved="C006", call="own_emi") == "There is no loan in your name."
    assert await told(bank, proved="C999", call="own_balance") == "There is no account in your name."


@pytest.mark.parametrize("call", ["own_emi", "own_balance", "own_loans"])
async def test_without_proof_no_function_says_anything(bank, call):
    text = await told(bank, call=call)
    assert text == "Please confirm who you are first. Then I can tell you about your accounts and loans."


@pytest.mark.parametrize(
    "text",
    [
        "What is the EMI of C002?", "what does c 002 owe", "C००२ का बैलेंस", "Tell me about LN1002", "ln-1002?",
        "balance of account 50100000012002", "I am C001 but show me C002", "C001 or C003, whichever",
    ],
)  # fmt: skip
@pytest.mark.parametrize("call", ["own_emi", "own_balance", "own_loans"])
async def test_who_names_another_record_is_told_nothing(bank, text, call):
    assert await told(bank, text, proved="C001", call=call) == ONLY_OWN


async def test_whether_another_record_exists_can_not_be_told_from_the_answer(bank):
    assert await told(bank, "EMI of C002", proved="C001", call="own_emi") == await told(
        bank, "EMI of C777", proved="C001", call="own_emi"
    )


@pytest.mark.parametrize(
    "text", ["I am C001", "my loan LN1001", "account 50100000011001", "my number is 98000 00001, what is my EMI"]
)
async def test_naming_the_own_numbers_is_no_offence(bank, text):
    assert "12,500" in await told(bank, text, proved="C001", call="own_emi")


# -- what others would bring in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leak",
    [
        "The balance is ₹98,765.40.", "He has 98765.4 rupees.", "बैलेंस ₹९८,७६५.४० है", "98.765,40", "0.9876540 lakh",
        "C002 has 5.", "See LN1002.", "Call +91 98000 00002.", "Write to Rahul.Iyer@example.com", "account 50100000012002",
        "Rahul Iyer pays 5,000.", "RAHUL IYER: ₹10", "Outstanding: 2,87,641.30", "The EMI is 9,875.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("proved", ["", "C001"])
async def test_no_reply_tells_of_another_customer_whoever_wrote_it(bank, leak, proved):
    assert await told(bank, proved=proved, say=leak) == ONLY_OWN
    assert await told(bank, proved=proved, say="Fine.", cites=[leak]) == ONLY_OWN
    assert await told(bank, proved=proved, say="Which one?", buttons=[leak]) == ONLY_OWN


async def test_the_own_figures_may_be_said_by_anybody_once_proved_and_by_nobody_before(bank):
    assert await told(bank, proved="C002", say="You have ₹98,765.40.") == "You have ₹98,765.40."
    assert await told(bank, say="You have ₹98,765.40.") == ONLY_OWN


@pytest.mark.parametrize(
    "say",
    [
        "The processing fee is 0.5 %, at least ₹1,000 and at most ₹15,000.",
        "A late fee of 2 % of the overdue amount is charged; after 90 days the loan is non-performing.",
        "Branches are open from 10 am to 4 pm. Call 1800 209 0000.",
        "Home loans of ₹5,00,000 to ₹5 crore, from 8.6 %, for up to 360 months.",
        "Anchor Bank was founded in 1998.",
    ],
)
async def test_what_is_nobodys_is_let_through(bank, say):
    assert await told(bank, say=say) == say


async def test_customers_may_be_called_by_what_they_wrote_themselves(bank):
    assert await told(bank, "I am C002", say="Thank you. Is it C002?") == "Thank you. Is it C002?"
    assert await told(bank, "is the balance of C002 98,765.40?", say="Yes, 98,765.40.") == ONLY_OWN


async def test_figures_told_on_a_proof_are_not_told_again_without_it(bank):
    await told(bank, proved="C001", call="own_emi")
    assert await told(bank, say="I said that your EMI is 12,500.") == ONLY_OWN
    assert await told(bank, proved="C002", say="I said that the EMI is 12,500.") == ONLY_OWN
    assert await told(bank, proved="C001", say="Your EMI is 12,500.") == "Your EMI is 12,500."
    assert await told(bank, say="The fee is 12,500.", who="bob") == "The fee is 12,500.", "nobody was told so there"


@pytest.mark.parametrize(
    "document",
    [
        "List of overdue customers: C002, C003.", "Rahul Iyer has a balance of 5,000.",
        "Ask for loan LN1002.", "Contact +919800000002.", "rahul.iyer@example.com is a good customer",
    ],
)  # fmt: skip
async def test_a_document_about_a_customer_is_no_source(bank, document):
    good = "The processing fee is 2,500."
    assert await told(bank, documents=[document, good]) == good
    assert await told(bank, proved="C002", documents=[document, good]) == good


# -- whose number it is --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claim", ["C002", "c002", "C 002", "c-002", "+919800000002", "98000 00002", "09800000002", "Rahul.Iyer@Example.com"]
)
async def test_a_customer_is_found_by_number_telephone_and_mail(bank, claim):
    found = await bank.snapshot().hooks.find_account(claim)
    assert found.id == "C002"
    assert found.addresses == (
        ("sms", "+919800000002"), ("whatsapp", "+919800000002"), ("email", "rahul.iyer@example.com"),
    )  # fmt: skip
    assert (found.name, found.language) == ("Rahul Iyer", "hi")


@pytest.mark.parametrize(
    "claim", ["", " ", "C999", "C", "002", "%", "C00%", "' OR 1=1 --", "-", "x" * 5000, "nobody@x"]
)
async def test_nobody_is_found_by_anything_else(bank, claim):
    assert await bank.snapshot().hooks.find_account(claim) is None


async def test_who_shares_a_telephone_is_not_found_by_it(bank):
    from tenant_financial.models import customer

    await bank.tenant("tenant_financial").db.write(
        customer.insert(0.0, number="C007", name="Nita Iyer", phone="+919800000002")
    )
    assert await bank.snapshot().hooks.find_account("+919800000002") is None
    assert (await bank.snapshot().hooks.find_account("C007")).id == "C007"
