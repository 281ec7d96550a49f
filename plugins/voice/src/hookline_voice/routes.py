"""The routes of voice notes: a recording sent and answered, a recording kept for a message, sound played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from hookline import clients, media
from hookline.api import session_of
from hookline.assets import show_page
from hookline.binding import CLIENT, is_made_up
from hookline.contacts import channel_of, user_of
from hookline.gate import admit
from hookline.languages import canonical
from hookline.ledger import Inbound, new_id
from hookline.message import Attachment
from hookline.problems import Problem
from hookline.wire import json_response

from .notes import SPEAK
from .sounds import ROUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.message import Message
    from hookline.plugin import Router
    from hookline.tenant import Tenant

    from .notes import Notes

PACKAGE = "hookline_voice"
_SENT_FIELDS = ("session_id", "user_id", "language")
_LONGEST_FIELD = 200


@attrs.frozen
class Upload:
    """What a form brought."""

    sound: bytes
    fields: dict[str, str]


def register(router: Router) -> None:
    """Add the routes."""
    router.add("POST", "/voice/chat", post_chat, access="public")
    router.add("POST", "/voice/notes", post_note, access="public")
    router.add("GET", ROUTE + "{id}", get_sound, access="public")
    router.add("GET", "/voice", show_talk, access="public")
    router.static("/voice/static", PACKAGE)


async def show_talk(request: web.Request, tenant: Tenant) -> web.Response:
    """The page that listens and speaks."""
    return await show_page(request, tenant, PACKAGE, "talk.html")


# -- in --------------------------------------------------------------------------------------------------------------


async def post_chat(request: web.Request, tenant: Tenant) -> web.Response:
    """Send a recording and get what was said and the reply; 202 with an address to poll where that takes too long.

    A form (multipart/form-data) with the file `audio`, and `session_id`, `user_id` or `language` as in `POST /chat`.
    """
    upload = await _upload(request, tenant)
    inbound, client = await _inbound(request, tenant, upload.fields)
    attachment = await _kept(tenant, upload)
    accepted = await tenant.accept(attrs.evolve(inbound, attachments=(attachment,), input_type="audio"))
    replies = await tenant.wait(accepted.inbox_id, max(tenant.settings.turns.wait, tenant.config.patience))
    about: dict[str, Any] = {"session_id": accepted.conversation, "turn_id": accepted.inbox_id}
    if replies is None:
        poll = f"turns/{accepted.inbox_id}?session_id={accepted.conversation}"
        response = json_response({**about, "status": "pending", "poll": poll}, status=202)
    else:
        heard = await _heard(tenant, accepted.conversation, accepted.message_id)
        spoken = await _spoken(tenant, heard, accepted.inbox_id, replies) if heard else ""
        last = replies[-1] if replies else None
        response = json_response(
            {
                **about,
                "status": "answered" if replies else "held",
                "transcript": heard.text if heard else "",
                "answer": "\n\n".join(one.text for one in replies),
                "answered": bool(last and last.data.get("answered", True)),
                "intent": last.data.get("intent", "") if last else "",
                "quick_replies": list(last.quick_replies) if last else [],
                "audio": spoken,
            }
        )
    if client and client.fresh:
        clients.give(response, request, tenant.name, tenant.settings, client.key)
    return response


async def post_note(request: web.Request, tenant: Tenant) -> web.Response:
    """Keep a recording for an hour, until a message names it among its attachments."""
    return json_response({"attachment": attrs.asdict(await _kept(tenant, await _upload(request, tenant)))}, status=201)


async def _inbound(
    request: web.Request, tenant: Tenant, fields: dict[str, str]
) -> tuple[Inbound, clients.Client | None]:
    """The message of the session that the form names, as `POST /chat` would make it."""
    language = canonical(fields.get("language", ""))
    session = fields.get("session_id", "")
    if not session:
        user = fields.get("user_id", "")
        address = user_of(user) if user else f"guest-{new_id()}"
        return Inbound(channel_of(tenant), address, "", conversation=new_id(), begins=True, language=language), None
    about = await session_of(tenant, session, request)
    client = clients.client_of(request, tenant.name, tenant.settings, about) if is_made_up(about) else None
    data = {CLIENT: client.digest} if client else {}
    told = Inbound(
        about.channel,
        about.address,
        "",
        conversation=about.id,
        begins=not about.created_at,
        language=language,
        data=data,
    )
    return told, client


async def _upload(request: web.Request, tenant: Tenant) -> Upload:
    """The form's sound and fields; raises `Problem` 413 for what is too large, 415 for what is no form, 422 for none."""
    if not request.content_type.startswith("multipart/"):
        raise Problem(415, "send the recording as multipart/form-data, in a field called audio")
    most = tenant.config.max_bytes
    sound, fields = b"", dict[str, str]()
    try:
        async for part in await request.clone(client_max_size=most + 65536).multipart():
            name = getattr(part, "name", None)
            if name is None or not hasattr(part, "read_chunk"):
                continue
            if name in ("audio", "file") and not sound:
                sound = await _read(part, most)
                if sound is None:
                    raise Problem(413, f"audio: has more than {most:,} bytes, which are the most", field="audio")
            elif name in _SENT_FIELDS:
                value = await _read(part, _LONGEST_FIELD)
                if value is None:
                    raise Problem(422, f"{name}: is longer than {_LONGEST_FIELD} bytes", field=name)
                fields[name] = value.decode(errors="replace").strip()
            elif part is not None:
                await part.release()
    except (ValueError, AssertionError, EOFError):
        raise Problem(400, "the form can't be read; send multipart/form-data with a file called audio") from None
    if not sound:
        raise Problem(422, "audio: missing or empty; send the recording as a file called audio", field="audio")
    return Upload(sound, fields)


