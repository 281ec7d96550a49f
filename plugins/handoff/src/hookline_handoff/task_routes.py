"""The tasks of the staff over HTTP; the bodies are said in `taskbodies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from hookline.wire import json_response, query_number, read_body

from . import tasks
from .staff import actor_of
from .taskbodies import TaskBody, TaskChange

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_BASE = "/api/v1/handoff/tasks"
_NARROW = ("agent", "team", "contact", "conversation", "reference", "kind")


def register_tasks(router: Router) -> None:
    """Add the routes."""
    router.add("GET", _BASE, get_tasks, access="viewer")
    router.add("POST", _BASE, post_task, access="agent", body=TaskBody)
    router.add("GET", f"{_BASE}/{{id}}", get_task, access="viewer")
    router.add("PATCH", f"{_BASE}/{{id}}", patch_task, access="agent", body=TaskChange)


async def get_tasks(request: web.Request, tenant: Tenant) -> web.Response:
    """Tasks of the staff: the open ones by their due time, or others."""
    asked = request.query
    shown = await tasks.page(
        tenant,
        actor_of(request),
        state=asked.get("state", ""),
        cursor=asked.get("cursor", ""),
        limit=max(1, query_number(request, "limit", 50, 200)),
        **{name: asked.get(name, "") for name in _NARROW},
    )
    return json_response(shown)


async def post_task(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a task."""
    return json_response(await tasks.create(tenant, actor_of(request), await read_body(request, TaskBody)), 201)


async def get_task(request: web.Request, tenant: Tenant) -> web.Response:
    """One task."""
    return json_response(await tasks.one(tenant, request.match_info["id"]))


async def patch_task(request: web.Request, tenant: Tenant) -> web.Response:
    """Change a task, give it to somebody, end it or open it again."""
    body = await read_body(request, TaskChange)
    return json_response(await tasks.change(tenant, actor_of(request), request.match_info["id"], body))
