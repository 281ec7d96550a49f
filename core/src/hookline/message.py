"""The values that travel through a turn: small, frozen, with no app, channel or session inside.

Times are seconds since the Unix epoch (UTC, float).  Ids are opaque strings.
Everything here can be encoded by `msgspec.json` and decoded again unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs
from yarl import URL

Direction = Literal["inbound", "outbound"]
Author = Literal["contact", "bot", "agent", "system"]
InputType = Literal["text", "audio", "choice", "event"]


@attrs.frozen
class Attachment:
    """A file sent with a message.  `url` may be relative to the server, or a provider's; never fetched unchecked."""

    url: str
    media_type: str = "application/octet-stream"
    name: str = ""
    size: int | None = None


@attrs.frozen
class Citation:
    """Where a part of a reply comes from.

    `start` and `end` are offsets in Unicode code points into the text of `version` of `document`;
    `text` is exactly that span.  `url` opens the document at the span; "" where there is no page for it.
    """

    document: str
    version: int
    start: int
    end: int
    text: str
    title: str = ""
    url: str = ""
    source: str = ""


@attrs.frozen
class Passage:
    """Retrieved text with its source and its scores.

    `score` is the fused score in 0..1; `dense` and `lexical` are the raw scores it came from (None: not found by
    that side); `confidence` in 0..1 is calibrated: how likely it is that this passage answers the question.  `url`
    opens the document; a citation adds the span to it.  `quote_only`: it may be quoted to the customer, but no model
    is to read it, because it holds what a model could take for orders.
    Offsets are as in `Citation`.
    """

    document: str
    version: int
    start: int
    end: int
    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    namespace: str = "default"
    score: float = 0.0
    dense: float | None = None
    lexical: float | None = None
    confidence: float = 0.0
    meta: Mapping[str, Any] = attrs.Factory(dict)
    quote_only: bool = False

    def citation(self, start: int | None = None, end: int | None = None) -> Citation:
        """Cite this passage, or the span `start`..`end` (document offsets) of it; the citation's url names the span."""
        a = self.start if start is None else start
        b = self.end if end is None else end
        text = self.text[a - self.start : b - self.start]
        url = str(URL(self.url, encoded=True).extend_query(start=a, end=b).with_fragment("passage")) if self.url else ""
        return Citation(self.document, self.version, a, b, text, self.title, url, self.source)


@attrs.frozen
class Message:
    """One message of a conversation.

    `id` is ours and unique in the tenant; `provider_id` is the channel's own id for it ("" where it has none).
    `seq` counts the committed messages of a conversation from 1; 0 means not committed yet.
    `inbox_id` is the inbox row whose turn produced or consumed it.
    """

    id: str
    conversation: str
    channel: str
    address: str
    text: str
    direction: Direction = "inbound"
    author: Author = "contact"
    contact: str = ""
    provider_id: str = ""
    created_at: float = 0.0
    seq: int = 0
    inbox_id: int = 0
    language: str = ""
    input_type: InputType = "text"
    attachments: tuple[Attachment, ...] = ()
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[str, ...] = ()
    confidence: float | None = None
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Contact:
    """A customer.  `name`, `email` and `phone` are "" where unknown; identities live in the database."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Conversation:
    """One contact on one channel, as the turn's snapshot saw it.

    `held_by` is "" while the bot answers, else the agent who holds it.  `owner_epoch` rises with each change of
    owner; a turn whose epoch is no longer the row's does not commit.
    """

    id: str
    channel: str
    address: str
    contact: str
    status: Literal["open", "resolved", "expired"] = "open"
    held_by: str = ""
    owner_epoch: int = 0
    last_seq: int = 0
    created_at: float = 0.0
    updated_at: float = 0.0
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Segment:
    """A piece of a streamed reply, best a whole sentence with its trailing space; published only after `review`."""

    text: str
    citations: tuple[Citation, ...] = ()


@attrs.frozen
class Reply:
    """What the customer is told.

    `confidence` in 0..1; None where it makes no sense (greetings, flows).  `answered` is False for an honest
    "I don't know".  `passages` are those it was made from.  `partial` is True while a segment passes `review`.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    confidence: float | None = None
    answered: bool = True
    quick_replies: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    partial: bool = False
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Refusal:
    """`screen` refuses the message: `text` is what the customer is told ("": nothing), `reason` is for the log."""

    reason: str
    text: str = ""


@attrs.frozen
class Hold:
    """The bot is silent on this message, because somebody or something else has the conversation."""

    reason: str
    by: str = ""


