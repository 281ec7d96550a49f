"""What the flows of the bank call: reckon a loan, check what is typed, register prospects and claims, look a claim up."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hookline import formats
from hookline.errors import FunctionRefused
from hookline.records import own_record, own_records

from . import category, particulars
from .loan import Loan, most
from .models import claim, prospect, simulation
from .particulars import NotUsable
from .routes import TYPES, hashed
from .sheet import Sheet

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_SOURCES = {"webchat": "web", "api": "web", "whatsapp": "whatsapp"}
_KEEP = 3  # claims that are listed to their owner


class Service:
    """The service of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def call(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """Call the function; raises FunctionRefused with the customer's text where it says no."""
        return await FUNCTIONS[name](self, turn, arguments)

    # -- loans ---------------------------------------------------------------------------------------------------------

    async def simulate_loan(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """Reckon and store a simulation (K15 to K29).

        `kind`, `amount` (francs), `months`, `income` (francs a month), `situation`; returns the figures, as numbers and as
        they are said, and the files with the amortisation table.
        """
        kind, situation = str(given["kind"]), str(given["situation"])
        amount, months, income = int(given["amount"]), int(given["months"]), int(given["income"])
        rate = self.tenant.config.rate(kind, situation)
        if rate is None:
            raise self._refused(turn, "tokosel-no-rate")
        loan = Loan(amount, months, rate)
        limit = Decimal(repr(self.tenant.config.debt_limit))
        ratio = loan.debt_ratio(income)
        eligible = loan.is_eligible(income, limit)
        ident = await self.tenant.reference("simulation")
        key = secrets.token_urlsafe(24)
        row = simulation.insert(
            turn.started_at, contact=turn.contact.id, simulation_id=ident, session_id=turn.conversation.id,
            montant=Decimal(amount), duree=months, type_pret=kind, revenus_mensuels=Decimal(income),
            situation_pro=situation, taux_interet=rate, mensualite=Decimal(loan.payment),
            cout_total=Decimal(loan.total), interets_totaux=Decimal(loan.interest), taux_endettement=round(ratio, 2),
            eligible=eligible, source=self._source(turn),
        )  # fmt: skip
        turn.write(row.values(link=hashed(key)), rows=1)
        turn.event("tenant_tokosel.simulated", {"type_pret": kind, "situation_pro": situation, "eligible": eligible})
        title = self._say(turn, f"type-{kind}")
        return {
            "id": ident, "eligible": eligible, "payment": loan.payment, "total": loan.total,
            "interest": loan.interest, "rate": float(rate), "ratio": float(round(ratio, 2)),
            "limit": float(limit), "title": title,
            "amount_said": francs(amount), "payment_said": francs(loan.payment), "total_said": self._money(loan.total),
            "interest_said": self._money(loan.interest), "duration_said": duration_said(months), "rate_said": rate_said(rate), "ratio_said": share_said(ratio),
            "limit_said": share_said(limit), "most_said": self._money(most(limit * income / 100, months, rate)),
            "files": self._files(ident, key, loan, title),
        }  # fmt: skip

    def _files(self, ident: str, key: str, loan: Loan, title: str) -> list[dict[str, Any]]:
        """The table as attachments: their links work for `link_days`, and only with the key."""
        base = self.tenant.settings.public_url.rstrip("/")
        place = f"{base}/t/{quote(self.tenant.name)}/simulations/{quote(ident)}/tableau"
        name = Sheet(ident, title, loan, "").name
        return [
            {"url": f"{place}.{kind}?cle={key}", "media_type": media_type, "name": f"{name}.{kind}"}
            for kind, media_type in TYPES.items()
        ]

    # -- checks while typing -------------------------------------------------------------------------------------------

    async def check_name(self, turn: Turn, given: Mapping[str, Any]) -> str:
        """A name, as it is kept."""
        return self._checked(turn, particulars.name, str(given["value"]))

    async def check_phone(self, turn: Turn, given: Mapping[str, Any]) -> str:
        """A telephone number of Senegal, as it is kept."""
        return self._checked(turn, particulars.phone, str(given["value"]))

    async def check_income(self, turn: Turn, given: Mapping[str, Any]) -> int | float:
        """An income by the month, in francs; one that is said by the year is divided."""
        value = float(given["value"])
        return round(value / 12) if particulars.is_yearly(turn.message.text) else given["value"]

    async def check_duration(self, turn: Turn, given: Mapping[str, Any]) -> int:
        """Months that a loan of the type runs; too many are refused, with how many there may be."""
        months, kind = int(given["value"]), str(given.get("kind") or "")
        longest = self.tenant.config.longest.get(kind)
        if longest is not None and months > longest:
            title = self._say(turn, f"type-{kind}")
            raise self._refused(
                turn, "tokosel-too-long", title=title, longest=duration_said(longest).partition(" (")[0]
            )
        return months

    async def longest_loan(self, turn: Turn, given: Mapping[str, Any]) -> int | None:
        """Months that a loan of the type may run at most; None where that is not limited, or the type is not known yet."""
        longest: int | None = self.tenant.config.longest.get(str(given.get("kind") or ""))
        return longest

    async def check_incident_date(self, turn: Turn, given: Mapping[str, Any]) -> str:
        """The day of what happened, which has to be past."""
        today = self._today(turn)
        return self._checked(turn, lambda text: particulars.happened(text, today).isoformat(), str(given["value"]))

    def _checked(self, turn: Turn, check: Callable[[str], str], text: str) -> str:
        try:
            return check(text)
        except NotUsable as error:
            raise self._refused(turn, f"tokosel-bad-{error.reason}") from None

    # -- accounts ------------------------------------------------------------------------------------------------------

    async def given_name(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, str]:
        """The full name that the message gives, as `first` and `last`; "" where it gives none."""
        for entity in turn.entities:
            if entity.name == "name":
                with contextlib.suppress(NotUsable):
                    first, last = particulars.first_and_last(str(entity.value))
                    return {"first": first, "last": last}
        with contextlib.suppress(NotUsable):
            first, last = particulars.introduced(turn.message.text)
            return {"first": first, "last": last}
        return {"first": "", "last": ""}

    async def split_name(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, str]:
        """An answer to the question for the last name, as `first` and `last` where it gives both; `first` is "" where it gives one."""
        name = str(given["name"])
        try:
            first, last = particulars.both_names(turn.message.text, name)
        except NotUsable:
            return {"first": "", "last": name}
        return {"first": first, "last": last}

    async def register_prospect(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """Store who wants an account, as a qualified lead too: `type`, `last_name`, `first_name`, `phone`, `email`."""
        first = particulars.name(str(given["first_name"]))
        last = particulars.without(particulars.name(str(given["last_name"])), first)
        phone, email = particulars.phone(str(given["phone"])), str(given["email"] or "").lower()
        ident = await self.tenant.reference("prospect")
        turn.write(
            prospect.insert(
                turn.started_at, contact=turn.contact.id, prospect_id=ident, session_id=turn.conversation.id,
                nom=last, prenom=first, telephone=phone, email=email, type_compte=str(given["type"]),
                source=self._source(turn),
            ),
            rows=1,
        )  # fmt: skip
        turn.event("tenant_tokosel.prospect", {"type_compte": str(given["type"])})
        facts = {"name": f"{first} {last}", "phone": phone, "email": email, "type_compte": str(given["type"])}
        self._lead(turn, {**{key: value for key, value in facts.items() if value}, "prospect": ident})
        return {"id": ident, "reached_said": particulars.spoken_reached(phone, email)}

    def _lead(self, turn: Turn, facts: Mapping[str, Any]) -> None:
        if "scoring" in self.tenant.settings.plugins:
            turn.command("told", {"facts": dict(facts), "qualified": True}, plugin="scoring")

    # -- claims --------------------------------------------------------------------------------------------------------

    async def claim_category(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """The category that the message speaks of ("": none); as `taken` too where it is not to be asked for (else null)."""
        found = category.likely(turn.message.text)
        return {"name": found, "taken": found if found and self.tenant.config.ask_category == "when_unsure" else None}

    async def known_particulars(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the customer has told of itself in an earlier request: `name`, `phone`, `email`; "" where nothing."""
        claims = await own_records(self.tenant, claim, turn, limit=1)
        prospects = await own_records(self.tenant, prospect, turn, limit=1)
        told = {"name": "", "phone": "", "email": ""}
        for row in prospects:
            told = {"name": f"{row.prenom} {row.nom}", "phone": row.telephone, "email": row.email}
        for row in claims:
            told = {"name": row.nom_complet, "phone": row.telephone, "email": row.email}
        return told

    async def register_claim(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """Store a claim: `category`, `description`, `amount` (may be null), `date`, `name`, `phone`, `email` (may be null)."""
        amount = given.get("amount")
        ident = await self.tenant.reference("claim")
        turn.write(
            claim.insert(
                turn.started_at, contact=turn.contact.id, claim_id=ident, session_id=turn.conversation.id,
                categorie=str(given["category"]), description=str(given["description"])[:2000],
                montant=None if amount in (None, "") else Decimal(str(amount)).quantize(Decimal(1)),
                date_incident=particulars.happened(str(given["date"]), self._today(turn)),
                nom_complet=particulars.name(str(given["name"])), telephone=particulars.phone(str(given["phone"])),
                email=str(given["email"] or "").lower(), source=self._source(turn),
            ),
            rows=1,
        )  # fmt: skip
        turn.event("tenant_tokosel.claim", {"categorie": str(given["category"])})
        reached = particulars.spoken_reached(particulars.phone(str(given["phone"])), str(given["email"] or ""))
        return {"id": ident, "reached_said": reached}

    async def own_claims(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """The customer's last claims: how many, the `only` one's number, and all `numbers`."""
        rows = await own_records(self.tenant, claim, turn, limit=_KEEP)
        numbers = [row.claim_id for row in rows]
        return {"count": len(rows), "only": numbers[0] if len(rows) == 1 else "", "numbers": numbers}

    async def claim_status(self, turn: Turn, given: Mapping[str, Any]) -> dict[str, Any]:
        """Where a claim stands, for its owner alone: another's is told of in no other words than one that is not there."""
        number = reference(str(given["number"]))
        row = await own_record(self.tenant, claim, turn, number)
        if row is None:
            raise self._refused(turn, "tokosel-no-claim", number=number)
        made = dt.datetime.fromtimestamp(row.created_at, formats.timezone(self.tenant.settings)).date()
        changed = dt.datetime.fromtimestamp(row.updated_at, formats.timezone(self.tenant.settings)).date()
        return {
            "id": row.claim_id, "category": row.categorie, "status": self._say(turn, f"claim-{row.status}"),
            "open": row.status in {"nouvelle", "en_cours"}, "made": made.isoformat(), "changed": changed.isoformat(),
        }  # fmt: skip

    # -- besides -------------------------------------------------------------------------------------------------------

    def _today(self, turn: Turn) -> dt.date:
        return dt.datetime.fromtimestamp(turn.started_at, formats.timezone(self.tenant.settings)).date()

    def _source(self, turn: Turn) -> str:
        return _SOURCES.get(turn.conversation.channel, "autre")

    def _money(self, amount: int) -> str:
        return formats.money(amount, self.tenant.settings)

    def _say(self, turn: Turn, key: str, **values: Any) -> str:
        return self.tenant.phrase(key, turn.language, **values)

    def _refused(self, turn: Turn, key: str, **values: Any) -> FunctionRefused:
        return FunctionRefused(self._say(turn, key, **values))


FUNCTIONS: Mapping[str, Callable[[Service, Turn, Mapping[str, Any]], Awaitable[Any]]] = {
    "simulate_loan": Service.simulate_loan,
    "check_name": Service.check_name,
    "check_phone": Service.check_phone,
    "check_income": Service.check_income,
    "check_duration": Service.check_duration,
    "longest_loan": Service.longest_loan,
    "check_incident_date": Service.check_incident_date,
    "given_name": Service.given_name,
    "split_name": Service.split_name,
    "register_prospect": Service.register_prospect,
    "claim_category": Service.claim_category,
    "known_particulars": Service.known_particulars,
    "register_claim": Service.register_claim,
    "own_claims": Service.own_claims,
    "claim_status": Service.claim_status,
}
"""By the names that flows call them by."""


def francs(amount: int) -> str:
    """As the replaced system prints it: "10 000 000 FCFA", with plain spaces."""
    return f"{amount:,} FCFA".replace(",", " ")


def duration_said(months: int) -> str:
    """As the replaced system prints it: "15 ans (180 mois)"; "6 mois" below a year."""
    years, rest = divmod(months, 12)
    parts = [f"{years} an{'s' if years > 1 else ''}"] if years else []
    parts += [f"{rest} mois"] if rest else []
    return " et ".join(parts) + (f" ({months} mois)" if years else "")


def rate_said(rate: Decimal) -> str:
    """As the replaced system prints it, with a point: "6.0%", "6.25%"."""
    text = f"{rate.normalize():f}"
    return f"{text if '.' in text else text + '.0'}%"


def share_said(share: Decimal) -> str:
    """A share as French is written: "42,19 %", "35 %"."""
    text = f"{round(share, 2).normalize():f}"
    return f"{text} %".replace(".", ",")


def reference(text: str) -> str:
    """The number of a claim as it is stored: "claim 20251210 328" is CLAIM_20251210_328."""
    parts = [part for part in text.upper().replace("-", "_").replace(" ", "_").split("_") if part]
    if len(parts) == 1 and parts[0].startswith("CLAIM"):
        parts = ["CLAIM", parts[0].removeprefix("CLAIM")]
    if parts and parts[0].startswith("CLAIM") and parts[0] != "CLAIM":
        parts = ["CLAIM", parts[0].removeprefix("CLAIM"), *parts[1:]]
    if len(parts) == 2 and len(parts[1]) > 8 and parts[1].isdigit():
        parts = [parts[0], parts[1][:8], parts[1][8:]]
    return "_".join(parts)[:60]
