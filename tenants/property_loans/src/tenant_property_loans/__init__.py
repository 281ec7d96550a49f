"""tenant_property_loans: what a lender against property knows of its customers, and what it can lend them."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import TenantHooks
from .models import customer, enquiry, metadata, property_, stage

plugin = Plugin(
    "tenant_property_loans",
    hooks=TenantHooks,
    config=Config,
    metadata=metadata,
    migrations="tenant_property_loans.migrations",
    records=(customer, property_, enquiry, stage),
)
