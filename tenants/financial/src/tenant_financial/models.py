"""tenant_financial's records: customers, their accounts and loans, and what the bank's collections have to do."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.records import Choice, Day, Email, Field, Integer, Moment, Money, Phone, RecordType, Text

metadata = sa.MetaData()

_RUPEES = Money("INR")
_CUSTOMER = Text(12, pattern=r"C\d{3,8}", hint="C and at least three digits, C001")


def _indexes(table: str, *columns: str) -> tuple[sa.Index, ...]:
    """By what the guard of replies looks for a customer."""
    return tuple(
        sa.Index(f"ix_tenant_financial_{table}_{column}", "tenant", column, unique=False) for column in columns
    )


# Codes are sent to `phone` and `email`, and nowhere else.
customer = RecordType(
    "customer",
    metadata,
    "tenant_financial_customer",
    title="Customers",
    key="number",
    owner="number",
    sort="number",
    fields=(
        Field("number", _CUSTOMER, label="Number", editable=False),
        Field("name", Text(120), label="Name", required=True, search=True),
        Field("phone", Phone(), label="Phone", search=True, help="Codes are sent here."),
        Field("email", Email(), label="E-mail", search=True, help="Codes are sent here where there is no phone."),
        Field("language", Choice({"en": "English", "hi": "Hindi"}), label="Language"),
        Field("risk", Choice({"low": "Low", "medium": "Medium", "high": "High"}), label="Risk", default="low", filter=True),
    ),
    create="supervisor",
    edit="supervisor",
    seed="data/customers.csv",
    extra=_indexes("customer", "name", "phone", "email"),
)  # fmt: skip

account = RecordType(
    "account",
    metadata,
    "tenant_financial_account",
    title="Accounts",
    key="number",
    owner="customer",
    sort="number",
    fields=(
        Field("number", Text(18, pattern=r"\d{9,18}", hint="9 to 18 digits"), label="Number", editable=False),
        Field("customer", _CUSTOMER, label="Customer", required=True, link="customer", search=True),
        Field("kind", Choice({"savings": "Savings", "current": "Current", "salary": "Salary"}), label="Kind", default="savings"),
        Field("balance", Money("INR", least=None), label="Balance", required=True),
    ),
    create="supervisor",
    edit="supervisor",
    seed="data/accounts.csv",
    extra=_indexes("account", "balance"),
)  # fmt: skip

loan = RecordType(
    "loan",
    metadata,
    "tenant_financial_loan",
    title="Loans",
    key="number",
    owner="customer",
    sort="number",
    fields=(
        Field("number", Text(12, pattern=r"LN\d{3,9}", hint="LN and at least three digits, LN1001"), label="Number", editable=False),
        Field("customer", _CUSTOMER, label="Customer", required=True, link="customer", search=True),
        Field(
            "kind",
            Choice({
                "home": "Home", "personal": "Personal", "car": "Car", "gold": "Gold", "education": "Education",
                "business": "Business",
            }),
            label="Kind",
            required=True,
            filter=True,
        ),
        Field("principal", _RUPEES, label="Principal", required=True),
        Field("outstanding", _RUPEES, label="Outstanding", required=True),
        Field("emi", _RUPEES, label="EMI", required=True),
        Field("due", Day(), label="Next EMI on", help="Empty where none is due."),
        Field("months", Integer(0, 600), label="Months left", required=True),
    ),
    create="supervisor",
    edit="supervisor",
    seed="data/loans.csv",
    extra=_indexes("loan", "principal", "outstanding", "emi"),
)  # fmt: skip

task = RecordType(
    "task",
    metadata,
    "tenant_financial_task",
    title="Collections",
    key="number",
    sort="number",
    fields=(
        Field("number", Text(20), label="Number", editable=False),
        Field("loan", Text(12), label="Loan", required=True, link="loan", search=True),
        Field("overdue", _RUPEES, label="Overdue", required=True),
        Field(
            "status",
            Choice({"pending": "Pending", "in_progress": "In progress", "called": "Called", "done": "Done"}),
            label="Status",
            default="pending",
            filter=True,
        ),
        Field(
            "outcome",
            Text(40),
            label="Last outcome",
            editable=False,
            help="How the last call went, or that they wrote back.",
        ),
        Field("outcome_at", Moment(), label="At", editable=False),
        Field(
            "outcome_call",
            Text(64),
            label="Call",
            editable=False,
            listed=False,
            help="The telephone company's id of it.",
        ),
    ),
    seed="data/tasks.csv",
)

RECORDS = (customer, account, loan, task)
