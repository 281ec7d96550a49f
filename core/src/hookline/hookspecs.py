"""Every hook of Hookline, in the order in which they are met.

A plugin implements the ones it needs in a class of its own, marked with `hookline.hookimpl`; it may leave out
arguments that it does not use.  An object of the class with the tenant's hooks is made for each snapshot of each
tenant's config and keeps the `Tenant` it is made with.  Each docstring says when the hook is called, what it gets and returns,
and what happens when an implementation fails (raises, outlasts its limit or returns a wrong type).  A failure is
always logged with tenant, hook and plugin.

Modes: *each* calls all of them; *first* stops at the first result that is not None; *fold* hands each one's result
to the next; *collect* gathers all results; *addressed* calls exactly the one that serves the address.
`limit` is a deadline in seconds: of all implementations together for *first* and *fold*, else of each.
"""

# mypy: disable-error-code="empty-body"
# (specifications have a docstring for a body; they are never called)

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import pluggy

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

if TYPE_CHECKING:
    import click
    import numpy as np

    from .ledger import Inbound
    from .plugin import Router
    from .tenant import Tenant
    from .turn import Turn

PROJECT = "hookline"
hookimpl = pluggy.HookimplMarker(PROJECT)
_hookspec = pluggy.HookspecMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., Any])


class Mode(enum.Enum):
    """How the implementations of a hook are called."""

    EACH = "each"
    FIRST = "first"
    FOLD = "fold"
    COLLECT = "collect"
    ADDRESSED = "addressed"


class OnError(enum.Enum):
    """What becomes of a failure in an implementation."""

    REFUSE = "refuses to start"
    RETRY = "the turn is retried"
    CLOSED = "fails closed"
    LOG = "logged, dropped"
    NEXT = "logged, the next plugin is asked"
    RAISE = "a typed error to the caller"


class Scope(enum.Enum):
    """Whether a hook belongs to the process or to each tenant."""

    PROCESS = "process"
    TENANT = "tenant"


@attrs.frozen
class HookSpec:
    """What the dispatcher needs to know of a hook besides its signature."""

    name: str
    mode: Mode
    on_error: OnError
    limit: float
    scope: Scope
    concurrent: bool
    reverse: bool


HOOKS: dict[str, HookSpec] = {}


def _hook(
    mode: Mode,
    on_error: OnError,
    *,
    limit: float = 5.0,
    scope: Scope = Scope.TENANT,
    concurrent: bool = False,
    reverse: bool = False,
) -> Callable[[F], F]:
    def mark(function: F) -> F:
        name = function.__name__
        HOOKS[name] = HookSpec(name, mode, on_error, limit, scope, concurrent, reverse)
        return _hookspec(function)

    return mark


