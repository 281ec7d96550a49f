"""Leads into Salesforce (REST API), as simple-salesforce sends them.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from .config import Salesforce
from .crm import Answer, Authorized, CrmRefused, CrmUnavailable, Http, Tokens, token_of
from .lead import Lead
from .mapping import Mapping as Fields
from .zoho import ERASE

_LATER = frozenset({"REQUEST_LIMIT_EXCEEDED", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "API_CURRENTLY_DISABLED"})
_TOKEN_SECONDS = 1800.0  # Salesforce does not say how long a token is good; a session's shortest default is two hours


@attrs.define(eq=False)
class SalesforceCrm:
    """Salesforce: upsert by an external id field with the lead's id; without one, looked for by e-mail and phone."""

    config: Salesforce
    http: Http
    tokens: Tokens
    name: str = "salesforce"
    fields: Fields = attrs.field(init=False)
    api: Authorized = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.fields = self.config.mapping()
        self.api = Authorized(self.http, self.tokens, "Bearer", self._token)

    @property
    def _data(self) -> str:
        return f"{self.config.instance_url.rstrip('/')}/services/data/v{self.config.api_version}"

    @property
    def _object(self) -> str:
        return f"{self._data}/sobjects/{quote(self.config.object)}"

    async def _token(self) -> tuple[str, float]:
        url = f"{self.config.instance_url.rstrip('/')}/services/oauth2/token"
        secret = self.config.client_secret.value
        if self.config.refresh_token.value:
            form = {
                "grant_type": "refresh_token", "client_id": self.config.client_id, "client_secret": secret,
                "refresh_token": self.config.refresh_token.value,
            }  # fmt: skip
            return token_of(await self.http.call("POST", url, form=form), _TOKEN_SECONDS)
        pair = base64.b64encode(f"{self.config.client_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        form = {"grant_type": "client_credentials"}
        return token_of(await self.http.call("POST", url, headers=headers, form=form), _TOKEN_SECONDS)

    async def send(self, lead: Lead, told: Mapping[str, Any]) -> str:
        """Make or update the record; see `Crm.send`."""
        record = self.fields.of_lead(told)
        key = self.config.external_id
        if key:  # which may not stand in the body too
            record.pop(key, None)
            url = f"{self._object}/{quote(key)}/{quote(lead.id, safe='')}"
            return _id(await self.api.call("PATCH", url, json=record)) or lead.crm_id
        known = lead.crm_id or await self._found(lead)
        if known:
            return _id(await self.api.call("PATCH", f"{self._object}/{quote(known)}", json=record)) or known
        return _id(await self.api.call("POST", f"{self._object}/", json=record))

    async def _found(self, lead: Lead) -> str:
        for field, value in (("Email", lead.email), ("Phone", lead.phone)):
            if not value:
                continue
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            question = f"SELECT Id FROM {self.config.object} WHERE {field} = '{quoted}' LIMIT 1"  # noqa: S608  SOQL, escaped
            answer = await self.api.call("GET", f"{self._data}/query/", query={"q": question})
            rows = answer.body.get("records") if isinstance(answer.body, Mapping) else None
            if rows:
                return str(rows[0]["Id"])
        return ""

    async def erased(self, ident: str, crm_id: str) -> None:
        """A task on the record."""
        task = {"Subject": "Erase this lead", "WhoId": crm_id, "Description": ERASE.format(ident)}
        _id(await self.api.call("POST", f"{self._data}/sobjects/Task/", json=task))


def _id(answer: Answer) -> str:
    """The record's id, "" where the answer has none (204); raises for what Salesforce did not take."""
    if answer.good:
        return str(answer.body.get("id", "")) if isinstance(answer.body, Mapping) else ""
    if answer.status == 300:
        raise CrmRefused("several records have this lead's external id; merge them in Salesforce")
    rows = answer.body if isinstance(answer.body, list) else [answer.body]
    row = rows[0] if rows and isinstance(rows[0], Mapping) else {}
    code = str(row.get("errorCode", ""))
    if not code:
        raise CrmRefused(answer.cause())
    fields = ", ".join(row.get("fields") or ())
    said = f"{code}{f' in {fields}' if fields else ''}: {row.get('message', '')}"
    if code in _LATER:
        raise CrmUnavailable(said)
    raise CrmRefused(said)
