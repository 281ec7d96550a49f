"""Proofs: which account's owner writes in a conversation, and until when.

A proof belongs to one conversation and ends with it.  What was said while it held is hidden from later turns that have
none, or another's: a model that still sees it could say it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from . import statements as sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookline.collect import Collected
    from hookline.message import Message
    from hookline.tenant import Tenant

_SPANS = 20


@attrs.frozen
class Proof:
    """What a conversation's row says: `account` is "" where nothing is proved now."""

    conversation: str
    account: str = ""
    method: str = ""
    proved_at: float = 0.0
    expires_at: float = 0.0
    spans: Sequence[tuple[float, float, str]] = ()

    def hidden(self, history: Sequence[Message]) -> set[str]:
        """The ids of the messages that were exchanged under a proof that is not the one of now."""
        old = [(a, z) for a, z, account in self.spans if account != self.account]
        return {m.id for m in history if any(a <= m.created_at <= z for a, z in old)}


async def find(tenant: Tenant, conversation: str) -> Proof:
    """The conversation's proof as it stands now."""
    rows = await tenant.db.fetch(sql.PROOF, {"p_conversation": conversation}) if conversation else ()
    return read(rows[0], tenant.clock.now()) if rows else Proof(conversation)


def read(row: Any, now: float) -> Proof:
    """The proof of a row; one that is over is kept as a span."""
    spans = [(float(a), float(z), str(who)) for a, z, who in row.spans]
    if row.account and row.expires_at <= now:
        spans.append((row.proved_at, row.expires_at, row.account))
    if not row.account or row.expires_at <= now:
        return Proof(row.conversation, spans=spans)
    return Proof(row.conversation, row.account, row.method, row.proved_at, row.expires_at, spans)


async def prove(
    tenant: Tenant,
    collected: Collected,
    *,
    conversation: str,
    contact: str,
    channel: str,
    account: str,
    method: str,
    token: str = "",
    client: str = "",
) -> float:
    """Note that the account is proved; returns until when.

    With a `client` (the digest of its key) the conversation is from now on that client's alone.
    """
    before, now = await find(tenant, conversation), tenant.clock.now()
    spans = list(before.spans)
    if before.account:
        spans.append((before.proved_at, now, before.account))
    until = float(now + tenant.config.trusted(channel).seconds)
    collected.write(
        sql.PROVE,
        {
            "conversation": conversation,
            "contact": contact,
            "channel": channel,
            "account": account,
            "method": method,
            "token": token,
            "proved_at": now,
            "expires_at": until,
            "spans": spans[-_SPANS:],
        },
    )
    if client:
        collected.bind(client, conversation=conversation)
    told = {"method": method, "channel": channel, "until": until}
    collected.event("identity.proved", told, conversation=conversation)
    return until


def end(tenant: Tenant, collected: Collected, conversation: str, how: str) -> None:
    """Take the proof back."""
    collected.write(sql.END, {"p_conversation": conversation, "p_now": tenant.clock.now()})
    collected.event("identity.ended", {"how": how}, conversation=conversation)
