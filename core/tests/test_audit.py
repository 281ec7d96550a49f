"""The audit log: every row is chained to the one before, so that what is changed or removed shows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hookline import audit
from hookline.db import Op, Script
from hookline.models import audit as table
from hookline.testing import Bot
from hookline.testing.plugin import MakeBot


async def filled(make_bot: MakeBot, database_url: str, rows: int = 5) -> Bot:
    bot = await make_bot(plugins=[], database_url=database_url)
    for n in range(rows):
        await bot.tenant().audit("ann", "role.change", f"staff-{n}", {"to": "admin", "n": n, "é": 0.1 + n})
    return bot


async def test_rows_are_read_newest_first_and_the_chain_holds(database_url: str, make_bot: MakeBot) -> None:
    bot = await filled(make_bot, database_url)
    found = await audit.entries(bot.runtime.database, "acme", limit=2)
    assert [e.n for e in found] == [5, 4]
    assert found[0].previous == found[1].hash
    assert [e.n for e in await audit.entries(bot.runtime.database, "acme", before=4)] == [3, 2, 1]
    verified = await audit.verify(bot.runtime.database, "acme")
    assert verified == audit.Verified(5, found[0].hash)
    assert await audit.verify(bot.runtime.database, "nobody") == audit.Verified(0, "")


async def test_those_who_write_at_once_are_put_in_a_row(database_url: str, make_bot: MakeBot) -> None:
    bot = await filled(make_bot, database_url, 0)
    await asyncio.gather(*(bot.tenant().audit(f"agent{n}", "login") for n in range(40)))
    verified = await audit.verify(bot.runtime.database, "acme")
    assert (verified.count, verified.broken) == (40, 0)


CHANGES: dict[str, Callable[[], sa.Executable]] = {
    "row 3 was changed": lambda: sa.update(table).where(table.c.n == 3).values(who="nobody"),
    "row 2 is missing": lambda: sa.delete(table).where(table.c.n == 2),
    "row 4 does not continue row 3": lambda: sa.update(table).where(table.c.n == 4).values(previous="0" * 64),
}


@pytest.mark.parametrize("reason", CHANGES)
async def test_a_row_that_was_tampered_with_is_named(database_url: str, make_bot: MakeBot, reason: str) -> None:
    bot = await filled(make_bot, database_url)

    def script() -> Script[None]:
        yield Op(CHANGES[reason]())

    await bot.runtime.database.run(script(), tenant="acme")
    verified = await audit.verify(bot.runtime.database, "acme")
    assert verified.reason == reason
    assert str(verified.broken) in reason


async def test_a_chain_made_anew_has_another_head(make_bot: MakeBot) -> None:
    bot = await filled(make_bot, "")
    head = (await audit.verify(bot.runtime.database, "acme")).head
    forged = audit.Entry(5, 0.0, "ann", "nothing", "", {}, "", "")
    with sqlite3.connect(bot.runtime.data.database) as file:
        row = file.execute("select previous, at from audit where n = 5").fetchone()
        new = audit.digest("acme", audit.Entry(5, row[1], "ann", "nothing", "", {}, row[0], ""))
        file.execute("update audit set what='nothing', subject='', detail='{}', hash=? where n=5", (new,))
    assert new != audit.digest("acme", forged)
    verified = await audit.verify(bot.runtime.database, "acme")
    assert verified.broken == 0, "by the chain alone it can't be told"
    assert verified.head != head, "by the head that was noted elsewhere it can"
