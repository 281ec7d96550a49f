"""rag over HTTP: documents in, listed, shown, out; and a question asked of the index itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import BodyPartReader, web

from hookline.errors import BadRequest
from hookline.problems import Problem

from . import links
from .commands import ingest_paths
from .errors import BadLink, DocumentError, DocumentNotFound
from .extractive import readable
from .page import POLICY, page
from .service import Ingested, Service

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .finder import Candidate
    from .store import Given

_MOST_FILES = 100


def register(router: Router) -> None:
    """Add all routes."""
    router.add("POST", "/rag/ingest", ingest, access="admin")
    router.add("POST", "/rag/documents", upload, access="admin")
    router.add("GET", "/rag/documents", listing, access="viewer")
    router.add("GET", "/rag/documents/{id}", show, access="viewer")
    router.add("DELETE", "/rag/documents/{id}", delete, access="admin")
    router.add("GET", "/rag/documents/{id}/text", text, access="public")
    router.add("POST", "/rag/search", search, access="viewer")
    router.command("ingest", ingest_paths)


async def ingest(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in documents given as text; answers when they are live."""
    body = await _object(request)
    documents = body.get("documents")
    if not isinstance(documents, list) or not documents:
        raise BadRequest('"documents" must be a list with at least one document', "documents")
    namespace = _string(body, "namespace", "namespace")
    service = Service(tenant)
    given = [await _given(service, one, f"documents[{at}]") for at, one in enumerate(documents)]
    return web.json_response(_told(await service.ingest(given, namespace=namespace), {}))


async def _given(service: Service, one: Any, where: str) -> Given:
    if not isinstance(one, dict):
        raise BadRequest(f"{where} must be an object with content, title and category", where)
    content = one.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadRequest(f"{where}.content is missing: it must be the document's text", f"{where}.content")
    title = _string(one, "title", f"{where}.title")
    meta = {key: value for key, value in one.items() if key not in ("content", "title")}
    try:
        return await service.text(content, title=title, meta=meta)
    except DocumentError as error:
        raise BadRequest(str(error), f"{where}.content") from None


