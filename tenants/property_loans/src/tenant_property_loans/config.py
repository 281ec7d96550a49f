"""What a lender decides: how much it lends on what, and when it writes again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

Percent = Annotated[float, msgspec.Meta(gt=0, le=100)]
Amount = Annotated[int, msgspec.Meta(gt=0)]
Days = Annotated[int, msgspec.Meta(ge=1, le=365)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
PropertyType = Literal["house", "apartment", "plot", "shop", "office", "factory"]


@attrs.frozen
class FollowUp:
    """When the bot writes again.

    high, medium, low   days after which it does where the customer names no day, by interest
    festival            the same where a festival was named and no day
    furthest            a day further away than so many is not promised
    morning, afternoon, evening   the hour that these mean; `hour` is the one where nothing is said
    """

    high: Days = 3
    medium: Days = 7
    low: Days = 14
    festival: Days = 30
    furthest: Days = 180
    hour: Hour = 10
    morning: Hour = 10
    afternoon: Hour = 15
    evening: Hour = 18


@attrs.frozen
class Config:
    """`[plugins.tenant_property_loans]`.

    ltv_limit   the most that is lent, in per cent of the property's worth
    ltv_limits  the same by type of property, where it differs
    smallest, largest   the loans that there are, in rupees
    follow_up   when the bot writes again
    """

    ltv_limit: Percent = 60.0
    ltv_limits: Mapping[PropertyType, Percent] = attrs.Factory(dict)
    smallest: Amount = 500_000
    largest: Amount = 100_000_000
    follow_up: FollowUp = FollowUp()

    def __attrs_post_init__(self) -> None:
        """Check what belongs together."""
        if self.smallest > self.largest:
            raise ValueError(f"smallest ({self.smallest}) is more than largest ({self.largest})")

    def limit(self, property_type: str) -> float:
        """The limit for a type of property, in per cent of its worth."""
        return self.ltv_limits.get(property_type, self.ltv_limit)  # type: ignore[call-overload,no-any-return]  # any text
