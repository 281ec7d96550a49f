"""A plugin that does nothing: the smallest shape that `hookline check` accepts."""

from hookline.plugin import Plugin

from .hooks import TenantHooks

plugin = Plugin("idle", hooks=TenantHooks)
