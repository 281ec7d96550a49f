"""The second line of defence on PostgreSQL: row level security, forced also on the tables' owner.

Transactions of tenants run as `hookline_tenant`, a role that owns nothing and can't log in, with the tenant in the
setting `hookline.tenant`; what the policies don't let through doesn't exist for them.  The core's sweep, which looks
for work of all tenants, reads the core's tables as `hookline_sweep`.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from . import models
from .errors import MigrationError
from .vetting import TENANT_COLUMN

TENANT_ROLE = "hookline_tenant"
SWEEP_ROLE = "hookline_sweep"
TENANT_SETTING = "hookline.tenant"

_NO_PRIVILEGE = "42501"
_REMEDY = f"""Let a superuser run once, for the database user of Hookline:
  CREATE ROLE {TENANT_ROLE} NOLOGIN;
  CREATE ROLE {SWEEP_ROLE} NOLOGIN;
  GRANT {TENANT_ROLE}, {SWEEP_ROLE} TO <user>;"""

_ROLE = """DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$"""
_MEMBER = """DO $$ BEGIN
  IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
    EXECUTE format('GRANT {role} TO %I', current_user);
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema());
END $$"""
_SEQUENCES = """DO $$ DECLARE each record; BEGIN
  FOR each IN
    SELECT d.objid::regclass AS name FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE d.deptype IN ('a', 'i') AND d.refobjid = '{table}'::regclass
  LOOP
    EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO {role}', each.name);
  END LOOP;
END $$"""


def rls_statements(metadata: sa.MetaData, *, sweep: bool | None = None) -> list[str]:
    """What puts the tables of `metadata` under row level security; running it again changes nothing.

    `sweep` lets the core's sweep read them across tenants; by default only the core's own tables.
    """
    if sweep is None:
        sweep = metadata is models.metadata
    roles = (TENANT_ROLE, SWEEP_ROLE)
    statements = [_ROLE.format(role=role) for role in roles] + [_MEMBER.format(role=role) for role in roles]
    own = f"{TENANT_COLUMN} = current_setting('{TENANT_SETTING}', true)"
    for table in metadata.sorted_tables:
        name = _quoted(table)
        statements += [
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {TENANT_ROLE} ON {name}",
            f"CREATE POLICY {TENANT_ROLE} ON {name} USING ({own}) WITH CHECK ({own})",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {TENANT_ROLE}",
            _SEQUENCES.format(table=name.replace("'", "''"), role=TENANT_ROLE),
            f"DROP POLICY IF EXISTS {SWEEP_ROLE} ON {name}",
        ]
        if sweep:
            statements += [
                f"CREATE POLICY {SWEEP_ROLE} ON {name} FOR SELECT TO {SWEEP_ROLE} USING (true)",
                f"GRANT SELECT ON {name} TO {SWEEP_ROLE}",
            ]
    return statements


def lift_statements(metadata: sa.MetaData) -> list[str]:
    """What lets the tables' owner see all rows again, for a migration that changes them; `apply_rls` follows it."""
    return [f"ALTER TABLE IF EXISTS {_quoted(table)} NO FORCE ROW LEVEL SECURITY" for table in metadata.sorted_tables]


def apply_rls(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Run `rls_statements` after the migrations that made the tables; does nothing on SQLite.

    Raises MigrationError, with what an administrator has to run, where the database user may not create roles.
    """
    _run(connection, rls_statements(metadata))


def lift_rls(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Run `lift_statements` before the migrations of these tables; does nothing on SQLite."""
    _run(connection, lift_statements(metadata))


def _run(connection: sa.Connection, statements: Sequence[str]) -> None:
    if connection.dialect.name != "postgresql":
        return
    try:
        for statement in statements:
            connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        cause = error.orig
        text = f"row level security, which keeps tenants apart, can't be set up: {cause}"
        if getattr(cause, "sqlstate", None) == _NO_PRIVILEGE:
            text = f"{text}\n{_REMEDY}"
        raise MigrationError(text) from error


def session_statements(tenant: str) -> str:
    """What begins a transaction of the tenant, as one SQL text; it ends with the transaction."""
    value = tenant.replace("'", "''")
    return f"SET LOCAL ROLE {TENANT_ROLE};SELECT set_config('{TENANT_SETTING}', '{value}', true)"


def _quoted(table: sa.Table) -> str:
    return str(postgresql.dialect().identifier_preparer.format_table(table))  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
