"""Whose record is meant: by number, telephone or e-mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hookline import formats
from hookline.message import Account

from .models import customer

if TYPE_CHECKING:
    from hookline.settings import Settings
    from hookline.tenant import Tenant

_NUMBER = re.compile(r"[A-Za-z]\d{3,9}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


async def find(tenant: Tenant, claim: str) -> Account | None:
    """The customer that the claim means; None for nobody, and where it means more than one.

    One look-up by an index, whether there is such a customer or not.
    """
    rows = await tenant.db.fetch(sa.select(customer.table).where(_meant(claim, tenant.settings)).limit(2))
    return _account(rows[0]) if len(rows) == 1 else None


def e164(text: str, settings: Settings) -> str:
    """The telephone number as it is called from anywhere; "" where it is none."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, formats.region(settings))
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _meant(claim: str, settings: Settings) -> sa.ColumnElement[bool]:
    text = claim.strip()
    if _EMAIL.fullmatch(text):
        return customer.table.c.email == text.casefold()
    number = re.sub(r"[\s-]", "", text)
    if _NUMBER.fullmatch(number):
        return customer.table.c.number == number.upper()
    return customer.table.c.phone == (e164(text, settings) or "-")  # which is nobody's


def _account(row: Any) -> Account:
    addresses = (("sms", row.phone), ("whatsapp", row.phone), ("email", row.email))
    return Account(row.number, tuple((channel, at) for channel, at in addresses if at), row.name, row.language)
