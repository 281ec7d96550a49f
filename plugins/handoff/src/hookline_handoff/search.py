"""Search over conversations: which words are in their messages, notes and contacts, in any script.

An index of words lies in the plugin's own table, one row a word and conversation, and is brought up to date from the
event log; what it finds is looked up in the texts themselves before it is shown, so that a text that is gone, or was
changed, is never found.  Nothing is indexed where `history.store` keeps no texts.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import regex
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline.db import Op, Script
from hookline.errors import BadRequest
from hookline.models import contact, conversation, identity, message

from .deskmodels import indexed, note, word
from .findbodies import Hit, SearchPage

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_ASCII = re.compile(r"[a-z0-9]+")
_LONGEST_WORD, _MOST_WORDS, _PAGE = 40, 5000, 500
_WANTED, _SNIPPET, _TEXTS = 8, 160, 4000
_ADD = insert(word).on_conflict_do_nothing()


def words(text: str) -> set[str]:
    """The words of a text as they are compared: without case, and without accents on letters that are Latin or Greek."""
    if text.isascii():
        return {found[:_LONGEST_WORD] for found in _ASCII.findall(text.casefold())}
    return {plain(found)[:_LONGEST_WORD] for found in _TOKEN.findall(text)}


@functools.lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Without case and, after letters of scripts where they are accents, without marks."""
    told = unicodedata.normalize("NFKD", text).casefold()
    kept: list[str] = []
    bare = False
    for letter in told:
        if unicodedata.category(letter) == "Mn" and bare:
            continue
        bare = letter.isascii() or "\u00c0" <= letter <= "\u052f"
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


class Search:
    """The search of one snapshot of a tenant's config."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    # -- the index ---------------------------------------------------------------------------------------------------

    async def index(self, ident: str, *, notes: bool = False) -> int:
        """Read what is new in the conversation; returns how many messages that were."""
        if self.tenant.settings.history.store != "sql":
            return 0
        db = self.tenant.db
        rows = await db.fetch(sa.select(indexed.c.seq).where(indexed.c.conversation == ident))
        seq = rows[0].seq if rows else 0
        read = 0
        while True:
            new = await db.fetch(
                sa.select(message.c.seq, message.c.body)
                .where(message.c.conversation == ident, message.c.seq > seq)
                .order_by(message.c.seq)
                .limit(_PAGE)
            )
            if not new and not (notes and read == 0):
                return read
            found = {one for row in new if row.body for one in words(row.body.get("text", ""))}
            if seq == 0 or notes:
                found |= await self._about(ident)
            seq = new[-1].seq if new else seq
            await self._add(ident, sorted(found)[:_MOST_WORDS], seq)
            read += len(new)
            if len(new) < _PAGE:
                return read

    async def _about(self, ident: str) -> set[str]:
        """The words of the conversation's contact and of its notes."""
        db = self.tenant.db
        people = await db.fetch(
            sa.select(contact.c.name, contact.c.email, contact.c.phone, conversation.c.address)
            .select_from(conversation)
            .join(contact, contact.c.id == conversation.c.contact)
            .where(conversation.c.id == ident)
        )
        notes = await db.fetch(sa.select(note.c.text).where(note.c.conversation == ident))
        found = {one for row in notes for one in words(row.text)}
        for row in people:
            found |= words(f"{row.name} {row.email} {row.phone} {row.address}") | _numbers(row.phone, row.address)
        return found

    async def _add(self, ident: str, found: Sequence[str], seq: int) -> None:
        known = await self.tenant.conversations.get(ident)
        if known is None:
            return
        values = {
            "conversation": ident,
            "contact": known.conversation.contact,
            "seq": seq,
            "at": self.tenant.clock.now(),
        }

        def script() -> Script[None]:
            if found:
                yield Op(_ADD, [{"word": one, "conversation": ident} for one in found])
            done = yield Op(
                sa.update(indexed)
                .where(indexed.c.conversation == ident)
                .values(seq=sa.case((indexed.c.seq > seq, indexed.c.seq), else_=seq), at=values["at"])
            )
            if done.rowcount == 0:
                yield Op(insert(indexed).on_conflict_do_nothing(), values)

        await self.tenant.db.run(script())

    # -- finding ---------------------------------------------------------------------------------------------------------

    async def find(self, text: str, *, limit: int = 20, cursor: str = "") -> SearchPage:
        """Conversations with all of these words, or words that begin so; the newest first."""
        wanted = sorted(words(text), key=len, reverse=True)[:_WANTED]
        if not wanted:
            return SearchPage((), "")
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
            raise BadRequest(f"cursor: given {cursor[:40]!r}; allowed: the `next` of the page before", "cursor")
        start = int(cursor or 0)
        found = sa.select(
            conversation.c.id, conversation.c.channel, conversation.c.address, conversation.c.contact,
            conversation.c.updated_at, contact.c.name, contact.c.email, contact.c.phone,
        ).select_from(conversation).join(contact, contact.c.id == conversation.c.contact)  # fmt: skip
        for one in wanted:
            begins = sa.select(word.c.conversation).where(word.c.word >= one, word.c.word < one + "\U0010ffff")
            found = found.where(conversation.c.id.in_(begins))
        found = found.order_by(conversation.c.updated_at.desc(), conversation.c.id).offset(start).limit(limit + 1)
        rows = await self.tenant.db.fetch(found)
        texts = await self._texts([row.id for row in rows[:limit]])
        hits = [hit for row in rows[:limit] if (hit := _hit(row, texts.get(row.id, ()), wanted)) is not None]
        return SearchPage(hits, str(start + limit) if len(rows) > limit else "")

    async def _texts(self, conversations: Sequence[str]) -> Mapping[str, list[_Text]]:
        """The messages and notes of these conversations, the newest first."""
        if not conversations:
            return {}
        found: dict[str, list[_Text]] = {}
        said = await self.tenant.db.fetch(
            sa.select(message.c.conversation, message.c.seq, message.c.author, message.c.created_at, message.c.body)
            .where(message.c.conversation.in_(conversations))
            .order_by(message.c.created_at.desc())
            .limit(_TEXTS)
        )
        for row in said:
            if row.body:
                told = _Text("message", row.seq, row.author, row.created_at, row.body.get("text", ""))
                found.setdefault(row.conversation, []).append(told)
        notes = await self.tenant.db.fetch(
            sa.select(note.c.conversation, note.c.author_name, note.c.created_at, note.c.text)
            .where(note.c.conversation.in_(conversations))
            .order_by(note.c.created_at.desc())
            .limit(_TEXTS)
        )
        for row in notes:
            told = _Text("note", 0, row.author_name, row.created_at, row.text)
            found.setdefault(row.conversation, []).append(told)
        return found


