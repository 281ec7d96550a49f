"""Migrations: the core's history and the plugins', on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import uuid

import asyncpg
import attrs
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from hookline import migrate, models
from hookline.errors import MigrationError
from hookline.plugin import Plugin

FIRST = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{name}_1"
    down_revision = None

    def upgrade():
        op.create_table(
            "{name}_note",
            sa.Column("tenant", sa.Text, primary_key=True),
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("contact", sa.Text, nullable=False),
            sa.ForeignKeyConstraint(["tenant", "contact"], ["contact.tenant", "contact.id"], ondelete="CASCADE"),
        )

    def downgrade():
        op.drop_table("{name}_note")
"""
SECOND = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{name}_2"
    down_revision = "{name}_1"

    def upgrade():
        op.add_column("{name}_note", sa.Column("body", sa.Text, nullable=False, server_default="none"))

    def downgrade():
        op.drop_column("{name}_note", "body")
"""
BROKEN = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{name}_2"
    down_revision = "{name}_1"

    def upgrade():
        op.create_table("{name}_more", sa.Column("tenant", sa.Text, primary_key=True))
        op.execute("INSERT INTO {name}_nowhere VALUES (1)")

    def downgrade():
        pass
"""
ORPHANS = """
    from alembic import op

    revision = "{name}_2"
    down_revision = "{name}_1"

    def upgrade():
        op.execute("INSERT INTO {name}_note (tenant, id, contact) VALUES ('acme', 1, 'nobody')")

    def downgrade():
        pass
"""


RAISES = """
    from alembic import op

    revision = "{name}_2"
    down_revision = "{name}_1"

    def upgrade():
        op.execute("DELETE FROM {name}_note")
        raise ValueError("no rate of 1999 is known")

    def downgrade():
        pass
"""
KILLED = """
    import os
    import signal

    import sqlalchemy as sa
    from alembic import op

    revision = "{name}_2"
    down_revision = "{name}_1"

    def upgrade():
        op.create_table("{name}_more", sa.Column("tenant", sa.Text, primary_key=True))
        op.execute("UPDATE contact SET name = 'half done'")
        os.kill(os.getpid(), signal.SIGKILL)

    def downgrade():
        pass
"""
UPGRADE = """
import sys
from hookline import migrate
from hookline.plugin import Plugin

plugins = [Plugin(name="notes", hooks=lambda tenant: object(), migrations=sys.argv[2])]
migrate.upgrade(sys.argv[1], plugins)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service("postgresql"))])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hookline.db'}"
        return
    server = os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    name = f"hookline_{uuid.uuid4().hex}"
    asyncio.run(on_server(server, f"CREATE DATABASE {name}"))
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    asyncio.run(on_server(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def on_server(server, statement):
    connection = await asyncpg.connect(server)
    await connection.execute(statement)
    await connection.close()


def inspect(url, look):
    """What `look` finds with a SQLAlchemy connection to the database."""
    parsed = sa.make_url(url)
    if parsed.drivername == "sqlite":
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
        with engine.begin() as connection:
            return look(connection)

    async def on_postgresql():
        engine = create_async_engine(parsed.set(drivername="postgresql+asyncpg"), poolclass=sa.NullPool)
        async with engine.begin() as connection:
            found = await connection.run_sync(look)
        await engine.dispose()
        return found

    return asyncio.run(on_postgresql())


def tables(url):
    return set(inspect(url, lambda connection: sa.inspect(connection).get_table_names()))


def execute(url, *statements):
    def run(connection):
        return [connection.exec_driver_sql(statement).rowcount for statement in statements]

    return inspect(url, run)


@pytest.fixture
def make_plugin(tmp_path, monkeypatch):
    """Write a plugin's migrations package and give the plugin; again with more revisions: an update of it."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def make(name, *revisions):
        package = f"migrations_{uuid.uuid4().hex}"
        versions = tmp_path / "site" / package / "versions"
        versions.mkdir(parents=True)
        (versions.parent / "__init__.py").write_text("")
        for number, revision in enumerate(revisions, 1):
            (versions / f"{number:04}_step.py").write_text(textwrap.dedent(revision).format(name=name))
        importlib.invalidate_caches()
        return Plugin(name=name, hooks=lambda tenant: object(), migrations=package)

    yield make
    for name in [name for name in sys.modules if name.startswith("migrations_")]:
        del sys.modules[name]


@pytest.mark.row("L58")
def test_upgrade_builds_all_tables_and_a_second_run_does_nothing(url, make_plugin):
    plugins = [make_plugin("notes", FIRST, SECOND), Plugin(name="bare", hooks=lambda tenant: object())]
    before = migrate.upgrade(url, plugins)
    assert [(row.name, row.current, row.head) for row in before] == [("core", "", "0005"), ("notes", "", "notes_2")]
    assert tables(url) == {*models.metadata.tables, "notes_note", "hookline_version", "hookline_version_notes"}
    again = migrate.upgrade(url, plugins)
    assert [(row.name, row.current) for row in again] == [("core", "0005"), ("notes", "notes_2")]
    assert migrate.status(url, plugins) == again


