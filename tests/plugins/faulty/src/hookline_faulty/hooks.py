"""Every hook of a tenant, each with a harmless answer in case it does not fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookline.hookspecs import SERVICES, hookimpl
from hookline.ledger import Inbound
from hookline.message import (
    Account,
    Attachment,
    Audio,
    Challenge,
    Command,
    Contact,
    ContactData,
    Conversation,
    Drop,
    Entity,
    File,
    HandoffRequest,
    Hold,
    Intent,
    Job,
    Message,
    Panel,
    Park,
    Passage,
    Prompt,
    Receipt,
    Record,
    Recorder,
    Refusal,
    Reply,
    Score,
    Segment,
    Send,
    Template,
    Timer,
)
from hookline.tenant import Tenant
from hookline.turn import Turn

from .service import Faults

if TYPE_CHECKING:
    import numpy as np


class TenantHooks:
    """All hooks."""

    serves: Mapping[str, Sequence[str]] = dict.fromkeys(SERVICES, ("faulty",))

    def __init__(self, tenant: Tenant) -> None:
        self.faults = Faults(tenant.config)

    @hookimpl
    async def start(self) -> None:
        return await self.faults.at("start", None)

    @hookimpl
    async def stop(self) -> None:
        return await self.faults.at("stop", None)

    @hookimpl
    async def conceal(self, inbound: Inbound) -> Inbound:
        return await self.faults.at("conceal", inbound)

    @hookimpl
    async def receive(self, turn: Turn) -> Message:
        return await self.faults.at("receive", turn.message)

    @hookimpl
    async def screen(self) -> Refusal | None:
        return await self.faults.at("screen", None)

    @hookimpl
    async def hold(self) -> Hold | None:
        return await self.faults.at("hold", None)

    @hookimpl
    async def classify_intent(self) -> Sequence[Intent]:
        return await self.faults.at("classify_intent", ())

    @hookimpl
    async def extract_entities(self) -> Sequence[Entity]:
        return await self.faults.at("extract_entities", ())

    @hookimpl
    async def retrieve(self) -> Sequence[Passage]:
        return await self.faults.at("retrieve", ())

    @hookimpl
    async def review_passages(self, passages: Sequence[Passage]) -> Sequence[Passage]:
        return await self.faults.at("review_passages", passages)

    @hookimpl
    async def request_handoff(self) -> HandoffRequest | None:
        return await self.faults.at("request_handoff", None)

    @hookimpl
    async def respond(self) -> Reply | AsyncIterator[Segment | Reply] | None:
        return await self.faults.at("respond", None)

    @hookimpl
    async def score(self) -> Sequence[Score]:
        return await self.faults.at("score", ())

    @hookimpl
    async def open_handoff(self) -> Reply | None:
        return await self.faults.at("open_handoff", None)

    @hookimpl
    async def review(self, reply: Reply) -> Reply:
        return await self.faults.at("review", reply)

    @hookimpl
    async def before_deliver(self) -> Send | Template | Park | Drop | None:
        return await self.faults.at("before_deliver", Send())

    @hookimpl
    async def deliver(self) -> Receipt:
        return await self.faults.at("deliver", Receipt())

    @hookimpl
    async def on_timer(self, timer: Timer) -> None:
        return await self.faults.at("on_timer", None)

    @hookimpl
    async def on_job(self, job: Job) -> None:
        return await self.faults.at("on_job", None)

    @hookimpl
    async def on_command(self, command: Command) -> None:
        return await self.faults.at("on_command", None)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        return await self.faults.at("turn_finished", None)

    @hookimpl
    async def embed(self, name: str) -> np.ndarray:
        return await self.faults.at("embed", name)

    @hookimpl
    async def describe_embedder(self) -> Mapping[str, Any]:
        return await self.faults.at("describe_embedder", {})

    @hookimpl
    async def count_tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return await self.faults.at("count_tokens", [0 for _ in texts])

    @hookimpl
    async def generate(self, prompt: Prompt) -> AsyncIterator[str]:
        return await self.faults.at("generate", prompt)

    @hookimpl
    async def transcribe(self, audio: Audio) -> str:
        return await self.faults.at("transcribe", "")

    @hookimpl
    async def synthesize(self, text: str) -> Audio:
        return await self.faults.at("synthesize", Audio(b"", ""))

    @hookimpl
    async def translate(self, text: str) -> str:
        return await self.faults.at("translate", text)

    @hookimpl
    async def call_function(self, arguments: Mapping[str, Any]) -> Any:
        return await self.faults.at("call_function", arguments)

    @hookimpl
    async def require_identity(self) -> Challenge | None:
        return await self.faults.at("require_identity", None)

    @hookimpl
    async def open_file(self) -> File | None:
        return await self.faults.at("open_file", None)

    @hookimpl
    async def describe_recorder(self) -> Recorder | None:
        return await self.faults.at("describe_recorder", None)

    @hookimpl
    async def keep_recording(self) -> Attachment | None:
        return await self.faults.at("keep_recording", None)

    @hookimpl
    async def find_account(self) -> Account | None:
        return await self.faults.at("find_account", None)

    @hookimpl
    async def find_contact(self) -> Sequence[Contact]:
        return await self.faults.at("find_contact", ())

    @hookimpl
    async def export_contact(self) -> ContactData:
        return await self.faults.at("export_contact", ContactData("faulty"))

    @hookimpl
    async def erase_contact(self) -> ContactData:
        return await self.faults.at("erase_contact", ContactData("faulty"))

    @hookimpl
    async def console_panels(self, conversation: Conversation) -> Sequence[Panel]:
        return await self.faults.at("console_panels", ())

    @hookimpl
    async def check_health(self) -> Mapping[str, Any]:
        return await self.faults.at("check_health", {"faulty": {"status": "ok"}})
