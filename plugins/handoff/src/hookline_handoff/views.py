"""What is stored, as the console and the API show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import msgspec

from hookline.message import Contact, Conversation, Message

from .bodies import ContactView, ConversationView, HandoffView, MessageView
from .records import Handoff

PREVIEW = 160
_HIDDEN = frozenset({"holder", "loaded"})


def handoff_view(shown: Handoff, agent_name: str = "", position: int | None = None) -> HandoffView:
    """A handoff."""
    fields = {k: v for k, v in attrs.asdict(shown, recurse=False).items() if k not in _HIDDEN}
    handled = shown.claimed_at if shown.claimed_at is not None else shown.resolved_at
    return HandoffView(**fields, agent_name=agent_name, position=position, handled_at=handled)


def live(shown: Handoff, agent_name: str, event: str, by_id: str, by_name: str, **more: Any) -> dict[str, Any]:
    """What the staff's pages are told of a transition."""
    return {
        "handoff": attrs.asdict(handoff_view(shown, agent_name)),
        "event": event,
        "by": by_id,
        "by_name": by_name,
        **more,
    }


def heard(told: Message, handoff: str) -> dict[str, Any]:
    """What the staff's pages are told of a message in a conversation that they do not have open."""
    return {
        "conversation": told.conversation,
        "seq": told.seq,
        "author": told.author,
        "preview": told.text[:PREVIEW],
        "at": told.created_at,
        "handoff": handoff,
    }


def conversation_view(about: Conversation) -> ConversationView:
    """A conversation."""
    return ConversationView(
        about.id,
        about.channel,
        about.address,
        about.contact,
        about.status,
        about.held_by,
        about.last_seq,
        about.created_at,
        about.updated_at,
    )


def contact_view(who: Contact) -> ContactView:
    """A contact."""
    return ContactView(who.id, who.name, who.email, who.phone, who.language, dict(who.data))


def message_view(
    told: Message, delivery: str = "", error: str = "", *, names: Mapping[str, str] | None = None
) -> MessageView:
    """A message; `names` of agents by id, where the message does not say."""
    data = told.data
    agent = str(data.get("agent", ""))
    return MessageView(
        id=told.id,
        conversation=told.conversation,
        channel=told.channel,
        seq=told.seq,
        direction=told.direction,
        author=told.author,
        text=told.text,
        created_at=told.created_at,
        language=told.language,
        agent=agent,
        agent_name=str(data.get("agent_name", "")) or (names or {}).get(agent, ""),
        client_id=str(data.get("sent_as", "")),
        delivery=delivery,
        error=error,
        attachments=tuple(msgspec.to_builtins(told.attachments)),
        citations=tuple(msgspec.to_builtins(told.citations)),
        quick_replies=told.quick_replies,
        confidence=told.confidence,
        answered=data.get("answered") if told.author == "bot" else None,
    )
