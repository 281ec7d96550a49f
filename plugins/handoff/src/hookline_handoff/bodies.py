"""What travels over HTTP and the WebSocket between the agents' console and this plugin.

Times are epoch seconds (float); a time that is not known or not set is null.  Ids are opaque strings: of a staff
account (`agent`), a conversation, a handoff, a team.  Here are conversations; agents and teams are in `peoplebodies`, what is done with conversations in `deedbodies`, `/api/v1/handoff` in `apibodies`, the frames in `socketbodies`; the desk is in `deskbodies`, tasks are in `taskbodies`.  Errors are RFC 9457 problem details; a 409 of a transition has
besides them `state` (what it is in), `allowed` (what could be done instead), `held_by` and `held_by_name` (who has it).

Routes (below the tenant; role: at least this one).  Everything of `/console/api` speaks of conversations by their id:

    GET    /console/api/me                                     agent       → Me
    PUT    /console/api/me                 MyProfileBody       agent       → Me
    POST   /console/api/me/heartbeat                           agent       → AgentView   (only without the socket)
    GET    /console/api/inbox?view=&channel=&team=&agent=&cursor=&limit=   viewer → InboxPage
    GET    /console/api/counts                                 viewer      → dict[view, number]
    GET    /console/api/conversations/{id}?limit=              viewer      → Thread
    GET    /console/api/conversations/{id}/messages?before=&after=&limit=  viewer → Messages
           (of this conversation alone: `before`/`after` are its `seq`)
    GET    /console/api/conversations/{id}/past?cursor=&limit= viewer      → PastPage
           (what the contact said and heard on all channels, newest first, before what `Thread` has)
    GET    /console/api/conversations/{id}/steps               viewer      → Steps
    POST   /console/api/conversations/{id}/claim    ClaimBody    agent     → InboxItem
    POST   /console/api/conversations/{id}/reply    ReplyBody    agent     → Sent
    POST   /console/api/conversations/{id}/transfer TransferBody agent     → InboxItem
    POST   /console/api/conversations/{id}/snooze   SnoozeBody   agent     → InboxItem
    POST   /console/api/conversations/{id}/wake     {}           agent     → InboxItem
    POST   /console/api/conversations/{id}/return   ReturnBody   agent     → InboxItem
    POST   /console/api/conversations/{id}/resolve  ResolveBody  agent     → InboxItem
    POST   /console/api/conversations/{id}/reopen   {}           agent     → InboxItem
    POST   /console/api/conversations/{id}/priority PriorityBody agent     → InboxItem
    POST   /console/api/conversations/{id}/typing   TypingBody   agent     → 204
    POST   /console/api/conversations/{id}/read     ReadBody     viewer    → 204
    GET    /console/api/agents                                 viewer      → Agents
    PUT    /console/api/agents/{id}                 ProfileBody       supervisor → AgentView
    PUT    /console/api/agents/{id}/availability    AvailabilityBody  supervisor, or the agent → AgentView
    GET    /console/api/teams                                  viewer      → Teams
    POST   /console/api/teams                       TeamBody   supervisor  → TeamView (201)
    PUT    /console/api/teams/{id}                  TeamBody   supervisor  → TeamView
    DELETE /console/api/teams/{id}                             supervisor  → 204
    GET    /console/socket                          WebSocket, see below

    GET    /api/v1/handoff/active                              agent       → Active
    GET    /api/v1/handoff/{id}                                agent       → HandoffView
    POST   /api/v1/handoff/escalate                 EscalateBody    agent  → HandoffView (201; 200 if one was open)
    POST   /api/v1/handoff/connect                  ConnectBody     public → Connected  (the customer's own session)
    POST   /api/v1/handoff/resolve/{id}             ResolveBody     agent  → HandoffView
    PUT    /api/v1/handoff/status                   StatusBody      agent  → HandoffView
    POST   /api/v1/handoff/message                  MessageBody     agent  → Sent
    GET    /api/v1/handoff/agents/available                    agent       → Agents
    PUT    /api/v1/handoff/agents/{id}/availability AvailableBody   agent  → AgentView

`claim` of a conversation that the bot has, with no handoff open, opens one with the reason "taken over": so a
supervisor takes over.  `reply` to what nobody has claims it first.  `{id}` of `/api/v1/handoff` is the handoff's id or
its conversation's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import attrs
import msgspec

State = Literal["requested", "queued", "claimed", "transferred", "snoozed", "returned", "resolved"]
"""The states of a handoff; it is open in all but the last.

requested    just asked for, not yet in the queue: it is being assigned, or nobody is on duty (`callback_at`)
queued       waits for an agent
claimed      `agent` has it; the bot is silent
transferred  on its way to `agent`, to `team` or to everybody; the bot is silent, nobody works on it yet
snoozed      `agent` has put it aside until `snoozed_until`, or until the customer writes; the bot is silent
returned     the bot has it again: an agent said so, or nobody came (then `callback_at` says when to call back)
resolved     done
"""
Availability = Literal["available", "away", "offline"]
Word = Annotated[str, msgspec.Meta(max_length=200)]
Remark = Annotated[str, msgspec.Meta(max_length=4000)]
Words = Annotated[Sequence[Annotated[str, msgspec.Meta(max_length=80)]], msgspec.Meta(max_length=100)]
"""What people and programs may write where there is nothing else to go by: it is kept, audited and shown to everybody."""
View = Literal["mine", "unassigned", "waiting", "all", "snoozed", "returned", "resolved", "bot"]
"""What the inbox can show.

