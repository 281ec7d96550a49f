"""The typed facade: code calls hooks only through here, one method a hook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from .dispatch import Dispatcher, closing
from .errors import HookError, HooklineError, ServiceError, ServiceNotFound, ServiceUnavailable
from .message import (
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
    Recorder,
    Refusal,
    Reply,
    Score,
    Segment,
    Send,
    Template,
    Timer,
)
from .problems import Problem

if TYPE_CHECKING:
    import numpy as np

    from .ledger import Inbound
    from .tenant import Tenant
    from .turn import Turn


class Hooks:
    """The hooks of one tenant's snapshot; each method is the hook of that name in `hookspecs`, and raises what its
    failure policy there says."""

    def __init__(self, dispatcher: Dispatcher, objects: Mapping[str, object] | None = None) -> None:
        self.dispatcher = dispatcher
        self._objects = objects or {}

    def made_by(self, plugin: str) -> Any:
        """The object with the plugin's hooks, as `Plugin.hooks` made it for this snapshot; raises `KeyError`."""
        return self._objects[plugin]

    def implemented(self, hook: str) -> bool:
        """Whether any plugin implements the hook."""
        return bool(self.dispatcher.implementations(hook))

    def found(self, hook: str) -> frozenset[str] | None:
        """The names of all that the hook (`extract_entities`, `classify_intent`) can find; None where a plugin does not say, or none implements it.

        A plugin says it by a method `finds()` of its hooks object, which returns the names by hook.
        """
        names: set[str] = set()
        for implementation in self.dispatcher.implementations(hook):
            finds = getattr(self._objects.get(implementation.plugin), "finds", None)
            if finds is None:
                return None
            names |= set(finds().get(hook, ()))
        return frozenset(names) if self.implemented(hook) else None

    # -- a tenant --------------------------------------------------------------------------------------------------

    async def start(self, tenants: Mapping[str, Tenant]) -> None:
        """Start the plugins, each with its own `Tenant`: those that serve services first, else in order.

        Raises `HookError` naming the one that fails.
        """
        await self._lifecycle("start", tenants)

    async def stop(self, tenants: Mapping[str, Tenant]) -> None:
        """Stop the plugins in the opposite order; failures are logged."""
        await self._lifecycle("stop", tenants)

    async def _lifecycle(self, name: str, tenants: Mapping[str, Tenant]) -> None:
        serving = self.dispatcher.serving
        for implementation in sorted(
            self.dispatcher.implementations(name), key=lambda i: (i.plugin in serving) == (name == "stop")
        ):
            try:
                await self.dispatcher.one(implementation, name, tenants[implementation.plugin])
            except HookError as error:
                if name == "start":
                    raise
                self.dispatcher.report(error)

    # -- a turn ----------------------------------------------------------------------------------------------------

    async def conceal(self, inbound: Inbound) -> Inbound:
        """The message as it may be stored."""
        return cast("Inbound", await self.dispatcher.fold("conceal", inbound, lambda i: (i,)))

    async def receive(self, turn: Turn) -> Message:
        """The message as the plugins leave it; sets `turn.message` on the way."""

        def apply(message: Message) -> tuple[Turn]:
            turn.message = message
            return (turn,)

        return cast("Message", await self.dispatcher.fold("receive", turn.message, apply))

    async def screen(self, turn: Turn) -> Refusal | None:
        """The first refusal."""
        return cast("Refusal | None", await self.dispatcher.first("screen", turn))

    async def hold(self, turn: Turn) -> Hold | None:
        """The first hold."""
        return cast("Hold | None", await self.dispatcher.first("hold", turn))

    async def classify_intent(self, turn: Turn) -> list[Intent]:
        """All intents, best first."""
        found = [
            i for some in await self.dispatcher.collect("classify_intent", turn, failures=turn.failures) for i in some
        ]
        return sorted(found, key=lambda i: -i.score)

    async def extract_entities(self, turn: Turn) -> list[Entity]:
        """All entities, in the plugins' order."""
        return [
            e for some in await self.dispatcher.collect("extract_entities", turn, failures=turn.failures) for e in some
        ]

    async def retrieve(self, turn: Turn) -> list[Passage]:
        """All passages, best first."""
        found = [p for some in await self.dispatcher.collect("retrieve", turn, failures=turn.failures) for p in some]
        return sorted(found, key=lambda p: -p.score)

    async def review_passages(self, turn: Turn, passages: Sequence[Passage]) -> list[Passage]:
        """The passages as the plugins leave them."""
        return list(await self.dispatcher.fold("review_passages", passages, lambda p: (turn, p)))

    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        """The first request."""
        return cast("HandoffRequest | None", await self.dispatcher.first("request_handoff", turn))

    def respond(self, turn: Turn) -> AsyncIterator[tuple[str, Reply | AsyncIterator[Segment | Reply]]]:
        """Each plugin's name with its answer, in order; the turn takes the first that holds to its end."""
        return self.dispatcher.one_by_one("respond", turn)

    async def score(self, turn: Turn) -> list[Score]:
        """All scores, in the plugins' order."""
        return [s for some in await self.dispatcher.collect("score", turn) for s in some]

    async def open_handoff(self, turn: Turn, request: HandoffRequest) -> Reply | None:
        """What the plugin that keeps the queue says."""
        return cast("Reply | None", await self.dispatcher.first("open_handoff", turn, request))

    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """The reply as the plugins leave it."""
        return cast("Reply", await self.dispatcher.fold("review", reply, lambda r: (turn, r)))

    # -- delivery --------------------------------------------------------------------------------------------------

    async def before_deliver(self, message: Message) -> Send | Template | Park | Drop:
        """The first decision that is not `Send`."""
        decision = await self.dispatcher.first("before_deliver", message, past=Send)
        return cast("Send | Template | Park | Drop", decision or Send())

    async def deliver(self, message: Message) -> Receipt:
        """Send the message by the plugin that serves its channel."""
        return cast("Receipt", await self.dispatcher.addressed("deliver", message.channel, message))

    async def open_file(self, url: str) -> File | None:
        """The file that the attachment's address names, where it is on this server."""
        return cast("File | None", await self.dispatcher.first("open_file", url.partition("?")[0]))

    # -- what is said instead of typed -----------------------------------------------------------------------------

    async def describe_recorder(self) -> Recorder | None:
        """What may be said; None where nobody would write it down."""
        return cast("Recorder | None", await self.dispatcher.first("describe_recorder"))

    async def keep_recording(self, audio: Audio) -> Attachment | None:
        """What a message names the recording by; raises `Problem` for sound that is not taken."""
        try:
            return cast("Attachment | None", await self.dispatcher.first("keep_recording", audio))
        except HookError as error:
            if isinstance(error.__cause__, Problem):
                raise error.__cause__ from error
            raise

    # -- durable work ----------------------------------------------------------------------------------------------

    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """Hand a due timer to its plugin."""
        await self.dispatcher.addressed("on_timer", timer.plugin, turn, timer)

    async def on_job(self, turn: Turn, job: Job) -> None:
        """Hand a job to its plugin."""
        await self.dispatcher.addressed("on_job", job.plugin, turn, job)

    async def on_command(self, turn: Turn, command: Command) -> None:
        """Hand a command to its plugin."""
        await self.dispatcher.addressed("on_command", command.plugin, turn, command)

    # -- services --------------------------------------------------------------------------------------------------

    async def embed(self, name: str, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        """Vectors from the embedder of that config name."""
        return cast("np.ndarray", await self._service("embed", name, texts, query))

    async def describe_embedder(self, name: str) -> Mapping[str, Any]:
        """What the embedder of that config name is."""
        return cast("Mapping[str, Any]", await self._service("describe_embedder", name))

    async def count_tokens(self, name: str, texts: Sequence[str]) -> Sequence[int]:
        """How many tokens the embedder of that config name makes of each text."""
        return cast("Sequence[int]", await self._service("count_tokens", name, texts))

    async def generate(self, name: str, prompt: Prompt) -> AsyncIterator[str]:
        """The answer of the model of that config name, piece by piece; errors in mid-stream are `ServiceError`s."""
        pieces = cast("AsyncIterator[str]", await self._service("generate", name, prompt))
        try:
            async with closing(pieces):
                async for piece in pieces:
                    yield piece
        except HooklineError:
            raise
        except Exception as error:
            raise ServiceUnavailable(f"generate {name!r}: {type(error).__name__}: {error}") from error

    async def transcribe(self, name: str, audio: Audio) -> str:
        """The words of the audio."""
        return cast("str", await self._service("transcribe", name, audio))

    async def synthesize(self, name: str, text: str, language: str) -> Audio:
        """The text as speech."""
        return cast("Audio", await self._service("synthesize", name, text, language))

    async def translate(self, name: str, text: str, source: str, target: str) -> str:
        """The text in another language."""
        return cast("str", await self._service("translate", name, text, source, target))

    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """What the tenant's function of that name returns; raises `FunctionRefused` where it says why not."""
        return await self._addressed("call_function", name, turn, name, arguments)

    @property
    def functions(self) -> list[str]:
        """The names that `call_function` knows."""
        return [*self.dispatcher.addresses("call_function")]

    # -- who the customer is -----------------------------------------------------------------------------------------

    async def require_identity(self, turn: Turn, purpose: str) -> Challenge | None:
        """What the customer has to do first; None: nothing."""
        return cast("Challenge | None", await self.dispatcher.first("require_identity", turn, purpose))

    async def find_account(self, claim: str) -> Account | None:
        """The first account that the claim means."""
        return cast("Account | None", await self.dispatcher.first("find_account", claim))

    async def _service(self, hook: str, name: str, *args: Any) -> Any:
        return await self._addressed(hook, name, name, *args)

    async def _addressed(self, hook: str, name: str, *args: Any) -> Any:
        try:
            return await self.dispatcher.addressed(hook, name, *args)
        except LookupError as error:
            raise ServiceNotFound(str(error)) from error
        except HookError as error:
            if isinstance(error.__cause__, ServiceError):
                raise error.__cause__ from error
            raise ServiceUnavailable(str(error)) from error

    # -- data about contacts, pages --------------------------------------------------------------------------------

    async def find_contact(self, text: str) -> list[Contact]:
        """Contacts that match."""
        return [c for _, some in await self._data("find_contact", text) for c in some]

    async def export_contact(self, contact: str) -> list[ContactData]:
        """Everything the plugins hold about the contact."""
        return [data for _, data in await self._data("export_contact", contact)]

    async def erase_contact(self, contact: str) -> list[ContactData]:
        """Remove everything the plugins hold about the contact."""
        return [data for _, data in await self._data("erase_contact", contact)]

    async def _data(self, hook: str, argument: str) -> list[tuple[str, Any]]:
        results = []
        for implementation in self.dispatcher.implementations(hook):
            result = await self.dispatcher.one(implementation, hook, argument)
            if result is not None:
                results.append((implementation.plugin, result))
        return results

    async def console_panels(self, conversation: Conversation) -> list[Panel]:
        """All panels, in the plugins' order."""
        return [p for some in await self.dispatcher.collect("console_panels", conversation) for p in some]

    async def check_health(self) -> dict[str, Mapping[str, Any]]:
        """The state of each part; a plugin whose check fails is shown as down."""
        parts: dict[str, Mapping[str, Any]] = {}
        for some in await self.dispatcher.collect("check_health"):
            parts.update(some)
        return parts
