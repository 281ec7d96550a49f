"""The smallest plugin keeps the contract."""

import hookline_idle
from hookline.testing import IsolationContract, PluginContract


class TestContract(PluginContract):
    plugin = hookline_idle.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_idle.plugin