mine        claimed, snoozed and transferred to me
unassigned  requested, queued, and transferred to a team of mine or to everybody; by priority, then waiting time
waiting     claimed by anybody, the customer has the last word; longest waiting first
all         every open handoff, the last activity first
snoozed     the one that wakes first comes first
returned    back with the bot, not resolved: to be called back
resolved    the newest first
bot         conversations without an open handoff: what a supervisor listens in on
"""


@attrs.frozen
class ContactView:
    """The customer; "" where nothing is known."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class ConversationView:
    """A conversation of the core.  `held_by` is the agent's id, "team:ID", "queue", or "" for the bot."""

    id: str
    channel: str
    address: str
    contact: str
    status: Literal["open", "resolved", "expired"]
    held_by: str
    last_seq: int
    created_at: float
    updated_at: float


@attrs.frozen
class HandoffView:
    """A handoff.

    `reason` is why, as a rule says it (`frustration: cancel`, `low_confidence`, …); `source` who asked: "trigger",
    "customer", "agent", "api", "plugin".  `priority` is -1 low, 0 normal, 1 high, 2 urgent; `score` the lead's, null
    where there is none.  `agent` and `team` are "" where nobody is named.  `waiting_since` is when the oldest message
    of the customer came that no agent has answered.  `position` counts the queue from 1, null outside it.  `epoch`
    rises by one with each transition: a page that misses one sees it and asks again.  `status` is a word of the
    tenant's own for where the work stands ("in_progress"), "" for none.  `handled_at` is when somebody first took it, or
    resolved it without taking it.
    """

    id: str
    conversation: str
    contact: str
    channel: str
    state: State
    reason: str
    source: str
    priority: int
    score: float | None
    language: str
    skill: str
    team: str
    agent: str
    agent_name: str
    requested_at: float
    queued_at: float | None
    claimed_at: float | None
    first_response_at: float | None
    waiting_since: float | None
    snoozed_until: float | None
    callback_at: float | None
    returned_at: float | None
    resolved_at: float | None
    resolved_by: str
    resolution: str
    epoch: int
    activity_at: float
    summary: str = ""
    status: str = ""
    position: int | None = None
    handled_at: float | None = None
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class MessageView:
    """A message.  `client_id` is the sender's own id of an agent's message (so a page knows what it sent itself);
    `delivery` of an outbound one: "pending", "sending", "sent", "delivered", "read", "failed", "parked", "dropped",
    "withdrawn", "ambiguous", "" where nothing is known (inbound, or long ago)."""

    id: str
    conversation: str
    channel: str
    seq: int
    direction: Literal["inbound", "outbound"]
    author: Literal["contact", "bot", "agent", "system"]
    text: str
    created_at: float
    language: str = ""
    agent: str = ""
    agent_name: str = ""
    client_id: str = ""
    delivery: str = ""
    error: str = ""
    attachments: Sequence[Mapping[str, Any]] = ()
    citations: Sequence[Mapping[str, Any]] = ()
    quick_replies: Sequence[str] = ()
    confidence: float | None = None
    answered: bool | None = None


@attrs.frozen
class InboxItem:
    """One row of the inbox: `last` is the newest message, `unread` how many of the customer's the caller has not seen.

    `tags` and `sla` are filled in by the parts that know them.
    """

    conversation: ConversationView
    contact: ContactView
    handoff: HandoffView | None
    last: MessageView | None = None
    unread: int = 0
    tags: Sequence[str] = ()
    sla: Mapping[str, Any] | None = None


@attrs.frozen
class InboxPage:
    """A page of a view; `next` is the `cursor` of the following one, "" at the end; `counts` by view."""

    view: str
    items: Sequence[InboxItem]
    next: str
    counts: Mapping[str, int]


@attrs.frozen
class Composer:
    """What the reply box must know: whether one may write, if not why, until when the channel takes free text (null:
    always), and the longest text.

    `why` says the same as `reason` in a word, for pages in other languages: ended, viewer, held (by `holder`), window.
    """

    allowed: bool
    reason: str = ""
    window_until: float | None = None
    max_length: int = 4000
    why: Literal["", "ended", "viewer", "held", "window"] = ""
    holder: str = ""


@attrs.frozen
class PanelView:
    """A side panel of a plugin: a custom element of the script, whose `.data` the console sets."""

    title: str
    element: str
    script: str = ""
    data: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Thread:
    """A conversation as an agent opens it: its newest messages in order, and all about it.

    `past` is the cursor of what was before, over all channels of the contact ("" for nothing); `conversations` are the
    contact's others, the newest first.  `read_by_customer` is the `seq` up to which the customer has read, null where
    the channel does not say.
    """

    conversation: ConversationView
    contact: ContactView
    handoff: HandoffView | None
    messages: Sequence[MessageView]
    past: str
    conversations: Sequence[ConversationView]
    composer: Composer
    panels: Sequence[PanelView] = ()
    read_by_customer: int | None = None
    unread: int = 0
    tags: Sequence[str] = ()
    sla: Mapping[str, Any] | None = None


@attrs.frozen
class Messages:
    """Messages of one conversation, in order of `seq`."""

    messages: Sequence[MessageView]
    last_seq: int


@attrs.frozen
class PastPage:
    """What was said before, over all channels of the contact, the newest first; `next` as in `InboxPage`."""

    messages: Sequence[MessageView]
    next: str


@attrs.frozen
class StepView:
    """A transition of a handoff: who did what when; `reason` in words."""

    handoff: str
    n: int
    at: float
    event: str
    before: str
    after: str
    by: str
    by_name: str
    reason: str = ""
    detail: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Steps:
    """All transitions of a conversation's handoffs, oldest first."""

    steps: Sequence[StepView]
