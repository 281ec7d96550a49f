"""What `[plugins.webchat]` in a tenant's config may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
import msgspec

from hookline.settings import Secret

Seconds = Annotated[float, msgspec.Meta(gt=0)]
Positive = Annotated[int, msgspec.Meta(gt=0)]
Protocol = Literal["ws", "sse", "socketio"]
NO_SECRET = Secret("")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@attrs.frozen
class EventNames:
    """What a client's Socket.IO code calls the events; `join` and the like are ours.

    `joined` is told to whoever has joined a room.  `join_agents` lets an agent hear of requests for a person (`alert`).
    """

    join: str = "join_room"
    leave: str = "leave_room"
    send: str = "send_message"
    new_message: str = "new_message"
    error: str = "error"
    typing: str = "typing"
    read: str = "message_read"
    joined: str = "room_joined"
    join_agents: str = "join_agent_room"
    alert: str = "escalation_alert"

    def __attrs_post_init__(self) -> None:
        """Refuse a name for two events, and one that Socket.IO itself uses."""
        names = list(attrs.asdict(self).values())
        if len({self.join, self.leave, self.send}) < 3:
            raise ValueError("join, leave and send need three different names")
        if len({self.join, self.leave, self.send, self.typing, self.read, self.join_agents}) < 6:
            raise ValueError("typing, read and join_agents need names of their own")
        for name in names:
            if not name or name in ("connect", "connect_error", "disconnect", "disconnecting", "*"):
                raise ValueError(f"{name!r} can't be the name of an event: Socket.IO uses it itself")


@attrs.frozen
class FieldNames:
    """What a client's Socket.IO code calls the fields of its events."""

    room_id: str = "room_id"
    user_type: str = "user_type"
    user_id: str = "user_id"
    message: str = "message"


@attrs.frozen
class SocketIO:
    """The Socket.IO edge, by the names that a reference system's clients use."""

    events: EventNames = EventNames()
    fields: FieldNames = FieldNames()


@attrs.frozen
class Config:
    """How the chat looks, and how long things last.

    title          over the chat; "" takes the tenant's
    greeting       the first words by language; a language left out takes the tenant's text `greeting`
    placeholder    in the empty input field, by language
    quick_replies  offered at the start, by language
    accent         the one colour, as #rrggbb
    strings        other words of the interface, by language and key
    protocols      the ways in: ws (WebSocket), sse (server-sent events), socketio
    secret         signs visitors' tokens; unset: a random one in the plugin's data folder.  Servers that share a
                   database must share a secret
    token_days     how long a visitor is recognised after the last visit
    heartbeat      seconds between the signs of life of a connection
    send_limit     seconds that a slow client may take to take a frame; then it is disconnected
    """

    title: str = ""
    greeting: Mapping[str, str] = attrs.Factory(dict)
    placeholder: Mapping[str, str] = attrs.Factory(dict)
    quick_replies: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    accent: str = "#1f5fd0"
    strings: Mapping[str, Mapping[str, str]] = attrs.Factory(dict)
    protocols: tuple[Protocol, ...] = ("ws", "sse", "socketio")
    secret: Secret = NO_SECRET
    token_days: Positive = 90
    heartbeat: Seconds = 20.0
    send_limit: Seconds = 10.0
    socketio: SocketIO = SocketIO()

    def __attrs_post_init__(self) -> None:
        """Refuse what would only show in the browser."""
        if not _COLOUR.fullmatch(self.accent):
            raise ValueError(f"accent: given {self.accent!r}; allowed: a colour such as '#1f5fd0'")
        if self.secret and len(self.secret.value) < 16:
            raise ValueError("secret: too short to be one; at least 16 characters are needed")
