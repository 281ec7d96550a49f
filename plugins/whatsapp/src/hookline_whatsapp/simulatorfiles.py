"""Files of simulated phones: kept as those of customers are, encrypted; a message names one by its id, as with Meta."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from hookline import media
from hookline.fetch import Fetched
from hookline.media import MediaMissing, safe_name, sniff
from hookline.problems import Problem
from hookline.wire import json_response

from .files import Files
from .simulator import BASE, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .incoming import MediaRef

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LARGEST = 48 * 1024 * 1024  # bytes; more than is taken by default, so that a refusal can be seen


def register(router: Router) -> None:
    """Add the routes, which take an agent."""
    router.add("POST", f"{BASE}/media", post_file, access="agent")
    router.add("GET", f"{BASE}/media/{{id}}", get_file, access="agent")


async def post_file(request: web.Request, tenant: Tenant) -> web.Response:
    """Put a file on the phone: the body is its bytes, `name` what it is called; the id is what a message names it by."""
    require(tenant)
    try:
        data = await request.clone(client_max_size=_LARGEST).read()
    except web.HTTPRequestEntityTooLarge:
        raise Problem(413, f"the file has more than {_LARGEST:,} bytes", field="file") from None
    if not data:
        raise Problem(400, "file: it is empty", field="file")
    files, name = Files(tenant), safe_name(request.query.get("name", ""))
    kind = await tenant.compute.run(sniff, data, name)
    medium = await tenant.compute.run((await files.folder()).put, data, name, kind)
    return json_response({"id": medium.id, "media_type": kind, "name": medium.name, "size": medium.size}, status=201)


async def get_file(request: web.Request, tenant: Tenant) -> web.Response:
    """A file of the phone; `?name=` is what it is called."""
    require(tenant)
    try:
        data = await tenant.compute.run((await Files(tenant).folder()).get, request.match_info["id"])
    except MediaMissing:
        raise Problem(404, "there is no such file on the phone any more") from None
    name = request.query.get("name", "")
    kind = await tenant.compute.run(sniff, data, name)
    return web.Response(body=data, headers=media.headers(name, kind))


async def fetch(tenant: Tenant, ref: MediaRef) -> Fetched:
    """The file that a message names; raises `MediaMissing`."""
    data = await tenant.compute.run((await Files(tenant).folder()).get, ref.ref)
    return Fetched(url=f"simulator:{ref.ref}", status=200, headers={}, body=data, type=ref.media_type)


def files_in(payload: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the files that a message of the phone names."""
    part = payload.get(str(payload.get("type", "")))
    if isinstance(part, Mapping) and isinstance(ident := part.get("id"), str) and _ID.fullmatch(ident):
        yield ident
