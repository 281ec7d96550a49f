"""The desk over HTTP; the paths and bodies are said in `deskbodies`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs
from aiohttp import BodyPartReader, web

from hookline import media
from hookline.app import caller
from hookline.problems import Problem
from hookline.wire import json_response, query_number, read_body

from . import aid, canned, macros, notes, notices, persons, supervisor
from .aidbodies import SuggestBody, SummaryView, TranslateBody
from .cannedbodies import CannedBody, PreviewBody, UseBody
from .deskbodies import FilterBody, NoteBody, ReadNoticesBody, TagsBody
from .deskreports import register_reports
from .files import Attachments
from .findbodies import MergeBody
from .floorbodies import WhisperBody
from .macrobodies import MacroBody
from .promises import Promises
from .search import Search
from .summary import Summaries

if TYPE_CHECKING:
    from hookline.plugin import Router
    from hookline.tenant import Tenant

_ONE = "/console/api/conversations/{id}"
_LONGEST_QUERY = 200


def register_desk(router: Router) -> None:
    """Add all routes."""
    add = router.add
    add("GET", "/console/api/canned", get_canned, access="agent")
    add("POST", "/console/api/canned", post_canned, access="agent", body=CannedBody)
    add("PUT", "/console/api/canned/{id}", put_canned, access="agent", body=CannedBody)
    add("DELETE", "/console/api/canned/{id}", delete_canned, access="agent")
    add("POST", "/console/api/canned/preview", preview_canned, access="agent", body=PreviewBody)
    add("POST", "/console/api/canned/{id}/use", use_canned, access="agent", body=UseBody)
    add("GET", f"{_ONE}/notes", get_notes, access="viewer")
    add("POST", f"{_ONE}/notes", post_note, access="agent", body=NoteBody)
    add("PUT", "/console/api/notes/{id}", put_note, access="agent", body=NoteBody)
    add("DELETE", "/console/api/notes/{id}", delete_note, access="agent")
    add("GET", "/console/api/notices", get_notices, access="viewer")
    add("POST", "/console/api/notices/read", read_notices, access="viewer", body=ReadNoticesBody)
    add("GET", "/console/api/tags", get_tags, access="viewer")
    add("PUT", f"{_ONE}/tags", put_tags, access="agent", body=TagsBody)
    add("GET", "/console/api/filters", get_filters, access="viewer")
    add("POST", "/console/api/filters", post_filter, access="viewer", body=FilterBody)
    add("PUT", "/console/api/filters/{id}", put_filter, access="viewer", body=FilterBody)
    add("DELETE", "/console/api/filters/{id}", delete_filter, access="viewer")
    add("GET", "/console/api/macros", get_macros, access="agent")
    add("POST", "/console/api/macros", post_macro, access="agent", body=MacroBody)
    add("PUT", "/console/api/macros/{id}", put_macro, access="agent", body=MacroBody)
    add("DELETE", "/console/api/macros/{id}", delete_macro, access="agent")
    add("POST", _ONE + "/macros/{macro}", run_macro, access="agent")
    add("GET", f"{_ONE}/summary", get_summary, access="viewer")
    add("POST", f"{_ONE}/summary", post_summary, access="agent")
    add("POST", f"{_ONE}/translate", translate, access="viewer", body=TranslateBody)
    add("POST", f"{_ONE}/suggest", suggest, access="agent", body=SuggestBody)
    add("GET", f"{_ONE}/panels", get_panels, access="viewer")
    add("POST", f"{_ONE}/attachments", upload, access="agent")
    add("GET", "/console/api/attachments/{id}", download, access="viewer")
    add("GET", "/handoff/files/{id}", download_signed, access="public")
    add("GET", "/console/api/search", search, access="viewer")
    add("GET", "/console/api/contacts", get_contacts, access="agent")
    add("POST", "/console/api/contacts/{id}/merge", merge, access="agent", body=MergeBody)
    add("GET", "/console/api/contacts/{id}/merges", get_merges, access="agent")
    add("POST", "/console/api/merges/{id}/undo", undo_merge, access="supervisor")
    add("GET", "/console/api/supervisor", get_overview, access="supervisor")
    add("POST", f"{_ONE}/listen", listen, access="supervisor")
    add("POST", f"{_ONE}/whisper", whisper, access="supervisor", body=WhisperBody)
    register_reports(router)


def _id(request: web.Request, name: str = "id") -> str:
    return request.match_info[name]


def _created(made: object) -> web.Response:
    return json_response(made, status=201)


def _done() -> web.Response:
    return web.Response(status=204)


# -- canned replies -------------------------------------------------------------------------------------------------------


async def get_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Canned replies that fit what was typed."""
    asked = request.query
    limit = query_number(request, "limit", 20, 200)
    found = await canned.find(
        tenant,
        caller(request),
        asked.get("q", "")[:_LONGEST_QUERY],
        language=asked.get("language", ""),
        conversation=asked.get("conversation", ""),
        limit=limit,
    )
    return json_response(found)


