"""Sending leads to the CRM: durable, safe to repeat, and out of every customer's way.

A job reads the lead as it is now and sends it; so a hundred changes during an outage are one request after it.  What
only time can mend sets a timer, which holds up nothing; what the CRM refuses becomes a dead letter with its cause.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import Conflict, GiveUp
from hookline.tenant import ResourceKey

from . import statements as sql
from .config import Config
from .crm import Crm, CrmError, CrmRefused, CrmUnavailable, Http, Tokens
from .custom import CustomCrm
from .hubspot import HubSpotCrm
from .lead import Lead, for_crm
from .salesforce import SalesforceCrm
from .scoring import Scorer, lane_of
from .zoho import ZohoCrm

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_NOTED = 5  # tries that are noted with the lead, each; later ones every so many


@attrs.define(eq=False)
class Connection:
    """What outlives a reload: the token, and until when the CRM is not to be asked."""

    tokens: Tokens = attrs.Factory(Tokens)
    down_until: float = 0.0
    error: str = ""
    credentials: str = ""


CONNECTION: ResourceKey[Connection] = ResourceKey("crm")


class Routing:
    """Leads of one tenant to its CRM."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.crm = self.config.crm

    async def connection(self) -> Connection:
        """The tenant's connection; new credentials begin with a new token."""

        async def make() -> Connection:
            return Connection()

        mine = await self.tenant.keep(CONNECTION, make)
        chosen = getattr(self.crm, self.crm.provider, None)
        credentials = repr(
            [self.crm.provider, *(_plain(one) for one in attrs.astuple(chosen, recurse=False))] if chosen else ""
        )
        if mine.credentials != credentials:
            mine.tokens, mine.down_until, mine.error, mine.credentials = Tokens(), 0.0, "", credentials
        return mine

    def client(self, tokens: Tokens) -> Crm | None:
        """The provider's client; None where none is chosen."""
        http = Http(self.tenant.http, self.tenant.clock, self.crm.timeout)
        match self.crm.provider:
            case "zoho":
                return ZohoCrm(self.crm.zoho, http, tokens)
            case "hubspot":
                return HubSpotCrm(self.crm.hubspot, http)
            case "salesforce":
                return SalesforceCrm(self.crm.salesforce, http, tokens)
            case "custom":
                return CustomCrm(self.crm.custom, http)
            case _:
                return None

    async def push(self, turn: Turn, ident: str) -> None:
        """Send the lead as it is now, unless the CRM has it so already or a later try is set.

        Raises `GiveUp` where the CRM refuses it, after noting that with the lead.
        """
        rows = await self.tenant.db.fetch(sql.ONE, {"p_lead": ident})
        connection = await self.connection()
        client = self.client(connection.tokens)
        if not rows or client is None:
            return
        lead, now = Lead(*rows[0][1:]), self.tenant.clock.now()
        if lead.crm_at > now or (lead.crm_state == "sent" and lead.crm_rev >= lead.rev):
            return
        if connection.down_until > now:
            self._later(turn, lead, connection.down_until - now, connection.error, lead.crm_tries)
            return
        try:
            crm_id = await client.send(lead, for_crm(lead, self.tenant.name))
        except CrmRefused as error:
            if await self._refused(lead, client.name, str(error)):
                raise GiveUp(f"lead {lead.id}: {client.name} refused it: {error}") from error
            return
        except CrmUnavailable as error:
            if await self.tenant.db.fetch(sql.ONE, {"p_lead": ident}):
                await self._unavailable(turn, lead, client.name, error, connection)
            else:  # erased meanwhile; nobody knows whether the CRM has taken it
                self.tell(turn, lead.id, lead.crm_id)
            return
        connection.error = ""
        try:
            await self._sent(lead, client.name, crm_id)
        except Conflict:
            await self._gone(turn, lead, client.name, crm_id)

    async def _sent(self, lead: Lead, name: str, crm_id: str) -> None:
        """Noted at once, by itself, and only while the lead is there; raises `Conflict` where it is not any more."""
        async with self.tenant.action(by="scoring") as act:
            act.write(sql.SENT, {"p_id": lead.id, "p_rev": lead.rev, "p_crm": crm_id}, rows=1)
            data = {"provider": name, "id": crm_id, "rev": lead.rev, "new": not lead.crm_rev}
            Scorer.happened(act, lead.id, self.tenant.clock.now(), "crm.sent", data)
            act.event("scoring.sent", {"lead": lead.id, "provider": name, "new": not lead.crm_rev})

    async def _gone(self, turn: Turn, lead: Lead, name: str, crm_id: str) -> None:
        """While the CRM took the lead it was erased, so the CRM must be told of the record that it has now; or it became part
        of another, which is told what its record is called."""
        rows = await self.tenant.db.fetch(sql.ONE, {"p_lead": lead.id})
        if rows:
            data = {"provider": name, "id": crm_id, "rev": lead.rev, "new": not lead.crm_rev, "was": lead.id}
            Scorer.happened(turn, rows[0].id, self.tenant.clock.now(), "crm.sent", data)
        else:
            self.tell(turn, lead.id, crm_id)

    def tell(self, collected: Collected, ident: str, crm_id: str) -> None:
        """Have the CRM's people told that a lead was erased, behind whatever is on its way there."""
        lane = lane_of(ident, self.crm.lanes)
        collected.job("erased", {"lead": ident, "crm_id": crm_id}, key=f"erased:{ident}:{crm_id}", lane=lane)

    async def _unavailable(
        self, turn: Turn, lead: Lead, name: str, error: CrmUnavailable, connection: Connection
    ) -> None:
        now, tries = self.tenant.clock.now(), lead.crm_tries + 1
        since = lead.crm_since or now
        if now - since >= self.crm.give_up:
            if await self._refused(lead, name, f"no luck in {self.crm.give_up / 3600:.0f} hours: {error}"):
                raise GiveUp(f"lead {lead.id}: {name} could not be reached: {error}") from error
            return
        wait = error.retry_after
        if wait is None:
            longest = min(self.crm.backoff_max, self.crm.backoff * 2 ** min(tries - 1, 30))
            wait = longest * random.uniform(0.75, 1.0)
        connection.down_until, connection.error = now + wait, str(error)
        self.tenant.log.warning("CRM not available", provider=name, lead=lead.id, tries=tries, error=str(error))
        if tries <= _NOTED or tries % 10 == 0:
            data = {"provider": name, "error": str(error), "tries": tries, "again_in": round(wait, 1)}
            Scorer.happened(turn, lead.id, now, "crm.retry", data)
        self._later(turn, lead, wait, str(error), tries)

    def _later(self, turn: Turn, lead: Lead, wait: float, error: str, tries: int) -> None:
        """A timer, and no job that waits: it takes no worker's place while the CRM is down."""
        now = self.tenant.clock.now()
        wait = max(0.05, wait)
        turn.write(
            sql.FAILED,
            {
                "p_id": lead.id, "p_state": "waiting", "p_error": error[:500], "p_tries": tries,
                "p_since": lead.crm_since or now, "p_at": now + wait,
            },
            rows=1,  # of a lead that was erased meanwhile nothing is noted: the job runs again, and finds none
        )  # fmt: skip
        lane = lane_of(lead.id, self.crm.lanes)
        turn.timer("push", wait, payload={"lead": lead.id}, key=lead.id, lane=lane)

    async def _refused(self, lead: Lead, name: str, cause: str) -> bool:
        """Noted at once, by itself: the job that found it out fails, and takes back what it collected.

        False where the lead is not there any more, so that nobody has to mend it.
        """
        try:
            async with self.tenant.action(by="scoring") as act:
                act.write(
                    sql.FAILED,
                    {
                        "p_id": lead.id, "p_state": "failed", "p_error": cause[:500], "p_tries": lead.crm_tries + 1,
                        "p_since": 0.0, "p_at": 0.0,
                    },
                    rows=1,
                )  # fmt: skip
                data = {"provider": name, "error": cause}
                Scorer.happened(act, lead.id, self.tenant.clock.now(), "crm.failed", data)
                act.event("scoring.failed", {"lead": lead.id, "provider": name})
        except Conflict:
            return False
        return True

    async def again(self, ident: str, by: str) -> None:
        """Have a lead sent now, whatever was before; `by` is who wants it."""
        async with self.tenant.action(by=by) as act:
            act.write(sql.QUEUE, {"p_id": ident}, rows=1)
            Scorer.happened(act, ident, self.tenant.clock.now(), "crm.queued", {}, by)
            act.job("push", {"lead": ident}, lane=lane_of(ident, self.crm.lanes))

    # -- erased here, and there? -----------------------------------------------------------------------------------------

    async def erased(self, turn: Turn, payload: Any) -> None:
        """Tell the CRM's people of a lead that was erased here; tried again by a timer for as long as a lead is."""
        connection = await self.connection()
        client = self.client(connection.tokens)
        if client is None:
            return
        now = self.tenant.clock.now()
        since, tries = payload.get("since") or now, payload.get("tries", 0)
        try:
            await client.erased(payload["lead"], payload["crm_id"])
        except CrmRefused as error:
            raise GiveUp(f"lead {payload['lead']} was erased here; {client.name} could not be told: {error}") from error
        except CrmError as error:
            if now - since >= self.crm.give_up:
                said = f"lead {payload['lead']} was erased here; {client.name} could not be told: {error}"
                raise GiveUp(said) from error
            wait = min(self.crm.backoff_max, self.crm.backoff * 2 ** min(tries, 30))
            again = {**payload, "since": since, "tries": tries + 1}
            turn.timer("erased", wait, payload=again, key=payload["lead"], lane=turn.lane)

    async def health(self) -> dict[str, Any]:
        """How the CRM does, for the health page; empty where there is none."""
        if self.crm.provider == "none":
            return {}
        connection = await self.connection()
        down = connection.error and connection.down_until > self.tenant.clock.now()
        detail = f"{self.crm.provider}: {connection.error}" if down else self.crm.provider
        return {"crm": {"status": "degraded" if down else "ok", "detail": detail}}


def _plain(value: Any) -> Any:
    return value.value if hasattr(value, "value") else value
