"""Private notes with mentions, whispers, and tags: what the staff say among themselves about a conversation."""

from __future__ import annotations

import contextlib
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import Conflict
from hookline.ledger import new_id
from hookline.problems import Problem

from .deskbodies import Notes, NoteView, TagCount, Tags
from .deskmodels import note, tag
from .models import handoff
from .notices import STAFF, notify

if TYPE_CHECKING:
    from hookline.collect import Collected
    from hookline.roles import Caller
    from hookline.tenant import Tenant

_PREVIEW = 200


async def about(tenant: Tenant, conversation: str) -> tuple[str, str]:
    """The conversation's contact and its newest handoff's id ("" without one); raises `Problem` 404."""
    known = await tenant.conversations.get(conversation)
    if known is None:
        raise Problem(404, f"there is no conversation {conversation[:60]!r}")
    rows = await tenant.db.fetch(
        sa.select(handoff.c.id)
        .where(handoff.c.conversation == conversation)
        .order_by(handoff.c.requested_at.desc())
        .limit(1)
    )
    return known.conversation.contact, rows[0].id if rows else ""


async def notes_of(tenant: Tenant, conversation: str) -> Notes:
    """The notes of a conversation, oldest first."""
    await about(tenant, conversation)
    rows = await tenant.db.fetch(
        sa.select(note).where(note.c.conversation == conversation).order_by(note.c.created_at, note.c.id)
    )
    return Notes([view(row._asdict()) for row in rows])


async def write(
    tenant: Tenant, caller: Caller, conversation: str, text: str, mentions: Sequence[str] = (), client_id: str = ""
) -> NoteView:
    """Add a note, and tell those who are mentioned in it; nothing of it goes to the customer.

    The same `client_id` of the same writer again adds nothing: the note that is there comes back.
    """
    if not client_id:
        async with tenant.action(by=caller.who) as act:
            return await collect(tenant, act, caller, conversation, text, mentions)
    ident = hashlib.sha256(f"{caller.id}\0{conversation}\0{client_id}".encode()).hexdigest()[:32]
    for _ in range(2):
        known = await tenant.db.fetch(sa.select(note).where(note.c.id == ident))
        if known:
            return view(known[0]._asdict())
        with contextlib.suppress(Conflict, ConstraintViolated):  # it was sent twice at the same moment
            async with tenant.action(by=caller.who) as act:
                return await collect(tenant, act, caller, conversation, text, mentions, ident=ident)
    raise Problem(409, "this note is being written at the same moment; try again")


async def collect(
    tenant: Tenant,
    act: Collected,
    caller: Caller,
    conversation: str,
    text: str,
    mentions: Iterable[str] = (),
    *,
    kind: str = "note",
    ident: str = "",
) -> NoteView:
    """As `write`, as a part of what somebody does; `ident` is the note's id where it is not a new one."""
    contact, asked = await about(tenant, conversation)
    told = text.replace("\x00", "").strip()
    if not told:
        raise Problem(400, "text: the note is empty", field="text")
    meant = await mentioned(tenant, told, mentions)
    now = tenant.clock.now()
    row = {
        "id": ident or new_id(),
        "conversation": conversation,
        "contact": contact,
        "handoff": asked,
        "kind": kind,
        "author": caller.id,
        "author_name": caller.name,
        "text": told,
        "mentions": list(meant),
        "created_at": now,
        "edited_at": None,
    }
    act.write(sa.insert(note), row, rows=1)
    act.event(
        "handoff.noted", {"note": row["id"], "kind": kind, "by": caller.id, "handoff": asked}, conversation=conversation
    )
    made = view(row)
    act.publish(STAFF, "handoff.noted", {"conversation": conversation, "note": msgspec.to_builtins(made)})
    told_of = [one for one in meant if one != caller.id]
    notify(
        act, now, told_of, "whisper" if kind == "whisper" else "mention", told[:_PREVIEW],
        conversation=conversation, contact=contact, handoff=asked, by=caller.id, by_name=caller.name,
    )  # fmt: skip
    return made


async def change(tenant: Tenant, caller: Caller, ident: str, text: str, mentions: Iterable[str] = ()) -> NoteView:
    """Change one's own note; who is mentioned now and was not before is told."""
    row = await _get(tenant, ident)
    if row.author != caller.id:
        raise Problem(403, "a note is for its author to change")
    told = text.replace("\x00", "").strip()
    if not told:
        raise Problem(400, "text: the note is empty; remove it in place of that", field="text")
    meant = await mentioned(tenant, told, mentions)
    now = tenant.clock.now()
    values = {"text": told, "mentions": list(meant), "edited_at": now}
    made = view({**row._asdict(), **values})
    async with tenant.action(by=caller.who) as act:
        act.write(sa.update(note).where(note.c.id == ident).values(**values), rows=1)
        act.audit("handoff.note.changed", ident, {"conversation": row.conversation})
        act.publish(STAFF, "handoff.noted", {"conversation": row.conversation, "note": msgspec.to_builtins(made)})
        new = [one for one in meant if one not in row.mentions and one != caller.id]
        notify(
            act, now, new, "mention", told[:_PREVIEW],
            conversation=row.conversation, contact=row.contact, handoff=row.handoff, by=caller.id, by_name=caller.name,
        )  # fmt: skip
    return made


