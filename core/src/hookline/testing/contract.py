r"""What every plugin must keep to, as tests to subclass.

class TestContract(PluginContract):
    plugin = hookline_echo.plugin
    config = "[plugins.echo]\nloud = true\n"
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hookline import migrate
from hookline.plugin import Plugin

if TYPE_CHECKING:
    from .plugin import MakeBot  # it needs pytest, which `hookline test` does not


class PluginContract:
    """Subclass as `Test…` with the `plugin`; `config` is TOML that turns on what needs no outside service.

    `needs` are plugins whose services it can't do without.
    """

    plugin: ClassVar[Plugin]
    config: ClassVar[str] = ""
    needs: ClassVar[Sequence[Plugin]] = ()
    needs_config: ClassVar[str] = ""

    def _text(self) -> str:
        return f"{self.config}\n{self.needs_config}"

    async def test_it_starts_and_stops_alone_with_what_it_needs(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], config=self._text())
        assert self.plugin.name in bot.snapshot().tenants
        await bot.restart()
        assert self.plugin.name in bot.snapshot().tenants

    async def test_a_reload_swaps_the_snapshot_and_releases_the_old_one(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], config=self._text())
        before = bot.snapshot()
        assert await bot.runtime.load("acme"), bot.runtime_of().error
        assert bot.snapshot() is not before
        await bot.until(lambda: before.in_use == 0)

    async def test_an_unknown_key_in_its_config_is_refused_by_name(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], config=self._text())
        file = bot.folder / "tenants" / "acme" / "tenant.toml"
        table = f"[plugins.{self.plugin.name}]"
        good = file.read_text(encoding="utf-8")
        bad = f"{table}\nno_such_key = 1\n"
        file.write_text(good.replace(f"{table}\n", bad) if table in good else f"{good}\n{bad}", encoding="utf-8")
        assert not await bot.runtime.load("acme")
        assert f"plugins.{self.plugin.name}.no_such_key" in bot.runtime_of().error
        assert bot.runtime_of().available, "the old snapshot goes on serving"

    async def test_without_it_the_others_still_serve(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], config=self._text())
        file = bot.folder / "tenants" / "acme" / "tenant.toml"
        file.write_text('plugins = ["loopback"]\n', encoding="utf-8")
        assert await bot.runtime.load("acme"), bot.runtime_of().error
        assert (await bot.say("anybody there?")).text

    async def test_health_names_each_part_with_a_status(self, make_bot: MakeBot) -> None:
        bot = await make_bot(plugins=[self.plugin, *self.needs], config=self._text())
        for part, state in (await bot.snapshot().hooks.check_health()).items():
            assert state["status"] in ("ok", "degraded", "down", "off"), (part, state)

    def test_its_tables_belong_to_a_tenant_and_carry_its_name(self) -> None:
        tables = self.plugin.metadata.tables.values() if self.plugin.metadata is not None else ()
        for table in tables:
            assert table.name.startswith(f"{self.plugin.name}_"), table.name
            assert "tenant" in table.primary_key.columns, table.name
            for key in table.foreign_key_constraints:
                assert "tenant" in key.column_keys, f"{table.name}: foreign keys are (tenant, id)"

    def test_its_migrations_make_exactly_its_tables_and_can_be_purged(self, tmp_path: Path) -> None:
        file = tmp_path / "hookline.db"
        url = f"sqlite:///{file}"
        migrate.upgrade(url, [self.plugin])
        declared = set(self.plugin.metadata.tables) if self.plugin.metadata is not None else set()
        assert _tables(file, self.plugin.name) == declared
        if not declared:
            return
        migrate.purge(url, self.plugin.name)
        assert _tables(file, self.plugin.name) == set()
        migrate.upgrade(url, [self.plugin])
        assert _tables(file, self.plugin.name) == declared


def _tables(file: Path, plugin: str) -> set[str]:
    connection = sqlite3.connect(file)
    try:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    finally:
        connection.close()
    return {name for (name,) in rows if name.startswith(f"{plugin}_")}
