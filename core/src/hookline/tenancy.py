"""A plugin's database: its tenant's rows and no others.

Statements are SQLAlchemy Core on the plugin's own tables (and, to read, the core's).  The tenant is added while they
are compiled (`confine`), what can't be confined is refused (`vetting`), and the database refuses what got past both
(`sqliteguard`, `rls`).  This protects against mistakes in plugins; Python code in the process that means harm can't
be held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from .confine import confined_dialect, verify_claims
from .db import Database, Op, Result, Script
from .rls import apply_rls, lift_rls, rls_statements, session_statements
from .sqliteguard import SqliteGuard, sqlite_guard
from .vetting import TENANT_BIND, TENANT_COLUMN, check, register

__all__ = [
    "TENANT_BIND",
    "TENANT_COLUMN",
    "SqliteGuard",
    "TenantDb",
    "apply_rls",
    "check",
    "confined_dialect",
    "lift_rls",
    "register",
    "rls_statements",
    "session_statements",
    "sqlite_guard",
    "verify_claims",
]

T = TypeVar("T")

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Write = sa.Executable | tuple[sa.Executable, Params] | Op


class TenantDb:
    """What a plugin gets as `tenant.db`; every statement that passes through it is confined to the tenant.

    A statement that can't be confined raises CrossTenantStatement and is not run.
    """

    __slots__ = ("_database", "_tenant")

    def __init__(self, database: Database, tenant: str) -> None:
        if not tenant:
            raise ValueError("a TenantDb needs the name of its tenant")
        self._database = database
        self._tenant = tenant

    async def fetch(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """The rows of a query, as named tuples; it sees everything committed before the call."""
        check(statement, params)
        return await self._database.fetch(statement, params, tenant=self._tenant, confined=True)

    async def write(self, *ops: Write) -> list[Result]:
        """Run statements, (statement, params) pairs or Ops in one transaction; returns once it is durable."""
        return await self.run(_listed([_op(op) for op in ops]))

    async def run(self, script: Script[T]) -> T:
        """Run a script in one transaction, each of its statements confined; returns its value once it is durable."""
        return await self._database.run(self._confined(script), tenant=self._tenant)

    async def scrub(self) -> None:
        """Return when what was deleted is in none of the database's files any more (see `Database.scrub`)."""
        await self._database.scrub()

    def own(self, op: Write) -> Op:
        """The statement as an Op confined to this tenant, to be run in a script of the core."""
        return self._own(_op(op))

    def _own(self, op: Op) -> Op:
        if not isinstance(op, Op):
            raise TypeError(f"a script yields hookline.db.Op, not {type(op).__name__}")
        check(op.statement, op.params)
        return attrs.evolve(op, tenant=self._tenant)

    def _confined(self, script: Script[T]) -> Script[T]:
        try:
            op = next(script)
            while True:
                try:
                    result = yield self._own(op)
                except Exception as error:  # noqa: BLE001 - the script's own, thrown in where it waits
                    op = script.throw(error)
                else:
                    op = script.send(result)
        except StopIteration as stop:
            value: T = stop.value
            return value
        finally:
            script.close()


def _op(write: Write) -> Op:
    if isinstance(write, Op):
        return write
    if isinstance(write, tuple):
        return Op(*write)
    return Op(write)


def _listed(ops: Sequence[Op]) -> Script[list[Result]]:
    results: list[Result] = []
    for op in ops:
        result = yield op
        results.append(result)
    return results