async def post_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a canned reply."""
    return _created(await canned.create(tenant, caller(request), await read_body(request, CannedBody)))


async def put_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Change a canned reply."""
    body = await read_body(request, CannedBody)
    return json_response(await canned.change(tenant, caller(request), _id(request), body))


async def delete_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a canned reply."""
    await canned.remove(tenant, caller(request), _id(request))
    return _done()


async def preview_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Fill in a text that is being written, as a canned reply or a macro's step."""
    body = await read_body(request, PreviewBody)
    return json_response(await canned.preview(tenant, caller(request), body.text, body.conversation))


async def use_canned(request: web.Request, tenant: Tenant) -> web.Response:
    """Fill a canned reply in for a conversation."""
    body = await read_body(request, UseBody)
    return json_response(await canned.use(tenant, caller(request), _id(request), body.conversation))


# -- notes, notices, tags -------------------------------------------------------------------------------------------------


async def get_notes(request: web.Request, tenant: Tenant) -> web.Response:
    """The private notes of a conversation."""
    return json_response(await notes.notes_of(tenant, _id(request)))


async def post_note(request: web.Request, tenant: Tenant) -> web.Response:
    """Write a private note."""
    body = await read_body(request, NoteBody)
    made = await notes.write(tenant, caller(request), _id(request), body.text, body.mentions, body.client_id)
    return _created(made)


async def put_note(request: web.Request, tenant: Tenant) -> web.Response:
    """Change one's own note."""
    body = await read_body(request, NoteBody)
    return json_response(await notes.change(tenant, caller(request), _id(request), body.text, body.mentions))


