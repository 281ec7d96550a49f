"""The second line of defence: what the databases refuse when a statement got past the compiler.

Here the statements are raw SQL, as no plugin can hand it in; what is `b`'s has the word "secret" in it.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from types import SimpleNamespace

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert, pysqlite
from sqlalchemy.ext.asyncio import create_async_engine

from hookline import models
from hookline.compile import Statements
from hookline.confine import confined_dialect
from hookline.errors import CrossTenantStatement, MigrationError
from hookline.rls import apply_rls, lift_rls, session_statements
from hookline.sqliteguard import sqlite_guard
from hookline.testing.databases import postgres_database
from hookline.vetting import register

metadata = sa.MetaData()
note = sa.Table(
    "def_note",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False, server_default=""),
    sa.PrimaryKeyConstraint("tenant", "id"),
)
tag = sa.Table(
    "def_tag",
    metadata,
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("note", sa.Integer, nullable=False),
    sa.Column("contact", sa.Text),
    sa.PrimaryKeyConstraint("tenant", "note"),
    sa.ForeignKeyConstraint(["tenant", "note"], [note.c.tenant, note.c.id], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["tenant", "contact"], [models.contact.c.tenant, models.contact.c.id]),
)
log = sa.Table(
    "def_log",
    metadata,
    sa.Column("id", models.BigId, primary_key=True, autoincrement=True),
    sa.Column("tenant", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False, server_default="-"),
)
register(metadata)


def make_tables(connection):
    for tables in (models.metadata, metadata):
        tables.create_all(connection)
        apply_rls(connection, tables)
    for tenant, word in (("a", "own"), ("b", "secret")):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT set_config('hookline.tenant', '{tenant}', true)")
        connection.execute(sa.insert(models.contact).values(tenant=tenant, id="c", name=word, created_at=1.0))
        connection.execute(sa.insert(note), [{"tenant": tenant, "id": n, "body": f"{word} {n}"} for n in (1, 2)])
        connection.execute(sa.insert(tag).values(tenant=tenant, note=1, contact="c"))
        connection.execute(sa.insert(log).values(tenant=tenant, text=f"{word} log"))


# -- SQLite ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("defence") / "hookline.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as made:
        made.exec_driver_sql("PRAGMA synchronous=OFF")
        make_tables(made)
    engine.dispose()
    return path


@pytest.fixture
def connection(template, tmp_path):
    path = shutil.copy(template, tmp_path / "hookline.db")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    yield connection
    connection.close()


OWN_NOTE = "(WITH hookline_own_def_note AS (SELECT * FROM def_note WHERE def_note.tenant='a') SELECT * FROM hookline_own_def_note)"
PAST_THE_GUARD = {
    "SELECT body FROM def_note": "to read def_note.",
    "SELECT count(*) FROM def_note": "to read def_note.",
    "SELECT 1 FROM def_note": "to read def_note.",
    "SELECT body FROM def_note WHERE tenant='a'": "to read def_note.",
    f"SELECT n.body FROM {OWN_NOTE} AS n JOIN def_log ON 1": "to read def_log.",
    f"SELECT body FROM {OWN_NOTE} AS n UNION SELECT body FROM def_note": "to read def_note.",
    f"SELECT (SELECT max(text) FROM def_log) FROM {OWN_NOTE} AS n": "to read def_log.",
    "WITH x AS (SELECT body FROM def_note) SELECT * FROM x": "to read def_note.",
    "SELECT name FROM contact": "to read contact.",
    "SELECT sql FROM sqlite_master": "to read sqlite_master.",
    "SELECT name FROM pragma_table_info('def_note')": "",
    "UPDATE def_note SET tenant='a'": "to change def_note.tenant",
    "UPDATE def_log SET text='x'": "to change def_log.text",
    "UPDATE def_note SET body=(SELECT max(text) FROM def_log)": "to read def_log.",
    "UPDATE contact SET name='x'": "to change contact.name",
    "INSERT INTO contact (tenant, id, created_at) VALUES ('a', 'x', 1)": "to write contact",
    "INSERT INTO def_log (tenant, text) VALUES ('a', 'x')": "to write def_log",
    "DELETE FROM def_log": "to write def_log",
    "INSERT INTO def_note (tenant, id) VALUES ('a', 1) ON CONFLICT DO UPDATE SET tenant='b'": "to change def_note.tenant",
    "ATTACH ':memory:' AS other": "action 24",
    "DETACH main": "action 25",
    "PRAGMA table_info(def_note)": "action 19",
    "PRAGMA writable_schema=ON": "action 19",
    "CREATE TABLE x (y)": "to write sqlite_master",
    "CREATE TEMP VIEW hookline_own_def_note AS SELECT * FROM def_note": "to write sqlite_temp_master",
    "DROP TABLE def_note": "to write sqlite_master",
    "ALTER TABLE def_note ADD COLUMN x": "",
    "CREATE INDEX i ON def_note (body)": "to write sqlite_master",
    "REINDEX": "action 27",
    "ANALYZE": "",
    "BEGIN": "action 22",
    "COMMIT": "action 22",
    "SAVEPOINT x": "action 32",
    "SELECT load_extension('evil')": "the function load_extension()",
    "SELECT sqlite_version()": "the function sqlite_version()",
    "SELECT randomblob(9)": "the function randomblob()",
    "SELECT last_insert_rowid()": "the function last_insert_rowid()",
}


@pytest.mark.parametrize(("sql", "wanted"), PAST_THE_GUARD.items())
def test_sqlite_refuses_what_is_not_the_tenants(connection, sql, wanted):
    guard = sqlite_guard(connection)
    writes = frozenset() if sql.startswith(("SELECT", "WITH")) else frozenset({"def_note"})
    with pytest.raises(CrossTenantStatement) as caught, guard.confined(writes):
        connection.execute(sql)
    assert f"SQLite refused a plugin's statement, which wanted {wanted}" in str(caught.value)
    assert connection.execute("SELECT count(*), count(DISTINCT tenant), max(body) FROM def_note").fetchall() == [
        (4, 2, "secret 2")
    ]


def confined(statement):
    base = pysqlite.dialect(paramstyle="qmark")
    prepared = Statements(confined_dialect(base), confined=True).prepare(statement, None)
    return prepared.rendered.compiled.writes, *prepared.bind(None, "a")


UPSERT = insert(note).values(id=1, body="new")
ALLOWED = {
    "select": (sa.select(note.c.body).where(note.c.id == 1), [("own 1",)]),
    "count": (sa.select(sa.func.count()).select_from(note), [(2,)]),
    "join": (
        sa.select(note.c.body, models.contact.c.name).select_from(note.join(tag).join(models.contact)),
        [("own 1", "own")],
    ),
    "exists": (sa.select(note.c.id).where(sa.exists().where(tag.c.note == note.c.id)), [(1,)]),
    "json": (sa.select(sa.func.json_each("[7]").table_valued("value").c.value), [(7,)]),
    "like": (sa.select(note.c.id).where(note.c.body.ilike("OWN 2")), [(2,)]),
    "recursive": (
        sa.select(sa.select(sa.literal(1).label("n")).cte("x", recursive=True).union_all(sa.select(sa.literal(2))).c.n),
        [(1,), (2,)],
    ),
    "insert": (sa.insert(note).values(id=3).returning(note.c.tenant, note.c.body), [("a", "")]),
    "insert with foreign keys": (sa.insert(tag).values(note=2, contact="c").returning(tag.c.note), [(2,)]),
    "insert from select": (
        sa.insert(log).from_select(["text"], sa.select(note.c.body)).returning(log.c.text),
        [("own 1",), ("own 2",)],
    ),
    "upsert": (
        UPSERT.on_conflict_do_update(index_elements=["tenant", "id"], set_={"body": "x"}).returning(note.c.body),
        [("x",)],
    ),
    "update": (sa.update(note).where(note.c.id == 1).values(body="x").returning(note.c.body), [("x",)]),
    "update from": (
        sa.update(note).where(tag.c.note == note.c.id).values(body=tag.c.contact).returning(note.c.body),
        [("c",)],
    ),
    "update with foreign keys": (sa.update(tag).values(contact=None).returning(tag.c.note), [(1,)]),
    "delete that cascades": (sa.delete(note).returning(note.c.id), [(1,), (2,)]),
}


@pytest.mark.parametrize(("statement", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_sqlite_lets_confined_statements_pass(connection, statement, expected):
    guard = sqlite_guard(connection)
    writes, sql, values = confined(statement)
    with guard.confined(writes):
        assert sorted(connection.execute(sql, values).fetchall()) == expected
    assert connection.execute("SELECT count(*) FROM def_note WHERE tenant='b'").fetchall() == [(2,)]
    assert connection.execute("SELECT count(*) FROM def_tag WHERE tenant='b'").fetchall() == [(1,)]


def test_sqlite_is_not_guarded_outside_the_context_nor_after_an_error(connection):
    guard = sqlite_guard(connection)
    with pytest.raises(CrossTenantStatement), guard.confined(frozenset()):
        connection.execute("SELECT body FROM def_note")
    assert len(connection.execute("SELECT body FROM def_note").fetchall()) == 4
    with pytest.raises(sqlite3.OperationalError, match="syntax error"), guard.confined(frozenset()):
        connection.execute("SELECT nonsense nonsense nonsense")
    connection.execute("CREATE TABLE x (y)")


def test_a_schema_change_of_another_connection_is_checked_again(connection, tmp_path):
    guard = sqlite_guard(connection)
    writes, sql, values = confined(sa.select(note.c.body).where(note.c.id == 1))
    with guard.confined(writes):
        connection.execute(sql, values).fetchall()
    other = sqlite3.connect(tmp_path / "hookline.db")
    other.execute("CREATE TABLE y (z)")
    other.close()
    with guard.confined(writes):
        assert connection.execute(sql, values).fetchall() == [("own 1",)]
        json = confined(ALLOWED["json"][0])
        assert connection.execute(*json[1:]).fetchall() == [(7,)]


def test_sqlite_still_finds_rows_by_the_index(connection):
    _, sql, values = confined(
        sa.select(note.c.body, tag.c.contact)
        .select_from(note.outerjoin(tag, tag.c.note == note.c.id))
        .where(note.c.id == 1)
    )
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert len(plan) == 2
    assert all(line.startswith("SEARCH ") and "(tenant=? AND " in line for line in plan), plan


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def postgresql(test):
    return pytest.mark.service("postgresql")(pytest.mark.asyncio(loop_scope="module")(test))


async def run_sync(url, work):
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with postgres_database(None) as address:
        url = sa.make_url(address)
        await run_sync(url, make_tables)
        yield url


@pytest_asyncio.fixture(loop_scope="module")
async def raw(server):
    connection = await asyncpg.connect(server.render_as_string(hide_password=False))
    yield connection
    await connection.close()


async def as_tenant(raw, tenant, sql):
    """What raw SQL gives in a transaction of the tenant, which is then undone."""
    await raw.execute(f"BEGIN;{session_statements(tenant)}")
    try:
        return [tuple(row) for row in await raw.fetch(sql)]
    finally:
        await raw.execute("ROLLBACK")


@postgresql
async def test_postgresql_shows_raw_sql_the_tenants_rows_only(raw):
    assert await as_tenant(raw, "a", "SELECT body FROM def_note ORDER BY id") == [("own 1",), ("own 2",)]
    assert await as_tenant(raw, "b", "SELECT text FROM def_log") == [("secret log",)]
    assert await as_tenant(raw, "a", "SELECT name FROM contact WHERE tenant = 'b'") == []
    assert await as_tenant(raw, "nobody", "SELECT body FROM def_note") == []
    assert await as_tenant(raw, "a' OR 'a'='a", "SELECT body FROM def_note") == []
    spied = "SELECT query_to_xml('SELECT body FROM def_note', true, true, '')::text"
    assert "secret" not in (await as_tenant(raw, "a", spied))[0][0]


@postgresql
async def test_postgresql_shows_nothing_without_a_tenant(raw):
    await raw.execute("BEGIN; SET LOCAL ROLE hookline_tenant")
    assert await raw.fetch("SELECT body FROM def_note") == []
    await raw.execute("ROLLBACK")


@postgresql
async def test_postgresql_lets_raw_sql_change_the_tenants_rows_only(raw):
    changed = "UPDATE def_note SET body = 'x' RETURNING tenant"
    assert await as_tenant(raw, "a", changed) == [("a",), ("a",)]
    assert await as_tenant(raw, "a", "UPDATE def_note SET body = 'x' WHERE tenant = 'b' RETURNING 1") == []
    assert await as_tenant(raw, "a", "DELETE FROM def_note RETURNING tenant") == [("a",), ("a",)]
    assert await as_tenant(raw, "a", "INSERT INTO def_log (tenant) VALUES ('a') RETURNING tenant") == [("a",)]


@postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO def_note (tenant, id) VALUES ('b', 9)",
        "UPDATE def_note SET tenant = 'b' WHERE id = 2",
        "INSERT INTO def_log (id, tenant) SELECT 2, 'a' ON CONFLICT (id) DO UPDATE SET text = 'stolen'",
    ],
)
async def test_postgresql_refuses_rows_of_another_tenant(raw, sql):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="violates row-level security policy"):
        await as_tenant(raw, "a", sql)


@postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE def_note DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE def_note NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY hookline_tenant ON def_note",
        "CREATE POLICY open ON def_note USING (true)",
        "TRUNCATE def_note",
        "DROP TABLE def_note",
        "CREATE TABLE mine (x int)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY def_note TO PROGRAM 'cat'",
        "CREATE ROLE other",
    ],
)
async def test_the_tenants_role_owns_nothing(raw, sql):
    with pytest.raises(asyncpg.PostgresError) as caught:
        await as_tenant(raw, "a", sql)
    assert caught.value.sqlstate in ("42501", "42P17", "0A000")


@postgresql
async def test_the_sweep_reads_the_cores_tables_of_all_tenants_and_writes_nothing(raw):
    await raw.execute("BEGIN; SET LOCAL ROLE hookline_sweep")
    rows = await raw.fetch("SELECT tenant FROM contact ORDER BY tenant")
    assert [row["tenant"] for row in rows] == ["a", "b"]
    for sql in ("UPDATE contact SET name = 'x'", "SELECT body FROM def_note"):
        await raw.execute("SAVEPOINT s")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table"):
            await raw.execute(sql)
        await raw.execute("ROLLBACK TO s")
    await raw.execute("ROLLBACK")


@postgresql
async def test_applying_the_policies_again_changes_nothing(server, raw):
    await run_sync(server, lambda connection: apply_rls(connection, metadata))
    policies = await raw.fetch("SELECT policyname FROM pg_policies WHERE tablename LIKE 'def%' ORDER BY tablename")
    assert [row["policyname"] for row in policies] == ["hookline_tenant"] * 3
    assert await as_tenant(raw, "a", "SELECT count(*) FROM def_note") == [(2,)]


@pytest_asyncio.fixture(loop_scope="module")
async def owner():
    """The address for a database user who is neither superuser nor may create roles, and owns the database."""
    name = f"hookline_owner_{uuid.uuid4().hex[:12]}"
    async with postgres_database(None) as address:
        url = sa.make_url(address)
        admin = await asyncpg.connect(url.render_as_string(hide_password=False))
        await admin.execute(f"CREATE ROLE {name} LOGIN; ALTER DATABASE {url.database} OWNER TO {name}")
        try:
            yield SimpleNamespace(url=url.set(username=name), name=name, admin=admin)
        finally:
            await admin.execute(f"ALTER DATABASE {url.database} OWNER TO CURRENT_USER; DROP OWNED BY {name}")
            await admin.execute(f"DROP ROLE {name}")
            await admin.close()


@postgresql
async def test_without_the_right_to_grant_the_roles_the_error_says_what_to_run(owner):
    with pytest.raises(MigrationError) as caught:
        await run_sync(owner.url, make_tables)
    text = str(caught.value)
    assert text.startswith("row level security, which keeps tenants apart, can't be set up: ")
    assert "CREATE ROLE hookline_tenant NOLOGIN;" in text
    assert "GRANT hookline_tenant, hookline_sweep TO <user>;" in text


@postgresql
async def test_the_policies_bind_the_owner_too_but_for_migrations(owner):
    await owner.admin.execute(f"GRANT hookline_tenant, hookline_sweep TO {owner.name}")
    await run_sync(owner.url, make_tables)
    connection = await asyncpg.connect(owner.url.render_as_string(hide_password=False))

    async def seen():
        return [row["body"] for row in await connection.fetch("SELECT body FROM def_note ORDER BY body")]

    assert await seen() == []
    assert await as_tenant(connection, "a", "SELECT count(*) FROM def_note") == [(2,)]
    await run_sync(owner.url, lambda made: lift_rls(made, metadata))
    assert await seen() == ["own 1", "own 2", "secret 1", "secret 2"]
    await run_sync(owner.url, lambda made: apply_rls(made, metadata))
    assert await seen() == []
    await connection.close()


def test_on_sqlite_there_are_no_policies_to_apply(connection):
    engine = sa.create_engine("sqlite://")
    with engine.connect() as made:
        apply_rls(made, metadata)
        lift_rls(made, metadata)
    engine.dispose()