@attrs.frozen
class _Text:
    where: str
    seq: int
    author: str
    at: float
    text: str


def _hit(row: Any, texts: Iterable[_Text], wanted: Sequence[str]) -> Hit | None:
    """The text that has most of the words, the newest of them; else the contact; None if nothing has any."""
    best: _Text | None = None
    most = 0
    for one in texts:
        there = words(one.text)
        n = sum(any(w.startswith(x) for w in there) for x in wanted)
        if n > most:
            best, most = one, n
            if n == len(wanted):
                break
    who = " · ".join(part for part in (row.name, row.email, row.phone, row.address) if part)
    told_of = words(who) | _numbers(row.phone, row.address)
    if best is None or (most < len(wanted) and all(any(w.startswith(x) for w in told_of) for x in wanted)):
        if not any(w.startswith(x) for x in wanted for w in told_of):
            return None
        best = _Text("contact", 0, "contact", row.updated_at, who)
    snippet, marks = _snippet(best.text, wanted)
    return Hit(
        row.id, row.channel, row.contact, row.name, best.where, best.seq, best.author, best.at, snippet, marks
    )  # fmt: skip


def _snippet(text: str, wanted: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """A part of the text around the first word that was looked for, and where such words are in it."""
    flat = " ".join(text.split())
    spans = [
        (found.start(), found.end())
        for found in _TOKEN.finditer(flat)
        if any(plain(found[0]).startswith(one) for one in wanted)
    ]
    begin = 0
    if spans and spans[0][0] > _SNIPPET // 3:
        begin = flat.rfind(" ", 0, spans[0][0] - _SNIPPET // 4) + 1
    end = len(flat)
    if end - begin > _SNIPPET:
        cut = flat.rfind(" ", begin, begin + _SNIPPET)
        end = cut if cut > begin + _SNIPPET // 2 else begin + _SNIPPET
    before, after = "… " if begin else "", " …" if end < len(flat) else ""
    shift = len(before) - begin
    marks = [(a + shift, b + shift) for a, b in spans if a >= begin and b <= end]
    return f"{before}{flat[begin:end]}{after}", marks


def _numbers(*texts: str) -> set[str]:
    """Phone numbers in one piece, with the country's digits and without: people look for either."""
    found = set()
    for text in texts:
        digits = "".join(letter for letter in text if letter.isdigit())
        if len(digits) >= 7:
            found |= {digits[:_LONGEST_WORD], digits[-10:]}
    return found


async def contacts_like(tenant: Tenant, text: str, limit: int) -> Sequence[Any]:
    """Contacts whose name, address or number has the text in it, or whose id it is; with their identities."""
    told = text.strip()
    has = [column.icontains(told, autoescape=True) for column in (contact.c.name, contact.c.email, contact.c.phone)]
    digits = "".join(letter for letter in told if letter.isdigit())
    if len(digits) >= 4:
        has.append(contact.c.phone.contains(digits, autoescape=True))
    at = sa.select(identity.c.contact).where(identity.c.address.icontains(told, autoescape=True))
    return await tenant.db.fetch(
        sa.select(contact)
        .where(sa.or_(*has, contact.c.id == told, contact.c.id.in_(at)))
        .order_by(contact.c.name, contact.c.id)
        .limit(limit)
    )