async def delete_note(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a note."""
    await notes.remove(tenant, caller(request), _id(request))
    return _done()


async def get_notices(request: web.Request, tenant: Tenant) -> web.Response:
    """What is there for me."""
    limit = query_number(request, "limit", 50, 200)
    return json_response(await notices.notices_of(tenant, caller(request).id, limit=limit))


async def read_notices(request: web.Request, tenant: Tenant) -> web.Response:
    """Note that I have read notices."""
    body, who = await read_body(request, ReadNoticesBody), caller(request).id
    await notices.read_notices(tenant, who, body.ids)
    return json_response(await notices.notices_of(tenant, who))


async def get_tags(_request: web.Request, tenant: Tenant) -> web.Response:
    """The tags in use."""
    return json_response(await notes.all_tags(tenant))


async def put_tags(request: web.Request, tenant: Tenant) -> web.Response:
    """Give a conversation its tags."""
    body = await read_body(request, TagsBody)
    return json_response(TagsBody(await notes.set_tags(tenant, caller(request), _id(request), body.tags)))


# -- filters and macros ----------------------------------------------------------------------------------------------------


async def get_filters(request: web.Request, tenant: Tenant) -> web.Response:
    """Saved filters."""
    return json_response(await macros.filters_of(tenant, caller(request)))


async def post_filter(request: web.Request, tenant: Tenant) -> web.Response:
    """Save a filter."""
    return _created(await macros.put_filter(tenant, caller(request), await read_body(request, FilterBody)))


async def put_filter(request: web.Request, tenant: Tenant) -> web.Response:
    """Change a filter."""
    body = await read_body(request, FilterBody)
    return json_response(await macros.put_filter(tenant, caller(request), body, _id(request)))


async def delete_filter(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a filter."""
    await macros.drop_filter(tenant, caller(request), _id(request))
    return _done()


async def get_macros(request: web.Request, tenant: Tenant) -> web.Response:
    """Macros."""
    return json_response(await macros.macros_of(tenant, caller(request)))


async def post_macro(request: web.Request, tenant: Tenant) -> web.Response:
    """Make a macro."""
    return _created(await macros.put_macro(tenant, caller(request), await read_body(request, MacroBody)))


async def put_macro(request: web.Request, tenant: Tenant) -> web.Response:
    """Change a macro."""
    body = await read_body(request, MacroBody)
    return json_response(await macros.put_macro(tenant, caller(request), body, _id(request)))


async def delete_macro(request: web.Request, tenant: Tenant) -> web.Response:
    """Remove a macro."""
    await macros.drop_macro(tenant, caller(request), _id(request))
    return _done()


async def run_macro(request: web.Request, tenant: Tenant) -> web.Response:
    """Do the steps of a macro in a conversation, in one's own name."""
    return json_response(await macros.run(tenant, caller(request), _id(request), _id(request, "macro")))


# -- summary, suggestion, translation, panels ---------------------------------------------------------------------------------


async def get_summary(request: web.Request, tenant: Tenant) -> web.Response:
    """The summary of a conversation; made now if there is none."""
    summaries, ident = Summaries(tenant), _id(request)
    return await _summary(await summaries.read(ident) or await summaries.make(ident), request, tenant)


async def post_summary(request: web.Request, tenant: Tenant) -> web.Response:
    """Make the summary anew."""
    return await _summary(await Summaries(tenant).make(_id(request)), request, tenant)


async def _summary(made: object, request: web.Request, tenant: Tenant) -> web.Response:
    if not isinstance(made, SummaryView):
        raise Problem(404, f"there is no conversation {_id(request)[:60]!r}")
    target = request.query.get("language", "")
    if target and tenant.config.summary.translate and made.problem:
        body = TranslateBody(text=made.problem, source=made.language, target=target)
        told = await aid.translate(tenant, made.conversation, body, target)
        made = attrs.evolve(made, translated=told.text)
    return json_response(made)


async def translate(request: web.Request, tenant: Tenant) -> web.Response:
    """Translate a text, or messages, for the reader."""
    body, who = await read_body(request, TranslateBody), caller(request)
    account = await tenant.staff.get(who.id) if who.kind == "staff" and not body.target else None
    return json_response(await aid.translate(tenant, _id(request), body, account.language if account else ""))


async def suggest(request: web.Request, tenant: Tenant) -> web.Response:
    """What the bot would answer."""
    body = await read_body(request, SuggestBody) if request.can_read_body else SuggestBody()
    return json_response(await aid.suggest(tenant, _id(request), body.text))


async def get_panels(request: web.Request, tenant: Tenant) -> web.Response:
    """The side panels of all plugins."""
    return json_response(await aid.panels(tenant, _id(request)))


# -- files ---------------------------------------------------------------------------------------------------------------


async def upload(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a file in, to be sent with a reply."""
    if not request.content_type.startswith("multipart/"):
        raise Problem(415, "send the file as multipart/form-data")
    files = Attachments(tenant)
    most = files.config.max_bytes
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.filename is None:
            continue
        data = bytearray()
        while chunk := await part.read_chunk(65_536):
            data += chunk
            if len(data) > most:
                raise Problem(413, f"file: it has more than {most} bytes, which is what is allowed", field="file")
        name = unquote(part.filename)  # browsers and clients escape some, or all, of it
        return _created(await files.put(caller(request), _id(request), name, bytes(data)))
    raise Problem(400, "file: there is no part with a filename in the request", field="file")


async def download(request: web.Request, tenant: Tenant) -> web.Response:
    """A file, for the staff."""
    return await _file(request, tenant)


async def download_signed(request: web.Request, tenant: Tenant) -> web.Response:
    """A file, by the link that the customer was sent."""
    asked = request.query
    await Attachments(tenant).check_link(_id(request), asked.get("until", ""), asked.get("sign", ""))
    return await _file(request, tenant)


async def _file(request: web.Request, tenant: Tenant) -> web.Response:
    row, data = await Attachments(tenant).read(_id(request))
    shown = media.headers(row.name, row.media_type, download=request.query.get("download") == "1")
    return web.Response(body=data, headers=shown)


# -- search, contacts ------------------------------------------------------------------------------------------------------


async def search(request: web.Request, tenant: Tenant) -> web.Response:
    """Conversations with these words."""
    text = request.query.get("q", "")[:_LONGEST_QUERY]
    limit = max(1, query_number(request, "limit", 20, 100))
    return json_response(await Search(tenant).find(text, limit=limit, cursor=request.query.get("cursor", "")))


async def get_contacts(request: web.Request, tenant: Tenant) -> web.Response:
    """Contacts that fit."""
    text = request.query.get("q", "")[:_LONGEST_QUERY]
    return json_response(await persons.find(tenant, text, max(1, query_number(request, "limit", 20, 100))))


async def merge(request: web.Request, tenant: Tenant) -> web.Response:
    """Make two contacts one."""
    body = await read_body(request, MergeBody)
    return _created(await persons.join(tenant, caller(request), _id(request), body.contact))


async def get_merges(request: web.Request, tenant: Tenant) -> web.Response:
    """What was merged into a contact."""
    return json_response(await persons.merges_of(tenant, _id(request)))


async def undo_merge(request: web.Request, tenant: Tenant) -> web.Response:
    """Take a merge apart again."""
    return json_response(await persons.part(tenant, caller(request), _id(request)))


# -- supervisors -------------------------------------------------------------------------------------------------------------


async def get_overview(_request: web.Request, tenant: Tenant) -> web.Response:
    """The floor as it is."""
    return json_response(await supervisor.overview(tenant, Promises(tenant)))


async def listen(request: web.Request, tenant: Tenant) -> web.Response:
    """Note that I listen in."""
    await supervisor.listen(tenant, caller(request), _id(request))
    return _done()


async def whisper(request: web.Request, tenant: Tenant) -> web.Response:
    """Say something to the agent alone."""
    body = await read_body(request, WhisperBody)
    return _created(await supervisor.whisper(tenant, caller(request), _id(request), body.text))
