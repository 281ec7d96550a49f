"""What a phone call may know: who is meant to be at the other end, and their instalment once they have said that it is they."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hookline.errors import FunctionRefused
from hookline.records import own_records

from . import customers
from .figures import told
from .models import loan

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

FUNCTIONS = ("call_customer", "call_emi")
_CHANNEL = "voice"
_MOST = 20


async def call(tenant: Tenant, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The function's result.

    `call_customer`: the `name` of the customer whose telephone it is, and no figure.  `call_emi`: the instalment, where `confirmed` is
    true, which is that whoever answered has said to be that customer; that proves the account for this turn alone.

    Raises `FunctionRefused` on any other channel, for a telephone that is nobody's, and without the confirmation.
    """
    account = await customers.find(tenant, turn.conversation.address) if turn.conversation.channel == _CHANNEL else None
    if account is None:
        raise FunctionRefused(tenant.phrase("call-stranger", turn.language))
    if name == "call_customer":
        return {"name": account.name, "language": account.language}
    if arguments.get("confirmed") is not True:
        raise FunctionRefused(tenant.phrase("not-proved", turn.language))
    turn.prove(account.id)
    rows = [row for row in await own_records(tenant, loan, turn, proved=True, limit=_MOST) if row.due is not None]
    if not rows:
        raise FunctionRefused(tenant.phrase("no-loan", turn.language))
    told(turn, rows)
    rows.sort(key=lambda row: (row.due, row.number))
    return {"text": " ".join(_line(tenant, turn, row) for row in rows), "count": len(rows)}


def _line(tenant: Tenant, turn: Turn, row: Any) -> str:
    kind = tenant.phrase(f"loan-{row.kind}", turn.language)
    day = row.due if isinstance(row.due, dt.date) else dt.date.fromisoformat(str(row.due))
    return tenant.phrase("call-emi-line", turn.language, kind=kind, amount=row.emi, due=day)
