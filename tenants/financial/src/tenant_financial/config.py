"""What `[plugins.tenant_financial]` in a tenant's config may say."""

from __future__ import annotations

import attrs


@attrs.frozen
class Config:
    """`figures`: how many digits an amount must have, without zeros at its end, to be taken for a certain customer's where
    a reply names no customer.  A smaller one may be anybody's, such as a fee."""

    figures: int = 4
