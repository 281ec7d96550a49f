"""The embedded database: group commit, crashes, full disks, other processes."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from hookline.db import ConstraintViolated, Op, StatementFailed, open_database
from hookline.errors import StorageError
from hookline.sqlite import SqliteDatabase

metadata = sa.MetaData()
row = sa.Table(
    "row",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("task", sa.Integer, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("task", "n"),
)
ADD = sa.insert(row)
ALL = sa.select(row.c.task, row.c.n).order_by(row.c.id)


def add(task, n, body=""):
    yield Op(ADD, {"task": task, "n": n, "body": body})
    return n


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "hookline.db"
    with sqlite3.connect(path) as connection:
        connection.execute(str(sa.schema.CreateTable(row)))
    connection.close()
    return path


@pytest.fixture
async def db(file):
    database = await open_database(f"sqlite:///{file}")
    yield database
    await database.close()


class Gate:
    """A script that holds the writer until it is opened, so that what follows gathers in one group."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()

    def script(self):
        yield Op(sa.select(sa.literal(1)))
        self.reached.set()
        assert self.opened.wait(30)


async def in_one_group(db, *scripts):
    """Start the scripts while the writer is busy; their results, or the exceptions they raised."""
    gate = Gate()
    held = asyncio.ensure_future(db.run(gate.script(), tenant="acme"))
    await asyncio.to_thread(gate.reached.wait, 30)
    tasks = [asyncio.ensure_future(db.run(script, tenant="acme")) for script in scripts]
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_file_is_made_with_wal_full_sync_and_foreign_keys(db):
    found = {}

    def pragmas():
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            found[name] = (yield Op(sa.text(f"PRAGMA {name}"))).rows[0][0]

    await db.run(pragmas(), tenant="")
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_a_failing_script_does_not_hurt_its_neighbours_in_the_group(db):
    def fails_after_writing():
        yield Op(ADD, {"task": 2, "n": 1})
        yield Op(ADD, {"task": 2, "n": 2})
        raise KeyError("mine")

    def breaks_a_constraint():
        yield Op(ADD, {"task": 3, "n": 1})
        yield Op(ADD, {"task": 1, "n": 1})

    results = await in_one_group(db, add(1, 1), fails_after_writing(), breaks_a_constraint(), add(4, 1))
    assert results[0] == 1
    assert isinstance(results[1], KeyError)
    assert isinstance(results[2], ConstraintViolated)
    assert results[3] == 1
    assert await db.fetch(ALL, tenant="acme") == [(1, 1), (4, 1)]


async def test_a_group_keeps_the_order_in_which_scripts_came(db):
    results = await in_one_group(db, *(add(7, n) for n in range(700)))
    assert results == list(range(700))
    assert [n for _, n in await db.fetch(ALL, tenant="acme")] == list(range(700))


async def test_a_later_script_of_a_group_sees_what_an_earlier_one_wrote(db):
    def count():
        return len((yield Op(ALL)).rows)

    assert await in_one_group(db, add(1, 1), count(), add(1, 2), count()) == [1, 1, 2, 2]


