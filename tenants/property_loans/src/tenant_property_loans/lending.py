"""How much can be lent on a property: loan to value, exactly, and within which bounds."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from .config import Config

_STEP = Decimal(10_000)  # the most that is offered is rounded down to so many rupees


def assess(config: Config, property_type: str, value: Any, amount: Any) -> dict[str, Any]:
    """Whether the `amount` can be lent: `ltv` and `limit` in per cent, `most` in rupees, `within`, and `reason` if not.

    `reason` is "ltv" where it is too much for the property, "range" where no such loan is given at all, and
    "property" where the property is worth too little for the smallest loan.  Amounts are rupees.
    """
    worth, wanted = Decimal(str(value)), Decimal(str(amount))
    if worth <= 0 or wanted <= 0:
        raise ValueError(f"given {value!r} and {amount!r}; allowed: amounts above 0")
    limit = Decimal(str(config.limit(property_type)))
    most = min(worth * limit / 100, Decimal(config.largest))
    offered = (most / _STEP).to_integral_value(ROUND_DOWN) * _STEP
    reason = ""
    if most < config.smallest:
        reason = "property"
    elif wanted < config.smallest or wanted > config.largest:
        reason = "range"
    elif wanted * 100 > limit * worth:
        reason = "ltv"
    return {
        "amount": int(wanted),
        "ltv": float(ltv(worth, wanted)),
        "limit": float(limit),
        "most": int(offered),
        "within": not reason,
        "reason": reason,
    }


def most_lent(config: Config, property_type: str, value: Any) -> int:
    """The most that can be lent on the property, in rupees, as it is offered."""
    return int(assess(config, property_type, value, config.smallest)["most"])


def ltv(value: Decimal, amount: Decimal) -> Decimal:
    """The loan in per cent of the worth, with two places: 53.33 for 80 lakh on 1.5 crore (row L26)."""
    return (amount / value * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
