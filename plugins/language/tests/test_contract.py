"""What every plugin must keep to."""

from __future__ import annotations

import hookline_language
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import IsolationContract


class TestContract(PluginContract):
    plugin = hookline_language.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_language.plugin
