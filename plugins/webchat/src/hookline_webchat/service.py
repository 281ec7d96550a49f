"""What a visitor can do, whichever way in: open a session, send, look at the messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import msgspec

from hookline.binding import CLIENT
from hookline.ledger import Accepted, Inbound, new_id
from hookline.message import Message, Receipt, Recorder
from hookline.problems import Problem
from hookline.tenant import Tenant

from .config import Config
from .visitor import BadToken, Visitor, new_visitor, signer

CHANNEL = "webchat"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_SHOWN = ("client_id", "turn", "answered", "user_id", "agent_name", "speaks_for")
_FIELDS = (
    "id",
    "seq",
    "direction",
    "author",
    "text",
    "created_at",
    "citations",
    "quick_replies",
    "attachments",
    "confidence",
)
_DAY = 86400.0


# -- sessions --------------------------------------------------------------------------------------------------------


async def open_session(tenant: Tenant, token: str, language: str, *, fresh: bool) -> tuple[Visitor, str]:
    """The visitor of the token with an open conversation, and the token to use from now on.

    Without a good token it is a new visitor; `fresh` begins a new conversation.  `language` counts if the tenant
    offers it.
    """
    signs, now, config = await signer(tenant), tenant.clock.now(), tenant.config
    known: Visitor | None = None
    if token:
        try:
            known = signs.read(token, now)
        except BadToken as error:
            tenant.log.info("token refused", reason=str(error))
    visitor = known.id if known else new_visitor()
    if known is None or fresh:
        conversation = new_id()
    else:
        conversation = known.conversation
        if not await is_open(tenant, conversation):
            conversation = await find_conversation(tenant, visitor)
    chosen = choose([language], tenant.settings.languages) or (known.language if known else "")
    lasts = config.token_days * _DAY
    if known and known.conversation == conversation and known.language == chosen and known.expires_at - now > lasts / 2:
        return known, token
    made = Visitor(visitor, conversation, tenant.name, now, now + lasts, chosen)
    return made, signs.sign(made)


async def find_conversation(tenant: Tenant, address: str) -> str:
    """The id of the address's open conversation, or the one that its next will have: nothing is stored before somebody
    writes, and all pages and servers that ask mean the same one."""
    last = await tenant.conversations.last(CHANNEL, address)
    if last is not None and last[1] == "open":
        return last[0]
    return (await signer(tenant)).conversation(address, last[0] if last else "")


async def is_open(tenant: Tenant, conversation: str) -> bool:
    """Whether the conversation takes messages; one that nobody has written in does."""
    known = await tenant.conversations.get(conversation)
    return known is None or known.conversation.status == "open"


async def owners(tenant: Tenant, *conversations: str) -> set[str]:
    """Whose the conversations are alone: the digests of those clients' keys."""
    known = [await tenant.conversations.get(one) for one in conversations]
    return {str(one.conversation.data[CLIENT]) for one in known if one and CLIENT in one.conversation.data}


