"""Customers, their properties, what they want to borrow, and the way that they have come."""

from __future__ import annotations

import sqlalchemy as sa

from hookline.records import Choice, Field, Flag, Integer, Moment, Money, Number, Phone, RecordType, Text

STATES = ("initial", "property", "requirement", "questions", "objection", "follow_up", "handover", "closed")
"""Those that flows/loan.yaml declares."""

TYPES = {
    "house": "House",
    "apartment": "Flat",
    "plot": "Plot",
    "shop": "Shop",
    "office": "Office",
    "factory": "Factory or warehouse",
}

metadata = sa.MetaData()

customer = RecordType(
    "customer",
    metadata,
    "tenant_property_loans_customer",
    title="Customers",
    seed="initial_data.json",
    key="number",
    contact=True,
    fields=(
        Field("number", Text(40), label="Number", editable=False, search=True),
        Field("name", Text(200), label="Name", search=True),
        Field("phone", Phone(), label="Phone", search=True, filter=True),
        Field("language", Text(20), label="Language", filter=True),
        Field("opted_out", Flag(), label="Wants no messages", filter=True),
    ),
)

property_ = RecordType(
    "property",
    metadata,
    "tenant_property_loans_property",
    title="Properties",
    seed="initial_data.json",
    key="number",
    contact=True,
    fields=(
        Field("number", Text(40), label="Number", editable=False, search=True),
        Field("customer", Text(40), label="Customer", link="customer", editable=False),
        Field("kind", Choice(TYPES), label="Kind", filter=True),
        Field("city", Text(100), label="City", search=True),
        Field("value", Money("INR"), label="Worth"),
    ),
)

enquiry = RecordType(
    "enquiry",
    metadata,
    "tenant_property_loans_enquiry",
    title="Enquiries",
    seed="initial_data.json",
    key="number",
    contact=True,
    fields=(
        Field("number", Text(40), label="Number", editable=False, search=True),
        Field("customer", Text(40), label="Customer", link="customer", editable=False),
        Field("property", Text(40), label="Property", link="property", editable=False),
        Field("conversation", Text(80), label="Conversation", editable=False, listed=False),
        Field("amount", Money("INR"), label="Amount"),
        Field("purpose", Text(200), label="Purpose"),
        Field("ltv", Number(2, unit="%"), label="Loan to value"),
        Field("interest", Choice(("low", "medium", "high")), label="Interest", filter=True),
        Field("state", Choice(STATES), label="State", default="initial", filter=True),
        Field("consent", Flag(), label="May be contacted"),
        Field("follow_up_at", Moment(), label="Follow-up"),
        Field("follow_up_reason", Text(200), label="Why then"),
    ),
    extra=(sa.Index("ix_tenant_property_loans_enquiry_conversation", "tenant", "conversation"),),
)

stage = RecordType(
    "stage",
    metadata,
    "tenant_property_loans_stage",
    title="State history",
    contact=True,
    create="",
    edit="",
    remove="",
    fields=(
        Field("conversation", Text(80), label="Conversation", search=True),
        Field("place", Integer(least=1), label="No."),
        Field("state", Choice(STATES), label="State", filter=True),
        Field("step", Text(100), label="Step"),
        Field("at", Moment(), label="Since"),
    ),
    sort="at",
    extra=(sa.Index("ix_tenant_property_loans_stage_conversation", "tenant", "conversation"),),
)

KINDS = (customer, property_, enquiry, stage)
