"""Many customers at the same time: each one's figures stay its own."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from hookline.catalogue import Catalogue
from tenant_property_loans.models import enquiry, property_

from .conftest import PLUGINS

MANY = 50
CITIES = ("Pune", "Chennai", "Hyderabad", "Mumbai", "Bangalore")
LAKH = 100_000


@pytest.fixture
def database_plugins():
    """Those whose tables a PostgreSQL database has."""
    catalogue = Catalogue.load()
    return [catalogue.get(name) for name in PLUGINS]


@pytest.mark.slow
@pytest.mark.row("L71")
async def test_fifty_customers_at_once_end_with_their_own_figures(make_lender, clock, database_url):
    lender = await make_lender(clock=clock, database_url=database_url)
    met = asyncio.Barrier(MANY)

    async def customer(n: int) -> tuple[str, list[str]]:
        worth, wanted = 100 + n, 20 + n % 30
        said = []
        for text in (
            "I need a loan against my property",
            f"a flat in {CITIES[n % 5]}",
            f"{worth} lakhs",
            f"I need {wanted} lakhs for my daughter's wedding",
        ):
            await met.wait()  # they all speak at once, each time
            said.append(await lender.say(text, who=f"customer-{n}"))
        conversation, _ = await lender.tenant.conversations.open("loopback", f"customer-{n}")
        return conversation, said

    spoken = dict(await asyncio.gather(*map(customer, range(MANY))))
    assert len(spoken) == MANY
    wishes = {row.conversation: row for row in await lender.rows(enquiry)}
    houses = {row.number: row for row in await lender.rows(property_)}
    assert wishes.keys() == spoken.keys()
    assert len(houses) == MANY
    assert len({row.customer for row in wishes.values()}) == MANY
    for n, (conversation, said) in enumerate(spoken.items()):
        wish = wishes[conversation]
        house = houses[wish.property]
        assert (house.kind, house.city, house.value) == ("apartment", CITIES[n % 5], Decimal((100 + n) * LAKH)), said
        assert (wish.amount, wish.purpose) == (Decimal((20 + n % 30) * LAKH), "wedding"), said
        assert house.customer == wish.customer
        assert f"₹{20 + n % 30} lakh" in said[-1]
