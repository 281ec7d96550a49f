"""Scripts that share a transaction on PostgreSQL: each gets what it would get alone."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from hookline.db import ConstraintViolated, Op, open_database
from hookline.models import contact, event, lane

TRANSACTION = sa.select(sa.func.txid_current().label("id"))
NEW = sa.insert(contact)
LOG = sa.insert(event).returning(event.c.id)
FIND = sa.select(contact.c.id, contact.c.name).where(
    contact.c.tenant == "acme", contact.c.name == sa.bindparam("p_name")
)
RENAME = (
    sa.update(contact)
    .where(contact.c.tenant == "acme", contact.c.id == sa.bindparam("p_id"))
    .values(name=sa.bindparam("p_name"))
)
IDS = sa.select(contact.c.id).where(contact.c.tenant == "acme").order_by(contact.c.id)

pytestmark = [
    pytest.mark.service("postgresql"),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]


@pytest.fixture
async def db(database_url):
    database = await open_database(database_url)
    yield database
    await database.close()


def person(name):
    yield Op(NEW, {"tenant": "acme", "id": name, "created_at": 1.0})
    at = yield Op(TRANSACTION)
    return at.rows[0].id


def share(db, make, *apart):
    return db.share(make, tenant="acme", kind="test", apart=apart)


async def test_those_that_come_at_once_share_a_transaction(db):
    names = [f"n{n}" for n in range(5)]
    at = await asyncio.gather(*(share(db, lambda name=name: person(name), name) for name in names))
    assert len(set(at)) == 1
    assert [row.id for row in await db.fetch(IDS, tenant="acme")] == names


async def test_each_gets_its_own_rows_and_counts(db):
    await asyncio.gather(*(share(db, lambda n=n: person(f"n{n}"), str(n)) for n in range(4)))

    def script(n):
        renamed = yield Op(RENAME, {"p_id": f"n{n}", "p_name": "even" if n % 2 == 0 else "odd"})
        found = yield Op(FIND, {"p_name": ("even", "nobody", "odd")[n % 3]})
        logged = yield Op(LOG, {"tenant": "acme", "kind": str(n), "at": 1.0})
        return renamed.rowcount, [row.id for row in found.rows], len(logged.rows), logged.rows[0].id

    told = await asyncio.gather(*(share(db, lambda n=n: script(n), str(n)) for n in range(5)))
    assert [one[0] for one in told] == [1, 1, 1, 1, 0]
    assert [one[1] for one in told] == [["n0", "n2"], [], ["n1", "n3"], ["n0", "n2"], []]
    assert [one[2] for one in told] == [1] * 5
    assert [one[3] for one in told] == sorted({one[3] for one in told})


async def test_the_failure_of_one_is_its_own(db):
    await share(db, lambda: person("known"), "known")
    made = []

    def script(name):
        made.append(name)
        if name == "refused":
            yield Op(TRANSACTION)
            raise ValueError("not this one")
        return (yield from person(name))

    told = await asyncio.gather(
        *(share(db, lambda name=name: script(name), name) for name in ("a", "known", "refused", "b")),
        return_exceptions=True,
    )
    assert isinstance(told[1], ConstraintViolated)
    assert str(told[1]).startswith("contact: ")
    assert str(told[2]) == "not this one"
    assert [row.id for row in await db.fetch(IDS, tenant="acme")] == ["a", "b", "known"]
    assert sorted(made) == ["a", "a", "b", "b", "known", "known", "refused", "refused"]


async def test_those_that_name_the_same_run_apart_in_the_order_in_which_they_came(db):
    done = []

    def script(n):
        yield Op(LOG, {"tenant": "acme", "kind": str(n), "at": 1.0})
        at = yield Op(TRANSACTION)
        done.append(n)
        return at.rows[0].id

    at = await asyncio.gather(*(share(db, lambda n=n: script(n), "lane", str(n)) for n in range(6)))
    assert done == list(range(6))
    assert len(set(at)) == 6
    assert at == sorted(at)


async def test_one_that_the_database_gives_up_in_a_deadlock_is_run_anew(db):
    for name in ("left", "right"):
        await share(db, lambda name=name: person(name), name)
    begun, locked = [], set()

    def script(first, second):
        begun.append(first)
        yield Op(RENAME, {"p_id": first, "p_name": f"{first} first"})
        locked.add(first)
        while len(locked) < 2:
            yield Op(TRANSACTION)
        yield Op(RENAME, {"p_id": second, "p_name": f"{first} second"})

    await asyncio.gather(
        db.share(lambda: script("left", "right"), tenant="acme", kind="one", apart=()),
        db.share(lambda: script("right", "left"), tenant="acme", kind="other", apart=()),
    )
    assert len(begun) == 3


async def test_one_that_is_not_waited_for_any_more_keeps_nobody_up(db):
    names = [f"n{n}" for n in range(3)]
    tasks = [asyncio.ensure_future(share(db, lambda name=name: person(name), name)) for name in names]
    await asyncio.sleep(0)
    tasks[1].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(told[1], asyncio.CancelledError)
    assert told[0] == told[2]


async def test_two_processes_lock_the_same_lanes_in_one_order(db, database_url):
    other = await open_database(database_url)
    lock = sa.dialects.postgresql.insert(lane)
    lock = lock.on_conflict_do_update(index_elements=["tenant", "key"], set_={"key": lock.excluded.key})
    touch = sa.update(lane).where(lane.c.tenant == "acme", lane.c.key == sa.bindparam("p_key")).values(owner="x")
    keys = [f"lane{n}" for n in range(12)]

    def script(key):
        yield Op(lock, {"tenant": "acme", "key": key})
        done = yield Op(touch, {"p_key": key})
        return done.rowcount

    try:
        for _ in range(5):
            told = await asyncio.gather(
                *(share(db, lambda key=key: script(key), key) for key in keys),
                *(share(other, lambda key=key: script(key), key) for key in reversed(keys)),
            )
            assert told == [1] * 24
    finally:
        await other.close()


async def test_a_slow_one_keeps_the_others_of_its_kind_waiting_for_a_moment_only(db, database_url):
    await share(db, lambda: person("known"), "known")
    other = await open_database(database_url)
    held, release = asyncio.Event(), asyncio.Event()

    def holding():
        yield Op(RENAME, {"p_id": "known", "p_name": "held"})
        held.set()
        while not release.is_set():
            yield Op(TRANSACTION)

    def waiting():
        return (yield Op(RENAME, {"p_id": "known", "p_name": "waited"})).rowcount

    try:
        holder = asyncio.ensure_future(other.run(holding(), tenant="acme"))
        await held.wait()
        slow = asyncio.ensure_future(share(db, waiting, "slow"))
        while db._together._queues["acme", "test"].busy != {"slow"}:
            await asyncio.sleep(0)
        await asyncio.gather(*(share(db, lambda n=n: person(f"n{n}"), str(n)) for n in range(3)))
        assert not slow.done()
        release.set()
        await holder
        assert await slow == 1
    finally:
        release.set()
        await other.close()
