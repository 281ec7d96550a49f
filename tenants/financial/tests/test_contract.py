"""What every plugin must keep to."""

from __future__ import annotations

from decimal import Decimal

import tenant_financial
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import MARK, IsolationContract
from tenant_financial.models import account, customer


class TestContract(PluginContract):
    plugin = tenant_financial.plugin


class TestIsolation(IsolationContract):
    plugin = tenant_financial.plugin

    async def exercise(self, bot, tenant):
        db = bot.tenant("tenant_financial", tenant).db
        await db.write(
            customer.insert(0.0, number="C001", name=MARK, phone="+919800000001"),
            account.insert(0.0, number="50100000011001", customer="C001", balance=Decimal("45200.50")),
        )
        await bot.say(f"Tell me about {MARK}, please", tenant=tenant)
