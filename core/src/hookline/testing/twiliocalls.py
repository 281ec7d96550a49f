"""Loopback Twilio for calls (api_v2010, Calls and Recordings).

It refuses what Twilio refuses, with Twilio's codes: a number that can't be one (21211), a caller that is not the account's (21210), a
call without an address or TwiML (21205), an address that is none (21205), a parameter that the description does not have (20001).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from .twilio import TwilioServer, _check, _refuse, sid

_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
_CALL = frozenset(
    "To From Method Url Twiml StatusCallback StatusCallbackEvent StatusCallbackMethod Timeout MachineDetection Record TimeLimit".split()
)


class TwilioCalls(TwilioServer):
    """An account with the number `number`; what it took is in `placed`, by sid.

    `unreachable` are numbers that can't be called.  `lost`: so many calls are taken, and the answer never arrives.  `meet` is called
    with "asked" before a call is taken, and with "taken" before that is answered, so that a test can kill a server there; where it
    returns False at "asked", the request has never arrived.
    """

    def __init__(self) -> None:
        super().__init__()
        self.number = "+911140000000"
        self.placed: dict[str, dict[str, Any]] = {}
        self.removed: list[str] = []
        self.unreachable: set[str] = set()
        self.lost = 0
        self.meet: Callable[[str], bool] = lambda _moment: True

    def add_routes(self, app: web.Application) -> None:
        """The resources' own addresses."""
        super().add_routes(app)
        base = f"/2010-04-01/Accounts/{self.account}"
        app.router.add_post(f"{base}/Calls.json", self._create_call)
        app.router.add_get(f"{base}/Calls.json", self._list_calls)
        app.router.add_get(f"{base}/Calls/{{sid}}.json", self._fetch_call)
        app.router.add_get(f"{base}.json", self._account)
        app.router.add_get(f"{base}/IncomingPhoneNumbers.json", self._numbers)
        app.router.add_post(f"{base}/IncomingPhoneNumbers/{{sid}}.json", self._update_number)
        app.router.add_delete(f"{base}/Recordings/{{sid}}.json", self._remove_recording)
        self.addresses: dict[str, str] = {"VoiceUrl": "", "VoiceMethod": "POST", "StatusCallback": ""}

    async def _create_call(self, request: web.Request) -> web.Response:
        fields = await request.post()
        form: dict[str, Any] = {key: str(value) for key, value in fields.items()}
        problem = self._wrong(form)
        if problem is not None:
            return _refuse(400, *problem)
        if not self.meet("asked"):
            assert request.transport is not None
            request.transport.close()
            return web.Response(status=499)
        made = {
            **form,
            "sid": sid("CA"),
            "status": "queued",
            "at": dt.datetime.now(dt.UTC),
            "events": [str(v) for v in fields.getall("StatusCallbackEvent", [])],
        }
        self.placed[made["sid"]] = made
        self.meet("taken")
        if self.lost:
            self.lost -= 1
            assert request.transport is not None
            request.transport.close()
        return web.json_response(self._call(made), status=201)

    def _wrong(self, form: dict[str, Any]) -> tuple[int, str] | None:
        if wrong := _check(form, _CALL):
            return 20001, wrong
        if not _NUMBER.fullmatch(form.get("To", "")):
            return 21211, f"The phone number you are attempting to call, {form.get('To', '')}, is not valid."
        if form.get("From") != self.number:
            return 21210, f"The source phone number provided, {form.get('From')}, is not yet verified for your account."
        if not form.get("Twiml") and not re.fullmatch(r"https?://\S+", form.get("Url", "")):
            return 21205, "Url parameter is required, and has to be a valid URL"
        if form.get("MachineDetection", "Enable") not in ("Enable", "DetectMessageEnd"):
            return 20001, "MachineDetection is invalid"
        if not 1 <= int(form.get("Timeout", "60")) <= 600:
            return 20001, "Timeout is invalid"
        if form["To"] in self.unreachable:
            return 21215, "Account not authorized to call this number"
        return None

    async def _list_calls(self, request: web.Request) -> web.Response:
        wanted = {key: request.query[key] for key in ("To", "From") if key in request.query}
        found = [
            self._call(one) for one in self.placed.values() if all(one[key] == value for key, value in wanted.items())
        ]
        return web.json_response({"calls": found, **_listed(request)})

    async def _fetch_call(self, request: web.Request) -> web.Response:
        found = self.placed.get(request.match_info["sid"])
        return web.json_response(self._call(found)) if found else _refuse(404, 20404, "Call not found")

    async def _account(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"sid": self.account, "status": "active", "friendly_name": "Loopback", "type": "Full"})

    async def _numbers(self, request: web.Request) -> web.Response:
        wanted = request.query.get("PhoneNumber", self.number)
        found = [{"sid": "PN" + "0" * 32, "phone_number": self.number, "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
                  "voice_url": self.addresses["VoiceUrl"], "voice_method": self.addresses["VoiceMethod"],
                  "status_callback": self.addresses["StatusCallback"]}]  # fmt: skip
        return web.json_response(
            {
                "incoming_phone_numbers": found if wanted == self.number else [],
                **_listed(request),
            }
        )

    async def _update_number(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        if wrong := _check(form, frozenset("VoiceUrl VoiceMethod StatusCallback StatusCallbackMethod".split())):
            return _refuse(400, 20001, wrong)
        self.addresses.update(form)
        return web.json_response({"sid": request.match_info["sid"], "phone_number": self.number})

    async def _remove_recording(self, request: web.Request) -> web.Response:
        self.removed.append(request.match_info["sid"])
        return web.Response(status=204)

    def _call(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "sid": one["sid"], "account_sid": self.account, "to": one["To"], "from": one["From"], "status": one["status"],
            "direction": "outbound-api", "duration": one.get("duration"), "answered_by": one.get("answered_by"),
            "date_created": format_datetime(one["at"]), "date_updated": None, "start_time": None, "end_time": None, "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{self.account}/Calls/{one['sid']}.json", "subresource_uris": {},
        }  # fmt: skip


def _listed(request: web.Request) -> dict[str, Any]:
    """What this API's lists have besides: the whole is on one page."""
    here = request.path_qs
    return {"page": 0, "page_size": 50, "start": 0, "end": 0, "uri": here, "first_page_uri": here, "next_page_uri": None,
            "previous_page_uri": None}  # fmt: skip
