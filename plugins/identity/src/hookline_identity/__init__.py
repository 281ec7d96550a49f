"""identity: customers prove who they are by a one-time code before anything of their account is said."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .models import metadata

plugin = Plugin(
    "identity",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_identity.migrations",
)
