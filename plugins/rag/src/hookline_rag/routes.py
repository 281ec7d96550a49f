"""rag over HTTP: documents in, listed, shown, changed, out; runs; a question asked of the index itself; the page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import BodyPartReader, web

from hookline import assets
from hookline.app import caller
from hookline.errors import BadRequest
from hookline.plugin import Page
from hookline.problems import Problem

from . import bodies, canonical, commands, links, shapes
from .errors import AlreadyRunning, BadLink, DocumentError, DocumentNotFound, RunNotFound
from .extractive import readable
from .finder import passage
from .ingestion import TOPIC
from .outline import clean
from .page import POLICY, page
from .service import Service
from .store import By

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .finder import Candidate
    from .store import Given

_TITLE = {"en": "Knowledge", "fr": "Connaissances", "hi": "ज्ञान"}
_MOST_FILES = 100
_BEAT = 20.0  # seconds between two signs of life of an event stream


def register(router: Router) -> None:
    """Add all routes."""
    router.add("POST", "/rag/ingest", ingest, access="admin", body=shapes.DocumentsBody)
    router.add("POST", "/rag/documents", upload, access="admin")
    router.add("GET", "/rag/documents", listing, access="viewer")
    router.add("GET", "/rag/documents/{id}", show, access="viewer")
    router.add("PATCH", "/rag/documents/{id}", change, access="admin", body=shapes.ChangeBody)
    router.add("DELETE", "/rag/documents/{id}", delete, access="admin")
    router.add("GET", "/rag/documents/{id}/text", text, access="public")
    router.add("POST", "/rag/documents/{id}/restore", restore, access="admin", body=shapes.RestoreBody)
    router.add("POST", "/rag/documents/{id}/cancel", cancel, access="admin")
    router.add("POST", "/rag/search", search, access="viewer", body=shapes.SearchBody)
    router.add("GET", "/rag/stats", canonical.stats, access="viewer")
    router.add("POST", "/rag/refresh", canonical.refresh, access="admin", body=shapes.RefreshBody)
    router.add("GET", "/rag/runs", runs, access="viewer")
    router.add("POST", "/rag/runs", start_run, access="admin", body=shapes.RunBody)
    router.add("GET", "/rag/runs/{id}", show_run, access="viewer")
    router.add("POST", "/rag/runs/{id}/cancel", cancel_run, access="admin")
    router.add("GET", "/rag/events", events, access="viewer")
    router.add("GET", "/rag/knowledge", show_page, access="public", page=Page(_TITLE, order=20))
    router.static("/rag/static", "hookline_rag")
    canonical.register(router)
    commands.register(router)


async def ingest(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in documents given as text; answers when they are live."""
    body = await bodies.object_of(request)
    documents = body.get("documents")
    if not isinstance(documents, list) or not documents:
        raise BadRequest('"documents" must be a list with at least one document', "documents")
    namespace = bodies.text_of(body, "namespace")
    service = Service(tenant)
    given = [await canonical.given_of(service, one, f"documents[{at}]") for at, one in enumerate(documents)]
    done = await service.knowledge.ingest(given, namespace=namespace, by=By(caller(request).name))
    return web.json_response(bodies.ingested(done, {}))


