"""Turns that are committed together: a plugin's write that fails fails its own turn alone, whatever broke."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3

import pytest
import sqlalchemy as sa

from hookline.errors import CrossTenantStatement
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.plugin import MakeBot
from hookline.turn import Turn

metadata = sa.MetaData()
owner = sa.Table(
    "notes_owner", metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
)  # fmt: skip
note = sa.Table(
    "notes_note", metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.CheckConstraint("n < 100"),
    sa.ForeignKeyConstraint(["tenant", "owner"], ["notes_owner.tenant", "notes_owner.id"]),
)  # fmt: skip
missing = sa.Table("notes_missing", metadata, sa.Column("tenant", sa.Text, primary_key=True))

GOOD = {"n": 1, "owner": "anna"}
BROKEN = {
    "unique": lambda _who: sa.insert(note).values(id="taken", **GOOD),
    "not null": lambda who: sa.insert(note).values(id=who, n=sa.null(), owner="anna"),
    "check": lambda who: sa.insert(note).values(id=who, n=100, owner="anna"),
    "foreign key": lambda who: sa.insert(note).values(id=who, n=1, owner="nobody"),
    "no such table": lambda _who: sa.insert(missing),
    "number too large": lambda who: sa.insert(note).values(id=who, n=2**70, owner="anna"),
    "no text": lambda who: sa.insert(note).values(id=f"{who}\ud800", **GOOD),
}


def notes(everybody: asyncio.Barrier) -> Plugin:
    """Writes a note for each message, all at the same time; "broken: KIND" writes one that can't be."""

    class Hooks:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            who = turn.conversation.address
            turn.write(sa.insert(note).values(id=f"of {who}", **GOOD))
            kind = turn.message.text.removeprefix("broken: ")
            if kind in BROKEN:
                turn.write(BROKEN[kind](who))
            await everybody.wait()
            return Reply("noted")

    return Plugin("notes", Hooks, metadata=metadata)


async def test_a_write_that_fails_fails_its_own_turn_alone(make_bot: MakeBot):
    everybody = asyncio.Barrier(2 * len(BROKEN))
    bot = await make_bot(plugins=[notes(everybody)], config="[turns]\nattempts = 1\n")
    with contextlib.closing(sqlite3.connect(bot.folder / "data" / "hookline.db")) as db, db:
        for table in (owner, note):
            db.execute(str(sa.schema.CreateTable(table)))
        db.execute("INSERT INTO notes_owner VALUES ('acme', 'anna')")
        db.execute("INSERT INTO notes_note VALUES ('acme', 'taken', 1, 'anna')")
    said = await asyncio.gather(
        *(bot.say(f"broken: {kind}", who=f"bad {kind}") for kind in BROKEN),
        *(bot.say("fine", who=f"good {kind}") for kind in BROKEN),
    )
    apology = bot.snapshot().settings.text("apology")
    assert [message.text for message in said] == [apology] * len(BROKEN) + ["noted"] * len(BROKEN)
    kept = await bot.tenant("notes").db.fetch(sa.select(note.c.id).order_by(note.c.id))
    assert [row.id for row in kept] == sorted(["taken", *(f"of good {kind}" for kind in BROKEN)])


@pytest.mark.parametrize("prefix", ["OR ROLLBACK", "OR FAIL"])
async def test_a_statement_that_would_roll_back_the_others_is_refused(make_bot: MakeBot, prefix: str):
    refused: list[str] = []

    class Hooks:
        def __init__(self, tenant: Tenant) -> None:
            self.tenant = tenant

        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            try:
                turn.write(sa.insert(note).values(id="x", **GOOD).prefix_with(prefix))
            except CrossTenantStatement as error:
                refused.append(str(error))
            return Reply("ok")

    bot = await make_bot(plugins=[Plugin("notes", Hooks, metadata=metadata)])
    assert (await bot.say("hi")).text == "ok"
    assert len(refused) == 1
