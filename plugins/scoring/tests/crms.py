"""Loopback servers of the CRMs: they keep records, and refuse what the real ones refuse by their published rules."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from aiohttp import web

from hookline.testing.loopback import Loopback, Status

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class FakeCrm(Loopback):
    """What they share: requests are kept, faults are met, records have ids, and access needs a good token."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []
        self.records: dict[str, dict[str, Any]] = {}
        self.notes: list[dict[str, Any]] = []
        self.tokens = 0
        self.revoked: set[str] = set()
        self.created = 0
        self.after_success = None  # a function called when a record is stored, before the answer leaves

    def add_routes(self, app):
        app.router.add_route("*", "/{rest:.*}", self.take)

    async def take(self, request):
        text = (await request.read()).decode()
        body: Any = text
        if "json" in request.content_type and text:
            body = json.loads(text)
        elif request.content_type.endswith("form-urlencoded"):
            body = dict(parse_qsl(text))
        one = {
            "method": request.method,
            "path": request.path_qs,
            "headers": dict(request.headers),
            "body": body,
            "raw": text,
        }
        self.seen.append(one)
        self.requests.append((request.path, body))
        fault = self.next_fault()
        if isinstance(fault, Status):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response({"message": "out of order"}, status=fault.status, headers=headers)
        answer = await self.answer(request, body)
        if self.after_success is not None and request.method in ("POST", "PATCH", "PUT") and answer.status < 300:
            await self.after_success()
        return answer

    @abstractmethod
    async def answer(self, request, body):
        """What the real one would say."""

    def store(self, ident: str, values: dict[str, Any]) -> bool:
        """Whether it is new."""
        new = ident not in self.records
        self.created += new
        self.records.setdefault(ident, {}).update(values)
        return new

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The requests that were no sign-in."""
        return [one for one in self.seen if "oauth" not in one["path"]]

    def _token(self) -> str:
        self.tokens += 1
        return f"at-{self.tokens}"

    def _authorized(self, request, scheme: str) -> bool:
        given = request.headers.get("Authorization", "")
        token = given.removeprefix(f"{scheme} ")
        return given.startswith(f"{scheme} at-") and token not in self.revoked


class FakeZoho(FakeCrm):
    """Zoho CRM v8: Leads with Last_Name mandatory, lengths, an e-mail's form, and a unique custom field."""

    LONGEST: ClassVar = {"Last_Name": 80, "First_Name": 40, "Email": 100, "Phone": 30, "Lead_Source": 120,
                         "Description": 32000, "Hookline_Lead_ID": 255, "Hookline_Score": None}  # fmt: skip

    async def answer(self, request, body):
        if request.path == "/oauth/v2/token":
            if body.get("refresh_token") != "rt-1" or body.get("grant_type") != "refresh_token":
                return web.json_response({"error": "invalid_code"})  # with a 200, as Zoho does
            return web.json_response({"access_token": self._token(), "expires_in": 3600, "token_type": "Bearer"})
        if not self._authorized(request, "Zoho-oauthtoken"):
            return web.json_response(
                {"code": "INVALID_TOKEN", "message": "invalid oauth token", "status": "error"}, status=401
            )
        parts = request.path.strip("/").split("/")
        if parts[:3] != ["crm", "v8", "Leads"]:
            return web.json_response({"code": "INVALID_URL_PATTERN", "status": "error", "message": "?"}, status=404)
        if parts[-1] == "Notes":
            self.notes.append({"record": parts[3], **body["data"][0]})
            return self._row("SUCCESS", "record added", {"id": "n1"})
        if parts[-1] == "search":
            name, value = next(iter(request.query.items()))
            column = {"email": "Email", "phone": "Phone"}[name]
            found = [{"id": i, **r} for i, r in self.records.items() if r.get(column) == value]
            return web.json_response({"data": found}) if found else web.Response(status=204)
        record = body["data"][0]
        ident = parts[3] if request.method == "PUT" else ""
        for name, value in record.items():
            if name not in self.LONGEST:
                continue  # Zoho overlooks a field that it does not know
            if self.LONGEST[name] and len(str(value)) > self.LONGEST[name]:
                detail = {"api_name": name, "maximum_length": self.LONGEST[name]}
                return self._row("INVALID_DATA", "invalid data", detail, "error", 400)
            if name == "Email" and not EMAIL.fullmatch(value):
                return self._row(
                    "INVALID_DATA", "invalid data", {"expected_data_type": "email", "api_name": name}, "error", 400
                )
        if parts[-1] == "upsert":
            keys = body.get("duplicate_check_fields") or ["Email"]
            ident = next((i for i, r in self.records.items() if any(r.get(k) == record.get(k) for k in keys)), "")
        if not ident and not record.get("Last_Name"):
            return self._row("MANDATORY_NOT_FOUND", "required field not found", {"api_name": "Last_Name"}, "error", 400)
        ident = ident or str(5000 + len(self.records) + 1)
        new = self.store(ident, record)
        return self._row("SUCCESS", "record added" if new else "record updated", {"id": ident})

    def _row(self, code, message, details, state="success", status=200):
        row = {"code": code, "message": message, "details": details, "status": state}
        return web.json_response({"data": [row]}, status=status)


