"""What every plugin must keep to."""

from __future__ import annotations

import hookline_guardrails
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import IsolationContract


class TestContract(PluginContract):
    plugin = hookline_guardrails.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_guardrails.plugin
