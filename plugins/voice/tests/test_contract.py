"""What every plugin must keep to."""

from __future__ import annotations

import hookline_voice
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import IsolationContract


class TestContract(PluginContract):
    plugin = hookline_voice.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_voice.plugin
