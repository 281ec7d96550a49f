"""Loopback Meta for WhatsApp's Cloud API: it sends messages, knows templates, and has the files that customers sent.

It refuses what Meta refuses, with Meta's codes: a wrong token (190), a number that is not the account's (100), a field that is
missing, unknown, too long or of a wrong type (100, 131008, 131009), a customer outside of the window (131047), a template that is not
there (132001) or has another number of parameters (132000), a customer that can't be reached (131026).  As at Meta, a user id in `to` is
answered with 200 and reaches nobody (`dropped`).  Source: the published description business-messaging-api v23.0, and Meta's pages on limits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .loopback import Loopback, Status

_PHONE = re.compile(r"\+?\d{7,15}")
_SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_TOP = frozenset(
    "messaging_product recipient_type to recipient type context biz_opaque_callback_data text image audio video document "
    "sticker location contacts interactive template reaction".split()
)
_FIELDS = {
    "text": {"body", "preview_url"},
    "image": {"id", "link", "caption"},
    "video": {"id", "link", "caption"},
    "document": {"id", "link", "caption", "filename"},
    "audio": {"id", "link", "voice"},
    "sticker": {"id", "link"},
    "interactive": {"type", "header", "body", "footer", "action"},
    "template": {"name", "language", "components"},
}
_VERSION = "v23.0"
_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
_TAKEN = {
    **dict.fromkeys(("image/jpeg", "image/png"), ("image", 5 * _MB)),
    "image/webp": ("sticker", 500 * 1024),
    **dict.fromkeys(("video/mp4", "video/3gpp"), ("video", 16 * _MB)),
    **dict.fromkeys(("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus"), ("audio", 16 * _MB)),
    **dict.fromkeys(
        (
            "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
            f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation",
        ),
        ("document", 100 * _MB),
    ),
}  # fmt: skip


class _Refusal(Exception):
    def __init__(self, code: int, message: str, status: int = 400, *, transient: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.transient = code, message, status, transient


class MetaServer(Loopback):
    """An account with the number `number`; what it took is in `messages`, what was marked as read in `seen`.

    `shut` are customers outside of the window, `unreachable` those without WhatsApp; `templates` maps (name, language) to
    the number of parameters; `files` maps media ids to (bytes, content type), `uploads` those of uploads to (number, kind, bytes,
    content type, name).  `refuse` answers the next messages with these codes;
    `next_id` is the id of the next message.
    """

    def __init__(self) -> None:
        super().__init__()
        self.token, self.secret = secrets.token_hex(24), secrets.token_hex(16)
        self.verify_token = secrets.token_hex(8)
        self.number = "109876543210987"
        self.numbers = {self.number}
        self.messages: list[dict[str, Any]] = []
        self.dropped: list[dict[str, Any]] = []
        self.seen: list[dict[str, Any]] = []
        self.shut: set[str] = set()
        self.unreachable: set[str] = set()
        self.templates: dict[tuple[str, str], int] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.uploads: dict[str, tuple[str, str, bytes, str, str]] = {}
        self.refusals: list[tuple[int, int]] = []
        self.unsigned_fetches = 0
        self.next_id = ""

    def add_routes(self, app: web.Application) -> None:
        """The Graph API, and where its files are."""
        app.router.add_post(f"/{_VERSION}/{{number}}/messages", self._message)
        app.router.add_post(f"/{_VERSION}/{{number}}/media", self._upload)
        app.router.add_get(f"/{_VERSION}/{{media}}", self._media)
        app.router.add_get("/files/{media}", self._file)

    def refuse(self, *codes: int, status: int = 400) -> None:
        """Answer the next messages with these codes, one each."""
        self.refusals += [(code, status) for code in codes]

    def sign(self, body: bytes) -> str:
        """The X-Hub-Signature-256 of a body."""
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def texts(self) -> list[str]:
        """What the messages say, in their order."""
        return [
            one.get("text", {}).get("body")
            or one.get("interactive", {}).get("body", {}).get("text")
            or one.get("template", {}).get("name")
            or one.get(one["type"], {}).get("link", "")
            for one in self.messages
        ]

    def _admitted(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "") != f"Bearer {self.token}":
            raise _Refusal(190, "Invalid OAuth access token - Cannot parse access token", 401)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, None))
        try:
            self._admitted(request)
            if request.match_info["number"] not in self.numbers:
                raise _Refusal(100, "Unsupported post request. Object with that id does not exist")
            if request.content_type != "multipart/form-data":
                raise _Refusal(100, "(#100) The parameter file is required.")
            form = await request.clone(client_max_size=101 * _MB).post()
            ident = self._stored(request.match_info["number"], form)
        except _Refusal as refusal:
            return web.json_response(_error(refusal.code, refusal.message), status=refusal.status)
        return web.json_response({"id": ident})

    def _stored(self, number: str, form: Mapping[str, Any]) -> str:
        if form.get("messaging_product") != "whatsapp":
            raise _Refusal(100, "(#100) The parameter messaging_product is required.")
        file = form.get("file")
        if not isinstance(file, web.FileField) or not form.get("type"):
            raise _Refusal(100, "(#100) The parameter file or type is required.")
        with file.file:
            data = file.file.read()
        told = file.content_type.partition(";")[0]
        if told not in _TAKEN or form["type"] != told:
            raise _Refusal(
                100, f"(#100) Param file must be a file with one of the following types: {', '.join(_TAKEN)}."
            )
        kind, most = _TAKEN[told]
        if not 0 < len(data) <= most:
            raise _Refusal(131052 if data else 100, f"(#100) Media file size is {len(data)}; at most {most}")
        if told == "audio/ogg" and b"OpusHead" not in data[:512]:
            raise _Refusal(131053, "Media upload error: audio/ogg must use the Opus codec")
        ident = str(10**15 + len(self.uploads))
        self.uploads[ident] = (number, kind, data, told, file.filename)
        return ident

    async def _message(self, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        self.requests.append((request.path, body))
        fault = self.next_fault() if "type" in (body or ()) else None
        if isinstance(fault, Status):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response(_error(130429, "on order"), status=fault.status, headers=headers)
        try:
            self._admitted(request)
            if request.content_type != "application/json" or not isinstance(body, dict):
                raise _Refusal(100, "The parameter messaging_product is required.")
            if request.match_info["number"] not in self.numbers:
                raise _Refusal(100, "Unsupported post request. Object with that id does not exist")
            if body.get("messaging_product") != "whatsapp":
                raise _Refusal(100, "(#100) The parameter messaging_product is required.")
            if "status" in body:
                return self._read(body)
            return self._take(body, request.match_info["number"])
        except _Refusal as refusal:
            return web.json_response(_error(refusal.code, refusal.message), status=refusal.status)

    def _read(self, body: Mapping[str, Any]) -> web.Response:
        extra = set(body) - {"messaging_product", "status", "message_id", "typing_indicator"}
        if extra or body["status"] != "read" or not body.get("message_id"):
            raise _Refusal(100, f"(#100) Invalid parameter: {sorted(extra) or 'message_id'}")
        if body.get("typing_indicator", {"type": "text"}) != {"type": "text"}:
            raise _Refusal(100, "(#100) Invalid parameter: typing_indicator")
        self.seen.append(dict(body))
        return web.json_response({"success": True})

    def _take(self, body: dict[str, Any], number: str) -> web.Response:
        if self.refusals:
            code, status = self.refusals.pop(0)
            raise _Refusal(code, "as ordered", status)
        to = self._recipient(body)
        kind = body.get("type", "text")
        if set(body) - _TOP or kind not in _FIELDS or not isinstance(body.get(kind), dict):
            raise _Refusal(100, f"(#100) Unexpected key or missing content for type {kind}")
        if extra := set(body[kind]) - _FIELDS[kind]:
            raise _Refusal(100, f"(#100) Unexpected key {sorted(extra)} on param {kind}")
        getattr(self, f"_check_{kind}", self._check_media)(body[kind])
        ident = body[kind].get("id", "")
        if ident and self.uploads.get(ident, ("", ""))[:2] != (number, kind):
            raise _Refusal(131053, f"Media upload error: {ident} is no {kind} of this number")
        if to in self.shut and kind != "template":
            raise _Refusal(131047, "Re-engagement message")
        if to in self.unreachable:
            raise _Refusal(131026, "Message undeliverable")
        ident, self.next_id = self.next_id or f"wamid.{secrets.token_hex(16)}", ""
        kept = {**body, "id": ident}
        if "to" in body and _SCOPED.fullmatch(body["to"]):
            self.dropped.append(kept)
        else:
            self.messages.append(kept)
        told = {"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}], "messages": [{"id": ident}]}
        return web.json_response(told)

    def _recipient(self, body: Mapping[str, Any]) -> str:
        if body.get("recipient_type") != "individual":
            raise _Refusal(100, "(#100) The parameter recipient_type is required.")
        if ("to" in body) == ("recipient" in body):
            raise _Refusal(131008, "(#131008) Required parameter is missing: to or recipient")
        to = str(body.get("to") or body.get("recipient"))
        if "recipient" in body and not _SCOPED.fullmatch(to):
            raise _Refusal(131009, "(#131009) Parameter value is not valid: recipient")
        if "to" in body and not (_PHONE.fullmatch(to) or _SCOPED.fullmatch(to)):
            raise _Refusal(131009, "(#131009) Parameter value is not valid: to")
        return to.removeprefix("+")

    def _check_text(self, part: Mapping[str, Any]) -> None:
        _limited(part.get("body"), 4096, "text.body")

    def _check_interactive(self, part: Mapping[str, Any]) -> None:
        _limited((part.get("body") or {}).get("text"), 1024, "interactive.body.text")
        action = part.get("action") or {}
        if part.get("type") == "button":
            replies = [one.get("reply", {}) for one in action.get("buttons", ())]
            _counted(replies, 3, "buttons")
            for one in replies:
                _limited(one.get("title"), 20, "button title")
                _limited(one.get("id"), 256, "button id")
        elif part.get("type") == "list":
            _limited(action.get("button"), 20, "action.button")
            replies = [row for section in action.get("sections", ()) for row in section.get("rows", ())]
            _counted(replies, 10, "rows")
            for one in replies:
                _limited(one.get("title"), 24, "row title")
                _limited(one.get("id"), 200, "row id")
                if "description" in one:
                    _limited(one["description"], 72, "row description")
            for section in action["sections"]:
                _limited(section.get("title"), 24, "section title")
        else:
            raise _Refusal(100, "(#100) Invalid parameter: interactive.type")
        if len({one["id"] for one in replies}) < len(replies):
            raise _Refusal(131009, "(#131009) Duplicate id")
        if part["type"] == "button" and len({one["title"] for one in replies}) < len(replies):
            raise _Refusal(131009, "(#131009) Duplicated title is not allowed")

    def _check_template(self, part: Mapping[str, Any]) -> None:
        key = (part.get("name", ""), (part.get("language") or {}).get("code", ""))
        if key not in self.templates:
            raise _Refusal(132001, "Template name does not exist in the translation", 404)
        given = [one for component in part.get("components", ()) for one in component.get("parameters", ())]
        if len(given) != self.templates[key]:
            raise _Refusal(132000, "Number of parameters does not match the expected number of params")
        for one in given:
            text = one.get("text", "")
            if one.get("type") != "text" or not text or re.search(r"\n|\t| {5,}", text):
                raise _Refusal(
                    132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
                )

    def _check_media(self, part: Mapping[str, Any]) -> None:
        if ("id" in part) == ("link" in part):
            raise _Refusal(131008, "(#131008) Required parameter is missing: id or link")
        if "link" in part and not re.match(r"https?://[^/\s]+", part["link"]):
            raise _Refusal(100, "(#100) Invalid parameter: link is no URL")
        if "caption" in part:
            _limited(part["caption"], 1024, "caption")

    async def _media(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, None))
        try:
            self._admitted(request)
        except _Refusal as refusal:
            return web.json_response(_error(refusal.code, refusal.message), status=401)
        ident = request.match_info["media"]
        if ident not in self.files:
            return web.json_response(_error(100, "Object with ID does not exist"), status=404)
        data, kind = self.files[ident]
        told = {"url": f"{self.host}/files/{ident}", "mime_type": kind, "id": ident, "file_size": len(data)}
        return web.json_response({**told, "messaging_product": "whatsapp", "sha256": hashlib.sha256(data).hexdigest()})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        fault = self.next_fault()
        if isinstance(fault, Status):
            return web.Response(status=fault.status)
        if request.headers.get("Authorization", "") != f"Bearer {self.token}":
            self.unsigned_fetches += 1
            return web.Response(status=401)
        data, kind = self.files[request.match_info["media"]]
        return web.Response(body=data, content_type=kind)


def _limited(text: Any, most: int, where: str) -> None:
    if not isinstance(text, str) or not text.strip():
        raise _Refusal(131008, f"(#131008) Required parameter is missing: {where}")
    if len(text.encode("utf-16-le")) // 2 > most:
        raise _Refusal(100, f"(#100) Param {where} must be at most {most} characters long.")


def _counted(items: list[Any], most: int, where: str) -> None:
    if not 1 <= len(items) <= most:
        raise _Refusal(131009, f"(#131009) Invalid number of {where}: {len(items)}; min 1, max {most}")


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A-trace"}}
