"""What `[plugins.tenant_tokosel]` in the tenant's config may say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import attrs
import msgspec

Percent = Annotated[float, msgspec.Meta(ge=0, lt=100)]


@attrs.frozen
class Config:
    """What a bank decides.

    rates            per cent a year, by type of loan, then by the customer's situation; a situation that is not there
                     gets no simulation, an adviser looks at it
    longest          months that a loan may run, by its type; a type that is not there runs as long as the flow allows
    debt_limit       per cent of the income that the payment must stay strictly below
    ask_category     "always": the category of a claim is asked also where the message says it (it is then the first
                     button); "when_unsure": it is taken over
    link_days        how long the links to an amortisation table work
    """

    rates: Mapping[str, Mapping[str, Percent]] = attrs.Factory(dict)
    longest: Mapping[str, Annotated[int, msgspec.Meta(ge=1, le=600)]] = attrs.Factory(dict)
    debt_limit: Percent = 35.0
    ask_category: Literal["always", "when_unsure"] = "always"
    link_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90

    def rate(self, kind: str, situation: str) -> Decimal | None:
        """The rate as it is written in the config; None where there is none."""
        found = self.rates.get(kind, {}).get(situation)
        return None if found is None else Decimal(repr(found))