async def upload(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in files (multipart); a file that can't be read is told in `failed`, the others go on."""
    if not request.content_type.startswith("multipart/"):
        raise Problem(415, "send the files as multipart/form-data")
    service = Service(tenant)
    given: list[Given] = []
    failed: dict[str, str] = {}
    fields: dict[str, str] = {}
    files: list[tuple[str, bytes]] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise BadRequest("parts within parts are not taken; send each file as a part of its own", "file")
        if part.filename is None:
            fields[str(part.name)] = await part.text()
        elif len(files) >= _MOST_FILES:
            raise BadRequest(f"more than {_MOST_FILES} files in one request; send the rest in another", "file")
        else:
            files.append((part.filename.replace("\\", "/").rsplit("/", 1)[-1], bytes(await part.read(decode=False))))
    if not files:
        raise BadRequest("there is no file in the request; send at least one as a part with a filename", "file")
    meta = {"category": fields["category"]} if fields.get("category") else {}
    for name, data in files:
        try:
            given += await service.files(name, data, key=f"file:{name}", meta=meta)
        except DocumentError as error:
            failed[name] = str(error)
    done = await service.ingest(given, namespace=fields.get("namespace", "")) if given else None
    status = 200 if done is not None else 422
    return web.json_response(_told(done, failed), status=status)


def _told(done: Ingested | None, failed: Mapping[str, str]) -> dict[str, Any]:
    puts = done.puts if done is not None else ()
    live = done.live if done is not None else frozenset()
    return {
        "ingested": sum(put.id in live for put in puts),
        "unchanged": sum(put.what == "unchanged" for put in puts),
        "documents": [
            {"id": put.id, "version": put.newest, "what": put.what, "status": "live" if put.id in live else "queued"}
            for put in puts
        ],
        "failed": [{"name": name, "error": error} for name, error in failed.items()]
        + [{"id": ident, "error": error} for ident, error in (done.errors if done is not None else {}).items()],
    }


async def listing(request: web.Request, tenant: Tenant) -> web.Response:
    """The documents, a page at a time (`after`, `limit`, `namespace`)."""
    try:
        limit = min(500, max(1, int(request.query.get("limit", "100"))))
    except ValueError:
        raise BadRequest("limit must be a number from 1 to 500", "limit") from None
    rows = await Service(tenant).store.documents(
        request.query.get("namespace", ""), after=request.query.get("after", ""), limit=limit
    )
    return web.json_response(
        {"documents": [_document(row) for row in rows], "next": rows[-1].id if len(rows) == limit else None}
    )


def _document(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "source": row.source, "namespace": row.namespace, "meta": row.meta,
        "version": row.version, "newest": row.newest, "status": row.status, "error": row.error,
        "created_at": row.created_at, "updated_at": row.updated_at,
    }  # fmt: skip


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """One document with its live text and chunks."""
    store = Service(tenant).store
    row = await store.document(request.match_info["id"])
    if row is None:
        raise Problem(404, "there is no such document")
    version = await store.version(row.id, row.version or row.newest)
    chunks = await store.chunks_of([(row.id, row.version)])
    return web.json_response(
        {
            **_document(row),
            "text": version.text if version is not None else "",
            "chunks": [
                {"n": one.n, "kind": one.kind, "start": one.start, "end": one.end, "heading": one.head}
                for one in chunks
            ],
        }
    )


async def delete(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a document, with all its versions, from everywhere."""
    try:
        await Service(tenant).delete(request.match_info["id"])
    except DocumentNotFound:
        raise Problem(404, "there is no such document") from None
    return web.Response(status=204)


async def text(request: web.Request, tenant: Tenant) -> web.Response:
    """A version's text with a span of it, for whoever has a signed link: a page, or JSON where asked for."""
    ident, query = request.match_info["id"], request.query
    try:
        version, until = int(query["version"]), int(query["until"])
        start, end = int(query.get("start", "0")), int(query.get("end", "0"))
    except (KeyError, ValueError):
        raise Problem(403, "this page opens from the link of a citation") from None
    service = Service(tenant)
    try:
        links.check(await service.link_secret(), tenant.name, ident, version, until,
                    query.get("signature", ""), tenant.clock.now())  # fmt: skip
    except BadLink as error:
        raise Problem(403, str(error)) from None
    row = await service.store.version(ident, version)
    if row is None:
        raise Problem(404, "this document is no longer there")
    headers = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    if "text/html" not in request.headers.get("Accept", ""):
        told = {"id": ident, "version": version, "title": row.title, "source": row.source, "text": row.text,
                "start": start, "end": end, "passage": row.text[start:end]}  # fmt: skip
        return web.json_response(told, headers=headers)
    html = page(row.title, row.source, row.text, row.blocks, start, end)
    return web.Response(text=html, content_type="text/html", headers={**headers, "Content-Security-Policy": POLICY})


async def search(request: web.Request, tenant: Tenant) -> web.Response:
    """Ask the index and see why: passages with their scores, what was understood, and the times."""
    body = await _object(request)
    question = _string(body, "text", "text")
    if not question.strip():
        raise BadRequest('"text" is missing: it must be the question', "text")
    found = await Service(tenant).find(question, namespace=_string(body, "namespace", "namespace"))
    return web.json_response(
        {
            "language": found.question.language,
            "dense_weight": found.dense_weight,
            "ms": found.ms,
            "passages": [_why(one) for one in found.candidates],
        }
    )


def _why(one: Candidate) -> dict[str, Any]:
    row, evidence, hit = one.row, one.evidence, one.hit
    return {
        "document": row.document,
        "version": row.version,
        "n": row.n,
        "title": row.title,
        "heading": row.head,
        "start": row.start,
        "end": row.end,
        "text": row.text,
        "answer": readable(row.text[evidence.start - row.start : evidence.end - row.start]),
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "confidence": one.confidence,
        "evidence": one.values,
    }


async def _object(request: web.Request) -> dict[str, Any]:
    body = msgspec.json.decode(await request.read() or b"null")
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _string(body: Mapping[str, Any], key: str, where: str) -> str:
    value = body.get(key) or ""
    if not isinstance(value, str):
        raise BadRequest(f"{where} must be a text, not {type(value).__name__}", where)
    return value
