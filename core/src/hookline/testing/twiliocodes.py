"""Loopback Twilio for what is sent to people: Messages, Calls (api_v2010) and Verify (v2).

It refuses what Twilio refuses, with Twilio's codes: a number that can't be one (21211, calls 21217, Verify 60200), a sender
that is not the account's (21606, calls 21210, WhatsApp 63007), a missing body (21602) or sender (21603), a body of more than 1600
characters (21617), somebody who has opted out (21610), a call without TwiML (21205) or with such as is no XML (21218).
Verify forgets a verification once it is approved (404, 20404), takes five tries (60202) and sends five times (60203).
"""

from __future__ import annotations

import re
import secrets
import xml.etree.ElementTree as ET
from typing import Any

import attrs
from aiohttp import web

from .twilio import TwilioServer, _check, _refuse, sid

_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
_MESSAGE = frozenset(
    "To From MessagingServiceSid Body ContentSid ContentVariables StatusCallback ValidityPeriod".split()
)
_CALL = frozenset("To From Twiml Url Method Timeout StatusCallback TimeLimit".split())
_VERIFICATION = frozenset("To Channel Locale CustomFriendlyName".split())
_CHANNELS = frozenset({"sms", "whatsapp", "call", "email"})
_MOST = 5


@attrs.define
class Verification:
    """A verification under way."""

    to: str
    channel: str
    code: str
    sends: int = 1
    tries: int = 0


class TwilioCodes(TwilioServer):
    """An account with the number `number`, and a Verify service; what it took is in `messages` and `phoned`.

    `opted_out` are numbers that take no messages; `codes` are Verify's, by address.
    """

    def __init__(self) -> None:
        super().__init__()
        self.number, self.verify = "+15005550006", sid("VA")
        self.messages: list[dict[str, str]] = []
        self.phoned: list[dict[str, str]] = []
        self.opted_out: set[str] = set()
        self.verifications: dict[str, Verification] = {}

    @property
    def codes(self) -> dict[str, str]:
        """The codes that Verify has sent, by address."""
        return {to: one.code for to, one in self.verifications.items()}

    def add_routes(self, app: web.Application) -> None:
        """The resources' own addresses."""
        super().add_routes(app)
        account, service = f"/2010-04-01/Accounts/{self.account}", f"/v2/Services/{self.verify}"
        app.router.add_post(f"{account}/Messages.json", self._create_sms)
        app.router.add_post(f"{account}/Calls.json", self._create_call)
        app.router.add_post(f"{service}/Verifications", self._verify)
        app.router.add_post(f"{service}/VerificationCheck", self._check_code)

    async def _form(self, request: web.Request) -> dict[str, str]:
        return {key: str(value) for key, value in (await request.post()).items()}

    async def _create_sms(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        wrong = _check(form, _MESSAGE)
        if wrong:
            return _refuse(400, 20001, wrong)
        to, sender = form.get("To", ""), form.get("From", "")
        kind, _, number = to.rpartition(":")
        if not _NUMBER.fullmatch(number):
            return _refuse(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if not sender and not form.get("MessagingServiceSid"):
            return _refuse(400, 21603, "A 'From' phone number is required.")
        if kind == "whatsapp" and sender != f"whatsapp:{self.number}":
            return _refuse(400, 63007, "Twilio could not find a Channel with the specified From address")
        if kind != "whatsapp" and sender not in ("", self.number):
            return _refuse(
                400, 21606, f"The 'From' phone number provided ({sender}) is not a valid message-capable number"
            )
        if not form.get("Body") and not form.get("ContentSid"):
            return _refuse(400, 21602, "Message body is required.")
        if len(form.get("Body", "")) > 1600:
            return _refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if number in self.opted_out:
            return _refuse(400, 21610, f"Attempt to send to unsubscribed recipient {to}")
        self.messages.append(form)
        made: dict[str, Any] = {"sid": sid("SM"), "account_sid": self.account, "to": to, "from": sender or None, "status": "queued",
                "body": form.get("Body", ""), "direction": "outbound-api", "num_segments": "1", "num_media": "0",
                "api_version": "2010-04-01", "date_created": "Sat, 21 Nov 2026 00:00:00 +0000", "error_code": None,
                "error_message": None, "date_sent": None, "date_updated": "Sat, 21 Nov 2026 00:00:00 +0000",
                "messaging_service_sid": form.get("MessagingServiceSid"), "price": None, "price_unit": "USD",
                "uri": request.path, "subresource_uris": {}}  # fmt: skip
        return web.json_response(made, status=201)

    async def _create_call(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        wrong = _check(form, _CALL)
        if wrong:
            return _refuse(400, 20001, wrong)
        if not _NUMBER.fullmatch(form.get("To", "")):
            return _refuse(400, 21217, "Phone number does not appear to be valid")
        if form.get("From") != self.number:
            return _refuse(400, 21210, "The source phone number provided is not yet verified for your account")
        if not form.get("Twiml") and not form.get("Url"):
            return _refuse(400, 21205, "Url parameter is required.")
        try:
            ET.fromstring(form.get("Twiml", "<Response/>"))  # noqa: S314  it is what a test has sent
        except ET.ParseError:
            return _refuse(400, 21218, "Invalid TwiML")
        self.phoned.append(form)
        made: dict[str, Any] = {"sid": sid("CA"), "account_sid": self.account, "to": form["To"], "from": form["From"], "status": "queued",
                "direction": "outbound-api", "date_created": None, "uri": request.path, "subresource_uris": {}}  # fmt: skip
        return web.json_response(made, status=201)

    async def _verify(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        wrong = _check(form, _VERIFICATION)
        if wrong:
            return _refuse(400, 20001, wrong)
        to, channel = form.get("To", ""), form.get("Channel", "")
        if channel not in _CHANNELS or not (_NUMBER.fullmatch(to) or (channel == "email" and "@" in to)):
            return _refuse(400, 60200, f"Invalid parameter: {'To' if channel in _CHANNELS else 'Channel'}")
        known = self.verifications.get(to)
        if known is not None and known.sends >= _MOST:
            return _refuse(429, 60203, "Max send attempts reached")
        if known is not None:
            known.sends, known.channel = known.sends + 1, channel
        else:
            known = self.verifications[to] = Verification(to, channel, f"{secrets.randbelow(1_000_000):06d}")
        return web.json_response(self._shown(known, "pending"), status=201)

    async def _check_code(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        if not form.get("Code"):
            return _refuse(400, 60200, "Invalid parameter: Code")
        known = self.verifications.get(form.get("To", ""))
        if known is None:
            return _refuse(404, 20404, "The requested resource was not found")
        if known.tries >= _MOST:
            return _refuse(429, 60202, "Max check attempts reached")
        known.tries += 1
        if not secrets.compare_digest(known.code, form["Code"]):
            return web.json_response(self._shown(known, "pending"), status=201)
        del self.verifications[known.to]
        return web.json_response(self._shown(known, "approved"), status=201)

    def _shown(self, one: Verification, status: str) -> dict[str, Any]:
        return {"sid": sid("VE"), "service_sid": self.verify, "account_sid": self.account, "to": one.to,
                "channel": one.channel, "status": status, "valid": status == "approved", "amount": None, "payee": None,
                "date_created": "2026-11-21T00:00:00Z", "date_updated": "2026-11-21T00:00:00Z",
                "sna_attempts_error_codes": [], "lookup": {}, "send_code_attempts": [], "url": ""}  # fmt: skip
