"""What every plugin must keep to."""

from __future__ import annotations

import hookline_whatsapp
from hookline.testing import IsolationContract, PluginContract
from hookline.testing.isolation import MARK
from hookline_whatsapp import metaread, taking


class TestContract(PluginContract):
    plugin = hookline_whatsapp.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_whatsapp.plugin

    async def exercise(self, bot, tenant):
        seen = bot.tenant("whatsapp", tenant)
        message = {"from": "919812345678", "id": "wamid.1", "type": "text", "text": {"body": f"Tell me about {MARK}"}}
        value = {"metadata": {"phone_number_id": "simulator"}, "messages": [message]}
        batch = metaread.batch_of({"entry": [{"changes": [{"field": "messages", "value": value}]}]})
        await taking.take(seen, batch)
        await bot.say(f"Tell me about {MARK}, please", tenant=tenant)
