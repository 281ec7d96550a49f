"""tenant_financial: a bank's customers, accounts and loans, of which everybody is told their own alone."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import RECORDS, metadata

plugin = Plugin(
    "tenant_financial",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="tenant_financial.migrations",
    records=RECORDS,
)
