"""What a request brought is stored, durably, before it is acknowledged; the answer to the provider waits for nothing else."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from hookline.errors import RateLimited
from hookline.ledger import Inbound
from hookline.message import Attachment

from . import flood, numbers, statuses
from .errands import errands_of
from .incoming import CHANNEL, Incoming, StatusUpdate
from .refusing import Refused, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.ledger import Accepted
    from hookline.message import InputType
    from hookline.tenant import Tenant

    from .incoming import Batch

Told = TypeVar("Told", Incoming, StatusUpdate)
_LONGEST = 65_536  # characters, which WhatsApp lets a customer write
_TYPES: dict[str, InputType] = {"choice": "choice", "audio": "audio", "reaction": "event", "deleted": "event"}


async def take(tenant: Tenant, batch: Batch, line: str = "") -> int:
    """Take all that is ours; the number of messages that are new.  `line` is the address that it came to, as the data tell.

    Messages of one customer are taken in their order, those of several side by side.  Raises `Refused` where nothing in the
    request is for a number of the tenant, or all of it is too old.  What can't be stored raises its error when all others are: the
    provider sends the batch again, and what is stored is then a repeat.
    """
    for what in batch.noted:
        tenant.log.info("noted and left", what=what)
    messages, strangers = _ours(tenant, batch.messages)
    reports, others = _ours(tenant, batch.statuses)
    if strangers or others:
        count(tenant, "unknown_number", strangers + others)
        tenant.log.warning("for a number that is not this tenant's", messages=strangers, statuses=others)
        if not messages and not reports:
            raise _counted("this number is not one of [plugins.whatsapp.numbers]")
    oldest = tenant.clock.now() - tenant.config.replay_seconds
    fresh = [one for one in messages if not one.at or one.at >= oldest]
    if stale := len(messages) - len(fresh):
        count(tenant, "stale", stale)
        tenant.log.warning("messages that are too old", messages=stale)
        if not fresh and not reports:
            raise _counted("the messages are older than replay_seconds")
    await statuses.take(tenant, reports)
    taken = await _each(tenant, fresh, line)
    return sum(not accepted.duplicate for accepted in taken)


def _counted(detail: str) -> Refused:
    """A refusal of what is counted already."""
    return Refused(403, "", detail)


def _ours(tenant: Tenant, found: Sequence[Told]) -> tuple[list[Told], int]:
    mine = [one for one in found if numbers.known(tenant, one.number) is not None]
    return mine, len(found) - len(mine)


async def _each(tenant: Tenant, messages: Sequence[Incoming], line: str) -> list[Accepted]:
    if len(messages) == 1:  # as nearly all batches are
        return await accept(tenant, messages[0], line)
    by_sender: dict[str, list[Incoming]] = {}
    for one in messages:
        by_sender.setdefault(one.sender, []).append(one)
    taken: list[Accepted] = []
    failed: list[Exception] = []

    async def accept_all(told: Sequence[Incoming]) -> None:
        try:
            for one in told:
                taken.extend(await accept(tenant, one, line))
        except Exception as error:  # noqa: BLE001  raised again when the others are stored
            failed.append(error)

    async with asyncio.TaskGroup() as group:
        for told in by_sender.values():
            group.create_task(accept_all(told))
    if failed:
        raise next((error for error in failed if not isinstance(error, RateLimited)), failed[0])
    return taken


async def accept(tenant: Tenant, one: Incoming, line: str = "") -> list[Accepted]:
    """Store one message, and have it marked as read; nothing is accepted of who writes too much, where no refusal would help."""
    number = numbers.known(tenant, one.number) or numbers.SIMULATED
    files = tuple(
        Attachment(
            f"/t/{tenant.name}/whatsapp/media/{media_id(one, n)}",
            ref.media_type or "application/octet-stream",
            ref.name,
            ref.size,
        )
        for n, ref in enumerate(one.media)
    )
    refs = [{"ref": ref.ref, "name": ref.name, "media_type": ref.media_type, "sha256": ref.sha256} for ref in one.media]
    text = one.text[: tenant.settings.limits.message_chars]
    told: dict[str, Any] = {"kind": one.kind, "number": number.id, "id": one.id, "at": one.at, **one.data}
    if line:
        told["line"] = line
    if refs:
        told["media"] = refs
    if rest := one.text[len(text) : _LONGEST]:
        told |= {"cut": True, "rest": rest}
    inbound = Inbound(
        CHANNEL,
        one.sender,
        text,
        provider_id=one.id,
        input_type=_TYPES.get(one.kind, "text"),
        attachments=files,
        name=one.name[:200],
        data={"whatsapp": told},
    )
    try:
        accepted = await tenant.accept(inbound)
    except RateLimited:
        if tenant.config.carrier not in flood.NOT_REPEATED:
            raise
        await flood.warn(tenant, number, one)
        return []
    if not accepted.duplicate:
        await (await errands_of(tenant)).seen(tenant, number, one)
    return [accepted]


def media_id(one: Incoming, n: int) -> str:
    """Our id of a file, which is the same when the provider sends the message again."""
    return hashlib.sha256(f"{one.id}\0{n}".encode(errors="replace")).hexdigest()[:40]
