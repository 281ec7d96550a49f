"""A plugin that fails in every way, wherever its config says."""

from hookline.plugin import Plugin

from .config import Config
from .hooks import TenantHooks

plugin = Plugin(
    "faulty",
    hooks=TenantHooks,
    config=Config,
    channels=("faulty",),
)