class HookSpecs:
    """The specifications; never instantiated, never subclassed by plugins."""

    # -- the process -------------------------------------------------------------------------------------------

    @_hook(Mode.EACH, OnError.REFUSE, scope=Scope.PROCESS)
    def add_routes(self, router: Router) -> None:
        """Once a process, before it listens: register HTTP routes; they appear under `/t/{tenant}/`.

        A failure refuses to start the server, naming plugin and cause.
        """

    @_hook(Mode.EACH, OnError.REFUSE, scope=Scope.PROCESS)
    def add_commands(self, cli: click.Group) -> None:
        """Once a process, when the command line is built: add sub-commands to `hookline`.

        A failure refuses to start the command, naming plugin and cause.
        """

    # -- a tenant ----------------------------------------------------------------------------------------------

    @_hook(Mode.EACH, OnError.REFUSE, limit=120.0)
    async def start(self, tenant: Tenant) -> None:
        """When a tenant's snapshot is about to serve: open what is needed.

        Plugins that serve services are started first, else the order of the config counts.

        A failure takes that tenant alone out of service (503), with the cause in `hookline doctor`; on a reload the
        old snapshot goes on serving.
        """

    @_hook(Mode.EACH, OnError.LOG, limit=30.0, reverse=True)
    async def stop(self, tenant: Tenant) -> None:
        """When a tenant's snapshot has served its last turn: close what `start` opened.  In reverse order.

        A failure is logged and the others are stopped all the same.
        """

    # -- a turn, in this order -----------------------------------------------------------------------------------

    @_hook(Mode.FOLD, OnError.RAISE)
    async def conceal(self, inbound: Inbound) -> Inbound:
        """Before a customer's message is stored: return `inbound`, or a changed copy without what no table may hold.

        What is taken out can be sealed into its `data`, for `receive` to open again.  Each plugin sees what the one
        before it returned.  A failure refuses the message: nothing is stored, and the channel does not acknowledge it.
        """

    @_hook(Mode.FOLD, OnError.RETRY, limit=60.0)
    async def receive(self, turn: Turn) -> Message:
        """First of all: return `turn.message`, or a changed copy (a transcript, a detected language).

        Each plugin sees what the one before it returned.  A failure retries the turn, in the end dead-letters it.
        """

    @_hook(Mode.FIRST, OnError.CLOSED)
    async def screen(self, turn: Turn) -> Refusal | None:
        """May this message be answered at all?  The first `Refusal` ends the questions; None lets it pass.

        A failure counts as a refusal: the customer gets the tenant's apology, the bot does not go on.
        """

    @_hook(Mode.FIRST, OnError.LOG)
    async def hold(self, turn: Turn) -> Hold | None:
        """Is somebody else talking to the customer?  The first `Hold` keeps the bot silent, also when refused.

        A failure is logged and the bot goes on.
        """

    @_hook(Mode.COLLECT, OnError.LOG, concurrent=True)
    async def classify_intent(self, turn: Turn) -> Sequence[Intent]:
        """What does the customer want?  Results become `turn.intents`, best first.

        Runs side by side with `extract_entities`.  A failure is logged and that plugin's answer dropped.
        """

    @_hook(Mode.COLLECT, OnError.LOG, concurrent=True)
    async def extract_entities(self, turn: Turn) -> Sequence[Entity]:
        """Which facts does the message hold?  Results become `turn.entities`.

        Runs side by side with `classify_intent`.  A failure is logged and that plugin's answer dropped.
        """

    @_hook(Mode.COLLECT, OnError.LOG, limit=10.0, concurrent=True)
    async def retrieve(self, turn: Turn) -> Sequence[Passage]:
        """Which passages may answer?  Results become `turn.passages`, best first.

        A failure is logged and that plugin's passages are missing.
        """

    @_hook(Mode.FOLD, OnError.CLOSED)
    async def review_passages(self, turn: Turn, passages: Sequence[Passage]) -> Sequence[Passage]:
        """May all of them be used?  After `retrieve`: return `passages` without, or with marked, what may not.

        A passage that may be quoted, but that no model is to read, is marked `quote_only`.  Each plugin sees what the
        one before it returned; the result becomes `turn.passages`.  A failure leaves the turn without passages.
        """

    @_hook(Mode.FIRST, OnError.LOG)
    async def request_handoff(self, turn: Turn) -> HandoffRequest | None:
        """Shall a human take over?  Asked before `respond` (`turn.reply` is None) and again after it.

        The first request wins; its text, where it has one, replaces the reply.  A failure is logged, the bot goes on.
        """

    @_hook(Mode.FIRST, OnError.NEXT, limit=120.0)
    async def respond(self, turn: Turn) -> Reply | AsyncIterator[Segment | Reply] | None:
        """What does the bot say?  A whole reply, an async iterator of segments, or None to leave it to the next.

        Segments are published as they come, each after `review`; if the iterator ends with a `Reply`, that one is
        committed, otherwise the segments joined.  A failure, also in mid-stream, is logged and the next plugin is
        asked, in the end the tenant's apology is sent.  The message gets its committed reply in place of segments.
        """

    @_hook(Mode.COLLECT, OnError.LOG)
    async def score(self, turn: Turn) -> Sequence[Score]:
        """What is this contact worth, how does it go?  Asked after `respond`; results become `turn.scores`.

        A failure is logged and that plugin's scores dropped.
        """

    @_hook(Mode.FIRST, OnError.RETRY)
    async def open_handoff(self, turn: Turn, request: HandoffRequest) -> Reply | None:
        """A human shall take over: store the request with the turn, so that it is lost by no crash.

        Called once a turn, after the last `request_handoff`, by the plugin that keeps the queue of agents.  The reply
        that it returns, e.g. with the place in the queue, takes the place of `turn.reply`; None leaves that as it is.  A failure
        retries the turn.
        """

    @_hook(Mode.FOLD, OnError.CLOSED, reverse=True)
    async def review(self, turn: Turn, reply: Reply) -> Reply:
        """Last of all, for whole replies and for each segment (`reply.partial`): return it, or a changed copy.

        In reverse order: the plugin listed first has the last word.  A failure replaces the reply by the tenant's
        safe text.
        """

    # -- delivery --------------------------------------------------------------------------------------------------

    @_hook(Mode.FIRST, OnError.CLOSED)
    async def before_deliver(self, message: Message) -> Send | Template | Park | Drop | None:
        """May this outbound message (of bot, agent, timer or campaign) go out now?  The first not `Send` decides.

        A failure parks the message; it is asked about again with backoff.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=30.0)
    async def deliver(self, message: Message) -> Receipt:
        """Send the message on its channel; addressed by `message.channel`.

        `message.id` stays the same over all attempts: use it as the provider's idempotency key.  A failure is
        retried with backoff, in order per conversation, and in the end flagged as failed; `GiveUp` at once.
        """

    @_hook(Mode.FIRST, OnError.RAISE, limit=30.0)
    async def open_file(self, path: str) -> File | None:
        """The file that an attachment of a message of ours names: `path` is its address on this server, without the query.

        Asked by a channel that hands files on to a provider; it trusts the path as it trusts the message.  The first file
        counts; None: not this plugin's, or not there any more.  A failure is an error to the caller.
        """

    # -- what is said instead of typed -----------------------------------------------------------------------------------

    @_hook(Mode.FIRST, OnError.LOG)
    async def describe_recorder(self) -> Recorder | None:
        """What a customer may say in place of typing, for a channel with pages of its own (webchat).

        None: this plugin would not write it down.  Where all say so, the channel offers no microphone.  A failure is logged
        and counts as None.
        """

    @_hook(Mode.FIRST, OnError.RAISE, limit=30.0)
    async def keep_recording(self, audio: Audio) -> Attachment | None:
        """Keep what a customer has recorded on a channel that keeps no files: returns what its message names.

        The type is told by the bytes; `audio.language` is the customer's.  The plugin writes it down when the message comes to
        `receive`, and lets go of what no message names.  The first attachment counts; None: not this plugin's.  A failure is an
        error to the caller; sound that is not taken is refused by `Problem` (413 too large, 415 no sound, 422 empty).
        """

    # -- durable work that is no message -----------------------------------------------------------------------------

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=300.0)
    async def on_timer(self, turn: Turn, timer: Timer) -> None:
        """A timer of this plugin is due; what it wants stored or sent goes through `turn`.

        A failure is retried with backoff, then goes to the dead letters.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=3600.0)
    async def on_job(self, turn: Turn, job: Job) -> None:
        """A job of this plugin is next in its lane; what it wants stored or sent goes through `turn`.

        A job may run more than once: work outside must be safe to repeat (`job.id` is a good idempotency key).  A
        failure is retried with backoff, then goes to the dead letters; `GiveUp` at once.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=300.0)
    async def on_command(self, turn: Turn, command: Command) -> None:
        """A person asked this plugin to do something, in the order of the lane.

        A failure is retried with backoff, then goes to the dead letters.
        """

    @_hook(Mode.EACH, OnError.RAISE, limit=60.0)
    async def turn_finished(self, record: Record) -> None:
        """After the commit, from the event log, by this plugin's own cursor; a crash loses it nothing.

        It may get a record twice.  A failure is isolated and retried with backoff; other plugins are not delayed.
        """

    # -- services: addressed by config name, never falling through to another -------------------------------------------

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=120.0)
    async def embed(self, name: str, texts: Sequence[str], query: bool) -> np.ndarray:
        """Vectors of the texts as float32 of shape (len(texts), dimension), each of length 1.

        `query` is True for questions, False for passages.  A failure is a `ServiceError` to the caller.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=10.0)
    async def describe_embedder(self, name: str) -> Mapping[str, Any]:
        """What made the vectors: `id` (changes whenever vectors would), `dimension`, `max_tokens`, `languages`.

        An index remembers the id and refuses vectors of another.  A failure is a `ServiceError` to the caller.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=60.0)
    async def count_tokens(self, name: str, texts: Sequence[str]) -> Sequence[int]:
        """How many tokens the embedder makes of each text, one number a text, however long the text is.

        Without the marks that a model puts at start and end: `max_tokens` of `describe_embedder` includes them (2 in
        BERT's family).  Where the tokenizer is out of reach (a model behind an API) it is an estimate, rather too
        high than too low.  A failure is a `ServiceError` to the caller.
        """

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=120.0)
    async def generate(self, name: str, prompt: Prompt) -> AsyncIterator[str]:
        """A model's answer, piece by piece.  A failure is a `ServiceError` to the caller, also in mid-stream."""

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=120.0)
    async def transcribe(self, name: str, audio: Audio) -> str:
        """What is said in the audio.  A failure is a `ServiceError` to the caller."""

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=60.0)
    async def synthesize(self, name: str, text: str, language: str) -> Audio:
        """The text as speech.  A failure is a `ServiceError` to the caller."""

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=30.0)
    async def translate(self, name: str, text: str, source: str, target: str) -> str:
        """The text in another language; languages are BCP 47 tags.  A failure is a `ServiceError` to the caller."""

    @_hook(Mode.ADDRESSED, OnError.RAISE, limit=30.0)
    async def call_function(self, turn: Turn, name: str, arguments: Mapping[str, Any]) -> Any:
        """A function of the tenant's own code by its name, e.g. `simulate_loan`; returns JSON values.

        Flows call it in a step, or to check an answer.  It reads and computes; what it wants stored goes through `turn`,
        as in any hook.  `FunctionRefused` says in the customer's words why not.  Any other failure is a
        `ServiceError` to the caller.
        """

    # -- who the customer is -------------------------------------------------------------------------------------------

    @_hook(Mode.FIRST, OnError.RAISE)
    async def require_identity(self, turn: Turn, purpose: str) -> Challenge | None:
        """Has the contact proved who it is, as `purpose` needs ("flow:balance", "intent:account_balance")?

        None: it has, or the purpose needs no proof.  A `Challenge`: what to tell the customer now; the plugin that
        returns it takes the messages with the proof itself, and whoever asked asks again in the next turn.  A failure
        is an error to the caller, who must not go on.
        """

    @_hook(Mode.FIRST, OnError.RAISE)
    async def find_account(self, claim: str) -> Account | None:
        """The customer's own record that `claim` (a customer number, a phone, an e-mail address) means.

        The first account counts; None: not known here.  A failure is an error to the caller.
        """

    # -- data about contacts ---------------------------------------------------------------------------------------------

    @_hook(Mode.COLLECT, OnError.RAISE, limit=300.0)
    async def find_contact(self, text: str) -> Sequence[Contact]:
        """Contacts that match a name, address or id.  A failure aborts and names the plugin."""

    @_hook(Mode.COLLECT, OnError.RAISE, limit=300.0)
    async def export_contact(self, contact: str) -> ContactData:
        """Everything this plugin holds about the contact.  A failure aborts and names the plugin."""

    @_hook(Mode.COLLECT, OnError.RAISE, limit=300.0)
    async def erase_contact(self, contact: str) -> ContactData:
        """Remove everything this plugin holds about the contact; safe to repeat.

        A failure aborts and names the plugin: erasing is then reported as not done.
        """

    # -- pages -----------------------------------------------------------------------------------------------------------

    @_hook(Mode.COLLECT, OnError.LOG)
    async def console_panels(self, conversation: Conversation) -> Sequence[Panel]:
        """Side panels for the agent console.  A failure is logged and that plugin's panels are missing."""

    @_hook(Mode.COLLECT, OnError.LOG, limit=3.0, concurrent=True)
    async def check_health(self) -> Mapping[str, Any]:
        """The state of this plugin's parts, e.g. `{"llm": {"status": "degraded", "detail": "…"}}`.

        `status` is ok, degraded, down or off; no secrets.  A failure is logged and shown as that plugin being down.
        """


SERVICES = (
    "embed",
    "describe_embedder",
    "count_tokens",
    "generate",
    "transcribe",
    "synthesize",
    "translate",
    "call_function",
)
"""The service hooks: addressed by config name, or by the function's."""
