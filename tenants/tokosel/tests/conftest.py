"""The tenant as it is configured, on a real runtime and a database of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hookline.catalogue import Catalogue

FOLDER = Path(__file__).resolve().parent.parent
PLUGINS = ("handoff", "nlu", "tenant_tokosel", "scoring", "flows")
CHANNEL = 'enabled = ["handoff", "nlu", "tenant_tokosel", "scoring", "flows", "loopback"]'


def config(**changes: str) -> str:
    """The tenant's own `tenant.toml` with the plugins that these tests need, and with changes of single lines."""
    lines, skipped = [], False
    for line in (FOLDER / "tenant.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            skipped = line.startswith(
                (
                    "[plugins.rag",
                    "[plugins.voice",
                    "[plugins.whatsapp",
                    "[plugins.embeddings",
                    "[plugins.webchat",
                    "[routes",
                    "[wire",
                )
            )
            skipped = skipped or line.startswith("[ratelimit")
        if not skipped:
            lines.append(CHANNEL if line.startswith("enabled = ") else line)
    text = "\n".join(lines).replace('rules = "scoring.yaml"', 'rules = "scoring.yaml"\n\n[plugins.nlu]\nembedder = ""')
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def tokosel(make_bot, tmp_path):
    """`await tokosel(...)` starts the tenant; `changes` replace lines of its config."""

    async def make(*, changes=None, **options):
        folder = tmp_path / "bank" / "tenants" / "tokosel"
        for name in ("flows", "locales"):
            shutil.copytree(FOLDER / name, folder / name, dirs_exist_ok=True)
        for name in ("intents.yaml", "entities.yaml", "scoring.yaml"):
            shutil.copy(FOLDER / name, folder / name)
        plugins = [Catalogue.load().get(name) for name in PLUGINS]
        text = config(**(changes or {}))
        return await make_bot(
            plugins=plugins, tenants={"tokosel": text}, folder=tmp_path / "bank", blocking=5.0, **options
        )

    return make


@pytest.fixture
def converse():
    """`await converse(bot, *said, who=…)` says one after the other; the last reply."""

    async def say(bot, *said, who="alice"):
        reply = None
        for text in said:
            reply = await bot.say(text, who=who)
        return reply

    return say
