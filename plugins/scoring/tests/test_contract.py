"""What every plugin must keep to."""

from __future__ import annotations

import hookline_scoring
from hookline.testing import IsolationContract, PluginContract
from hookline.testing.isolation import MARK
from hookline_scoring.bodies import NewLead
from hookline_scoring.service import Service


class TestContract(PluginContract):
    plugin = hookline_scoring.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_scoring.plugin

    async def exercise(self, bot, tenant):
        body = NewLead(name=MARK, email=f"{MARK}@example.com", entities={"budget": 1, "name": MARK})
        await Service(bot.tenant("scoring", tenant)).leads.create(body, "a test")
