"""Runs conversation files against a tenant as it is configured, on a database of its own: `hookline test TENANT`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from hookline import config, control, routing
from hookline.catalogue import Catalogue
from hookline.errors import ConfigError
from hookline.ledger import Inbound
from hookline.plugin import NoConfig
from hookline.runtime import Runtime
from hookline.tenants import TenantRuntime

from .bot import UNLIMITED
from .channel import Loopback
from .conversation import ConversationFile, Exchange, Outcome, failures, read


@attrs.frozen
class Verdict:
    """What became of one conversation file: no failures, or a line for each."""

    file: Path
    name: str
    failures: tuple[str, ...]


async def run_conversations(
    folder: Path, catalogue: Catalogue, env: Mapping[str, str], files: Sequence[Path] = ()
) -> list[Verdict]:
    """Run the tenant's `conversations/*.yaml` (or these files) and say what did not hold.

    The tenant's own plugins answer, with its own config and its `knowledge/` folder; what the bot says is delivered to
    a list instead of its channels.  Raises `ConfigError` for a tenant or file that can't be used.
    """
    found = [*files] or sorted((folder / "conversations").glob("*.yaml"))
    if not found:
        raise ConfigError(
            f"there are no conversation files in {folder / 'conversations'}; write one, as docs/testing.md says"
        )
    read_files = [(file, read(file)) for file in found]
    with tempfile.TemporaryDirectory(prefix="hookline-test-") as scratch:
        bench = _Bench(folder, catalogue, env, Path(scratch))
        async with bench.runtime:
            await bench.open()
            return [await bench.converse(file, conversation) for file, conversation in read_files]


class _Bench:
    def __init__(self, folder: Path, catalogue: Catalogue, env: Mapping[str, str], scratch: Path) -> None:
        self.folder = folder
        self.env = env
        self.scratch = scratch
        self.channel = Loopback()
        together = Catalogue.of([*catalogue.plugins, self.channel.plugin(in_process=True)])
        self.runtime = Runtime(catalogue=together, folders={}, data=scratch / "data", env=env)
        self.commands = control.Commands()
        self.tenant: TenantRuntime

    async def open(self) -> None:
        """Start the tenant with the loopback channel beside its own, and ingest its knowledge."""
        read_config = config.load_tenant(self.folder, self.runtime.catalogue, self.env, UNLIMITED)
        settings = attrs.evolve(read_config.settings, plugins=(*read_config.settings.plugins, "loopback"))
        plugins = {**read_config.plugins, "loopback": NoConfig()}
        self.tenant = TenantRuntime(self.folder.name, self.folder, self.runtime)
        self.runtime.tenants.add(self.tenant)
        await self.tenant.load(attrs.evolve(read_config, settings=settings, plugins=plugins))
        self.commands.add_plugins(self.runtime, routing.collect(self.runtime.hooks))
        if (self.folder / "knowledge").is_dir():
            await self._ingest([self.folder / "knowledge"])

    async def _ingest(self, paths: Sequence[Path]) -> None:
        with self.tenant.acquire() as snapshot:
            if "rag" not in snapshot.tenants:
                return
        arguments = {"paths": [str(path) for path in paths]}
        await self.commands.run("rag.ingest", self.folder.name, arguments, lambda _progress: None)

    async def converse(self, file: Path, conversation: ConversationFile) -> Verdict:
        """One file, from its documents to its last turn; each file's customers are its own."""
        if conversation.documents:
            await self._ingest([self._write(file, n, document) for n, document in enumerate(conversation.documents)])
        found: list[str] = []
        for n, exchange in enumerate(conversation.turns, 1):
            outcome = await self._say(f"{file.stem}-{exchange.who}", exchange)
            found += [f"turn {n}, {exchange.say!r}: {text}" for text in failures(exchange.expect, outcome)]
        return Verdict(file, conversation.name or file.stem, tuple(found))

    def _write(self, file: Path, n: int, document: Mapping[str, str]) -> Path:
        path = self.scratch / file.stem / f"{n}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {document.get('title', file.stem)}\n\n{document['content']}\n", encoding="utf-8")
        return path

    async def _say(self, who: str, exchange: Exchange) -> Outcome:
        with self.tenant.acquire() as snapshot:
            tenant = snapshot.core
        inbound = Inbound("loopback", who, exchange.say, language=exchange.language)
        accepted = await tenant.accept(inbound)
        replies = await tenant.wait(accepted.inbox_id, 120.0)
        known = await tenant.conversations.get(accepted.conversation)
        records = [
            record
            for record in await self.runtime.events.since(tenant.name, 0, conversation=accepted.conversation)
            if record.payload.get("inbox_id") == accepted.inbox_id
        ]
        return Outcome(replies or (), known.state if known else {}, records[-1] if records else None)
