"""The routes under `/api/v1/knowledge` and `/api/v1/admin`: the shapes that clients of other systems know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from hookline.app import caller
from hookline.errors import BadRequest
from hookline.problems import Problem

from . import bodies, shapes
from .errors import AlreadyRunning, DocumentError, DocumentNotFound, RunNotFound
from .service import Service
from .store import By

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .store import Given

_STATUS = {"queued": "pending", "embedding": "pending", "live": "ready", "stale": "ready", "failed": "failed"}
_OWN = ("id", "content", "title", "namespace", "tags", "valid_from", "valid_until", "owner", "refresh_seconds")


def register(router: Router) -> None:
    """Add the routes."""
    router.add("POST", "/api/v1/knowledge/ingest", ingest, access="admin", body=shapes.DocumentBody)
    router.add("POST", "/api/v1/knowledge/refresh", refresh, access="admin", body=shapes.RefreshBody)
    router.add("GET", "/api/v1/knowledge/status", status, access="viewer")
    router.add("DELETE", "/api/v1/knowledge/document/{id}", delete, access="admin")
    router.add("GET", "/api/v1/admin/index/stats", stats, access="viewer")
    router.add("POST", "/api/v1/admin/ingestion/trigger", trigger, access="admin", body=shapes.NamespaceBody)
    router.add("GET", "/api/v1/admin/ingestion/{id}", job, access="viewer")


async def given_of(service: Service, one: Any, where: str) -> Given:
    """A document of a body: `content` and, as far as they are there, `id`, `title`, what is said about it, and its
    metadata (all else)."""
    dotted = f"{where}." if where else ""
    if not isinstance(one, dict):
        raise BadRequest(f"{where} must be an object with content, title and category", where)
    content = one.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadRequest(f"{dotted}content is missing: it must be the document's text", f"{dotted}content")
    title = bodies.text_of(one, "title", f"{dotted}title")
    ident = bodies.text_of(one, "id", f"{dotted}id")
    meta = {key: value for key, value in one.items() if key not in _OWN}
    try:
        given = await service.text(content, title=title, meta=meta)
    except DocumentError as error:
        raise BadRequest(str(error), f"{dotted}content") from None
    return service.knowledge.known_as(given, ident, bodies.about_of(one, dotted))


async def ingest(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in one document, or several as `documents`: 201 for a new one, 200 for a new version of a known one."""
    body = await bodies.object_of(request)
    listed = body.get("documents", [body] if "documents" not in body else None)
    if not isinstance(listed, list) or not listed:
        raise BadRequest('"documents" must be a list with at least one document', "documents")
    service = Service(tenant)
    many = "documents" in body
    given = [await given_of(service, one, f"documents[{at}]" if many else "") for at, one in enumerate(listed)]
    done = await service.knowledge.ingest(
        given, namespace=bodies.text_of(body, "namespace"), by=By(caller(request).name)
    )
    documents = []
    for put, one in zip(done.puts, given, strict=True):
        row = await service.knowledge.document(put.id)
        documents.append({
            "id": put.id, "document_id": put.id, "title": one.title, "version": put.newest, "what": put.what,
            "status": _STATUS[row.status], "chunks": row.total,
        })  # fmt: skip
    new = any(put.what == "new" for put in done.puts)
    told: dict[str, Any] = bodies.ingested(done, {}) | {"documents": documents}
    if not many:
        told = documents[0] | told
    return web.json_response(told, status=201 if new else 200)


async def refresh(request: web.Request, tenant: Tenant) -> web.Response:
    """Read again what is past its age; answers how many documents that are, and the run that does it."""
    body = await bodies.object_of(request)
    run, count = await Service(tenant).runs.refresh(by=caller(request).name, everything=body.get("force") is True)
    return web.json_response({"refreshed": count, "count": count, "job_id": run}, status=202)


async def status(request: web.Request, tenant: Tenant) -> web.Response:
    """Each document with its status, version, number of chunks and time; a page at a time (`after`, `limit`)."""
    service = Service(tenant)
    rows, following = await service.knowledge.page(request.query)
    now, age = tenant.clock.now(), service.config.refresh_seconds
    documents = []
    for row in rows:
        told = bodies.document(row, now, age)
        documents.append({
            "id": row.id, "title": row.title, "namespace": row.namespace, "status": _STATUS[told["status"]],
            "stale": told["status"] == "stale", "version": row.newest, "live_version": row.version,
            "chunks": row.chunks, "updated": row.updated_at, "error": row.error, "tags": row.tags,
            "versions": [one.version for one in await service.store.versions(row.id)],
        })  # fmt: skip
    return web.json_response({"documents": documents, "next": following})


async def delete(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a document; 404 where there is none of that id."""
    ident = await Service(tenant).knowledge.identify(request.match_info["id"])
    try:
        await Service(tenant).knowledge.delete(ident, by=By(caller(request).name))
    except DocumentNotFound:
        raise Problem(404, "there is no such document") from None
    return web.json_response({"deleted": ident})


async def stats(request: web.Request, tenant: Tenant) -> web.Response:
    """Documents, chunks and vectors by namespace."""
    return web.json_response(await Service(tenant).knowledge.stats())


async def trigger(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in the tenant's own folders: 202 with the job's id; 409 while that runs already."""
    body = await bodies.object_of(request)
    service = Service(tenant)
    try:
        run = await service.runs.take_in_folders(namespace=bodies.text_of(body, "namespace"), by=caller(request).name)
    except AlreadyRunning as running:
        raise Problem(409, str(running)) from None
    return web.json_response({"job_id": run, "status": "running"}, status=202)


async def job(request: web.Request, tenant: Tenant) -> web.Response:
    """How far an ingestion is."""
    try:
        row = await Service(tenant).runs.row(request.match_info["id"])
    except RunNotFound:
        raise Problem(404, "there is no such job") from None
    return web.json_response({"job_id": row.id, "status": row.state, **bodies.run(row)})
