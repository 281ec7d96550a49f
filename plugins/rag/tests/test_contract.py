"""The plugin as the core meets it."""

from __future__ import annotations

import inspect
from typing import ClassVar

import hookline_rag
from hookline.catalogue import Catalogue
from hookline.hookspecs import HOOKS, HookSpecs, Scope
from hookline.testing import IsolationContract, PluginContract
from hookline.testing.isolation import MARK
from hookline_rag.hooks import ProcessHooks, TenantHooks
from hookline_rag.service import Service

EMBEDDINGS = Catalogue.load().get("embeddings")
WORDS = '[plugins.embeddings.models.default]\nkind = "hashing"\n'


class TestContract(PluginContract):
    plugin = hookline_rag.plugin
    needs: ClassVar = [EMBEDDINGS]
    needs_config = WORDS


class TestAloneWithoutAnEmbedder(PluginContract):
    plugin = hookline_rag.plugin


class TestIsolation(IsolationContract):
    plugin = hookline_rag.plugin
    needs: ClassVar = [EMBEDDINGS]
    config = WORDS

    async def exercise(self, bot, tenant):
        service = Service(bot.tenant("rag", tenant))
        given = [await service.text(f"The palace of {MARK} is open daily.", title=f"About {MARK}", meta={})]
        assert (await service.ingest(given)).live
        answer = await bot.say(f"Tell me about {MARK}, please", tenant=tenant)
        assert answer.citations


def test_each_hook_is_specified_with_these_arguments():
    for class_, scope in ((TenantHooks, Scope.TENANT), (ProcessHooks, Scope.PROCESS)):
        hooks = {name: function for name, function in vars(class_).items() if hasattr(function, "hookline_impl")}
        assert hooks
        for name, function in hooks.items():
            specified = getattr(HookSpecs, name)
            assert HOOKS[name].scope is scope
            assert set(inspect.signature(function).parameters) <= set(inspect.signature(specified).parameters)
            assert inspect.iscoroutinefunction(function) == inspect.iscoroutinefunction(specified)
