"""The last look at each reply: no figure of a customer leaves but to that customer, whoever wrote the reply.

Answers about a record are made from the proved customer's rows alone (`answers`).  This stands behind them, for what a
document, a model or an earlier turn may bring in: numbers of customers, accounts and loans, telephones, e-mail addresses,
full names beside a figure, and amounts that stand in another customer's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import regex
import sqlalchemy as sa

from .answers import named
from .customers import e164
from .figures import amounts, digits, plain, told_to_others
from .models import account, customer, loan

if TYPE_CHECKING:
    from hookline.message import Passage, Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn

_EMAIL = regex.compile(r"[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}")
_PHONE = regex.compile(r"(?<![\p{L}\p{N}])\+?\d(?:[\s()-]{0,2}\d){7,14}(?!\p{N})")
_WORD = regex.compile(r"[\p{L}\p{M}.'’]+")
_LONGEST_NAME = 4
_PEOPLE, _ACCOUNTS, _LOANS = customer.table.c, account.table.c, loan.table.c
_FIGURES = (_LOANS.emi, _LOANS.outstanding, _LOANS.principal)


@attrs.frozen
class Signs:
    """What in a text may point to a customer."""

    numbers: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    amounts: frozenset[Decimal] = frozenset()


class Guard:
    """The guard of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def reply(self, turn: Turn, reply: Reply) -> Reply:
        """The reply, or in its place that only one's own record is told."""
        text = "\n".join([reply.text, *reply.quick_replies, *(cited.text for cited in reply.citations)])
        signs, said = self.signs(text), self.signs(turn.message.text)
        earlier = told_to_others(turn) & amounts(text)
        if signs == Signs() and not earlier:
            return reply
        mine = await self._figures(turn.account) if turn.account else frozenset()
        signs = attrs.evolve(  # what customers wrote themselves is no news to them, but for amounts: "is it 98,765?"
            signs,
            numbers=signs.numbers - said.numbers,
            phones=signs.phones - said.phones,
            emails=signs.emails - said.emails,
            amounts=signs.amounts - mine,
        )
        if not (earlier - mine or await self._owners(signs) - {turn.account}):
            return reply
        turn.flag("a reply told of another customer, and was withheld")
        withheld = self.tenant.phrase("only-own", turn.language)
        return attrs.evolve(
            reply, text=withheld, citations=(), quick_replies=(), attachments=(), answered=False, data={}
        )

    async def passages(self, turn: Turn, passages: Sequence[Passage]) -> Sequence[Passage]:
        """Those that speak of no customer; not of one's own either, whose figures come from the record alone."""
        kept = []
        for passage in passages:
            if await self._owners(attrs.evolve(self.signs(f"{passage.title}\n{passage.text}"), amounts=frozenset())):
                turn.flag("a document tells of a customer, and was left out")
            else:
                kept.append(passage)
        return kept

    def signs(self, text: str) -> Signs:
        """What in the text may point to a customer."""
        even, found = plain(text), amounts(text)
        phones = (e164(match[0], self.tenant.settings) for match in _PHONE.finditer(even))
        return Signs(
            frozenset(named(even)),
            frozenset(phone for phone in phones if phone),
            frozenset(match[0].casefold() for match in _EMAIL.finditer(even)),
            names(text) if found else frozenset(),
            frozenset(amount for amount in found if digits(amount) >= self.tenant.config.figures),
        )

    async def _owners(self, signs: Signs) -> set[str]:
        """The customers to whom they point."""
        numbers, sums = sorted(signs.numbers), sorted(signs.amounts)
        people = [
            column.in_(sorted(wanted))
            for column, wanted in (
                (_PEOPLE.number, signs.numbers),
                (_PEOPLE.phone, signs.phones),
                (_PEOPLE.email, signs.emails),
                (_PEOPLE.name, signs.names),
            )
            if wanted
        ]
        accounts = [_ACCOUNTS.number.in_(numbers)] if numbers else []
        accounts += [_ACCOUNTS.balance.in_(sums)] if sums else []
        loans = [_LOANS.number.in_(numbers)] if numbers else []
        loans += [column.in_(sums) for column in _FIGURES] if sums else []
        found: set[str] = set()
        for owner, wanted in ((_PEOPLE.number, people), (_ACCOUNTS.customer, accounts), (_LOANS.customer, loans)):
            if wanted:
                rows = await self.tenant.db.fetch(sa.select(owner.label("owner")).where(sa.or_(*wanted)).distinct())
                found.update(row.owner for row in rows)
        return found

    async def _figures(self, owner: str) -> frozenset[Decimal]:
        """All amounts in the customer's own record."""
        balances = await self.tenant.db.fetch(sa.select(_ACCOUNTS.balance).where(_ACCOUNTS.customer == owner))
        loans = await self.tenant.db.fetch(sa.select(*_FIGURES).where(_LOANS.customer == owner))
        return frozenset(value for row in (*balances, *loans) for value in row)


def names(text: str) -> frozenset[str]:
    """What may be somebody's full name: two to four words with capitals, or in a script that has none."""
    found: set[str] = set()
    run: list[str] = []
    for word in (*_WORD.findall(text), "."):
        bare = word.strip(".'’")
        if bare and (bare[0] != bare[0].lower() or not bare[0].isascii()):
            run.append(bare.title() if bare.isupper() else bare)
            continue
        found |= _runs(run)
        run = []
    return frozenset(found)


def _runs(words: list[str]) -> set[str]:
    return {
        " ".join(words[start : start + length])
        for length in range(2, _LONGEST_NAME + 1)
        for start in range(len(words) - length + 1)
    }
