"""What every database promises: the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import create_async_engine

from hookline.db import ConstraintViolated, Op, StatementFailed, normalise_url, open_database, visible_events
from hookline.errors import ConfigError, CrossTenantStatement, StorageError
from hookline.models import BigId, Json, event
from hookline.rls import apply_rls
from hookline.tenancy import TenantDb
from hookline.testing.databases import postgres_database

metadata = sa.MetaData()
shop = sa.Table(
    "shop",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)
item = sa.Table(
    "item",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False, default=dict),
    sa.Column("stock", sa.Integer, nullable=False, server_default="0"),
    sa.Column("price", sa.Numeric(10, 2)),
    sa.Column("weight", sa.Double),
    sa.Column("since", sa.Date),
    sa.Column("tags", sa.JSON),
    sa.UniqueConstraint("tenant", "shop", "name"),
    sa.ForeignKeyConstraint(["tenant", "shop"], ["shop.tenant", "shop.name"]),
)
ADD = sa.insert(item).values(tenant="acme")
BY_NAME = sa.select(item).where(item.c.name == sa.bindparam("name"))


def make_tables(connection):
    metadata.create_all(connection)
    connection.execute(
        sa.insert(shop), [{"tenant": t, "name": name} for t in ("acme", "other") for name in ("north", "south")]
    )
    apply_rls(connection, metadata)


@asynccontextmanager
async def postgresql_database():
    async with postgres_database(None) as address:
        url = sa.make_url(address)
        engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), poolclass=sa.NullPool)
        async with engine.begin() as tables:
            await tables.run_sync(make_tables)
        await engine.dispose()
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))])
async def db(request, tmp_path):
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'hookline.db'}"
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            with engine.begin() as connection:
                make_tables(connection)
        else:
            url = await stack.enter_async_context(postgresql_database())
        database = await open_database(url, plugins_metadata=[metadata])
        stack.push_async_callback(database.close)
        yield database


def one(statement, params=None):
    return (yield Op(statement, params))


async def names(db):
    return [row.name for row in await db.fetch(sa.select(item.c.name).order_by(item.c.id), tenant="acme")]


async def test_a_script_sees_its_own_writes_and_returns_its_value(db):
    def script():
        added = yield Op(ADD, {"shop": "north", "name": "tea", "data": {"organic": True}})
        found = yield Op(BY_NAME, {"name": "tea"})
        return added.rowcount, found.rows[0].data, found.rows[0].stock

    assert await db.run(script(), tenant="acme") == (1, {"organic": True}, 0)


async def test_what_was_committed_is_read_at_once(db):
    for number in range(30):
        await db.run(one(ADD, {"shop": "north", "name": f"tea {number}"}), tenant="acme")
        assert len(await names(db)) == number + 1


async def test_rows_are_named_tuples(db):
    await db.run(one(ADD, {"shop": "north", "name": "tea"}), tenant="acme")
    rows = await db.fetch(sa.select(item.c.name, item.c.stock, sa.func.length(item.c.name).label("n")), tenant="acme")
    assert rows[0] == ("tea", 0, 3)
    assert (rows[0].name, rows[0].n) == ("tea", 3)
    assert rows[0]._asdict() == {"name": "tea", "stock": 0, "n": 3}


async def test_values_keep_their_types(db):
    values = {
        "name": "tea",
        "data": {"a": [1, None, "ü"]},
        "price": decimal.Decimal("9.50"),
        "weight": 0.25,
        "since": dt.date(2026, 11, 21),
        "tags": {"x": [1, 2]},
    }
    await db.run(one(ADD, {"shop": "north", **values}), tenant="acme")
    row = (await db.fetch(BY_NAME, {"name": "tea"}, tenant="acme"))[0]
    assert {name: getattr(row, name) for name in values} == values
    assert isinstance(row.price, decimal.Decimal)


async def test_python_defaults_apply_where_no_value_is_given(db):
    await db.run(one(ADD, {"shop": "north", "name": "tea"}), tenant="acme")
    await db.run(one(sa.insert(item).values(tenant="acme", shop="north", name="nuts")), tenant="acme")
    assert [row.data for row in await db.fetch(sa.select(item.c.data), tenant="acme")] == [{}, {}]


async def test_statements_of_one_shape_keep_their_own_values(db):
    for name in ("tea", "nuts", "salt"):
        await db.run(
            one(sa.insert(item).values(tenant="acme", shop="north", name=name, data={"is": name})), tenant="acme"
        )
    for name in ("tea", "nuts", "salt"):
        rows = await db.fetch(sa.select(item.c.data).where(item.c.name == name), tenant="acme")
        assert [row.data for row in rows] == [{"is": name}]


async def test_one_statement_runs_with_different_sets_of_parameters(db):
    await db.run(one(ADD, {"shop": "north", "name": "tea"}), tenant="acme")
    await db.run(one(ADD, {"stock": 5, "name": "nuts", "shop": "north"}), tenant="acme")
    assert [tuple(row) for row in await db.fetch(sa.select(item.c.name, item.c.stock), tenant="acme")] == [
        ("tea", 0),
        ("nuts", 5),
    ]


async def test_a_sequence_of_parameters_runs_the_statement_for_each(db):
    def script():
        none = yield Op(ADD, [])
        added = yield Op(ADD, [{"shop": "north", "name": f"tea {n}", "data": {"n": n}} for n in range(5)])
        changed = yield Op(
            sa.update(item).where(item.c.name == sa.bindparam("which")).values(stock=sa.bindparam("stock")),
            [{"which": f"tea {n}", "stock": n} for n in range(3)],
        )
        returned = yield Op(
            sa.insert(item).values(tenant="acme").returning(item.c.name),
            [{"shop": "south", "name": "a"}, {"shop": "south", "name": "b"}],
        )
        return none.rowcount, added.rowcount, changed.rowcount, [row.name for row in returned.rows]

    assert await db.run(script(), tenant="acme") == (0, 5, 3, ["a", "b"])
    assert await db.fetch(sa.select(sa.func.sum(item.c.stock)), tenant="acme") == [(3,)]


async def test_in_lists_of_any_length_work(db):
    await db.run(one(ADD, [{"shop": "north", "name": name} for name in "abcd"]), tenant="acme")
    some = sa.select(item.c.name).where(item.c.name.in_(sa.bindparam("some", expanding=True))).order_by(item.c.name)
    for wanted in (["a"], ["b", "d", "x"], [], ["a", "b", "c", "d"]):
        rows = await db.fetch(some, {"some": wanted}, tenant="acme")
        assert [row.name for row in rows] == [name for name in wanted if name != "x"]
    literal = sa.select(item.c.name).where(item.c.name.in_(["a", "c"]), item.c.shop == "north").order_by(item.c.name)
    assert [row.name for row in await db.fetch(literal, tenant="acme")] == ["a", "c"]


async def test_conflicts_can_be_ignored_or_turned_into_updates(db):
    insert = sqlite_insert if db.dialect == "sqlite" else postgresql_insert
    row = {"shop": "north", "name": "tea", "stock": 1}
    ignore = (
        insert(item)
        .values(tenant="acme")
        .on_conflict_do_nothing(index_elements=["tenant", "shop", "name"])
        .returning(item.c.id)
    )
    upsert = (
        insert(item)
        .values(tenant="acme")
        .on_conflict_do_update(
            index_elements=["tenant", "shop", "name"], set_={"stock": item.c.stock + insert(item).excluded.stock}
        )
    )

    def script():
        first = yield Op(ignore, row)
        second = yield Op(ignore, row)
        yield Op(upsert, row)
        yield Op(upsert, [row, {**row, "name": "nuts"}])
        return len(first.rows), len(second.rows)

    assert await db.run(script(), tenant="acme") == (1, 0)
    rows = await db.fetch(sa.select(item.c.name, item.c.stock).order_by(item.c.id), tenant="acme")
    assert [tuple(each) for each in rows] == [("tea", 3), ("nuts", 1)]


async def test_text_gives_rows_and_counts(db):
    def script():
        yield Op(ADD, [{"shop": "north", "name": "tea"}, {"shop": "north", "name": "nuts"}])
        changed = yield Op(sa.text("UPDATE item SET stock = :stock"), {"stock": 7})
        found = yield Op(sa.text("SELECT name, stock FROM item ORDER BY name"))
        return changed.rowcount, [(row.name, row.stock) for row in found.rows]

    assert await db.run(script(), tenant="acme") == (2, [("nuts", 7), ("tea", 7)])


async def test_update_and_delete_say_how_many_rows_they_touched(db):
    def script():
        yield Op(ADD, [{"shop": "north", "name": name} for name in "abc"])
        changed = yield Op(sa.update(item).where(item.c.name != "a").values(stock=1))
        gone = yield Op(sa.delete(item).where(item.c.stock == 1).returning(item.c.name))
        missed = yield Op(sa.delete(item).where(item.c.name == "z"))
        return changed.rowcount, gone.rowcount, missed.rowcount

    assert await db.run(script(), tenant="acme") == (2, 2, 0)


async def test_an_exception_in_the_script_undoes_it_and_reaches_its_caller_only(db):
    class OutOfStock(Exception):
        pass

    def bad():
        yield Op(ADD, {"shop": "north", "name": "bad"})
        raise OutOfStock("no tea")

    results = await asyncio.gather(
        db.run(one(ADD, {"shop": "north", "name": "first"}), tenant="acme"),
        db.run(bad(), tenant="acme"),
        db.run(one(ADD, {"shop": "north", "name": "second"}), tenant="acme"),
        return_exceptions=True,
    )
    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert isinstance(results[1], OutOfStock)
    assert sorted(await names(db)) == ["first", "second"]


async def test_a_broken_constraint_names_its_table_and_undoes_the_script(db):
    def twice():
        yield Op(ADD, {"shop": "north", "name": "tea"})
        yield Op(ADD, {"shop": "north", "name": "tea"})

    with pytest.raises(ConstraintViolated, match=r"^item: (?i:unique|duplicate)") as caught:
        await db.run(twice(), tenant="acme")
    assert (caught.value.table, caught.value.retryable) == ("item", False)
    assert await names(db) == []


async def test_a_foreign_key_without_its_parent_is_refused(db):
    with pytest.raises(ConstraintViolated, match=r"(?i)^item: .*foreign key"):
        await db.run(one(ADD, {"shop": "nowhere", "name": "tea"}), tenant="acme")


async def test_a_script_ends_at_a_failed_statement_and_is_cleaned_up(db):
    seen = []

    def script():
        try:
            yield Op(ADD, {"shop": "nowhere", "name": "tea"})
            seen.append("went on")
        finally:
            seen.append("cleaned up")

    with pytest.raises(ConstraintViolated):
        await db.run(script(), tenant="acme")
    assert seen == ["cleaned up"]


async def test_a_missing_value_is_named(db):
    with pytest.raises(StorageError, match="no value for parameter name of: SELECT item"):
        await db.fetch(BY_NAME, {"nmae": "tea"}, tenant="acme")


async def test_a_missing_table_is_named(db):
    nothing = sa.Table("nothing", sa.MetaData(), sa.Column("id", sa.Integer))
    with pytest.raises(StatementFailed, match=r"^nothing: .*nothing"):
        await db.fetch(sa.select(nothing), tenant="acme")


async def test_a_value_for_no_column_is_refused(db):
    with pytest.raises(StorageError, match=r"^item: no column or parameter colour$"):
        await db.run(one(ADD, {"shop": "north", "name": "tea", "colour": "red"}), tenant="acme")


async def test_a_statement_that_cannot_be_rendered_names_its_table(db):
    with pytest.raises(StorageError, match=r"item: the statement can't be rendered: .*colour"):
        await db.run(one(sa.insert(item).values(tenant="acme", shop="north", colour="red")), tenant="acme")


async def test_an_error_never_quotes_the_rows_values(db):
    with pytest.raises(ConstraintViolated) as caught:
        await db.run(one(ADD, {"shop": "north", "name": None, "data": {"phone": "5550123"}}), tenant="acme")
    assert "name" in str(caught.value)
    assert "5550123" not in str(caught.value)


async def test_a_value_that_cannot_be_stored_fails_its_script_alone(db):
    bad, good = await asyncio.gather(
        db.run(one(ADD, {"shop": "north", "name": "tea", "data": object()}), tenant="acme"),
        db.run(one(ADD, {"shop": "north", "name": "nuts"}), tenant="acme"),
        return_exceptions=True,
    )
    assert isinstance(bad, TypeError)
    assert good.rowcount == 1
    assert await names(db) == ["nuts"]


@pytest.mark.parametrize("tenant", ["other", ""])
async def test_a_statement_of_another_tenant_is_refused(db, tenant):
    def script():
        yield Op(ADD, {"shop": "north", "name": "tea"}, tenant="acme")

    with pytest.raises(
        CrossTenantStatement, match=f"item: a statement for tenant 'acme' in a transaction of '{tenant}'"
    ):
        await db.run(script(), tenant=tenant)


async def test_plugins_of_two_tenants_use_one_table_and_meet_only_their_own_rows(db):
    acme, other = TenantDb(db, "acme"), TenantDb(db, "other")
    plain = sa.insert(item)
    names_of = sa.select(item.c.tenant, item.c.name, item.c.data).order_by(item.c.name)
    for tenant in (acme, other):
        added, several, literal = await tenant.write(
            (plain, {"shop": "north", "name": "tea", "data": {"n": 1}}),
            (plain, [{"shop": "north", "name": "nuts"}, {"shop": "south", "name": "salt"}]),
            sa.insert(item).values([{"shop": "south", "name": "oil"}, {"shop": "south", "name": "rice"}]),
        )
        assert (added.rowcount, several.rowcount, literal.rowcount) == (1, 2, 2)
    changed, gone = await other.write(
        sa.update(item).values(stock=9), sa.delete(item).where(item.c.name.in_(["tea", "salt"])).returning(item.c.name)
    )
    assert (changed.rowcount, sorted(row.name for row in gone.rows)) == (5, ["salt", "tea"])
    assert [tuple(row) for row in await acme.fetch(names_of)] == [
        ("acme", "nuts", {}),
        ("acme", "oil", {}),
        ("acme", "rice", {}),
        ("acme", "salt", {}),
        ("acme", "tea", {"n": 1}),
    ]
    assert [row.name for row in await other.fetch(names_of)] == ["nuts", "oil", "rice"]
    some = sa.select(item.c.stock).where(item.c.name.in_(sa.bindparam("some", expanding=True)))
    assert [row.stock for row in await other.fetch(some, {"some": ["tea", "nuts"]})] == [9]
    assert [row.stock for row in await acme.fetch(some, {"some": ["tea", "nuts"]})] == [0, 0]


async def test_a_plugins_row_for_another_tenant_is_refused_however_often_it_is_tried(db):
    acme = TenantDb(db, "acme")
    plain = sa.insert(item)
    await acme.write((plain, {"tenant": "acme", "shop": "north", "name": "tea"}))
    for _ in range(2):
        with pytest.raises(CrossTenantStatement, match="for tenant 'acme' names tenant 'other'"):
            await acme.write((plain, {"tenant": "other", "shop": "north", "name": "nuts"}))
        with pytest.raises(CrossTenantStatement, match="for tenant 'acme' names tenant 'other'"):
            await acme.write(sa.insert(item).values(tenant="other", shop="north", name="nuts"))
    await acme.write(sa.insert(item).values(tenant="acme", shop="north", name="salt"))
    assert await names(db) == ["tea", "salt"]


async def test_a_plugins_statements_confine_in_a_script_of_the_core(db):
    def script():
        yield Op(sa.insert(item), {"tenant": "acme", "shop": "north", "name": "tea"})
        found = yield Op(sa.select(item.c.name, item.c.tenant), tenant="acme")
        return found.rows

    assert await db.run(script(), tenant="acme") == [("tea", "acme")]


async def test_a_plugin_cannot_change_the_schema(db):
    def script():
        yield Op(sa.schema.DropTable(item), tenant="acme")

    with pytest.raises(CrossTenantStatement, match="a plugin may run only queries and writes, not DropTable"):
        await db.run(script(), tenant="acme")


async def test_parameter_sets_of_one_statement_have_the_same_names(db):
    with pytest.raises(StorageError, match="item: the parameter sets of one statement differ in their names"):
        await db.run(
            one(ADD, [{"shop": "north", "name": "a"}, {"shop": "north", "name": "b", "stock": 1}]), tenant="acme"
        )


async def test_scripts_of_one_task_commit_in_order(db):
    for name in "abcdefgh":
        await db.run(one(ADD, {"shop": "north", "name": name}), tenant="acme")
    assert "".join(await names(db)) == "abcdefgh"


async def test_many_tasks_lose_nothing(db):
    async def work(task):
        for number in range(20):
            await db.run(one(ADD, {"shop": "north", "name": f"{task}:{number:02}"}), tenant="acme")

    await asyncio.gather(*(work(task) for task in range(16)))
    stored = await names(db)
    assert len(stored) == 320
    for task in range(16):
        mine = [name for name in stored if name.startswith(f"{task}:")]
        assert mine == sorted(mine)


async def test_fetch_cannot_write(db):
    with pytest.raises(StatementFailed, match=r"(?i)item: .*(readonly|read-only|can't be written)"):
        await db.fetch(
            sa.insert(item).values(tenant="acme", shop="north", name="tea").returning(item.c.id), tenant="acme"
        )


async def test_a_closed_database_says_so_and_closes_twice(db):
    await db.close()
    await db.close()
    with pytest.raises(StorageError, match="is closed"):
        await db.fetch(BY_NAME, {"name": "tea"}, tenant="acme")
    with pytest.raises(StorageError, match="is closed"):
        await db.run(one(ADD, {"shop": "north", "name": "tea"}), tenant="acme")


@pytest.mark.parametrize(
    ("url", "driver", "database"),
    [
        ("sqlite:///chatbot.db", "sqlite", "chatbot.db"),
        ("sqlite:////var/lib/hookline/hookline.db", "sqlite", "/var/lib/hookline/hookline.db"),
        ("sqlite+aiosqlite:///chatbot.db", "sqlite", "chatbot.db"),
        ("postgresql://u:p@h:5433/bot", "postgresql+asyncpg", "bot"),
        ("postgresql+asyncpg://u:p@h/bot", "postgresql+asyncpg", "bot"),
        ("postgres://h/bot", "postgresql+asyncpg", "bot"),
    ],
)
@pytest.mark.row("A214")
def test_urls_that_are_accepted(url, driver, database):
    parsed = normalise_url(url)
    assert (parsed.drivername, parsed.database) == (driver, database)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("hookline.db", "not a URL"),
        ("mysql://h/bot", "'mysql' is not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://u:secret@h", "names no database"),
    ],
)
def test_other_urls_are_refused_with_what_is_allowed(url, text):
    with pytest.raises(ConfigError, match=text) as caught:
        normalise_url(url)
    assert "sqlite:///path/to/hookline.db or postgresql://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_whole_log_is_visible_on_sqlite_and_what_is_settled_on_postgresql():
    assert str(visible_events("sqlite")) == "true"
    assert str(visible_events("postgresql")).startswith("event.xid < CAST(CAST(pg_snapshot_xmin(")
    assert event.c.xid.type.python_type is int


def test_the_path_of_a_sqlite_url_is_relative_to_the_working_directory():
    assert Path(normalise_url("sqlite:///data/hookline.db").database or "") == Path("data/hookline.db")
