"""A turn's questions answered: passages found within the budget, then the sentences that answer, or an honest no."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hookline.errors import ServiceError
from hookline.message import Intent, Message, Passage, Reply
from hookline.tenant import ResourceKey

from .context import context
from .conversation import meant
from .extractive import answer, answers
from .finder import Finder, Found, Revision, passage
from .greeting import is_figure, is_small_talk, small_talk
from .links import link
from .parts import compared, questions
from .prepare import prepare
from .remembered import Asked, Remembered, ready
from .rerank import EVIDENCE, CrossEncoder
from .routing import route
from .script import language_of

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
        self._reranker: CrossEncoder | None = None
        self.remembered = Remembered(store, tenant.clock, config.remember_bytes)

    async def load(self) -> None:
        """Load the model of `rerank`, shared over reloads.  Raises `ConfigError` where it can't be."""
        name = self._config.rerank
        if not name or name == EVIDENCE:
            return

        async def make() -> CrossEncoder:
            return await self._tenant.compute.batch(CrossEncoder, Path(name))

        self._reranker = await self._tenant.keep(ResourceKey[CrossEncoder](f"rerank:{name}"), make)

    async def finder(self) -> Finder:
        """What looks for passages, with the indexes as they are."""
        shelves = await self._indexes.shelves()
        return Finder(
            self._config, self._store, shelves, self._embedder, self._tenant.compute,
            reranker=self._reranker, clock=self._tenant.clock,
        )  # fmt: skip

    async def find(
        self,
        text: str,
        *,
        namespace: str = "",
        namespaces: Sequence[str] = (),
        language: str = "",
        limit: int = 0,
        mode: str | None = None,
        rerank: str | None = None,
        tags: Sequence[str] | None = None,
        revision: Revision | None = None,
    ) -> Found:
        """Look for passages (see `Finder.find`); what fails is noted for the health check and raised."""
        shelves = await self._indexes.shelves()
        finder = await self.finder()
        try:
            found = await finder.find(
                text, namespace=namespace, namespaces=namespaces, language=language, limit=limit, mode=mode,
                rerank=rerank, tags=tags, revision=revision,
            )  # fmt: skip
        except Exception as error:
            shelves.failure = f"{type(error).__name__}: {error}"
            raise
        shelves.failure = ""
        return found

    async def retrieve(
        self,
        text: str,
        language: str,
        *,
        intents: Sequence[Intent] = (),
        before: str = "",
        history: Sequence[Message] = (),
    ) -> list[Passage]:
        """The passages for a message, best first, within the budget; none for a greeting or a bare number."""
        return (await self.understood(text, language, intents=intents, before=before, history=history))[0]

    async def understood(
        self,
        text: str,
        language: str,
        *,
        intents: Sequence[Intent] = (),
        before: str = "",
        history: Sequence[Message] = (),
    ) -> tuple[list[Passage], str]:
        """The passages for a message and the question that they were looked for with ("": it asks nothing).

        `intents` choose the namespaces; `before` is the question that a follow-up leans on, `history` the talk so far.
        """
        if not text.strip() or is_small_talk(text):
            return [], ""
        code = _read_as(language)
        best: Found | None = None
        asked = text
        readings = await meant(self._tenant, self._config, text, before, history)
        for reading in readings.readings:
            if is_figure(reading):
                continue
            where = route(self._config, reading, intents, code)
            found = await self._recalled(reading, where, code)
            if best is None or _sure(found) > _sure(best):
                best, asked = found, reading
            if not readings.open and _sure(best) >= self._config.min_confidence:
                break
        return await self._passages(best) if best is not None else [], asked

    async def _recalled(self, text: str, where: tuple[str, ...], language: str) -> Found:
        """What the question found a moment ago, if no document has changed since; else what it finds now."""
        if not self._config.remember_bytes:
            return await self.find(text, namespaces=where, language=language)
        try:
            described = await self._embedder.describe()
        except ServiceError:
            return await self.find(text, namespaces=where, language=language)
        asked = Asked(text, where, language, described.id)
        if asked in self.remembered:
            await self.remembered.revisions(where)
            known = await self.remembered.get(asked, self._config.tags)
            if known is not None:
                return known
        shelves = await self._indexes.shelves()
        revisions: dict[str, int] = {}
        current = True

        async def revision(name: str) -> int:
            nonlocal current
            now = await self.remembered.revisions([name])
            for one, number in now.items():
                revisions.setdefault(one, number)
            current = current and ready(shelves, now)
            return now[name]

        found = await self.find(text, namespaces=where, language=language, revision=revision)
        # Without its vector a question was looked for by words alone: that may be for want of the embedder.
        if current and (found.share.dense > 0 or not described.id):
            self.remembered.put(asked, revisions, found)
        return found

    async def _passages(self, found: Found) -> list[Passage]:
        secret = await self.link_secret()
        until = int(self._tenant.clock.now() + self._config.link_seconds)
        order = {name: at for at, name in enumerate(found.namespaces)}
        passages = []
        for one in found.candidates:
            row = one.row
            url = link(secret, self._tenant.name, row.document, row.version, until)
            passages.append(passage(one, url, priority=order.get(row.namespace, 0)))
        if self._config.routes:
            passages.sort(key=lambda one: int(one.meta["priority"]))
        return context(passages, self._config.context_chars, self._config.context_tokens)

    async def respond(self, text: str, language: str, passages: Sequence[Passage], *, asked: str = "") -> Reply | None:
        """The extractive answer to a message; `asked` is the question that it was understood as.

        None where the index is down: then the next plugin, or the tenant's apology, is more honest than "I don't
        know".
        """
        spoken = self._spoken(text, language)
        if kind := small_talk(text):
            return Reply(self._tenant.phrase(kind, spoken))
        several = questions(prepare(asked or text))
        code = _read_as(language)
        if len(several) > 1:
            unknown = self._tenant.phrase("unknown", spoken)
            reply = await answers(
                passages, self._store.span, least=self._config.min_confidence, questions=several, unknown=unknown,
                language=code, compared=bool(compared(asked or text)),
            )  # fmt: skip
        else:
            reply = await answer(
                passages, self._store.span, least=self._config.min_confidence, question=asked or text, language=code
            )
        if reply is not None:
            return reply
        if not passages and (await self._indexes.shelves()).failure:
            return None
        best = max((one.confidence for one in passages), default=0.0)
        return Reply(self._tenant.phrase("unknown", spoken), confidence=round(best, 4), answered=False)

    def _spoken(self, text: str, language: str) -> str:
        """The language to speak: the message's own where it shows and the tenant speaks it, else the conversation's."""
        settings = self._tenant.settings
        spoken = {*settings.texts, *(one.split("-", maxsplit=1)[0] for one in settings.languages)}
        told = language_of(text)
        if told == "en" and _read_as(language) == "en":
            return language  # Hindi in Latin letters looks English
        return told if told in spoken and told != language.split("-", maxsplit=1)[0] else language

    async def link_secret(self) -> str:
        """What the tenant's links are signed with."""
        if not self._secret:
            self._secret = await self._store.secret(_LINKS)
        return self._secret


def _read_as(language: str) -> str:
    """The language that words are looked up in: what is typed in Latin letters for want of a keyboard is read as English."""
    return "en" if language.endswith("-Latn") else language.split("-", maxsplit=1)[0]


def _sure(found: Found) -> float:
    return max((one.confidence for one in found.candidates), default=0.0)
