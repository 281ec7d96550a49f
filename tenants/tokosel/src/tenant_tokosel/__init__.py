"""Tokosel's own code: the loan simulator, and the records of simulations, prospects and claims."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import RECORDS, metadata

plugin = Plugin(
    "tenant_tokosel",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="tenant_tokosel.migrations",
    records=RECORDS,
)