async def test_a_script_whose_caller_has_gone_before_it_began_is_not_run(db):
    gate = Gate()
    held = asyncio.ensure_future(db.run(gate.script(), tenant="acme"))
    await asyncio.to_thread(gate.reached.wait, 30)
    gone = asyncio.ensure_future(db.run(add(1, 1), tenant="acme"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    gate.opened.set()
    await held
    await db.run(add(1, 2), tenant="acme")
    assert await db.fetch(ALL, tenant="acme") == [(1, 2)]


async def test_close_commits_what_was_accepted(file):
    db = await open_database(f"sqlite:///{file}")
    tasks = [asyncio.ensure_future(db.run(add(1, n), tenant="acme")) for n in range(600)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*tasks) == list(range(600))
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM row").fetchone() == (600,)
    connection.close()
    assert [path.name for path in file.parent.iterdir()] == ["hookline.db"]


async def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StorageError, match=r"can't open the database .*/nowhere/x.db: the file can't be opened; check"):
        await open_database(f"sqlite:///{tmp_path}/nowhere/x.db")


async def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "hookline.db"
    path.write_bytes(b"not a database at all, only some text that fills a page" * 100)
    with pytest.raises(StorageError, match="the file is not a SQLite database"):
        await open_database(f"sqlite:///{path}")


async def test_a_file_that_another_process_holds_fails_the_group_and_can_be_retried(file):
    db = await SqliteDatabase.open(file, busy_seconds=0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(
        db.run(add(1, 1), tenant="acme"), db.run(add(1, 2), tenant="acme"), return_exceptions=True
    )
    assert all(isinstance(result, StatementFailed) and result.retryable for result in results)
    assert "another process holds the database" in str(results[0])
    other.execute("ROLLBACK")
    other.close()
    assert await db.run(add(1, 3), tenant="acme") == 3
    await db.close()


FULL_DISK = """
import asyncio, resource, sys
import sqlalchemy as sa
from hookline.db import Op, open_database
from hookline.errors import StorageError

row = sa.table("row", sa.column("task"), sa.column("n"), sa.column("body"))

def add(n):
    yield Op(sa.insert(row), {"task": 1, "n": n, "body": "x" * 3000})

async def main():
    db = await open_database(f"sqlite:///{sys.argv[1]}")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    for start in range(0, 400, 20):
        results = await asyncio.gather(*(db.run(add(start + i), tenant="a") for i in range(20)), return_exceptions=True)
        for i, result in enumerate(results):
            if result is None:
                print("stored", start + i)
            else:
                print("failed", start + i, type(result).__mro__[-5].__name__, result)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await db.run(add(9999), tenant="a")
    print("stored 9999")
    await db.close()

asyncio.run(main())
"""


def test_a_full_disk_fails_scripts_with_its_cause_and_loses_none_that_was_acknowledged(file):
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    stored = {int(line.split()[1]) for line in lines if line.startswith("stored")}
    failed = [line for line in lines if line.startswith("failed")]
    assert 9999 in stored
    assert len(stored) > 20
    assert len(failed) > 20
    assert all("the disk is full" in line or "the disk failed to read or write" in line for line in failed)
    with sqlite3.connect(file) as connection:
        assert {n for (n,) in connection.execute("SELECT n FROM row")} == stored
    connection.close()


WRITER = """
import asyncio, os, sys
import sqlalchemy as sa
from hookline.db import Op, open_database

row = sa.table("row", sa.column("task"), sa.column("n"), sa.column("body"))
ADD = sa.insert(row)

def add(task, n):
    yield Op(ADD, {"task": task, "n": n, "body": "first"})
    yield Op(ADD, {"task": task + 1000, "n": n, "body": "second"})

async def work(db, task, start):
    for n in range(start, 10**6):
        await db.run(add(task, n), tenant="a")
        os.write(1, f"{task} {n}\\n".encode())  # acknowledged

async def main():
    db = await open_database(f"sqlite:///{sys.argv[1]}")
    await asyncio.gather(*(work(db, task, int(sys.argv[2])) for task in range(32)))

asyncio.run(main())
"""


def test_a_killed_writer_loses_nothing_that_it_acknowledged_and_leaves_nothing_half_done(file):
    acknowledged = set()
    chance = random.Random(20261121)
    for attempt in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), str(attempt * 100_000)], stdout=subprocess.PIPE
        )
        lines = [process.stdout.readline() for _ in range(chance.randrange(500, 2000))]
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.read().splitlines(keepends=True)
        process.stdout.close()
        process.wait()
        acknowledged |= {tuple(map(int, line.split())) for line in lines if line.endswith(b"\n")}
    with sqlite3.connect(file) as connection:
        stored = set(connection.execute("SELECT task, n FROM row"))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert len(acknowledged) > 1000
    assert acknowledged <= stored
    firsts = {pair for pair in stored if pair[0] < 1000}
    assert {(task - 1000, n) for task, n in stored - firsts} == firsts
    for task in range(32):
        for attempt in range(3):
            mine = sorted(n - attempt * 100_000 for t, n in firsts if t == task and n // 100_000 == attempt)
            assert mine == list(range(len(mine)))
