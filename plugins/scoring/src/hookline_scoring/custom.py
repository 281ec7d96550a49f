"""Leads to any other system: one signed JSON request each; the README says how its receiver checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import msgspec

from hookline.signing import signed_headers

from .config import Custom
from .crm import CrmRefused, CrmUnavailable, Http, Unauthorized
from .lead import Lead
from .mapping import Mapping as Fields


@attrs.define(eq=False)
class CustomCrm:
    """A webhook: `lead` with the lead, or `lead.erased`; one key a change, so that a repeat can be told."""

    config: Custom
    http: Http
    name: str = "custom"
    fields: Fields = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.fields = self.config.mapping()

    async def send(self, lead: Lead, told: Mapping[str, Any]) -> str:
        """Send it; see `Crm.send`."""
        mapped = self.fields.of_lead(told) if self.config.fields else dict(told)
        return await self._post("lead", f"{lead.id}-{lead.rev}", {"id": lead.id, "revision": lead.rev, "lead": mapped})

    async def erased(self, ident: str, crm_id: str) -> None:
        """Say so."""
        await self._post("lead.erased", f"{ident}-erased", {"id": ident, "record": crm_id})

    async def _post(self, event: str, key: str, told: Mapping[str, Any]) -> str:
        body = msgspec.json.encode({"event": event, "key": key, **told})
        headers = signed_headers(self.config.secret.value, key, body, self.http.clock.now())
        try:
            answer = await self.http.call("POST", self.config.url, headers=headers, body=body)
        except Unauthorized as error:
            raise CrmUnavailable(f"the signature was refused: {error}; check `secret`") from error
        if not answer.good:
            raise CrmRefused(answer.cause())
        return str(answer.body.get("id", "")) if isinstance(answer.body, Mapping) else ""
