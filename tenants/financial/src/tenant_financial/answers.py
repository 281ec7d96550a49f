"""What customers are told of their own record, and of no other: whose it is says the proof, never the message."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from hookline.errors import FunctionRefused
from hookline.records import own_records

from .customers import e164
from .figures import plain, told
from .models import account, loan

if TYPE_CHECKING:
    from hookline.message import Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_MOST = 100
_MISSED = "missed_emi"
FUNCTIONS = ("own_emi", "own_balance", "own_loans")
_NAMED = re.compile(r"(?<!\w)(?:(?:C|LN)[\s-]?\d{3,}|\d(?:[\s-]?\d){9,17})(?!\w)", re.IGNORECASE)
_LATIN = {  # the letters of a number as each script writes their English names
    name: letters
    for letters, names in {
        "C": "सी સી சி సి సీ ಸಿ see", "LN": "एलएन એલએન எல்என் ఎల్ఎన్ ಎಲ್ಎನ್",
    }.items()
    for name in names.split()
}  # fmt: skip
_SPELLED = re.compile(rf"(?<![\w\u0900-\u0dff])({'|'.join(_LATIN)})(?=[\s-]?\d{{3}})", re.IGNORECASE)


class Answers:
    """The functions that flows call; they take no arguments, so that nobody can ask for another's record."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def call(self, turn: Turn, name: str) -> Mapping[str, Any]:
        """What the function says: `text` for the customer, `count` of what it speaks of.

        Raises `FunctionRefused` where nobody has proved who they are, where the message names another's record, and where
        there is nothing of the kind.
        """
        if not turn.account:
            raise FunctionRefused(self._say(turn, "not-proved"))
        accounts, loans = [
            sorted(await own_records(self.tenant, kind, turn, proved=True, limit=_MOST), key=lambda row: row.number)
            for kind in (account, loan)
        ]
        mine = {turn.account, *(row.number for row in (*accounts, *loans))}
        asked = {number for number in named(turn.message.text) if not e164(number, self.tenant.settings)}
        if asked - mine:
            raise FunctionRefused(self._say(turn, "only-own"))
        if name == "own_balance":
            return self._answer(turn, [self._balance(turn, row) for row in accounts], "no-account", accounts)
        line = self._emi if name == "own_emi" else self._loan
        return self._answer(turn, [line(turn, row) for row in loans], "no-loan", loans)

    async def beside(self, turn: Turn, reply: Reply) -> Reply:
        """An answer about missed instalments with the customer's own, where it is known who that is.

        Who asks for another's and is not understood is told that there is only the own.
        """
        if turn.account and not reply.answered and named(turn.message.text) - {turn.account}:
            return attrs.evolve(reply, text=self._say(turn, "only-own"))
        asked = turn.intents[0].name if turn.intents else ""
        if not (turn.account and asked == _MISSED and reply.answered and reply.citations) or reply.partial:
            return reply
        try:
            own = await self.call(turn, "own_emi")
        except FunctionRefused:
            return reply
        return attrs.evolve(reply, text=f"{reply.text}\n\n{own['text']}")

    def _answer(self, turn: Turn, lines: list[str], none: str, rows: Sequence[Any]) -> Mapping[str, Any]:
        if not lines:
            raise FunctionRefused(self._say(turn, none))
        told(turn, rows)
        return {"text": "\n".join(lines), "count": len(lines)}

    def _emi(self, turn: Turn, row: Any) -> str:
        kind = self._say(turn, f"loan-{row.kind}")
        if row.due is None:
            return self._say(turn, "emi-none", kind=kind, loan=row.number)
        return self._say(turn, "emi-line", kind=kind, loan=row.number, amount=row.emi, due=row.due)

    def _loan(self, turn: Turn, row: Any) -> str:
        kind = self._say(turn, f"loan-{row.kind}")
        return self._say(turn, "loan-line", kind=kind, loan=row.number, outstanding=row.outstanding, months=row.months)

    def _balance(self, turn: Turn, row: Any) -> str:
        kind = self._say(turn, f"account-{row.kind}")
        return self._say(turn, "balance-line", kind=kind, account=hidden(row.number), balance=row.balance)

    def _say(self, turn: Turn, key: str, **values: Any) -> str:
        return self.tenant.phrase(key, turn.language, **values)


def named(text: str) -> set[str]:
    """The numbers of customers, accounts and loans that the text names, as the records write them."""
    told = _SPELLED.sub(lambda found: _LATIN[found[1].casefold()], plain(text))
    return {re.sub(r"[\s-]", "", found[0]).upper() for found in _NAMED.finditer(told)}


def hidden(number: str) -> str:
    """An account's number with all but its last four digits hidden."""
    return f"{'•' * 4}{number[-4:]}"
