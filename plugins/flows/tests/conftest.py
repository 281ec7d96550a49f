"""A tenant whose flows a test writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import attrs
import pytest

import hookline_flows
from hookline.catalogue import Catalogue
from hookline.hookspecs import hookimpl
from hookline.message import Entity, Intent, Reply
from hookline.plugin import Plugin
from hookline.testing.clock import FrozenClock
from hookline.turn import Turn


@attrs.define(eq=False)
class Office:
    """A tenant's own code: functions by name, what it understands of a message, and what it answers to questions."""

    functions: dict[str, Callable[..., Any]] = attrs.Factory(dict)
    intents: dict[str, str] = attrs.Factory(dict)
    entities: dict[str, list[Entity]] = attrs.Factory(dict)
    answers: dict[str, str] = attrs.Factory(dict)
    calls: list[tuple[str, Mapping[str, Any]]] = attrs.Factory(list)
    guided: list[str] = attrs.Factory(list)
    hears: Callable[[Turn], Any] | None = None

    def plugin(self) -> Plugin:
        """It as a plugin."""
        office = self

        class Hooks:
            def __init__(self, tenant: Any) -> None:
                self.serves = {"call_function": tuple(office.functions)}

            @hookimpl
            async def receive(self, turn):
                return (office.hears(turn) if office.hears else None) or turn.message

            @hookimpl
            async def classify_intent(self, turn):
                name = office.intents.get(turn.message.text)
                return [Intent(name, 0.9)] if name else []

            @hookimpl
            async def extract_entities(self, turn):
                return office.entities.get(turn.message.text, [])

            @hookimpl
            async def call_function(self, turn, name, arguments):
                office.calls.append((name, dict(arguments)))
                found = office.functions[name](**arguments)
                return await found if hasattr(found, "__await__") else found

            @hookimpl
            async def respond(self, turn):
                office.guided += turn.guidance
                answer = office.answers.get(turn.message.text)
                return Reply(answer) if answer else None

        return Plugin("office", hooks=Hooks)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def talk(make_bot, tmp_path, office):
    """Makes a bot with these flow files, by name; `locales` are Fluent files by language."""

    async def make(
        flows: Mapping[str, str],
        *,
        config: str = "",
        locales: Mapping[str, str] | None = None,
        clock: Any = None,
        plugins: tuple[str, ...] = (),
        **more: Any,
    ):
        folder = more.pop("folder", None) or tmp_path / "house"
        _write(folder, flows, locales or {})
        known = Catalogue.load()
        return await make_bot(
            plugins=[hookline_flows.plugin, office.plugin(), *(known.get(name) for name in plugins)],
            config=config,
            folder=folder,
            clock=clock or FrozenClock(),
            **more,
        )

    return make


@pytest.fixture
def write():
    """Writes flow files and locales into a tenant's folder, and returns it."""
    return _write


def _write(
    folder: Path, flows: Mapping[str, str], locales: Mapping[str, str] | None = None, tenant: str = "acme"
) -> Path:
    home = folder / "tenants" / tenant
    for place, suffix, files in (("flows", "yaml", flows), ("locales", "ftl", locales or {})):
        (home / place).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (home / place / f"{name}.{suffix}").write_text(dedent(text), encoding="utf-8")
    return home


@pytest.fixture
def database_plugins():
    return [hookline_flows.plugin]
