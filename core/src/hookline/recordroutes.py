"""The routes with which staff look after a tenant's records (`hookline.records`)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from .assets import Assets, show_page
from .errors import BadRequest
from .plugin import Page
from .problems import Problem
from .recordcsv import Import, Manner, export
from .recordkinds import Writing
from .recordstore import Records, check_may, describe, find_type, may
from .routing import Route
from .signin import caller_of
from .wire import json_response, query_number, read_body

if TYPE_CHECKING:
    from .roles import Caller
    from .tenant import Tenant

PACKAGE = "hookline"
_TITLE = {"en": "Records", "fr": "Fiches", "hi": "अभिलेख"}
_TYPE = "/api/v1/records/{plugin}/{type}"


def routes() -> list[Route]:
    """Beside the route's own, the least role that each type declares is asked for."""
    return [
        Route("GET", "/records", show, access="public", page=Page(_TITLE, "viewer", 30, _any)),
        Route("GET", "/records/", show, access="public", page=Page()),
        Route("GET", "/records/static/{file:.+}", Assets(PACKAGE, "static").serve, access="public", static=True),
        Route("GET", "/api/v1/records", list_types, access="viewer", scope="records"),
        Route("GET", _TYPE, list_records, access="viewer", scope="records"),
        Route("POST", _TYPE, create_record, access="agent", body=dict, scope="records"),
        Route("GET", f"{_TYPE}/export", export_records, access="viewer", scope="records"),
        Route("POST", f"{_TYPE}/import", import_records, access="agent", scope="records"),
        Route("GET", f"{_TYPE}/{{id}}", get_record, access="viewer", scope="records"),
        Route("PATCH", f"{_TYPE}/{{id}}", change_record, access="agent", body=dict, scope="records"),
        Route("DELETE", f"{_TYPE}/{{id}}", remove_record, access="agent", scope="records"),
    ]


def _any(tenant: Tenant, caller: Caller) -> bool:
    """Whether there is anything that they may look at."""
    return any(may(caller, kind, "view") for _, kind in tenant.records)


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """The page where records are looked after."""
    return await show_page(request, tenant, PACKAGE, "records.html")


async def list_types(request: web.Request, tenant: Tenant) -> web.Response:
    """The kinds of records that there are here, their fields, and what the caller may do with them."""
    caller = caller_of(request)
    return json_response(
        {
            "number_style": Writing.of(tenant.settings).style,
            "types": [describe(plugin, kind, caller) for plugin, kind in tenant.records if may(caller, kind, "view")],
        }
    )


async def list_records(request: web.Request, tenant: Tenant) -> web.Response:
    """Records: those in which `q` is found, narrowed by fields (`status=open`, `amount.from=100`), some at a time."""
    records = _records(request, tenant, "view")
    asked = records.asked(_query(request))
    rows, total = await records.page(asked)
    return json_response(
        {"total": total, "limit": asked.limit, "offset": asked.offset, "records": [records.view(row) for row in rows]}
    )


async def get_record(request: web.Request, tenant: Tenant) -> web.Response:
    """A record."""
    records = _records(request, tenant, "view")
    return json_response(records.view(await records.get(request.match_info["id"])))


async def create_record(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a record."""
    records = _records(request, tenant, "create")
    given = await read_body(request, dict[str, Any])
    return json_response(records.view(await records.create(given)), status=201)


async def change_record(request: web.Request, tenant: Tenant) -> web.Response:
    """Change fields of a record; `version` is the one that was looked at, 409 says that it is not any more."""
    records = _records(request, tenant, "edit")
    given = await read_body(request, dict[str, Any])
    version = given.pop("version", None)
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadRequest("version: is missing; send that of the record as you got it", "version")
    return json_response(records.view(await records.change(request.match_info["id"], version, given)))


async def remove_record(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a record; `version` in the query is the one that was looked at."""
    records = _records(request, tenant, "remove")
    if "version" not in request.query:
        raise BadRequest("version: is missing; send that of the record as you got it", "version")
    await records.remove(request.match_info["id"], query_number(request, "version", 0, 2**31))
    return web.Response(status=204)


async def export_records(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """The records as CSV, narrowed as the list is."""
    records = _records(request, tenant, "view")
    asked = records.asked(_query(request))
    response = web.StreamResponse()
    response.content_type, response.charset = "text/csv", "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{records.kind.name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    await response.prepare(request)
    await response.write("\ufeff".encode())  # by which Excel knows UTF-8
    async for text in export(records, asked):
        await response.write(text.encode())
    await response.write_eof()
    return response


async def import_records(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in a CSV file, the request's body: `dry_run=1` only looks, `skip=1` leaves lines with mistakes out."""
    records = _records(request, tenant, "view")
    caller, kind = caller_of(request), records.kind
    creates, edits = may(caller, kind, "create"), may(caller, kind, "edit")
    if not creates and not edits:
        check_may(caller, kind, "create" if kind.create else "edit")
    if request.content_type.startswith("multipart/"):
        raise Problem(415, "send the file itself as the body, as `curl --data-binary @file.csv` does, not as a form")
    manner = Manner(
        encoding=request.query.get("encoding", ""),
        dry_run=_flag(request, "dry_run"),
        skip=_flag(request, "skip"),
        create=creates,
        edit=edits,
    )
    async with _received(request, tenant.settings.limits.body_bytes) as file:
        report = await Import(records, file, manner).run()
    return json_response(
        attrs.asdict(report), status=200 if report.stored or manner.dry_run or not report.wrong else 422
    )


def _records(request: web.Request, tenant: Tenant, what: str) -> Records:
    plugin, name = request.match_info["plugin"], request.match_info["type"]
    kind, caller = find_type(tenant, plugin, name), caller_of(request)
    check_may(caller, kind, what)
    return Records(tenant, plugin, kind, caller.who)


def _query(request: web.Request) -> Mapping[str, list[str]]:
    return {name: request.query.getall(name) for name in request.query}


def _flag(request: web.Request, name: str) -> bool:
    given = request.query.get(name, "")
    if given not in ("", "0", "1", "true", "false"):
        raise BadRequest(f"{name}: given {given[:40]!r}; allowed: 0 or 1", name)
    return given in ("1", "true")


@asynccontextmanager
async def _received(request: web.Request, most: int) -> AsyncIterator[Path]:
    """The body in a file, which is gone afterwards; raises `Problem` 413."""
    handle, name = tempfile.mkstemp(prefix="hookline-", suffix=".csv")
    try:
        with os.fdopen(handle, "wb") as out:
            size = 0
            async for block in request.content.iter_chunked(1 << 16):
                size += len(block)
                if size > most:
                    raise Problem(413, f"the file is too large; at most {most} bytes (limits.body_bytes) are allowed")
                out.write(block)
        yield Path(name)
    finally:
        await asyncio.to_thread(Path(name).unlink, missing_ok=True)
