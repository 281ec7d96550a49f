"""The plugin as the core meets it."""

from __future__ import annotations

import inspect

import hookline_llm
from hookline.hookspecs import HOOKS, HookSpecs, Scope
from hookline.testing import PluginContract
from hookline.testing.isolation import IsolationContract
from hookline_llm.hooks import TenantHooks


class TestContract(PluginContract):
    plugin = hookline_llm.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_llm.plugin


def test_each_hook_is_specified_with_these_arguments():
    hooks = {name: function for name, function in vars(TenantHooks).items() if hasattr(function, "hookline_impl")}

    assert set(hooks) == {"start", "stop", "respond", "review", "generate", "check_health"}
    for name, function in hooks.items():
        specified = getattr(HookSpecs, name)
        assert HOOKS[name].scope is Scope.TENANT
        assert set(inspect.signature(function).parameters) <= set(inspect.signature(specified).parameters)