@attrs.frozen
class Intent:
    """What the customer wants; `score` in 0..1."""

    name: str
    score: float = 1.0
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Entity:
    """A fact found in the message.  `start` and `end` are code point offsets into its text."""

    name: str
    value: Any
    start: int = 0
    end: int = 0
    unit: str = ""
    confidence: float = 1.0


@attrs.frozen
class Score:
    """A figure about the contact or the conversation, with its reasons, line by line."""

    name: str
    value: float
    reasons: tuple[str, ...] = ()


@attrs.frozen
class Challenge:
    """What a contact has to do before it is told more: `reply` asks for the proof."""

    reply: Reply


@attrs.frozen
class Account:
    """A customer as the tenant's own records know it.

    `addresses` are the registered ones, best first, as (channel, address): ("sms", "+919812345678"), ("email", …);
    proof is asked for by these alone.
    """

    id: str
    addresses: tuple[tuple[str, str], ...] = ()
    name: str = ""
    language: str = ""


@attrs.frozen
class HandoffRequest:
    """A human shall take over; `text`, where given, replaces the reply."""

    reason: str
    text: str = ""
    priority: int = 0
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Send:
    """`before_deliver`: send it as it is."""


@attrs.frozen
class Template:
    """`before_deliver`: send this approved template in its place."""

    name: str
    variables: Mapping[str, str] = attrs.Factory(dict)
    language: str = ""


@attrs.frozen
class Park:
    """`before_deliver`: keep it; try again at `until` (None: when somebody releases it, or in a day).

    What comes after it in its conversation waits behind it, unless it stands `aside`: then what may go out passes it.  It is asked about
    anew before any later one goes, so it is passed only as long as it may not go itself, and those that stand aside keep their order.
    """

    reason: str
    until: float | None = None
    aside: bool = False


@attrs.frozen
class Drop:
    """`before_deliver`: never send it."""

    reason: str


@attrs.frozen
class Receipt:
    """What a channel says of a delivery.  `provider_id` is the provider's id of the message sent."""

    provider_id: str = ""
    status: Literal["sent", "delivered", "read"] = "sent"


@attrs.frozen
class Timer:
    """A timer that has become due; `key` is its dedupe key, `lane` the lane it runs in."""

    id: str
    plugin: str
    kind: str
    lane: str
    due_at: float
    key: str = ""
    payload: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Job:
    """Durable work that is no message; `key` is unique per plugin and makes submitting it twice harmless."""

    id: str
    plugin: str
    kind: str
    lane: str
    key: str = ""
    attempt: int = 1
    payload: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Command:
    """Something a person asked a plugin to do (an agent's claim, an admin's import), in the order of its lane."""

    id: str
    plugin: str
    kind: str
    lane: str
    by: str = ""
    attempt: int = 1
    payload: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Record:
    """One row of the event log: what `turn_finished` and live views read by their own cursor."""

    id: int
    kind: str
    conversation: str
    at: float
    payload: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Prompt:
    """What `generate` is asked.

    `messages` are (role, text) with role system, user, assistant or tool, oldest first.  `schema` asks for JSON that
    fits it.  `max_tokens` limits the answer.

    `tools` are functions that the model may call: {"name", "description", "parameters"} each, the parameters as a JSON
    schema.  If it calls some, the answer is the JSON text {"tool_calls": [{"name", "arguments"}, …]}; give it back as
    an assistant's message, followed by one message of role tool for each call with its result, in their order.
    """

    messages: tuple[tuple[Literal["system", "user", "assistant", "tool"], str], ...]
    model: str = ""
    temperature: float = 0.0
    max_tokens: int = 512
    schema: Mapping[str, Any] | None = None
    tools: tuple[Mapping[str, Any], ...] = ()


@attrs.frozen
class File:
    """A file of the tenant's own, opened: `media_type` is what its bytes say, `name` is safe to show."""

    data: bytes = attrs.field(repr=False)
    media_type: str
    name: str = ""


@attrs.frozen
class Audio:
    """Sound to transcribe or just synthesised."""

    data: bytes
    media_type: str
    language: str = ""


@attrs.frozen
class Recorder:
    """What a customer may say in place of typing it: at most so many seconds and bytes.

    `speaks`: what is said is answered by sound besides the text.
    """

    max_seconds: float
    max_bytes: int
    speaks: bool = False


@attrs.frozen
class Panel:
    """A side panel of the agent console: a custom element of the plugin's script, and the data it shows."""

    title: str
    element: str
    script: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class ContactData:
    """One plugin's share in a contact's data: an answer to `export_contact` or `erase_contact`.

    `rows` maps a table or file kind to what it holds (export) or to how many were removed (erase).
    """

    plugin: str
    rows: Mapping[str, Any] = attrs.Factory(dict)