@pytest.mark.row("A181")
def test_the_migrated_schema_is_the_one_that_the_core_declares(url):
    def differences(connection):
        context = MigrationContext.configure(connection, opts={"version_table": "hookline_version"})
        return compare_metadata(context, models.metadata)

    migrate.upgrade(url)
    assert inspect(url, differences) == []
    migrate.downgrade(url)
    assert tables(url) == {"hookline_version"}
    migrate.upgrade(url)
    assert inspect(url, differences) == []


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_on_postgresql_every_table_of_the_core_and_the_plugins_forces_row_level_security(url, make_plugin):
    metadata = sa.MetaData()
    sa.Table("notes_note", metadata, sa.Column("tenant", sa.Text))
    migrate.upgrade(url, [attrs.evolve(make_plugin("notes", FIRST), metadata=metadata)])
    forced = inspect(
        url,
        lambda c: set(
            c.exec_driver_sql("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity").scalars()
        ),
    )
    assert forced == {*models.metadata.tables, "notes_note"}
    migrate.upgrade(url, [attrs.evolve(make_plugin("notes", FIRST, SECOND), metadata=metadata)])
    assert "notes_note" in inspect(
        url, lambda c: set(c.exec_driver_sql("SELECT relname FROM pg_class WHERE relforcerowsecurity").scalars())
    )


def test_the_core_comes_first_and_then_the_plugins_by_name(url, make_plugin):
    plugins = [make_plugin("zebra", FIRST), make_plugin("ape", FIRST)]
    assert [row.name for row in migrate.upgrade(url, plugins)] == ["core", "ape", "zebra"]