class FakeHubSpot(FakeCrm):
    """HubSpot v3: contacts whose values are texts, unique by e-mail and by a property of their own."""

    KNOWN: ClassVar = {
        "lastname",
        "firstname",
        "email",
        "phone",
        "hookline_lead_id",
        "hookline_score",
        "hs_lead_status",
    }

    async def answer(self, request, body):
        if request.headers.get("Authorization") != "Bearer pat-1":
            return self._error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        path = request.path
        if path == "/crm/v3/objects/notes":
            self.notes.append(body)
            return web.json_response({"id": "n1"}, status=201)
        if path.endswith("/search"):
            only = body["filterGroups"][0]["filters"][0]
            found = [
                {"id": i, "properties": r}
                for i, r in self.records.items()
                if r.get(only["propertyName"]) == only["value"]
            ]
            return web.json_response({"total": len(found), "results": found})
        given = body["inputs"][0] if "inputs" in body else body
        properties = given["properties"]
        for name, value in properties.items():
            if not isinstance(value, str):
                return self._error(400, "VALIDATION_ERROR", f"Invalid input JSON: {name} is no string")
            if name not in self.KNOWN:
                return self._error(400, "VALIDATION_ERROR", f'Property "{name}" does not exist')
        if "email" in properties and not EMAIL.fullmatch(properties["email"]):
            return self._error(400, "VALIDATION_ERROR", f"Email address {properties['email']} is invalid")
        ident = path.rsplit("/", 1)[1] if request.method == "PATCH" else ""
        if path.endswith("/batch/upsert"):
            if given["idProperty"] != "hookline_lead_id":
                return self._error(400, "VALIDATION_ERROR", f"{given['idProperty']} is not a unique property")
            ident = next((i for i, r in self.records.items() if r.get("hookline_lead_id") == given["id"]), "")
        elif request.method == "PATCH" and ident not in self.records:
            return self._error(404, "OBJECT_NOT_FOUND", "Object not found.")
        other = next(
            (i for i, r in self.records.items() if i != ident and r.get("email", "") == properties.get("email", "-")),
            "",
        )
        if other:
            return self._error(409, "CONFLICT", f"Contact already exists. Existing ID: {other}")
        ident = ident or str(900 + len(self.records) + 1)
        new = self.store(ident, properties)
        row = {"id": ident, "properties": properties, "new": new}
        if path.endswith("/batch/upsert"):
            return web.json_response({"status": "COMPLETE", "results": [row]})
        return web.json_response(row, status=201 if new else 200)

    def _error(self, status, category, message):
        told = {"status": "error", "message": message, "correlationId": "c-1", "category": category}
        return web.json_response(told, status=status)


