"""What is refused, replaced or marked, and how it is noted; knows nothing of hooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
from prometheus_client import Counter

from hookline.message import Refusal
from hookline.metrics import REGISTRY

from . import output
from .detect import Detector, Finding
from .texts import refused

if TYPE_CHECKING:
    from hookline.message import Passage, Reply
    from hookline.tenant import Tenant
    from hookline.turn import Turn

LONG = 1500  # characters from which a text is judged beside the event loop
FINDINGS = Counter(
    "hookline_guardrails_findings",
    "Messages refused, replies replaced and passages kept from models.",
    ("tenant", "check"),
    registry=REGISTRY,
)


class Guardrails:
    """The guardrails of one snapshot of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        config = tenant.config
        self._checks = frozenset(config.checks)
        self._messages = Detector(config.threshold, config.refuse, config.allow)
        self._passages = Detector(config.passage_threshold, documents=True)
        self._prompts = output.Prompts(_prompts(tenant), config.keep_secret)

    async def screen(self, turn: Turn) -> Refusal | None:
        """Refuse an attack, or a message that is too long to be looked at whole."""
        finding = await self._judge_message(turn.message.text)
        if finding is None:
            return None
        self._note(turn, finding, "message refused")
        return Refusal(f"guardrails: {finding}", self._refused(turn.language))

    async def review_passages(self, turn: Turn, passages: Sequence[Passage]) -> Sequence[Passage]:
        """The passages; one that gives orders to a model is marked, so that none gets it."""
        if "passages" not in self._checks:
            return passages
        kept = []
        for passage in passages:
            finding = await self._judge(self._passages, f"{passage.title}\n{passage.text}")
            if finding is not None:
                self._note(turn, Finding("passage", finding.score), "passage kept from models", passage.document)
                passage = attrs.evolve(passage, quote_only=True)  # noqa: PLW2901  the marked copy takes its place
            kept.append(passage)
        return kept

    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """The reply, or the tenant's safe text in its place; of a stream the segment is left out."""
        if turn.refusal is not None:
            return reply
        if not reply.text:
            return self._safe(turn, reply) if self._emptied(turn, reply) else reply
        given = "\n".join(self._given(turn))
        finding = next(self._wrong(turn, reply, given), None)
        if finding is None:
            return reply
        self._note(turn, finding, "segment left out" if reply.partial else "reply replaced")
        if reply.partial:
            return attrs.evolve(reply, text="", citations=())
        return self._safe(turn, reply)

    def _safe(self, turn: Turn, reply: Reply) -> Reply:
        text = self._tenant.phrase("safe", turn.language)
        return attrs.evolve(reply, text=text, citations=(), answered=False, confidence=None, quick_replies=(), data={})

    def _emptied(self, turn: Turn, reply: Reply) -> bool:
        """Whether nothing is left of a stream because its segments were left out."""
        mine = f"{self._tenant.plugin}: "
        return not (reply.partial or reply.attachments) and any(flag.startswith(mine) for flag in turn.flags)

    def _wrong(self, turn: Turn, reply: Reply, given: str) -> Iterator[Finding]:
        checks, text = self._checks, reply.text
        own = self._tenant.settings.texts.values()
        if any(text == mine for texts in own for mine in texts.values()):
            return  # the tenant's own words, as they are
        if "leak" in checks and self._prompts.leaks(text, given):
            yield Finding("leak")
        if "secret" in checks and output.has_secret(text, given):
            yield Finding("secret")
        if "abuse" in checks and output.has_abuse(text, "\n".join(p.text for p in turn.passages)):
            yield Finding("abuse")
        if turn.responder in self._tenant.config.verify:
            if "figures" in checks and output.invented_figures(text, given):
                yield Finding("figures")
            if "personal" in checks and output.invented_personal(text, given):
                yield Finding("personal")

    def _given(self, turn: Turn) -> Iterator[str]:
        """What a reply may rest on: passages, the customer's own words and data, what was said before."""
        yield from (f"{p.title}\n{p.text}" for p in turn.passages)
        yield turn.message.text
        yield from (message.text for message in turn.history)
        yield from (turn.contact.name, turn.contact.email, turn.contact.phone, turn.message.address)
        for texts in self._tenant.settings.texts.values():
            yield from texts.values()

    async def _judge_message(self, text: str) -> Finding | None:
        if "length" in self._checks and len(text) > self._tenant.config.max_chars:
            return Finding("length")
        if "injection" not in self._checks:
            return None
        return await self._judge(self._messages, text[: self._tenant.config.max_chars])

    async def _judge(self, detector: Detector, text: str) -> Finding | None:
        if len(text) < LONG:
            return detector.judge(text)
        return await self._tenant.compute.run(detector.judge, text)

    def _note(self, turn: Turn, finding: Finding, what: str, document: str = "") -> None:
        """Into the log, the turn's record and the figures; never what was said."""
        turn.flag(str(finding))
        FINDINGS.labels(self._tenant.name, finding.check).inc()
        where = {"document": document} if document else {}
        self._tenant.log.warning(
            what, check=finding.check, score=round(finding.score, 3), conversation=turn.conversation.id, **where
        )

    def _refused(self, language: str) -> str:
        """The tenant's own text `refused`, else the plugin's, in the language or the tenant's."""
        settings = self._tenant.settings
        for tag in (language, language.split("-", maxsplit=1)[0], settings.language):
            own = settings.texts.get(tag, {}).get("refused")
            if own or refused(tag):
                return own or refused(tag)
        return refused("en")


def _prompts(tenant: Tenant) -> Iterator[str]:
    """The prompts in the tenant's folder."""
    folder = tenant.folder / "prompts" if tenant.folder else None
    if folder is not None and folder.is_dir():
        for file in sorted(folder.rglob("*.md")):
            yield file.read_text(encoding="utf-8", errors="replace")