async def remove(tenant: Tenant, caller: Caller, ident: str) -> None:
    """Remove one's own note, or, as a supervisor, anybody's."""
    row = await _get(tenant, ident)
    if row.author != caller.id and not caller.has("supervisor"):
        raise Problem(403, "a note is for its author or a supervisor to remove")
    async with tenant.action(by=caller.who) as act:
        act.write(sa.delete(note).where(note.c.id == ident), rows=1)
        act.audit("handoff.note.removed", ident, {"conversation": row.conversation, "author": row.author})
        act.publish(STAFF, "handoff.noted", {"conversation": row.conversation, "note": {"id": ident, "deleted": True}})


async def mentioned(tenant: Tenant, text: str, named: Iterable[str] = ()) -> Sequence[str]:
    """The ids of the staff who are meant: those named, and those whose name or address follows an @ in the text."""
    people = [one for one in await tenant.staff.list() if one.active]
    by_id = {one.id: one for one in people}
    found: dict[str, None] = {}
    for ident in named:
        if ident not in by_id:
            raise Problem(400, f"mentions: there is no active member of the staff {ident[:60]!r}", field="mentions")
        found[ident] = None
    if "@" in text:
        plain = _plain(text)
        for one in people:
            for handle in (one.name, one.email, one.email.partition("@")[0]):
                if handle and _said(plain, "@" + _plain(handle)):
                    found[one.id] = None
    return tuple(found)


def view(row: Any) -> NoteView:
    """A note as pages show it."""
    return NoteView(
        row["id"],
        row["conversation"],
        row["handoff"],
        row["kind"],
        row["author"],
        row["author_name"],
        row["text"],
        tuple(row["mentions"]),
        row["created_at"],
        row["edited_at"],
    )


async def _get(tenant: Tenant, ident: str) -> Any:
    rows = await tenant.db.fetch(sa.select(note).where(note.c.id == ident))
    if not rows:
        raise Problem(404, f"there is no note {ident[:60]!r}")
    return rows[0]


def _said(text: str, handle: str) -> bool:
    """Whether the handle stands there whole: "@asha" is not in "@ashak", nor in "mail@asha"."""
    at = text.find(handle)
    while at >= 0:
        end = at + len(handle)
        before, after = text[at - 1 : at], text[end : end + 1]
        longer = after.isalnum() or (bool(after) and unicodedata.category(after).startswith("M")) or after == "@"
        if not before.isalnum() and not longer:
            return True
        at = text.find(handle, at + 1)
    return False


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


# -- tags -------------------------------------------------------------------------------------------------------------


async def tags_of(tenant: Tenant, conversations: Sequence[str]) -> dict[str, list[str]]:
    """The tags of these conversations, in order; those without any are left out."""
    found: dict[str, list[str]] = {}
    if conversations:
        rows = await tenant.db.fetch(
            sa.select(tag.c.conversation, tag.c.tag)
            .where(tag.c.conversation.in_(list(conversations)))
            .order_by(tag.c.tag)
        )
        for row in rows:
            found.setdefault(row.conversation, []).append(row.tag)
    return found


async def all_tags(tenant: Tenant) -> Tags:
    """The tags in use with their counts, and those of the config."""
    n = sa.func.count().label("n")
    rows = await tenant.db.fetch(sa.select(tag.c.tag, n).group_by(tag.c.tag).limit(1000))
    counts = {**dict.fromkeys(tenant.config.desk.tags, 0), **{row.tag: row.n for row in rows}}
    return Tags([TagCount(name, counts[name]) for name in sorted(counts)])


async def set_tags(tenant: Tenant, caller: Caller, conversation: str, tags: Iterable[str]) -> list[str]:
    """Give the conversation these tags and no others."""
    async with tenant.action(by=caller.who) as act:
        return await collect_tags(tenant, act, conversation, tags)


async def collect_tags(tenant: Tenant, act: Collected, conversation: str, tags: Iterable[str]) -> list[str]:
    """As `set_tags`, as a part of what somebody does."""
    await about(tenant, conversation)
    wanted = sorted({" ".join(unicodedata.normalize("NFC", one.replace("\x00", "")).split()) for one in tags} - {""})
    known = (await tags_of(tenant, [conversation])).get(conversation, [])
    gone, new = sorted(set(known) - set(wanted)), sorted(set(wanted) - set(known))
    if not gone and not new:
        return wanted
    if gone:
        act.write(sa.delete(tag).where(tag.c.conversation == conversation, tag.c.tag.in_(gone)))
    for one in new:
        act.write(sa.insert(tag), {"conversation": conversation, "tag": one})
    act.event("handoff.tagged", {"added": new, "removed": gone}, conversation=conversation)
    act.audit("handoff.tagged", conversation, {"added": new, "removed": gone})
    act.publish(STAFF, "handoff.tagged", {"conversation": conversation, "tags": wanted})
    return wanted
