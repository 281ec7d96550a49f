"""The plugin as the core meets it."""

from __future__ import annotations

import inspect

import msgspec
import pytest
from click.testing import CliRunner

from hookline.hookspecs import HOOKS, HookSpecs, Scope
from hookline.testing import PluginContract
from hookline_embeddings import plugin
from hookline_embeddings.config import Config, ModelConfig
from hookline_embeddings.hooks import ProcessHooks, TenantHooks
from hookline_embeddings.registry import OPENERS


class TestContract(PluginContract):
    plugin = plugin
    config = '[plugins.embeddings.models.words]\nkind = "hashing"\n'


def hooks_of(class_):
    return {name: function for name, function in vars(class_).items() if hasattr(function, "hookline_impl")}


@pytest.mark.parametrize(("class_", "scope"), [(TenantHooks, Scope.TENANT), (ProcessHooks, Scope.PROCESS)])
def test_each_hook_is_specified_with_these_arguments(class_, scope):
    assert hooks_of(class_)
    for name, function in hooks_of(class_).items():
        specified = getattr(HookSpecs, name)
        assert HOOKS[name].scope is scope
        assert set(inspect.signature(function).parameters) <= set(inspect.signature(specified).parameters)
        assert inspect.iscoroutinefunction(function) == inspect.iscoroutinefunction(specified)


def test_the_plugin_declares_itself(place):
    assert plugin.name == "embeddings"
    assert plugin.config is Config
    assert plugin.process is ProcessHooks
    assert plugin.metadata is None

    hooks = plugin.hooks(place(Config()))

    assert hooks.serves == dict.fromkeys(("embed", "describe_embedder", "count_tokens"), ("default",))


def test_each_kind_of_config_can_be_opened():
    assert set(OPENERS) == set(ModelConfig.__args__)


def test_the_config_has_a_schema_for_the_documentation():
    schema = msgspec.json.schema(Config)

    assert "OllamaConfig" in str(schema)


def test_the_commands_are_added_to_the_command_line():
    import click

    cli = click.Group("hookline")
    plugin.process().add_commands(cli)

    shown = CliRunner().invoke(cli, ["model", "--help"])

    assert shown.exit_code == 0
    assert {"fetch", "status"} <= set(shown.output.split())