async def _read(part: Any, most: int) -> Any:
    """The part's bytes; None where there are more than `most`."""
    found = bytearray()
    while chunk := await part.read_chunk():
        found += chunk
        if len(found) > most:
            return None
    return bytes(found)


async def _kept(tenant: Tenant, upload: Upload) -> Attachment:
    """The recording stored, as what a message names."""
    return await _notes(tenant).keep(upload.sound, upload.fields.get("language", ""))


# -- out -------------------------------------------------------------------------------------------------------------


async def _heard(tenant: Tenant, conversation: str, message: str) -> Message | None:
    told = await tenant.conversations.history(conversation, limit=50)
    return next((one for one in told if one.id == message), None)


async def _spoken(tenant: Tenant, heard: Message, inbox_id: int, replies: Sequence[Message]) -> str:
    """The address of the spoken reply; "" where there is none, or none in time."""
    notes = _notes(tenant)
    if not replies or not notes.speaks(heard):
        return ""
    # The turn has asked for the job under this key, so that this finds it and makes no second one.
    job = await tenant.submit(SPEAK, notes.order(heard, inbox_id, heard.language), key=heard.id)
    said = await tenant.wait(job, tenant.config.patience)
    return next((one.url for message in said or () for one in message.attachments), "")


async def get_sound(request: web.Request, tenant: Tenant) -> web.Response:
    """A sound, by its signed address or to staff; 403 for anybody else."""
    sounds, ident = _notes(tenant).sounds, request.match_info["id"]
    if not await sounds.linked(ident, request.query.get("until", ""), request.query.get("sign", "")):
        if request.query.get("sign"):
            raise Problem(403, "this link does not work, or not any more; ask for a fresh one")
        await admit(request, tenant, "viewer")
    row, data = await sounds.read(ident)
    name = "voice" + ("" if not request.query.get("download") else f"-{ident[-6:]}")
    return web.Response(body=data, headers=media.headers(name, row.media_type))


def _notes(tenant: Tenant) -> Notes:
    found: Notes = tenant.implementation.notes
    return found
