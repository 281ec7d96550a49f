"""What every plugin must keep to, on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools

import pytest

import hookline_flows
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import MARK, IsolationContract


class TestContract(PluginContract):
    plugin = hookline_flows.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_flows.plugin

    async def exercise(self, bot, tenant):
        """A flow of the tenant's own, in which the customer is when it ends."""
        flows = bot.folder / "tenants" / tenant / "flows"
        flows.mkdir(exist_ok=True)
        (flows / "mine.yaml").write_text(
            f"starts: {{words: [{MARK}]}}\nslots: {{t: {{kind: text}}}}\n"
            f"steps: [{{ask: t, text: {{en: What of {MARK}?}}}}, {{end: done, text: {{en: '{{t}}'}}}}]\n"
        )
        assert await bot.runtime.load(tenant), bot.runtime_of(tenant).error
        assert (await bot.say(f"Tell me about {MARK}, please", tenant=tenant)).text == f"What of {MARK}?"


@pytest.mark.service("postgresql")
class TestContractOnPostgresql(TestContract):
    @pytest.fixture
    def make_bot(self, make_bot, postgres_url):
        return functools.partial(make_bot, database_url=postgres_url)


@pytest.mark.service("postgresql")
class TestIsolationOnPostgresql(TestIsolation):
    @pytest.fixture
    def make_bot(self, make_bot, postgres_url):
        return functools.partial(make_bot, database_url=postgres_url)
