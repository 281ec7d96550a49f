"""The mathematics of a loan with constant monthly payments, exact to the franc.

Derivation.  Of an amount P borrowed at the monthly rate i (a twelfth of the year's, the *taux proportionnel* that banks of
the WAEMU quote), B(0) = P is owed at the beginning, and after each payment M:

    B(k) = B(k-1)·(1 + i) - M        so        B(k) = P·(1 + i)^k - M·((1 + i)^k - 1)/i

Nothing is owed after n payments, B(n) = 0, which gives the payment of an annuity:

    M = P·i / (1 - (1 + i)^-n)       and, for i = 0,        M = P/n

Rounding.  The franc CFA has no smaller coin.  All is reckoned in decimals of 50 digits, and rounded once, where it is
shown: to the franc, halves upwards.  So the total cost is n·M of the *unrounded* payment, and the interest is that less
P: 10,000,000 over 180 months at 6.0 % are 84,386 a month (84,385.68…), 15,189,423 in all, of which 5,189,423 interest.

Checklist: K15, K17, K29; decisions D01 to D03.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

import attrs

DIGITS = 50
LIMIT = Decimal(35)  # per cent of the income; strictly below
FRANC = Decimal(1)
LONGEST = 600  # months: what is longer is no loan of a bank, and would take time to reckon


class LoanError(ValueError):
    """These figures are no loan; the text names the one that is wrong."""


@attrs.frozen
class Loan:
    """An amount in francs, over so many months, at so many per cent a year.  Raises `LoanError`."""

    amount: int
    months: int
    rate: Decimal

    def __attrs_post_init__(self) -> None:
        if self.amount <= 0:
            raise LoanError(f"amount: given {self.amount}; must be above 0")
        if not 1 <= self.months <= LONGEST:
            raise LoanError(f"months: given {self.months}; allowed: 1 to {LONGEST}")
        if not 0 <= self.rate < 100:
            raise LoanError(f"rate: given {self.rate}; allowed: 0 to below 100 per cent a year")

    @property
    def monthly_rate(self) -> Decimal:
        """A twelfth of the year's rate, as a share."""
        with localcontext(prec=DIGITS):
            return self.rate / 1200

    @property
    def exact_payment(self) -> Decimal:
        """What is paid a month, unrounded."""
        with localcontext(prec=DIGITS):
            i = self.monthly_rate
            if i == 0:
                return Decimal(self.amount) / self.months
            return self.amount * i / (1 - (1 + i) ** -self.months)

    @property
    def payment(self) -> int:
        """What is paid a month."""
        return francs(self.exact_payment)

    @property
    def total(self) -> int:
        """What is paid in all."""
        with localcontext(prec=DIGITS):
            return francs(self.exact_payment * self.months)

    @property
    def interest(self) -> int:
        """What is paid besides the amount."""
        return self.total - self.amount

    def debt_ratio(self, income: int) -> Decimal:
        """The payment in per cent of the monthly income, unrounded (D03: no other charge is asked for)."""
        if income <= 0:
            raise LoanError(f"income: given {income}; must be above 0")
        with localcontext(prec=DIGITS):
            return self.exact_payment * 100 / income

    def is_eligible(self, income: int, limit: Decimal = LIMIT) -> bool:
        """Whether the payment is strictly less than `limit` per cent of the income; compared unrounded."""
        return self.debt_ratio(income) < limit

    def schedule(self) -> tuple[Instalment, ...]:
        """The amortisation table: each month's payment, its interest, its capital, and what is owed then.

        Every column adds up to the franc: the capital to the amount, the interest to `interest`, the payments to
        `total`.  For that the interest of a month is the difference of two rounded sums of exact interest (rounding each
        month alone would let the sum drift by up to half a franc a month), all payments but the last are `payment`, and the
        last settles what is left.
        """
        lines: list[Instalment] = []
        with localcontext(prec=DIGITS):
            i, exact = self.monthly_rate, self.exact_payment
            owed, paid_interest = Decimal(self.amount), Decimal(0)
            told_interest, balance = 0, self.amount
            for number in range(1, self.months + 1):
                part = owed * i
                owed, paid_interest = owed + part - exact, paid_interest + part
                last = number == self.months
                interest = (self.interest if last else francs(paid_interest)) - told_interest
                payment = balance + interest if last else self.payment
                balance -= payment - interest
                told_interest += interest
                lines.append(Instalment(number, payment, interest, payment - interest, balance))
        return tuple(lines)


@attrs.frozen
class Instalment:
    """One line of the table, in francs; `balance` is what is owed after it."""

    number: int
    payment: int
    interest: int
    capital: int
    balance: int


def francs(amount: Decimal) -> int:
    """To the franc, halves upwards."""
    return int(amount.quantize(FRANC, rounding=ROUND_HALF_UP))


def most(payment: Decimal, months: int, rate: Decimal) -> int:
    """The largest whole amount whose monthly payment stays below `payment`: what somebody can borrow.

    From M = P·i / (1 - (1 + i)^-n): P = M·(1 - (1 + i)^-n)/i; 0 where not even a franc.
    """
    with localcontext(prec=DIGITS):
        i = rate / 1200
        share = Decimal(months) if i == 0 else (1 - (1 + i) ** -months) / i
        amount = int(payment * share)
        if amount and Loan(amount, months, rate).exact_payment >= payment:
            amount -= 1
        return max(0, amount)


def totals(lines: Sequence[Instalment]) -> tuple[int, int, int]:
    """The sums of payments, interest and capital."""
    return sum(x.payment for x in lines), sum(x.interest for x in lines), sum(x.capital for x in lines)
