"""The amortisation tables over HTTP, for who was given the link in the conversation."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import sqlalchemy as sa
from aiohttp import web

from hookline import formats, media
from hookline.problems import Problem

from .loan import Loan
from .models import LOANS, simulation
from .sheet import Sheet

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

PATH = "/simulations/{number}/tableau.{kind:csv|pdf}"
TYPES = {"pdf": "application/pdf", "csv": "text/csv"}
_DAY = 86400.0


def register(router: Router) -> None:
    """Add the route."""
    router.add("GET", PATH, get_table, access="public")


def hashed(key: str) -> str:
    """What is stored of a link's key."""
    return hashlib.sha256(key.encode()).hexdigest()


async def get_table(request: web.Request, tenant: Tenant) -> web.Response:
    """The table as CSV or PDF, to download.  Without the right key, or after `link_days`: 404, as if it did not exist."""
    columns = simulation.table.c
    number, key, kind = request.match_info["number"], request.query.get("cle", ""), request.match_info["kind"]
    rows = await tenant.db.fetch(sa.select(simulation.table).where(columns.simulation_id == number))
    row = rows[0] if rows else None
    known = row.link if row is not None else ""
    good = hmac.compare_digest(hashed(key), known or hashed("")) and bool(known)
    if row is None or not good or tenant.clock.now() > row.created_at + tenant.config.link_days * _DAY:
        raise Problem(404, "there is no such table, or its link does not work any more; run the simulation again")
    sheet = sheet_of(row, tenant)
    data = await tenant.compute.run(sheet.pdf if kind == "pdf" else sheet.csv)
    return web.Response(body=data, headers=media.headers(f"{sheet.name}.{kind}", TYPES[kind], download=True))


def sheet_of(row: object, tenant: Tenant) -> Sheet:
    """The table of a stored simulation."""
    import datetime as dt

    made = dt.datetime.fromtimestamp(row.created_at, formats.timezone(tenant.settings))  # type: ignore[attr-defined]  # a row
    loan = Loan(int(row.montant), row.duree, row.taux_interet)  # type: ignore[attr-defined]
    title = f"Prêt {LOANS[row.type_pret]['fr']}"  # type: ignore[attr-defined]
    return Sheet(row.simulation_id, title, loan, formats.date(made.date(), "fr"))  # type: ignore[attr-defined]
