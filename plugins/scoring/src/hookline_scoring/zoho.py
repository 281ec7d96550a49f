"""Leads into Zoho CRM (API v8), as zohocrmsdk8_0 sends them.

https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from .config import Zoho
from .crm import Answer, Authorized, CrmRefused, CrmUnavailable, Http, Tokens, token_of
from .lead import Lead
from .mapping import Mapping as Fields

_LATER = frozenset({"TOO_MANY_REQUESTS", "LIMIT_EXCEEDED", "LICENSE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "TRY_AGAIN"})


@attrs.define(eq=False)
class ZohoCrm:
    """Zoho CRM: upsert by a unique field with the lead's id; without one, looked for by e-mail and phone first."""

    config: Zoho
    http: Http
    tokens: Tokens
    name: str = "zoho"
    fields: Fields = attrs.field(init=False)
    api: Authorized = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.fields = self.config.mapping()
        self.api = Authorized(self.http, self.tokens, "Zoho-oauthtoken", self._token)

    @property
    def _module(self) -> str:
        return f"{self.config.api_url}/crm/v8/{quote(self.config.module)}"

    async def _token(self) -> tuple[str, float]:
        form = {
            "refresh_token": self.config.refresh_token.value,
            "client_id": self.config.client_id,
            "client_secret": self.config.client_secret.value,
            "grant_type": "refresh_token",
        }
        return token_of(await self.http.call("POST", f"{self.config.accounts_url}/oauth/v2/token", form=form), 3600.0)

    async def send(self, lead: Lead, told: Mapping[str, Any]) -> str:
        """Make or update the record; see `Crm.send`."""
        record = self.fields.of_lead(told)
        key = self.config.external_id
        if key:
            body = {"data": [{**record, key: lead.id}], "duplicate_check_fields": [key]}
            return _id(await self.api.call("POST", f"{self._module}/upsert", json=body))
        known = lead.crm_id or await self._found(lead)
        if known:
            return _id(await self.api.call("PUT", f"{self._module}/{quote(known)}", json={"data": [record]})) or known
        return _id(await self.api.call("POST", self._module, json={"data": [record]}))

    async def _found(self, lead: Lead) -> str:
        for name in ("email", "phone"):
            value = getattr(lead, name)
            if value:
                answer = await self.api.call("GET", f"{self._module}/search", query={name: value})
                rows = answer.body.get("data") if isinstance(answer.body, Mapping) else None
                if rows:
                    return str(rows[0]["id"])
        return ""

    async def erased(self, ident: str, crm_id: str) -> None:
        """A note on the record."""
        note = {"Note_Title": "Erase this lead", "Note_Content": ERASE.format(ident)}
        _id(await self.api.call("POST", f"{self._module}/{quote(crm_id)}/Notes", json={"data": [note]}))


ERASE = (
    "The customer asked to be erased, and was in the chat system (lead {}). "
    "Please erase what this CRM holds about them too."
)


def _id(answer: Answer) -> str:
    """The record's id; raises for what Zoho did not take, also where it said so with a 200."""
    rows = answer.body.get("data") if isinstance(answer.body, Mapping) else None
    row = rows[0] if isinstance(rows, list) and rows else answer.body
    if not isinstance(row, Mapping) or (not answer.good and "code" not in row):
        raise CrmRefused(answer.cause())
    if row.get("status") == "success" and answer.good:
        return str((row.get("details") or {}).get("id", ""))
    code = str(row.get("code", ""))
    details = row.get("details") if isinstance(row.get("details"), Mapping) else {}
    field = details.get("api_name", "") if details else ""
    said = f"{code}{f' in {field}' if field else ''}: {row.get('message', '')}"
    if code in _LATER:
        raise CrmUnavailable(said)
    raise CrmRefused(said)
