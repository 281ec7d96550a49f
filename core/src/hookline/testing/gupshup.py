"""Loopback Gupshup: session messages and templates, as its pages describe POST /wa/api/v1/msg and /wa/api/v1/template/msg.

It refuses what Gupshup refuses: a wrong key (401), a source or app that is not the account's, a message that is no JSON, of an
unknown type or too long (400), a template that is not there.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from aiohttp import web

from .loopback import Loopback, Status

_PHONE = re.compile(r"[1-9]\d{6,14}")
_NEEDED = {
    "text": ("text",), "image": ("originalUrl", "previewUrl"), "file": ("url", "filename"), "audio": ("url",),
    "video": ("url",), "sticker": ("url",), "quick_reply": ("content", "options"), "list": ("title", "body", "items"),
}  # fmt: skip


class GupshupServer(Loopback):
    """An account with the app `app` on the number `number`; what it took is in `messages`, as (form, message or template)."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.token = secrets.token_hex(16), secrets.token_hex(16)
        self.app_name, self.number = "DemoApp", "+917834811114"
        self.messages: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.templates: dict[str, int] = {}
        self.shut: set[str] = set()

    def add_routes(self, app: web.Application) -> None:
        """The two addresses."""
        app.router.add_post("/wa/api/v1/msg", self._message)
        app.router.add_post("/wa/api/v1/template/msg", self._template)
        app.router.add_get("/sm/api/v1/template/list/{app}", self._listed)

    def texts(self) -> list[str]:
        """What the messages say, in their order."""
        return [
            told.get("text") or told.get("body") or told.get("content", {}).get("text") or told.get("id", "")
            for _, told in self.messages
        ]

    async def _form(self, request: web.Request) -> dict[str, str] | web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.requests.append((request.path, form))
        fault = self.next_fault()
        if isinstance(fault, Status):
            return web.json_response({"status": "error", "message": "Too Many Requests"}, status=fault.status)
        if request.headers.get("apikey") != self.key:
            return web.json_response({"status": "error", "message": "Authentication Failed"}, status=401)
        if form.get("source") != self.number.removeprefix("+") or form.get("src.name") != self.app_name:
            return _refuse("Invalid App Details")
        if not _PHONE.fullmatch(form.get("destination", "")):
            return _refuse("Invalid Destination")
        return form

    async def _message(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if isinstance(form, web.Response):
            return form
        if form.get("channel") != "whatsapp" or set(form) != {
            "channel",
            "source",
            "destination",
            "src.name",
            "message",
        }:
            return _refuse("Invalid parameters")
        try:
            told = json.loads(form["message"])
        except ValueError:
            return _refuse("Invalid Message JSON")
        problem = _problem(told)
        if problem:
            return _refuse(problem)
        return self._took(form, told)

    async def _template(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if isinstance(form, web.Response):
            return form
        told = json.loads(form.get("template", "{}"))
        if self.templates.get(told.get("id", "")) != len(told.get("params", ())):
            return _refuse("Template Not Found or params do not match")
        return self._took(form, told)

    async def _listed(self, request: web.Request) -> web.Response:
        if request.headers.get("apikey") != self.key:
            return web.json_response({"status": "error", "message": "Authentication Failed"}, status=401)
        if request.match_info["app"] != self.app_name:
            return _refuse("Invalid App Details")
        found = [{"id": ident, "elementName": ident, "status": "APPROVED"} for ident in self.templates]
        return web.json_response({"status": "success", "templates": found})

    def _took(self, form: dict[str, str], told: dict[str, Any]) -> web.Response:
        self.messages.append((form, told))
        return web.json_response({"status": "submitted", "messageId": secrets.token_hex(16)}, status=202)


def _problem(told: Any) -> str:
    kind = told.get("type") if isinstance(told, dict) else None
    if kind not in _NEEDED or any(not told.get(key) for key in _NEEDED[kind]):
        return "Invalid Message Payload"
    if kind == "text" and len(told["text"]) > 4096:
        return "text is too long"
    if kind == "quick_reply":
        options = told["options"]
        if not 1 <= len(options) <= 3 or any(not 0 < len(one.get("title", "")) <= 20 for one in options):
            return "Invalid options"
    if kind == "list":
        options = [option for item in told["items"] for option in item.get("options", ())]
        long = any(not 0 < len(one.get("title", "")) <= 24 or len(one.get("description", "")) > 72 for one in options)
        if not 1 <= len(options) <= 10 or long or not told.get("globalButtons"):
            return "Invalid items"
    return ""


def _refuse(message: str) -> web.Response:
    return web.json_response({"status": "error", "message": message}, status=400)
