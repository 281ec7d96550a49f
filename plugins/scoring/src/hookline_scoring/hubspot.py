"""Leads into HubSpot (CRM API v3), as hubspot-api-client sends them.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-upsert
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from .config import HubSpot
from .crm import Answer, CrmRefused, CrmUnavailable, Http, Unauthorized
from .lead import Lead
from .mapping import Mapping as Fields
from .zoho import ERASE

_EXISTING = re.compile(r"Existing ID: (\d+)")
_NOTE_TO_CONTACT = 202  # HubSpot's own type of the association of a note with a contact


@attrs.define(eq=False)
class HubSpotCrm:
    """HubSpot: upsert by a unique property with the lead's id; without one, looked for by e-mail and phone first."""

    config: HubSpot
    http: Http
    name: str = "hubspot"
    fields: Fields = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.fields = self.config.mapping()

    @property
    def _objects(self) -> str:
        return f"{self.config.api_url}/crm/v3/objects"

    @property
    def _object(self) -> str:
        return f"{self._objects}/{quote(self.config.object)}"

    async def _call(self, method: str, url: str, body: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.config.token.value}"}
        try:
            return await self.http.call(method, url, headers=headers, json=body)
        except Unauthorized as error:  # a private app's token does not run out: it was revoked
            raise CrmUnavailable(f"the token was refused: {error}; check `token`") from error

    async def send(self, lead: Lead, told: Mapping[str, Any]) -> str:
        """Make or update the record; see `Crm.send`."""
        key = self.config.external_id
        properties = {name: _text(value) for name, value in self.fields.of_lead(told).items()}
        if key:
            properties[key] = lead.id
            body = {"inputs": [{"idProperty": key, "id": lead.id, "properties": properties}]}
            answer = await self._call("POST", f"{self._object}/batch/upsert", body)
        else:
            known = lead.crm_id or await self._found(lead)
            if known:
                return await self._update(known, properties)
            answer = await self._call("POST", self._object, {"properties": properties})
        existing = _existing(answer)
        # Somebody of that e-mail is there already, made by others: they get our id, and are ours from now on.
        return await self._update(existing, properties) if existing else _id(answer)

    async def _update(self, ident: str, properties: Mapping[str, str]) -> str:
        answer = await self._call("PATCH", f"{self._object}/{quote(ident)}", {"properties": properties})
        return _id(answer)

    async def _found(self, lead: Lead) -> str:
        for name in ("email", "phone"):
            value = getattr(lead, name)
            if not value:
                continue
            only = {"propertyName": name, "value": value, "operator": "EQ"}
            body = {"limit": 1, "properties": [name], "filterGroups": [{"filters": [only]}]}
            answer = await self._call("POST", f"{self._object}/search", body)
            rows = answer.body.get("results") if isinstance(answer.body, Mapping) else None
            if rows:
                return str(rows[0]["id"])
        return ""

    async def erased(self, ident: str, crm_id: str) -> None:
        """A note on the record."""
        when = round(self.http.clock.now() * 1000)
        body = {
            "associations": [
                {
                    "to": {"id": crm_id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _NOTE_TO_CONTACT}],
                }
            ],
            "properties": {"hs_timestamp": str(when), "hs_note_body": ERASE.format(ident)},
        }
        _id(await self._call("POST", f"{self._objects}/notes", body))


def _text(value: Any) -> str:
    """HubSpot takes texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _existing(answer: Answer) -> str:
    """The id of a record that stands in the way because it has the e-mail already; "" if none does."""
    if answer.status not in (207, 409):
        return ""
    found = _EXISTING.search(answer.text)
    return found[1] if found else ""


def _id(answer: Answer) -> str:
    body = answer.body if isinstance(answer.body, Mapping) else {}
    errors = body.get("errors")
    if not answer.good or (answer.status == 207 and errors):
        row = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
        said = row.get("message") or body.get("message") or answer.cause()
        raise CrmRefused(f"{body.get('category') or row.get('category') or answer.status}: {str(said)[:500]}")
    rows = body.get("results")
    row = rows[0] if isinstance(rows, list) and rows else body
    if not row.get("id"):
        raise CrmUnavailable(f"an answer without an id: {answer.cause()}")
    return str(row["id"])