async def read_token(tenant: Tenant, token: str) -> Visitor:
    """Who the token names; raises `Problem` 401."""
    try:
        return (await signer(tenant)).read(token, tenant.clock.now())
    except BadToken as error:
        raise Problem(401, str(error), headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None


def describe(tenant: Tenant, language: str, recorder: Recorder | None, *, admin: bool) -> dict[str, Any]:
    """What a page must know of the tenant to show the chat; with a `recorder` one may speak in place of typing."""
    config: Config = tenant.config
    settings = tenant.settings
    shown = language or settings.language
    return {
        "title": config.title or settings.title,
        "greeting": _in(config.greeting, shown) or tenant.phrase("greeting", shown),
        "placeholder": _in(config.placeholder, shown) or "",
        "accent": config.accent,
        "language": shown,
        "languages": list(settings.languages),
        "quick_replies": list(_in(config.quick_replies, shown) or _in(config.quick_replies, settings.language) or ()),
        "strings": config.strings,
        "admin": admin,
        "max_length": settings.limits.message_chars,
        "recorder": attrs.asdict(recorder) if recorder else None,
    }


def choose(wanted: Sequence[str], offered: Sequence[str]) -> str:
    """The first language wanted that is offered, as it is offered; "" if none is.  `fr-CA` is content with `fr`."""
    for tag in wanted:
        for one in offered:
            if one.lower() in (tag.lower(), tag.lower().split("-")[0]):
                return one
    return ""


def accepted_languages(header: str) -> list[str]:
    """The languages of an Accept-Language header, dearest first."""
    rated = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            rated.append((-float(quality or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(rated, key=lambda one: one[0]) if tag]


def _in(texts: Mapping[str, Any], language: str) -> Any:
    return texts.get(language) or texts.get(language.partition("-")[0])


# -- messages ----------------------------------------------------------------------------------------------------------


async def send(tenant: Tenant, visitor: Visitor, client_id: str, text: str) -> Accepted:
    """Take a visitor's message; the same `client_id` again is a repeat.  Raises `Problem` and `RateLimited`."""
    check_client_id(client_id)
    check_text(tenant, text)
    return await tenant.accept(inbound(visitor, client_id, text))


def inbound(visitor: Visitor, client_id: str, text: str) -> Inbound:
    """The visitor's message as the core takes it."""
    return Inbound(
        CHANNEL,
        visitor.id,
        text,
        provider_id=f"{visitor.id}/{client_id}",
        conversation=visitor.conversation,
        begins=True,
        language=visitor.language,
        data={"client_id": client_id},
    )


def check_client_id(client_id: str) -> None:
    """Raise `Problem` 400 unless it can be the client's own id of a message."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise Problem(400, "id: give 1 to 64 letters, digits or . _ : - , a new one for each message", field="id")


def check_text(tenant: Tenant, text: str) -> None:
    """Raise `Problem` 400 or 413 for a text that can't be a message."""
    limit = tenant.settings.limits.message_chars
    if not text.strip():
        raise Problem(400, "text: missing or empty; send what the customer said", field="text")
    if len(text) > limit:
        raise Problem(413, f"text: has {len(text)} characters; at most {limit} are allowed", field="text")


async def history(
    tenant: Tenant, conversation: str, *, after: int | None = None, before: int = 0, limit: int = 100
) -> list[Message]:
    """Messages in order of `seq`: the first after `after`, or the newest (before `before`)."""
    # The store takes an `after` of 0 for "not given".
    since = 0 if after is None else after or -1
    return await tenant.conversations.history(conversation, after=since, before=before, limit=limit)


async def last_seq(tenant: Tenant, conversation: str) -> int:
    """The `seq` of the newest message that can still be shown; 0 if there is none."""
    newest = await history(tenant, conversation, limit=1)
    return newest[-1].seq if newest else 0


def view(told: Message | Mapping[str, Any]) -> dict[str, Any]:
    """A message as a visitor may see it: nobody's ids, and of its data only what pages need."""
    fields: Mapping[str, Any] = msgspec.to_builtins(told) if isinstance(told, Message) else told
    data = fields.get("data") or {}
    return {**{name: fields[name] for name in _FIELDS}, "data": {key: data[key] for key in _SHOWN if key in data}}


def acknowledged(client_id: str, accepted: Accepted) -> dict[str, Any]:
    """What the sender is told of a message that is durable."""
    return {
        "id": client_id,
        "message_id": accepted.message_id,
        "seq": accepted.seq,
        "duplicate": accepted.duplicate,
    }


def show_typing(tenant: Tenant, conversation: str, *, on: bool) -> None:
    """Show whoever follows the conversation that the visitor is typing, or is not any more."""
    tenant.live.publish(tenant.name, f"conversation:{conversation}", "typing", {"author": "contact", "on": on})


def show_read(tenant: Tenant, conversation: str, seq: int) -> None:
    """Show them up to which message the visitor has read."""
    if seq > 0:
        tenant.live.publish(tenant.name, f"conversation:{conversation}", "read", {"author": "contact", "seq": seq})


# -- the hooks' work ------------------------------------------------------------------------------------------------------


async def deliver(tenant: Tenant, message: Message) -> Receipt:
    """Show an outbound message on the pages that are open; a page that is not finds it in the history."""
    tenant.publish_message(message)
    return Receipt()


async def warn(tenant: Tenant) -> None:
    """Say what is unwise."""
    if tenant.conversations.database.dialect != "sqlite" and not tenant.config.secret:
        tenant.log.warning(
            "webchat.secret is not set: visitors are recognised by this server alone, not by others on its database"
        )


@attrs.frozen
class Refused:
    """A problem as a frame tells it."""

    problem: dict[str, Any]
    retry_after: float | None = None

    @classmethod
    def of(cls, problem: Problem) -> Refused:
        """What a socket tells of a problem."""
        body = problem.response().body
        assert isinstance(body, bytes)
        wait = problem.headers.get("Retry-After")
        return cls(msgspec.json.decode(body), float(wait) if wait else None)
