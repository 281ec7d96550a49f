"""Loopback Meta with what is around a number: its app and webhook, the token's rights, the account and its subscription.

Source: the Graph API's pages on debug_token and an app's subscriptions; the published description business-messaging-api v23.0.  As Meta
does, it asks a webhook for its token before it takes it.
"""

from __future__ import annotations

import secrets
from typing import Any

import aiohttp
from aiohttp import web

from .meta import _VERSION, MetaServer, _error, _Refusal


class MetaAccount(MetaServer):
    """The app `app` with the account `account`; `scopes` and `expires_at` are the token's, `node` is what the number says.

    `templates` are approved unless `states` says another state of one, by name and language.
    `callback` is the app's webhook ("": none), `fields` what it is subscribed to, `subscribed` whether the account sends to the app,
    `targets` whether the token says which accounts it reaches: one that reaches all of its business does not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.app, self.account = "1234567890", "102290129340398"
        self.scopes = ["whatsapp_business_messaging", "whatsapp_business_management"]
        self.expires_at = 0
        self.callback, self.fields, self.active = "", ["messages"], True
        self.subscribed = True
        self.targets = True
        self.states: dict[tuple[str, str], str] = {}
        self.node: dict[str, Any] = {
            "display_phone_number": "+91 12345 67890", "verified_name": "Acme", "quality_rating": "GREEN", "status": "CONNECTED",
        }  # fmt: skip

    def add_routes(self, app: web.Application) -> None:
        """The account's addresses, before those that take any id."""
        base = f"/{_VERSION}"
        app.router.add_get(f"{base}/debug_token", self._debug)
        app.router.add_get(f"{base}/{self.app}/subscriptions", self._subscriptions)
        app.router.add_post(f"{base}/{self.app}/subscriptions", self._subscribe)
        app.router.add_get(f"{base}/{self.account}/subscribed_apps", self._apps)
        app.router.add_post(f"{base}/{self.account}/subscribed_apps", self._subscribe_account)
        app.router.add_get(f"{base}/{self.account}/message_templates", self._templates)
        app.router.add_get(f"{base}/{self.number}", self._number)
        super().add_routes(app)

    def _bearer(self, request: web.Request) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _app_only(self, request: web.Request) -> web.Response | None:
        if self._bearer(request) != f"{self.app}|{self.secret}":
            return web.json_response(_error(190, "Invalid OAuth access token signature."), status=400)
        return None

    def _manager(self, request: web.Request) -> web.Response | None:
        try:
            self._admitted(request)
        except _Refusal as refusal:
            return web.json_response(_error(refusal.code, refusal.message), status=401)
        if "whatsapp_business_management" not in self.scopes:
            return web.json_response(_error(200, "(#200) You do not have the necessary permissions"), status=403)
        return None

    async def _debug(self, request: web.Request) -> web.Response:
        if request.query.get("input_token") != self.token:
            told = {
                "error": {"code": 190, "message": "The access token could not be decrypted"},
                "is_valid": False,
                "scopes": [],
            }
            return web.json_response({"data": told})
        reached = {"target_ids": [self.account]} if self.targets else {}
        granular = [{"scope": scope, **reached} for scope in self.scopes]
        told = {
            "app_id": self.app, "type": "SYSTEM_USER", "application": "Acme", "expires_at": self.expires_at, "is_valid": True,
            "scopes": self.scopes, "granular_scopes": granular, "user_id": "1",
        }  # fmt: skip
        return web.json_response({"data": told})

    async def _subscriptions(self, request: web.Request) -> web.Response:
        if (refused := self._app_only(request)) is not None:
            return refused
        fields = [{"name": name, "version": _VERSION} for name in self.fields]
        told = {
            "object": "whatsapp_business_account", "callback_url": self.callback, "active": self.active, "fields": fields,
        }  # fmt: skip
        return web.json_response({"data": [told] if self.callback else []})

    async def _subscribe(self, request: web.Request) -> web.Response:
        if (refused := self._app_only(request)) is not None:
            return refused
        form = {key: str(value) for key, value in (await request.post()).items()}
        if missing := {"object", "callback_url", "verify_token"} - set(form):
            return web.json_response(_error(100, f"(#100) The parameter {min(missing)} is required."), status=400)
        nonce = secrets.token_hex(6)
        query = {"hub.mode": "subscribe", "hub.verify_token": form["verify_token"], "hub.challenge": nonce}
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(form["callback_url"], params=query) as answer,
            ):
                good = answer.status == 200 and await answer.text() == nonce
        except aiohttp.ClientError:
            good = False
        if not good:
            told = _error(2200, "(#2200) Callback verification failed: HTTP status code or challenge do not match")
            return web.json_response(told, status=400)
        self.callback, self.fields, self.active = form["callback_url"], form.get("fields", "").split(","), True
        return web.json_response({"success": True})

    async def _apps(self, request: web.Request) -> web.Response:
        if (refused := self._manager(request)) is not None:
            return refused
        told = {"whatsapp_business_api_data": {"id": self.app, "name": "Acme", "link": "https://acme.example"}}
        return web.json_response({"data": [told] if self.subscribed else []})

    async def _subscribe_account(self, request: web.Request) -> web.Response:
        if (refused := self._manager(request)) is not None:
            return refused
        self.subscribed = True
        return web.json_response({"success": True})

    async def _templates(self, request: web.Request) -> web.Response:
        if (refused := self._manager(request)) is not None:
            return refused
        wanted = request.query.get("name", "")
        told = [
            {
                "name": name, "language": language, "status": self.states.get((name, language), "APPROVED"), "id": "1",
                "components": [{"type": "BODY", "text": " ".join(f"{{{{{n + 1}}}}}" for n in range(count))}],
            }
            for (name, language), count in self.templates.items() if wanted in name
        ]  # fmt: skip
        return web.json_response({"data": told, "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})

    async def _number(self, request: web.Request) -> web.Response:
        try:
            self._admitted(request)
        except _Refusal as refusal:
            return web.json_response(_error(refusal.code, refusal.message), status=401)
        wanted = request.query.get("fields", "display_phone_number").split(",")
        return web.json_response({"id": self.number, **{key: self.node[key] for key in wanted if key in self.node}})
