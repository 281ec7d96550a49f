"""What rag does for one snapshot of one tenant's config: its parts put together; knows nothing of hooks or HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from .answers import Answers
from .conversation import earlier
from .embedder import Embedder
from .indexes import Indexes
from .ingestion import Ingestion
from .knowledge import Ingested, Knowledge
from .runs import Runs
from .store import Store
from .websites import Websites

if TYPE_CHECKING:
    from hookline.message import Job, Passage, Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config

_REFRESH = "refresh"
_REFRESH_LANE = "rag:refresh"

__all__ = ["Ingested", "Service"]


class Service:
    """`answers` finds and answers, `knowledge` takes documents in and out, `indexes` are what is searched."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.config: Config = tenant.config
        self.store = Store(tenant.db)
        self.embedder = Embedder(tenant, self.config.embedder)
        self.ingestion = Ingestion(tenant, self.config, self.store, self.embedder)
        self.indexes = Indexes(tenant, self.config, self.store, self.embedder)
        self.answers = Answers(tenant, self.config, self.store, self.embedder, self.indexes)
        self.knowledge = Knowledge(tenant, self.config, self.store, self.ingestion, self.indexes)

        self.sites = Websites(tenant, self.config, self.store, self.knowledge)
        again = {"http": self.sites.refetch, "https": self.sites.refetch}
        self.runs = Runs(tenant, self.config, self.store, self.knowledge, again, self.sites.take_in)

        self._asked: WeakKeyDictionary[Turn, str] = WeakKeyDictionary()  # what a turn's message was understood as

        self.shelves = self.indexes.shelves
        self.health = self.indexes.health
        self.find = self.answers.find
        self.retrieve = self.answers.retrieve
        self.respond = self.answers.respond
        self.link_secret = self.answers.link_secret
        self.files = self.knowledge.files
        self.text = self.knowledge.text
        self.ingest = self.knowledge.ingest
        self.delete = self.knowledge.delete

    async def start(self) -> None:
        """Go on with what a crash left unfinished, and load the indexes."""
        await self.answers.load()
        await self.ingestion.resume()
        await self.runs.resume()
        await self.tenant.set_timer(_REFRESH, self.config.refresh_every, lane=_REFRESH_LANE)
        await self.indexes.load()

    async def passages(self, turn: Turn) -> Sequence[Passage]:
        """The passages for a turn's message.

        What no document answers is looked for on the tenant's own site, where there is one.
        """
        passages, asked = await self._understood(turn)
        sure = max((one.confidence for one in passages), default=0.0)
        if asked and sure < self.config.min_confidence and await self.sites.look(self.runs.own_site):
            passages, asked = await self._understood(turn)
        self._asked[turn] = asked
        return passages

    async def _understood(self, turn: Turn) -> tuple[list[Passage], str]:
        return await self.answers.understood(
            turn.message.text, turn.language, intents=turn.intents, before=earlier(turn), history=turn.history
        )

    async def reply(self, turn: Turn) -> Reply | None:
        """The extractive answer to a turn's message."""
        asked = self._asked.get(turn, "")
        return await self.answers.respond(turn.message.text, turn.language, turn.passages, asked=asked)

    async def work(self, turn: Turn, job: Job) -> None:
        """A durable job: `ingest` documents, the next part of a `run`, the `index` up to date, `embed` what lacks a
        vector."""
        last = job.attempt >= self.tenant.settings.turns.attempts
        if job.kind == "ingest":
            documents = [(str(ident), int(number)) for ident, number in job.payload["documents"]]
            await self.ingestion.run(turn, documents, last=last)
        elif job.kind == "run":
            await self.runs.work(turn, str(job.payload["run"]), last=last)
        elif job.kind == "index":
            await self.indexes.refresh(str(job.payload["namespace"]))
        elif job.kind == "embed":
            namespace = str(job.payload["namespace"])
            if await self.ingestion.embed_again(namespace):
                await self.indexes.rebuild(namespace)

    async def tick(self, turn: Turn) -> None:
        """The timer: have what is stale read again, and look again later."""
        turn.timer(_REFRESH, self.config.refresh_every, lane=_REFRESH_LANE)
        if await self.store.stale(self.tenant.clock.now(), self.config.refresh_seconds, limit=1):
            await self.runs.refresh(by="schedule")
