"""A turn's questions answered: passages found within the budget, then the sentences that answer, or an honest no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookline.message import Passage, Reply

from .context import context
from .extractive import answer
from .finder import Finder, Found, passage
from .greeting import is_small_talk
from .links import link

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config
    from .embedder import Embedder
    from .indexes import Indexes
    from .store import Store

_LINKS = "links"


class Answers:
    """Finds and answers for one snapshot of one tenant's config."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, embedder: Embedder, indexes: Indexes) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._embedder = embedder
        self._indexes = indexes
        self._secret = ""

    async def find(
        self, text: str, *, namespace: str = "", language: str = "", limit: int = 0, mode: str | None = None
    ) -> Found:
        """Look for passages (see `Finder.find`); what fails is noted for the health check and raised."""
        shelves = await self._indexes.shelves()
        finder = Finder(self._config, self._store, shelves, self._embedder, self._tenant.compute)
        try:
            found = await finder.find(text, namespace=namespace, language=language, limit=limit, mode=mode)
        except Exception as error:
            shelves.failure = f"{type(error).__name__}: {error}"
            raise
        shelves.failure = ""
        return found

    async def retrieve(self, text: str, language: str) -> list[Passage]:
        """The passages for a message, best first, within `context_chars`; none for a greeting."""
        if not text.strip() or is_small_talk(text):
            return []
        found = await self.find(text, language=language.split("-", maxsplit=1)[0])
        secret = await self.link_secret()
        until = int(self._tenant.clock.now() + self._config.link_seconds)
        passages = []
        for one in found.candidates:
            row = one.row
            url = link(secret, self._tenant.name, row.document, row.version, until)
            passages.append(passage(one, url))
        return context(passages, self._config.context_chars)

    async def respond(self, text: str, language: str, passages: Sequence[Passage]) -> Reply | None:
        """The extractive answer.

        None where the index is down: then the next plugin, or the tenant's apology, is more honest than "I don't
        know".
        """
        if is_small_talk(text):
            return Reply(self._tenant.settings.text("greeting", language))
        reply = await answer(passages, self._store.span, least=self._config.min_confidence)
        if reply is not None:
            return reply
        if not passages and (await self._indexes.shelves()).failure:
            return None
        best = max((one.confidence for one in passages), default=0.0)
        return Reply(self._tenant.settings.text("unknown", language), confidence=round(best, 4), answered=False)

    async def link_secret(self) -> str:
        """What the tenant's links are signed with."""
        if not self._secret:
            self._secret = await self._store.secret(_LINKS)
        return self._secret
