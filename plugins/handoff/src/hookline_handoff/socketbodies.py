"""The frames of the console's WebSocket; see `bodies` for what else travels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import attrs


@attrs.frozen
class ClientFrame:
    """What a page says on `/console/socket`: one JSON object a text frame; which fields count depends on `type`.

    hello    first of all, within 10 seconds: `token` (an access token; "" where the cookie says who it is), `watch`
    watch    `conversations` to hear of from now on, in place of those before (at most 20)
    typing   in `conversation`, `on` or not
    read     `conversation` up to `seq`
    active   somebody uses the page (a sign of presence; also sent by `typing` and `read`); false: idle
    ping     answered by `pong`
    """

    type: Literal["hello", "watch", "typing", "read", "active", "ping"]
    token: str = ""
    watch: Sequence[str] = ()
    conversations: Sequence[str] = ()
    conversation: str = ""
    seq: int = 0
    on: bool = True


@attrs.frozen
class ServerFrame:
    """What the page is told; `n` counts the frames of this socket from 1, so that a gap shows.

    ready    after `hello`: `data` is Me; the page now fetches what it shows (also after each reconnect)
    event    `topic` ("staff" or "conversation:ID"), `kind` and `data`, see below
    lost     events of `topic` were lost: fetch what it shows anew
    beat     every `heartbeat` seconds: `data` = {"counts": {view: number}, "at": time}; counts that differ from the
             page's mean that it missed something
    pong     to `ping`
    error    `data` is a problem detail; the socket stays open unless it is closed with a code of its own

    Events of the topic "staff" (each with `handoff`: HandoffView, `by`, `by_name`, and what else is named here):
        handoff.requested, handoff.queued, handoff.claimed (`before`: the agent before, ""), handoff.transferred
        (`note`), handoff.snoozed, handoff.returned, handoff.resolved, handoff.reopened, handoff.updated (priority,
        status), handoff.sla_warning, handoff.sla_breach;
        message  {"conversation", "seq", "author", "preview", "at", "handoff": id} of a conversation with an open handoff,
                 what anybody says there; of an agent with "agent" and "agent_name"
        agent    AgentView, when somebody's availability, presence or load changes
        team     TeamView, or {"id", "deleted": true}
    Events of "conversation:ID":
        watching {"seq"}: from now on it is heard of; the messages up to here are fetched by whoever lacks them
        message  {"message": MessageView}      segment, turn: the bot at work, as the chat gets them
        typing   {"author": "contact" | "agent", "agent": id, "agent_name", "on": bool}
        read     {"author": "contact" | "agent", "agent": id, "seq"}
        delivery {"message": id, "delivery": state}
    `message.seq` and `handoff.epoch` rise by one: a page that sees a jump fetches what is between.

    Closed with 4401 for a token that is not good or has run out, 4403 without the role, 4408 without `hello`, 1008 for
    a flood, 1001 when the server stops, 4429 when the page does not take what it is sent.
    """

    type: Literal["ready", "event", "lost", "beat", "pong", "error"]
    n: int
    topic: str = ""
    kind: str = ""
    data: Any = None
