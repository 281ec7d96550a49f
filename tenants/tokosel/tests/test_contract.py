"""What every plugin must keep to."""

from __future__ import annotations

import tenant_tokosel
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import MARK, IsolationContract
from tenant_tokosel.models import claim, prospect, simulation


class TestContract(PluginContract):
    plugin = tenant_tokosel.plugin


class TestIsolation(IsolationContract):
    plugin = tenant_tokosel.plugin

    async def exercise(self, bot, tenant):
        for record, values in (
            (simulation, {"simulation_id": f"SIM_{MARK}", "type_pret": "auto", "situation_pro": "CDI"}),
            (prospect, {"prospect_id": f"PROS_{MARK}", "nom": MARK}),
            (claim, {"claim_id": f"CLAIM_{MARK}", "description": MARK}),
        ):
            await bot.tenant("tenant_tokosel", tenant).db.write(record.insert(1.0, contact=MARK, **values))