async def upload(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in files (multipart); a file that can't be read is told in `failed`, the others go on."""
    if not request.content_type.startswith("multipart/"):
        raise Problem(415, "send the files as multipart/form-data")
    service = Service(tenant)
    given: list[Given] = []
    failed: dict[str, str] = {}
    try:
        fields, files = await _parts(request)
    except (ValueError, LookupError) as error:  # cut off, no boundary, an unknown charset
        raise BadRequest(f"the body is no readable multipart/form-data ({error}); send it again, whole") from None
    if not files:
        raise BadRequest("there is no file in the request; send at least one as a part with a filename", "file")
    meta = {"category": fields["category"]} if fields.get("category") else {}
    about = bodies.about_of(bodies.form_of(fields))
    for name, data in files:
        try:
            found = await service.files(name, data, key=f"file:{name}", meta=meta)
            given += [service.knowledge.known_as(one, "", about) for one in found]
        except DocumentError as error:
            failed[name] = str(error)
    by = By(caller(request).name)
    wait = 0.0 if fields.get("wait") == "0" else None
    namespace = fields.get("namespace", "")
    done = await service.knowledge.ingest(given, namespace=namespace, wait=wait, by=by) if given else None
    return web.json_response(bodies.ingested(done, failed), status=200 if done is not None else 422)


async def _parts(request: web.Request) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """The fields of a form, and its files with their names."""
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
            name = clean(part.filename).replace("\\", "/").rsplit("/", 1)[-1]
            files.append((name, bytes(await part.read(decode=False))))
    return fields, files


async def listing(request: web.Request, tenant: Tenant) -> web.Response:
    """The documents, a page at a time (`after`, `limit`), of a `namespace`, `status`, `tag` or with a `text`."""
    service = Service(tenant)
    rows, following = await service.knowledge.page(request.query)
    return web.json_response({"documents": [_told(service, row) for row in rows], "next": following})


def _told(service: Service, row: Any) -> dict[str, Any]:
    return bodies.document(row, service.tenant.clock.now(), service.config.refresh_seconds)


async def show(request: web.Request, tenant: Tenant) -> web.Response:
    """One document with its versions, text and chunks; `version` asks for an older one's text."""
    service = Service(tenant)
    row = await _found(service, request)
    asked = request.query.get("version", "")
    if asked and not bodies.is_number(asked):
        raise BadRequest("version must be a number of at most nine digits", "version")
    number = int(asked) if asked else row.version or row.newest
    version = await service.store.version(row.id, number)
    if version is None and asked:
        raise Problem(404, f"the document has no version {number} any more")
    chunks = await service.store.chunks_of([(row.id, number)])
    return web.json_response(
        {
            **_told(service, row),
            "shown": number,
            "text": version.text if version is not None else "",
            "versions": [bodies.version(one, row.version) for one in await service.store.versions(row.id)],
            "chunks": [
                {"n": one.n, "kind": one.kind, "start": one.start, "end": one.end, "heading": one.head}
                for one in chunks
            ],
        }
    )


async def _found(service: Service, request: web.Request) -> Any:
    try:
        return await service.knowledge.document(request.match_info["id"])
    except DocumentNotFound:
        raise Problem(404, "there is no such document") from None


async def change(request: web.Request, tenant: Tenant) -> web.Response:
    """Set a document's tags, validity, owner, refresh age or namespace; what is not named stays."""
    service = Service(tenant)
    row = await _found(service, request)
    about = bodies.about_of(await bodies.object_of(request), move=True)
    if not about:
        raise BadRequest("name at least one of tags, valid_from, valid_until, owner, refresh_seconds, namespace")
    until = about.get("valid_until", row.valid_until)
    since = about.get("valid_from", row.valid_from)
    if since is not None and until is not None and until <= since:
        raise BadRequest("valid_until must be after valid_from", "valid_until")
    row = await service.knowledge.change(row.id, about, by=By(caller(request).name))
    return web.json_response(_told(service, row))


async def restore(request: web.Request, tenant: Tenant) -> web.Response:
    """Bring back an earlier version (`{"version": 3}`) as the newest one; answers when it is live."""
    service = Service(tenant)
    row = await _found(service, request)
    number = (await bodies.object_of(request)).get("version")
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadRequest('"version" must be the number of the version to bring back', "version")
    try:
        done = await service.knowledge.restore(row.id, number, by=By(caller(request).name))
    except DocumentNotFound as error:
        raise Problem(404, str(error)) from None
    return web.json_response(bodies.ingested(done, {}))


async def cancel(request: web.Request, tenant: Tenant) -> web.Response:
    """Take back what is not live yet: "gone" (there was nothing else), "kept" (the live version stays) or "live"."""
    service = Service(tenant)
    row = await _found(service, request)
    return web.json_response({"result": await service.knowledge.cancel(row.id, by=By(caller(request).name))})


async def delete(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a document, with all its versions, from everywhere."""
    try:
        await Service(tenant).knowledge.delete(request.match_info["id"], by=By(caller(request).name))
    except DocumentNotFound:
        raise Problem(404, "there is no such document") from None
    return web.Response(status=204)


# -- runs --------------------------------------------------------------------------------------------------------------


async def runs(_request: web.Request, tenant: Tenant) -> web.Response:
    """The last runs, the newest first."""
    return web.json_response({"runs": bodies.runs(await Service(tenant).runs.rows())})


async def start_run(request: web.Request, tenant: Tenant) -> web.Response:
    """Take in a web page (`url`, and with `depth` up to `pages` that it leads to), or the tenant's own folders: 202 with
    the run's id; 409 while the folders are being taken in already."""
    runs, by = Service(tenant).runs, caller(request).name
    body = await bodies.object_of(request)
    namespace = bodies.text_of(body, "namespace")
    url = bodies.text_of(body, "url").strip()
    try:
        if url:
            depth, pages = bodies.count_of(body, "depth"), bodies.count_of(body, "pages")
            ident = await runs.take_in_site(url, depth=depth, pages=pages, namespace=namespace, by=by)
        else:
            ident = await runs.take_in_folders(namespace=namespace, by=by)
    except AlreadyRunning as running:
        raise Problem(409, str(running)) from None
    return web.json_response(bodies.run(await runs.row(ident)), status=202)


async def show_run(request: web.Request, tenant: Tenant) -> web.Response:
    """How far a run is, and what became of what it took in."""
    try:
        return web.json_response(bodies.run(await Service(tenant).runs.row(request.match_info["id"])))
    except RunNotFound:
        raise Problem(404, "there is no such run") from None


async def cancel_run(request: web.Request, tenant: Tenant) -> web.Response:
    """Stop a run; what is live stays."""
    try:
        row = await Service(tenant).runs.cancel(request.match_info["id"], by=caller(request).name)
    except RunNotFound:
        raise Problem(404, "there is no such run") from None
    return web.json_response(bodies.run(row))


async def events(request: web.Request, tenant: Tenant) -> web.StreamResponse:
    """What happens to documents and runs, as it happens (server-sent events: document, run, namespace)."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    async with tenant.live.subscribe(tenant.name, TOPIC) as told:
        await response.prepare(request)
        await response.write(b": here\n\n")
        events = aiter(told)
        upcoming = asyncio.ensure_future(anext(events))
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=_BEAT)
                if not done:
                    await response.write(b": still here\n\n")
                    continue
                event = upcoming.result()
                upcoming = asyncio.ensure_future(anext(events))
                await response.write(
                    b"event: %s\ndata: %s\n\n" % (event.kind.encode(), msgspec.json.encode(event.data))
                )
        except ConnectionError:
            return response
        finally:
            upcoming.cancel()


# -- texts, questions, the page ------------------------------------------------------------------------------------------


async def show_page(request: web.Request, tenant: Tenant) -> web.Response:
    """The page where documents are managed; it asks for an API key itself."""
    return await assets.show_page(request, tenant, "hookline_rag", "knowledge.html")


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
    """Ask the index and see why: the answer, passages with ranks and scores, what was understood, and the times."""
    body = await bodies.object_of(request)
    question = bodies.text_of(body, "text")
    if not question.strip():
        raise BadRequest('"text" is missing: it must be the question', "text")
    service = Service(tenant)
    language = bodies.text_of(body, "language")
    namespace = bodies.text_of(body, "namespace")
    found = await service.find(question, namespace=namespace, language=language, limit=service.config.passages)
    reply = await service.respond(question, language, [passage(one, "") for one in found.candidates])
    told: dict[str, Any] = {
        "language": found.question.language,
        "dense_weight": found.dense_weight,
        "min_confidence": service.config.min_confidence,
        "ms": found.ms,
        "passages": _ranked([_why(one) for one in found.candidates]),
        "answer": None,
    }
    if reply is not None:
        told["answer"] = {
            "text": reply.text, "answered": reply.answered, "confidence": reply.confidence,
            "citations": msgspec.to_builtins(reply.citations),
        }  # fmt: skip
    return web.json_response(told)


def _ranked(passages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the place that each would have by its vector alone, and by its words alone (None: not found so)."""
    for side in ("dense", "lexical"):
        order = sorted((one[side] for one in passages if one[side] is not None), reverse=True)
        for one in passages:
            one[f"{side}_rank"] = order.index(one[side]) + 1 if one[side] is not None else None
    return passages


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
