"""PostgreSQL: transactions that meet, lost connections, roles and policies, the order of the event log."""

from __future__ import annotations

import asyncio
import os
import uuid

import asyncpg
import pytest
import sqlalchemy as sa

from hookline import migrate
from hookline.db import EVERY_TENANT, Op, StatementFailed, normalise_url, open_database, visible_events
from hookline.errors import StorageError
from hookline.models import contact, event, lane
from hookline.postgres import PostgresDatabase
from hookline.testing.databases import postgres_database

pytestmark = pytest.mark.service("postgresql")

CONTACT = sa.insert(contact)
LOG = sa.insert(event)
IDS = sa.select(contact.c.tenant, contact.c.id).order_by(contact.c.id)
TOUCH = sa.update(contact).where(contact.c.id == sa.bindparam("which")).values(name="touched")


def server():
    return os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@pytest.fixture
async def admin():
    """The server itself, to make databases and look at what others do."""
    connection = await asyncpg.connect(server())
    yield connection
    await connection.close()


@pytest.fixture
async def url():
    async with postgres_database(None) as url:
        yield url


@pytest.fixture
async def db(url):
    await asyncio.to_thread(migrate.upgrade, url)
    database = await open_database(url)
    yield database
    await database.close()


def one(statement, params=None):
    return (yield Op(statement, params))


def person(tenant, name):
    return one(CONTACT, {"tenant": tenant, "id": name, "created_at": 1.0})


