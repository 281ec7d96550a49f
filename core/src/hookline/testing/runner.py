"""Runs conversation files against a tenant as it is configured, on a database of its own: `hookline test TENANT`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

from hookline import config, control, routing
from hookline.catalogue import Catalogue
from hookline.clock import Clock
from hookline.errors import ConfigError, ServiceUnavailable
from hookline.hooks import Hooks
from hookline.hookspecs import hookimpl
from hookline.ledger import Inbound
from hookline.message import Message
from hookline.models import inbox, timer
from hookline.plugin import NoConfig, Plugin
from hookline.recordcommands import seeded
from hookline.runtime import Runtime
from hookline.tenant import Tenant
from hookline.tenants import TenantRuntime
from hookline.turn import Turn

from .bot import UNLIMITED
from .channel import Loopback
from .conversation import ConversationFile, Exchange, Outcome, failures, read

PROVED = "proved"
"""In a message's data: the account that its writer has proved to be."""


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
    async with bench(folder, catalogue, env) as opened:
        return [await opened.converse(file, conversation) for file, conversation in read_files]


@asynccontextmanager
async def bench(folder: Path, catalogue: Catalogue, env: Mapping[str, str]) -> AsyncIterator[Bench]:
    """The tenant, started on a database of its own that is gone afterwards; raises `ConfigError`."""
    with tempfile.TemporaryDirectory(prefix="hookline-test-") as scratch:
        opened = Bench(folder, catalogue, env, Path(scratch))
        async with opened.runtime:
            await opened.open()
            yield opened


class Bench:
    """A tenant as it is configured, whose channels are a list: `tenant` is its runtime, `say` what a customer says."""

    def __init__(self, folder: Path, catalogue: Catalogue, env: Mapping[str, str], scratch: Path) -> None:
        self.folder = folder
        self.env = env
        self.scratch = scratch
        self.channel = Loopback()
        self.clock = Ahead()
        stage = Plugin("stage", _Stage)
        together = Catalogue.of([*catalogue.plugins, self.channel.plugin(in_process=True), stage])
        self.runtime = Runtime(catalogue=together, folders={}, data=scratch / "data", env=env, clock=self.clock)
        self.heard: dict[str, tuple[str, int]] = {}
        self.commands = control.Commands()
        self.tenant: TenantRuntime

    async def open(self) -> None:
        """Start the tenant with the loopback channel beside its own, its first records and its knowledge."""
        read_config = config.load_tenant(self.folder, self.runtime.catalogue, self.env, UNLIMITED)
        settings = attrs.evolve(read_config.settings, plugins=(*read_config.settings.plugins, "loopback", "stage"))
        plugins = {**read_config.plugins, "loopback": NoConfig(), "stage": NoConfig()}
        self.tenant = TenantRuntime(self.folder.name, self.folder, self.runtime)
        self.runtime.tenants.add(self.tenant)
        await self.tenant.load(attrs.evolve(read_config, settings=settings, plugins=plugins))
        self.commands.add_plugins(self.runtime, routing.collect(self.runtime.hooks))
        with self.tenant.acquire() as snapshot:
            await seeded(snapshot.core)
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
            outcome = await self.say(f"{file.stem}-{exchange.who}", exchange)
            found += [f"turn {n}, {exchange.say!r}: {text}" for text in failures(exchange.expect, outcome)]
        return Verdict(file, conversation.name or file.stem, tuple(found))

    def _write(self, file: Path, n: int, document: Mapping[str, str]) -> Path:
        path = self.scratch / file.stem / f"{n}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {document.get('title', file.stem)}\n\n{document['content']}\n", encoding="utf-8")
        return path

    async def say(self, who: str, exchange: Exchange) -> Outcome:
        """What the bot does with a customer's message."""
        await self.wait(exchange.seconds)
        with self.tenant.acquire() as snapshot:
            tenant = snapshot.core
            if not exchange.say:
                return await self._meanwhile(tenant, who)
            data = {PROVED: exchange.proved} if exchange.proved else {}
            inbound = Inbound("loopback", who, exchange.say, language=exchange.language, data=data)
            with _failing(snapshot.hooks, exchange.failing):
                accepted = await tenant.accept(inbound)
                replies = await tenant.wait(accepted.inbox_id, 120.0)
        known = await tenant.conversations.get(accepted.conversation)
        records = [
            record
            for record in await self.runtime.events.since(tenant.name, 0, conversation=accepted.conversation)
            if record.payload.get("inbox_id") == accepted.inbox_id
        ]
        last = max((message.seq for message in replies or ()), default=accepted.seq)
        self.heard[who] = (accepted.conversation, last)
        return Outcome(replies or (), known.state if known else {}, records[-1] if records else None)

    async def wait(self, seconds: float) -> None:
        """Let so much time pass, and what is due then be done."""
        if not seconds:
            return
        self.clock.advance(seconds)
        self.runtime.timers.poke()
        async with asyncio.timeout(120.0):
            while await self._due():  # noqa: ASYNC110  nobody announces that the last row is done
                await asyncio.sleep(0.01)

    async def _due(self) -> bool:
        with self.tenant.acquire() as snapshot:
            db = snapshot.core.db
        fired = sa.select(inbox.c.id).where(inbox.c.kind == "timer", inbox.c.state == "pending").limit(1)
        due = sa.select(timer.c.id).where(timer.c.state == "waiting", timer.c.due_at <= self.clock.now()).limit(1)
        return bool(await db.fetch(due)) or bool(await db.fetch(fired))

    async def _meanwhile(self, tenant: Tenant, who: str) -> Outcome:
        """What the bot wrote by itself since the customer was heard."""
        if who not in self.heard:
            raise ConfigError(f"{self.folder.name}: nobody waits for {who!r}, who has said nothing before")
        conversation, last = self.heard[who]
        written = [
            one for one in await tenant.conversations.history(conversation, after=last) if one.author != "contact"
        ]
        known = await tenant.conversations.get(conversation)
        self.heard[who] = (conversation, max((one.seq for one in written), default=last))
        return Outcome(tuple(written), known.state if known else {}, None)


class Ahead(Clock):
    """The machine's clock, so many seconds ahead."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        """The time there."""
        return super().now() + self.seconds

    def advance(self, seconds: float) -> None:
        """Go further ahead."""
        self.seconds += seconds


class _Stage:
    """Stands behind the tenant's own plugins, and says who has proved to be whom."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        if account := turn.message.data.get(PROVED):
            turn.prove(str(account))
        return turn.message


@contextmanager
def _failing(hooks: Hooks, names: Sequence[str]) -> Iterator[None]:
    """Meanwhile these functions of the tenant fail, as if what they need were down."""
    real = hooks.call_function
    unknown = sorted(set(names) - set(hooks.functions))
    if unknown:
        raise ConfigError(f"failing: there is no function {unknown[0]!r}; functions: {', '.join(hooks.functions)}")

    async def call(turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        if name in names:
            raise ServiceUnavailable(f"{name} is failing, as the conversation file says")
        return await real(turn, name, arguments)

    hooks.call_function = call  # type: ignore[method-assign]  # of this one tenant, for this one exchange
    try:
        yield
    finally:
        del hooks.call_function
