"""What every plugin must keep to."""

from __future__ import annotations

from decimal import Decimal

import tenant_property_loans
from hookline.testing import IsolationContract, PluginContract
from hookline.testing.isolation import MARK
from tenant_property_loans.models import customer, enquiry, property_, stage


class TestContract(PluginContract):
    plugin = tenant_property_loans.plugin


class TestIsolation(IsolationContract):
    plugin = tenant_property_loans.plugin

    async def exercise(self, bot, tenant):
        db = bot.tenant("tenant_property_loans", tenant).db
        await db.write(
            customer.insert(1.0, contact=MARK, number=MARK, name=MARK, phone="+919812345678"),
            property_.insert(1.0, contact=MARK, number=MARK, customer=MARK, city=MARK, value=Decimal(15000000)),
            enquiry.insert(1.0, contact=MARK, number=MARK, customer=MARK, purpose=MARK, conversation=MARK),
            stage.insert(1.0, contact=MARK, conversation=MARK, state="initial", step=MARK, at=1.0),
        )
