"""The bodies of the routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import attrs
import msgspec

Short = Annotated[str, msgspec.Meta(max_length=300)]


@attrs.frozen
class NewLead:
    """A lead as somebody enters it; at least one of `email`, `phone` and `contact` is needed."""

    name: Short = ""
    email: Short = ""
    phone: Short = ""
    contact: Short = ""
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] = "walk-in"
    channel: Short = ""
    intent: Short = ""
    owner: Short = ""
    entities: Mapping[str, Any] = attrs.Factory(dict)
    origin: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Change:
    """What shall be different; what is left out stays."""

    status: Short | msgspec.UnsetType = msgspec.UNSET
    owner: Short | msgspec.UnsetType = msgspec.UNSET
    name: Short | msgspec.UnsetType = msgspec.UNSET
    review: bool | msgspec.UnsetType = msgspec.UNSET
    note: Annotated[str, msgspec.Meta(max_length=5000)] | msgspec.UnsetType = msgspec.UNSET

    def given(self) -> dict[str, Any]:
        """What was said."""
        return {name: value for name, value in attrs.asdict(self).items() if value is not msgspec.UNSET}


@attrs.frozen
class WhatIf:
    """A turn that nobody said: what would it be worth?"""

    intent: Short = ""
    entities: Mapping[str, Any] = attrs.Factory(dict)
    mood: Short = ""
    messages: Annotated[int, msgspec.Meta(ge=1)] = 1


@attrs.frozen
class Recalculation:
    """Which lead is scored anew by the rules of now; "" all."""

    lead: Short = ""
