"""The faulty plugin, while it behaves, keeps the contract."""

import hookline_faulty
from hookline.testing import IsolationContract, PluginContract


class TestContract(PluginContract):
    plugin = hookline_faulty.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_faulty.plugin
