"""tenant_financial over HTTP: the paths of the system that it replaces which are about the bank's own records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from aiohttp import web

from hookline import models
from hookline.api import session_of
from hookline.errors import BadRequest
from hookline.problems import Problem
from hookline.wire import json_response, shown_time

from . import sessions
from .answers import hidden
from .models import customer, loan, metadata, task

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_CORE = (
    models.contact,
    models.identity,
    models.conversation,
    models.message,
    models.inbox,
    models.outbox,
    models.timer,
)


def register(router: Router) -> None:
    """Add all routes."""
    router.add("GET", "/financial/customers", get_customers, access="agent")
    router.add("GET", "/financial/session", get_session, access="public")
    router.add("GET", "/financial/debug", get_debug, access="admin")


async def get_customers(_request: web.Request, tenant: Tenant) -> web.Response:
    """Customers of whom something is to be collected, by number, each with what it is and what came of it last."""
    people, tasks = customer.table.c, task.table.c
    rows = await tenant.db.fetch(
        sa.select(
            people.number, people.name, people.phone, people.risk,
            tasks.number.label("task"), tasks.status, tasks.loan, tasks.overdue, tasks.outcome, tasks.outcome_at,
            tasks.outcome_call,
        )
        .join(loan.table, loan.table.c.customer == people.number)
        .join(task.table, tasks.loan == loan.table.c.number)
        .order_by(people.number, tasks.number)
    )  # fmt: skip
    return json_response([
        {
            "customer_id": row.number, "name": row.name, "phone": hidden(row.phone), "risk": row.risk,
            "task_id": row.task, "task_status": row.status, "loan_id": row.loan, "overdue": str(row.overdue),
            "last_outcome": row.outcome, "last_call": row.outcome_call,
            "last_outcome_at": shown_time(row.outcome_at) if row.outcome_at else None,
        }
        for row in rows
    ])  # fmt: skip


async def get_session(request: web.Request, tenant: Tenant) -> web.Response:
    """How a session stands: anonymous, authenticated, escalated, active or expired; and until when a proof holds."""
    session = request.query.get("session_id", "")
    if not session:
        raise BadRequest("session_id: missing; name the session", "session_id")
    found = await sessions.stands(tenant, await session_of(tenant, session, request))
    now = tenant.clock.now()
    return json_response(
        {
            "session_id": session,
            "status": found.status,
            "authenticated": bool(found.until),
            "expires_at": shown_time(found.until) if found.until else None,
            "expires_in": round(found.until - now) if found.until else 0,
        }
    )


async def get_debug(_request: web.Request, tenant: Tenant) -> web.Response:
    """How many rows the tenant has in each table of the core and of the bank; only where `debug` is on."""
    if not tenant.settings.debug:
        raise Problem(404, "there is no such page: it is served where `debug` is on")
    n = sa.func.count().label("n")
    counted = {}
    for table in (*_CORE, *metadata.sorted_tables):
        (found,) = await tenant.db.fetch(sa.select(n).select_from(table))
        counted[table.name] = found.n
    return json_response({"tables": counted})