class FakeSalesforce(FakeCrm):
    """Salesforce REST: Lead with LastName and Company required, lengths, and an external id field."""

    LONGEST: ClassVar = {"LastName": 80, "FirstName": 40, "Company": 255, "Email": 80, "Phone": 40, "LeadSource": 255,
                         "Rating": 255, "Description": 32000, "Score__c": None}  # fmt: skip

    async def answer(self, request, body):
        if request.path == "/services/oauth2/token":
            basic = request.headers.get("Authorization", "")
            if body.get("grant_type") == "client_credentials" and basic == "Basic Y2s6Y3M=":
                return web.json_response({"access_token": self._token(), "token_type": "Bearer"})
            if body.get("grant_type") == "refresh_token" and body.get("refresh_token") == "rt-1":
                return web.json_response({"access_token": self._token(), "token_type": "Bearer"})
            return web.json_response(
                {"error": "invalid_client", "error_description": "invalid client credentials"}, status=400
            )
        if not self._authorized(request, "Bearer"):
            return self._error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        match = re.fullmatch(r"/services/data/v59\.0/(?:sobjects/(\w+)/(?:(\w+)(?:/(.+))?)?|query/)", request.path)
        if match is None:
            return self._error(404, "NOT_FOUND", "The requested resource does not exist")
        kind, field, value = match.groups()
        if kind is None:
            column, wanted = re.search(r"WHERE (\w+) = '(.*)' LIMIT 1", request.query["q"]).groups()
            wanted = wanted.replace("\\'", "'").replace("\\\\", "\\")
            found = [{"Id": i} for i, r in self.records.items() if r.get(column) == wanted]
            return web.json_response({"totalSize": len(found), "done": True, "records": found})
        if kind == "Task":
            self.notes.append(body)
            return web.json_response({"id": "00T1", "success": True, "errors": []}, status=201)
        for name, given in body.items():
            if name not in self.LONGEST:
                return self._error(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type Lead")
            if self.LONGEST[name] and len(given) > self.LONGEST[name]:
                return self._error(400, "STRING_TOO_LONG", f"{name}: data value too large", [name])
            if name == "Email" and not EMAIL.fullmatch(given):
                return self._error(400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address", ["Email"])
        ident, key = "", {}
        if request.method == "PATCH" and value is not None:
            if field != "Hookline_Lead_ID__c":
                return self._error(404, "NOT_FOUND", f"Provided external ID field does not exist: {field}")
            key = {field: value}
            ident = next((i for i, r in self.records.items() if r.get(field) == value), "")
        elif request.method == "PATCH":
            ident = field
        lacking = [name for name in ("LastName", "Company") if not body.get(name)]
        if not ident and lacking:
            return self._error(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {lacking}", lacking)
        ident = ident or f"00Q{len(self.records) + 1:012d}"
        new = self.store(ident, {**body, **key})
        if request.method == "PATCH" and value is None:
            return web.Response(status=204)
        told = {"id": ident, "success": True, "errors": [], "created": new}
        return web.json_response(told, status=201 if new else 200)

    def _error(self, status, code, message, fields=()):
        return web.json_response([{"message": message, "errorCode": code, "fields": list(fields)}], status=status)


class FakeWebhook(FakeCrm):
    """A receiver that checks the signature as the README tells, and the age of what it gets."""

    def __init__(self, secret: str, check) -> None:
        super().__init__()
        self.secret = secret
        self.check = check
        self.keys: set[str] = set()

    async def answer(self, request, body):
        raw = self.seen[-1]["raw"].encode()
        if not self.check(self.secret, request.headers, raw):
            return web.json_response({"error": "bad signature"}, status=401)
        if body["event"] == "lead.erased":
            self.notes.append(body)
            return web.json_response({})
        if body["key"] not in self.keys:
            self.keys.add(body["key"])
            self.store(body["id"], body["lead"])
        return web.json_response({"id": f"ext-{body['id']}"})


CONFIGS = {
    "zoho": """
[plugins.scoring.crm]
provider = "zoho"
backoff = 0.05
[plugins.scoring.crm.zoho]
client_id = "cid"
client_secret = "${{CRM_SECRET}}"
refresh_token = "${{CRM_REFRESH}}"
accounts_url = "{host}"
api_url = "{host}"
""",
    "hubspot": """
[plugins.scoring.crm]
provider = "hubspot"
backoff = 0.05
[plugins.scoring.crm.hubspot]
token = "${{CRM_TOKEN}}"
api_url = "{host}"
""",
    "salesforce": """
[plugins.scoring.crm]
provider = "salesforce"
backoff = 0.05
[plugins.scoring.crm.salesforce]
instance_url = "{host}"
client_id = "ck"
client_secret = "${{CRM_SECRET}}"
""",
    "custom": """
[plugins.scoring.crm]
provider = "custom"
backoff = 0.05
[plugins.scoring.crm.custom]
url = "{host}/leads"
secret = "${{CRM_TOKEN}}"
""",
}
ENV = {"CRM_SECRET": "cs", "CRM_REFRESH": "rt-1", "CRM_TOKEN": "pat-1"}