def test_an_updated_plugin_keeps_its_rows(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    execute(
        url,
        "INSERT INTO contact (tenant, id, created_at) VALUES ('acme', 'c1', 0)",
        "INSERT INTO notes_note (tenant, id, contact) VALUES ('acme', 1, 'c1')",
    )
    migrate.upgrade(url, [make_plugin("notes", FIRST, SECOND)])
    rows = inspect(url, lambda c: c.exec_driver_sql("SELECT tenant, id, contact, body FROM notes_note").all())
    assert rows == [("acme", 1, "c1", "none")]


def test_check_says_what_is_behind_and_which_command_mends_it(url, make_plugin):
    with pytest.raises(MigrationError) as caught:
        migrate.check(url)
    assert str(caught.value) == (
        "the database's schema is not what this version needs (core is at nothing and needs 0005): "
        "run `hookline db upgrade`"
    )
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    with pytest.raises(MigrationError, match=r"\(notes is at notes_1 and needs notes_2\): run `hookline db upgrade`$"):
        migrate.check(url, [make_plugin("notes", FIRST, SECOND)])
    migrate.upgrade(url, [plugin := make_plugin("notes", FIRST, SECOND)])
    migrate.check(url, [plugin])


def test_status_of_a_missing_file_makes_none(tmp_path):
    rows = migrate.status(f"sqlite:///{tmp_path / 'hookline.db'}")
    assert [(row.name, row.current, row.head) for row in rows] == [("core", "", "0005")]
    assert list(tmp_path.iterdir()) == []


def test_a_migration_that_fails_is_undone_as_a_whole(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    with pytest.raises(MigrationError, match=r"a migration of notes failed and was undone: .*notes_nowhere"):
        migrate.upgrade(url, [make_plugin("notes", FIRST, BROKEN)])
    assert "notes_more" not in tables(url)
    assert [row.current for row in migrate.status(url, [make_plugin("notes", FIRST)])] == ["0005", "notes_1"]
    migrate.upgrade(url, [make_plugin("notes", FIRST, SECOND)])


def test_a_migration_that_fails_by_itself_is_named_and_undone(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    execute(
        url,
        "INSERT INTO contact (tenant, id, name, email, phone, language, created_at, data)"
        " VALUES ('acme', 'ann', 'Ann', '', '', '', 1.0, '{}')",
        "INSERT INTO notes_note (tenant, id, contact) VALUES ('acme', 1, 'ann')",
    )
    with pytest.raises(MigrationError, match=r"a migration of notes failed and was undone: no rate of 1999 is known"):
        migrate.upgrade(url, [make_plugin("notes", FIRST, RAISES)])
    assert inspect(url, lambda c: c.exec_driver_sql("SELECT count(*) FROM notes_note").scalar()) == 1


@pytest.mark.parametrize(
    "revision", ["def upgrade(:\n", "import nothing_of_that_name\n", SECOND.replace('"{name}_1"', '"{name}_0"')]
)
def test_migrations_that_can_not_be_read_are_named(url, make_plugin, revision):
    with pytest.raises(MigrationError, match=r"the migrations of notes in .* can't be read: \w+: "):
        migrate.upgrade(url, [make_plugin("notes", FIRST, revision)])


def test_a_migration_in_which_the_process_is_killed_has_not_happened(url, make_plugin, tmp_path):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    execute(
        url,
        "INSERT INTO contact (tenant, id, name, email, phone, language, created_at, data)"
        " VALUES ('acme', 'ann', 'Ann', '', '', '', 1.0, '{}')",
    )
    package = make_plugin("notes", FIRST, KILLED).migrations
    path = os.pathsep.join([str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE, url, package], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    migrate.upgrade(url, [make_plugin("notes", FIRST, SECOND)])  # nothing of it is in the way
    assert "notes_more" not in tables(url)
    assert inspect(url, lambda c: c.exec_driver_sql("SELECT name FROM contact").scalar()) == "Ann"
    if not url.startswith("sqlite"):
        forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'contact'"
        assert inspect(url, lambda c: c.exec_driver_sql(forced).scalar()), "the tenants are kept apart as before"


def test_a_migration_that_leaves_a_row_without_its_parent_is_undone(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    with pytest.raises(MigrationError, match=r"a migration of notes .*(without its parent in contact|foreign key)"):
        migrate.upgrade(url, [make_plugin("notes", FIRST, ORPHANS)])
    assert inspect(url, lambda c: c.exec_driver_sql("SELECT count(*) FROM notes_note").scalar()) == 0


def test_a_schema_made_by_a_newer_version_is_left_alone(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST, SECOND)])
    with pytest.raises(MigrationError, match=r"of notes was made by another version of it .*install the newer one"):
        migrate.upgrade(url, [make_plugin("notes", FIRST)])
    with pytest.raises(MigrationError, match="notes is at notes_2 and needs notes_1"):
        migrate.check(url, [make_plugin("notes", FIRST)])


def test_two_heads_are_refused(url, make_plugin):
    fork = SECOND.replace('"{name}_2"', '"{name}_3"')
    with pytest.raises(MigrationError, match="the migrations of notes need one head, and have 2"):
        migrate.upgrade(url, [make_plugin("notes", FIRST, SECOND, fork)])


def test_a_missing_migrations_package_is_named(url):
    gone = Plugin(name="gone", hooks=lambda tenant: object(), migrations="hookline_gone_migrations")
    with pytest.raises(MigrationError, match="migrations package hookline_gone_migrations of gone is not installed"):
        migrate.upgrade(url, [gone])


def test_purging_a_plugin_leaves_the_others_untouched(url, make_plugin):
    plugins = [make_plugin("notes", FIRST), make_plugin("notes_extra", FIRST), make_plugin("other", FIRST)]
    migrate.upgrade(url, plugins)
    assert migrate.purge(url, "notes") == ["notes_note", "hookline_version_notes"]
    assert {"notes_extra_note", "hookline_version_notes_extra", "other_note", "contact"} <= tables(url)
    migrate.check(url, plugins[1:])
    with pytest.raises(MigrationError, match="notes is at nothing"):
        migrate.check(url, plugins)
    with pytest.raises(MigrationError, match="the database holds no tables of a plugin 'notes'"):
        migrate.purge(url, "notes")
    migrate.upgrade(url, plugins)
    migrate.check(url, plugins)


@pytest.mark.parametrize("name", ["core", "contact", "message"])
def test_the_core_cannot_be_purged(url, name):
    migrate.upgrade(url)
    with pytest.raises(MigrationError, match=f"no tables of a plugin '{name}'"):
        migrate.purge(url, name)
    migrate.check(url)


def test_an_uninstalled_plugin_breaks_nothing(url, make_plugin):
    migrate.upgrade(url, [make_plugin("notes", FIRST)])
    migrate.upgrade(url)
    migrate.check(url)
    assert "notes_note" in tables(url)


def test_two_processes_that_upgrade_at_once_do_not_race(url, make_plugin):
    plugins = [make_plugin("notes", FIRST, SECOND), make_plugin("other", FIRST)]
    start, failed = threading.Barrier(4), []

    def upgrade():
        start.wait()
        try:
            migrate.upgrade(url, plugins)
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    migrate.check(url, plugins)


async def test_it_can_be_called_from_within_an_event_loop(tmp_path):
    url = f"sqlite:///{tmp_path / 'hookline.db'}"
    await asyncio.to_thread(migrate.upgrade, url)
    migrate.check(url)


def test_a_server_that_cannot_be_reached_is_named_without_its_password():
    with pytest.raises(
        MigrationError, match=r"the database postgresql\+asyncpg://u:\*\*\*@127.0.0.1:1/x can't be used"
    ):
        migrate.upgrade("postgresql://u:secret@127.0.0.1:1/x")
