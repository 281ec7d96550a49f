"""What visitors say in place of typing, and the sound of their conversation: kept and written down by whichever plugin does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from hookline import media
from hookline.message import Audio
from hookline.problems import Problem
from hookline.wire import json_response

from .events import bearer
from .service import acknowledged, check_client_id, history, inbound, is_open, read_token

if TYPE_CHECKING:
    from hookline.message import Attachment, File
    from hookline.tenant import Tenant

_MOST_SEQ = 2**31 - 1


async def post_recording(request: web.Request, tenant: Tenant) -> web.Response:
    """Take what a visitor has recorded, the request's body, as a message of theirs with the id of the query.

    It is answered as a message by `POST /webchat/messages` is.  What was said is the message's text once its turn is done.
    """
    visitor = await read_token(tenant, bearer(request))
    client_id = request.query.get("id", "")
    check_client_id(client_id)
    if not await is_open(tenant, visitor.conversation):
        raise Problem(401, "this conversation has ended; ask for a session again")
    recorder = await tenant.hooks.describe_recorder()
    if recorder is None:
        raise Problem(404, "nobody here writes down what is said; please type it")
    sound = await _body(request, recorder.max_bytes)
    kept = await tenant.hooks.keep_recording(Audio(sound, request.content_type, visitor.language))
    if kept is None:
        raise Problem(404, "nobody here writes down what is said; please type it")
    told = attrs.evolve(inbound(visitor, client_id, ""), attachments=(kept,), input_type="audio")
    return json_response(acknowledged(client_id, await tenant.accept(told)), status=202)


async def get_file(request: web.Request, tenant: Tenant) -> web.Response:
    """A file of a message of the visitor's conversation: the `n`th (from 0) attachment of the message `seq`."""
    visitor = await read_token(tenant, bearer(request))
    seq, n = int(request.match_info["seq"]), int(request.match_info["n"])
    if not 0 < seq <= _MOST_SEQ:
        raise Problem(404, "there is no such message in this conversation")
    told = await history(tenant, visitor.conversation, after=seq - 1, limit=1)
    if not told or told[0].seq != seq or n >= len(told[0].attachments):
        raise Problem(404, "there is no such file in this conversation")
    attachment = told[0].attachments[n]
    file = await _opened(tenant, attachment)
    if file is None:
        raise Problem(404, "this file is not kept here, or not any more")
    return web.Response(body=file.data, headers=media.headers(attachment.name or file.name, file.media_type))


async def _opened(tenant: Tenant, attachment: Attachment) -> File | None:
    base = tenant.settings.public_url.rstrip("/")
    return await tenant.hooks.open_file(attachment.url.removeprefix(base) if base else attachment.url)


async def _body(request: web.Request, most: int) -> bytes:
    """The body, of which no more is read than may be; raises `Problem` 413."""
    found = bytearray()
    async for piece in request.content.iter_any():
        found += piece
        if len(found) > most:
            raise Problem(413, f"audio: has more than {most:,} bytes, which are the most", field="audio")
    return bytes(found)
