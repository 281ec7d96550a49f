"""What every plugin must keep to."""

from __future__ import annotations

import hookline_identity
from hookline.testing import IsolationContract, PluginContract
from hookline.testing.isolation import MARK
from hookline_identity import codes
from hookline_identity.codes import Wanted

CONFIG = """
[plugins.identity]
protects = ["balance"]
deliver = { sms = "folder" }
"""


class TestContract(PluginContract):
    plugin = hookline_identity.plugin
    config = CONFIG


class TestIsolation(IsolationContract):
    plugin = hookline_identity.plugin
    config = CONFIG

    async def exercise(self, bot, tenant):
        seen = bot.tenant("identity", tenant)
        async with seen.action(by="a test") as act:
            await codes.ask_for(seen, act, Wanted(MARK, None, MARK, MARK, MARK, "http"))
