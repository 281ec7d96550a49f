"""Registers nothing."""

from __future__ import annotations

from hookline.tenant import Tenant


class TenantHooks:
    """No hook at all."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
