"""Loopback Twilio for WhatsApp: Messages (api_v2010), contents (content_v1), and the files that customers sent.

It refuses what Twilio refuses, with Twilio's codes: a number that can't be one (21211), a sender that is no channel of the account's
(63007), a message without body, file or content (21602), a body of more than 1600 characters (21617), a customer outside of the
window (63016) or who has opted out (21610), a content that is not there (21655) or of which variables are missing (21656).
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from .twilio import TwilioServer, _check, _refuse, sid

_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
_MESSAGE = frozenset("To From Body MediaUrl ContentSid ContentVariables StatusCallback".split())


class TwilioWhatsApp(TwilioServer):
    """An account with the sender `number`; what it took is in `messages`, contents in `contents`, files in `files`.

    `state` and `kind` are the account's; `senders` its WhatsApp senders by sid, as v2/Channels/Senders has them.  `shut` and `opted_out` are customers' numbers.  `credentials` are the Authorization headers that file requests had.
    """

    def __init__(self) -> None:
        super().__init__()
        self.number = "+14155238886"
        self.messages: list[dict[str, Any]] = []
        self.contents: dict[str, dict[str, Any]] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.credentials: list[str] = []
        self.shut: set[str] = set()
        self.opted_out: set[str] = set()
        self.state, self.kind = "active", "Full"
        self.senders: dict[str, dict[str, Any]] = {}

    def add_routes(self, app: web.Application) -> None:
        """The resources' own addresses."""
        super().add_routes(app)
        app.router.add_post(f"/2010-04-01/Accounts/{self.account}/Messages.json", self._create)
        app.router.add_get(f"/2010-04-01/Accounts/{self.account}/Media/{{name}}", self._file)
        app.router.add_post("/v1/Content", self._content)
        app.router.add_get(f"/2010-04-01/Accounts/{self.account}.json", self._account)
        app.router.add_get("/v2/Channels/Senders", self._list_senders)
        app.router.add_post("/v2/Channels/Senders/{sid}", self._update_sender)

    def texts(self) -> list[str]:
        """What the messages say, in their order."""
        return [one.get("Body") or self._filled(one) for one in self.messages]

    def _filled(self, one: dict[str, Any]) -> str:
        if "ContentSid" not in one:
            return str(one.get("MediaUrl", ""))
        variables = json.loads(one.get("ContentVariables", "{}"))
        return str(variables.get("1", ""))

    async def _create(self, request: web.Request) -> web.Response:
        fields = await request.post()
        form: dict[str, Any] = {key: str(value) for key, value in fields.items()}
        to, sender = form.get("To", "").removeprefix("whatsapp:"), form.get("From", "")
        problem = self._problem(form, to, sender)
        if problem is not None:
            return _refuse(400, *problem)
        made = sid("SM")
        self.messages.append({**form, "sid": made})
        told: dict[str, Any] = {
            "sid": made, "account_sid": self.account, "to": form["To"], "from": sender, "status": "queued",
            "body": form.get("Body", ""), "direction": "outbound-api", "num_segments": "1", "num_media": "0",
            "api_version": "2010-04-01", "date_created": "Sat, 21 Nov 2026 00:00:00 +0000", "error_code": None,
            "error_message": None, "date_sent": None, "date_updated": "Sat, 21 Nov 2026 00:00:00 +0000",
            "messaging_service_sid": None, "price": None, "price_unit": "USD", "uri": request.path, "subresource_uris": {},
        }  # fmt: skip
        return web.json_response(told, status=201)

    def _problem(self, form: dict[str, Any], to: str, sender: str) -> tuple[int, str] | None:
        if wrong := _check(form, _MESSAGE):
            return 20001, wrong
        if not _NUMBER.fullmatch(to) or not form.get("To", "").startswith("whatsapp:"):
            return 21211, f"The 'To' number {to} is not a valid phone number."
        if sender != f"whatsapp:{self.number}":
            return 63007, "Twilio could not find a Channel with the specified From address"
        if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
            return 21602, "Message body is required."
        if len(form.get("Body", "")) > 1600:
            return 21617, "The concatenated message body exceeds the 1600 character limit"
        if to in self.opted_out:
            return 21610, "Attempt to send to unsubscribed recipient"
        content = self.contents.get(form.get("ContentSid", ""))
        if "ContentSid" in form and content is None:
            return 21655, "The ContentSid is invalid"
        if content is not None:
            given = json.loads(form.get("ContentVariables", "{}"))
            if set(content["variables"]) - {key for key, value in given.items() if str(value).strip()}:
                return 21656, "The ContentVariables Parameter is invalid"
        if to in self.shut and not (content or {}).get("approved"):
            return 63016, "Failed to send freeform message because you are outside the allowed window"
        return None

    async def _account(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"sid": self.account, "status": self.state, "type": self.kind, "friendly_name": "Acme"}
        )

    async def _list_senders(self, request: web.Request) -> web.Response:
        if request.query.get("Channel") != "whatsapp":
            return _refuse(400, 20001, "Channel is required")
        return web.json_response({"senders": list(self.senders.values()), "meta": {"page": 0, "key": "senders"}})

    async def _update_sender(self, request: web.Request) -> web.Response:
        sender = self.senders.get(request.match_info["sid"])
        if sender is None:
            return _refuse(404, 20404, "The requested resource was not found")
        told = json.loads(await request.read())
        if set(told) - {"webhook", "profile", "configuration"} or not isinstance(told.get("webhook"), dict):
            return _refuse(400, 63100, "Validation error: unknown field")
        sender["webhook"] = {**sender.get("webhook", {}), **told["webhook"]}
        return web.json_response(sender, status=202)

    async def _content(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            return _refuse(400, 20001, "The body is no JSON")
        types = body.get("types") or {}
        for name, part in types.items():
            if problem := _wrong(name, part):
                return _refuse(400, 20001, problem)
        if set(body) - {"friendly_name", "language", "variables", "types"} or not types or not body.get("language"):
            return _refuse(400, 20001, "language and types are required, and nothing unknown")
        made = sid("HX")
        self.contents[made] = {**body, "variables": body.get("variables", {})}
        told = {**self.contents[made], "sid": made, "account_sid": self.account, "url": "", "links": {}}
        told |= {"date_created": "2026-11-21T00:00:00Z", "date_updated": "2026-11-21T00:00:00Z"}
        return web.json_response(told, status=201)

    async def _file(self, request: web.Request) -> web.Response:
        self.credentials.append(request.headers.get("Authorization", ""))
        found = self.files.get(request.match_info["name"])
        if found is None:
            return _refuse(404, 20404, "The requested resource was not found")
        return web.Response(body=found[0], content_type=found[1])


def _wrong(name: str, part: dict[str, Any]) -> str:
    """What is wrong with a type of a content, by content_v1's limits."""
    actions = part.get("actions", ())
    items = part.get("items", ())
    if name == "twilio/quick-reply":
        good = part.get("body") and 1 <= len(actions) <= 10 and all(0 < len(a.get("title", "")) <= 20 for a in actions)
        return "" if good and all(len(a.get("id", "")) <= 200 for a in actions) else "quick-reply: actions"
    if name == "twilio/list-picker":
        good = part.get("body") and 0 < len(part.get("button", "")) <= 20 and 1 <= len(items) <= 10
        fits = all(
            0 < len(i.get("item", "")) <= 24
            and 0 < len(i.get("id", "")) <= 200
            and len(i.get("description") or "") <= 72
            for i in items
        )
        return "" if good and fits else "list-picker: items"
    return f"unknown type {name}"