async def waiting_for_a_lock(admin, url):
    """Return once a connection of the database waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
    while not await admin.fetchval(query, sa.make_url(url).database):
        await asyncio.sleep(0)


async def test_the_database_itself_keeps_tenants_apart_where_a_statement_forgets_to(db):
    await db.run(person("acme", "ann"), tenant="acme")
    await db.run(person("other", "bob"), tenant="other")
    assert await db.fetch(IDS, tenant="acme") == [("acme", "ann")]
    assert (await db.run(one(sa.update(contact).values(name="x")), tenant="other")).rowcount == 1
    with pytest.raises(StatementFailed, match="contact: new row violates row-level security policy"):
        await db.run(person("other", "eve"), tenant="acme")


async def test_a_look_across_tenants_reads_all_and_writes_nothing(db):
    await db.run(person("acme", "ann"), tenant="acme")
    await db.run(person("other", "bob"), tenant="other")
    assert await db.fetch(IDS, tenant=EVERY_TENANT) == [("acme", "ann"), ("other", "bob")]
    with pytest.raises(StatementFailed, match="contact: new row violates row-level security policy"):
        await db.run(person("acme", "eve"), tenant=EVERY_TENANT)
    everybody = sa.update(contact).values(name="eve")
    assert (await db.run(one(everybody, {}), tenant=EVERY_TENANT)).rowcount == 0


async def test_the_tenant_ends_with_its_transaction(db):
    for tenant in ("acme", "it's", 'a"b\\'):
        setting = sa.select(sa.func.current_setting("hookline.tenant", True), sa.func.current_user())
        assert await db.fetch(setting, tenant=tenant) == [(tenant, "hookline_tenant")]
    async with db._pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_setting('hookline.tenant', true)") in (None, "")
        assert await connection.fetchval("SELECT current_user") != "hookline_tenant"


async def test_a_deadlock_fails_one_script_which_can_be_made_again(db):
    await db.run(person("acme", "ann"), tenant="acme")
    await db.run(person("acme", "bob"), tenant="acme")

    def crossing(first, second):
        yield Op(TOUCH, {"which": first})
        held.append(first)
        yield Op(sa.select(sa.literal(1)))
        while len(held) < 2:
            yield Op(sa.select(sa.literal(1)))
        yield Op(TOUCH, {"which": second})
        return first

    held = []
    results = await asyncio.gather(
        db.run(crossing("ann", "bob"), tenant="acme"),
        db.run(crossing("bob", "ann"), tenant="acme"),
        return_exceptions=True,
    )
    failed = [result for result in results if isinstance(result, StatementFailed)]
    assert len(failed) == 1
    assert failed[0].retryable
    assert str(failed[0]) == "contact: deadlock detected"
    assert await db.run(crossing("bob", "ann"), tenant="acme") == "bob"


async def test_a_cancelled_script_leaves_nothing_and_its_connection_is_used_again(db, admin, url):
    await db.run(person("acme", "ann"), tenant="acme")
    go_on = asyncio.Event()

    blocker = await asyncpg.connect(url)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("UPDATE contact SET name = 'blocked'")

    def script():
        yield Op(CONTACT, {"tenant": "acme", "id": "lost", "created_at": 1.0})
        go_on.set()
        yield Op(TOUCH, {"which": "ann"})

    task = asyncio.ensure_future(db.run(script(), tenant="acme"))
    await go_on.wait()
    await waiting_for_a_lock(admin, url)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await transaction.rollback()
    await blocker.close()
    assert await db.fetch(IDS, tenant="acme") == [("acme", "ann")]


async def test_a_lost_connection_is_retryable_and_the_next_script_gets_a_new_one(db, admin, url):
    def script():
        pid = (yield Op(sa.select(sa.func.pg_backend_pid().label("pid")))).rows[0].pid
        pids.append(pid)
        yield Op(sa.text("SELECT pg_sleep(60)"))

    pids = []
    task = asyncio.ensure_future(db.run(script(), tenant="acme"))
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep'"
    while not await admin.fetchval(sleeping, sa.make_url(url).database):
        await asyncio.sleep(0)
    await admin.execute("SELECT pg_terminate_backend($1)", pids[0])
    with pytest.raises(StatementFailed) as caught:
        await task
    assert caught.value.retryable
    await db.run(person("acme", "ann"), tenant="acme")
    assert await db.fetch(IDS, tenant="acme") == [("acme", "ann")]


async def test_more_scripts_than_connections_wait_their_turn(url):
    await asyncio.to_thread(migrate.upgrade, url)
    db = await PostgresDatabase.open(normalise_url(url), pool_size=2)
    await asyncio.gather(*(db.run(person("acme", f"{n:02}"), tenant="acme") for n in range(40)))
    assert len(await db.fetch(IDS, tenant="acme")) == 40
    await db.close()


async def test_events_are_not_read_past_one_that_can_still_appear(db, url):
    def log(kind):
        return one(LOG, {"tenant": "acme", "kind": kind, "at": 1.0})

    visible = sa.select(event.c.kind).where(event.c.tenant == "acme", visible_events("postgresql")).order_by(event.c.id)

    async def kinds():
        return [row.kind for row in await db.fetch(visible, tenant="acme")]

    await db.run(log("first"), tenant="acme")
    slow = await asyncpg.connect(url)
    transaction = slow.transaction()
    await transaction.start()
    await slow.execute("INSERT INTO event (tenant, kind, at) VALUES ('acme', 'slow', 1)")
    await db.run(log("quick"), tenant="acme")
    # "quick" has the higher id and is committed; reading it now would skip "slow" for good
    assert await kinds() == ["first"]
    await transaction.commit()
    assert await kinds() == ["first", "slow", "quick"]
    await slow.close()


async def test_a_migration_meanwhile_makes_a_prepared_statement_retryable_at_most(db, url):
    everything = sa.text("SELECT * FROM lane")
    await db.run(one(sa.insert(lane), {"tenant": "acme", "key": "k"}), tenant="acme")
    whole = sa.select(sa.literal_column("*")).select_from(lane)
    assert len((await db.fetch(whole, tenant="acme"))[0]) == 5
    owner = await asyncpg.connect(url)
    await owner.execute("ALTER TABLE lane ADD COLUMN more INTEGER")
    await owner.close()
    assert len((await db.fetch(everything, tenant="acme"))[0]) == 6
    with pytest.raises(StatementFailed) as caught:
        await db.fetch(whole, tenant="acme")
    assert caught.value.retryable
    assert len((await db.fetch(whole, tenant="acme"))[0]) == 6


async def test_a_database_without_hooklines_tables_says_what_to_run(url, admin):
    name = f"hookline_{uuid.uuid4().hex}"
    await admin.execute(f"CREATE ROLE {name} LOGIN")
    bare = sa.make_url(url).set(username=name).render_as_string(hide_password=False)
    with pytest.raises(StorageError, match=r"is not set up for Hookline: .*; run `hookline db upgrade`$"):
        await open_database(bare)
    await admin.execute(f"DROP ROLE {name}")


async def test_a_server_that_cannot_be_reached_is_named_without_its_password():
    with pytest.raises(StorageError, match=r"can't open the database postgresql\+asyncpg://u:\*\*\*@127.0.0.1:1/x: "):
        await open_database("postgresql://u:secret@127.0.0.1:1/x")


async def test_a_database_that_does_not_exist_is_named():
    url = sa.make_url(server()).set(database="hookline_nowhere").render_as_string(hide_password=False)
    with pytest.raises(StorageError, match='database "hookline_nowhere" does not exist'):
        await open_database(url)


async def test_a_reader_that_is_cancelled_at_any_moment_leaves_no_transaction_behind(db):
    told = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(context["message"]))
    for n in range(400):
        reading = asyncio.create_task(db.fetch(IDS, tenant="acme"))
        until = loop.time() + n * 5e-6  # from before its first message to after its last
        while loop.time() < until:
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
    loop.set_exception_handler(None)
    assert told == []
    assert await db.fetch(IDS, tenant="acme") == ()


async def test_a_long_list_of_values_is_planned_for_the_table_as_it_is(url):
    """A plan kept from when the table was empty would read the whole table for each value, until somebody analyses it."""
    await asyncio.to_thread(migrate.upgrade, url)
    db = await PostgresDatabase.open(normalise_url(url), pool_size=1)
    named = [f"c{n}" for n in range(50)]
    for ident in named[:2]:
        await db.run(person("acme", ident), tenant="acme")

    async def used():
        """How often a prepared statement of contacts was planned or its plan taken again, at most."""
        times = sa.func.coalesce(sa.func.max(sa.column("custom_plans") + sa.column("generic_plans")), 0)
        asked = sa.select(times.label("n")).select_from(sa.table("pg_prepared_statements"))
        (row,) = await db.fetch(asked.where(sa.column("statement").like("%contact%")), tenant="acme")
        return row.n

    for ids, plans in ((named, range(5)), (named[:3], {7})):
        for _ in range(7):  # the sixth time a server takes a kept plan
            assert len(await db.fetch(IDS.where(contact.c.id.in_(ids)), tenant="acme")) == 2
        assert await used() in plans
    await db.close()
