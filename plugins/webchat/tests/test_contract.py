"""What every plugin must keep to."""

from __future__ import annotations

import hookline_webchat
from hookline.testing.contract import PluginContract


class TestContract(PluginContract):
    plugin = hookline_webchat.plugin
    config = "[plugins.webchat]\naccent = '#aa3300'\n"
