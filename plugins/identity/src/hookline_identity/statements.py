"""The statements of identity, each made once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hookline.models import Json

from .models import address, challenge, count, proof

b = sa.bindparam

DECOY = 2
"""In `first` of an address: it belongs to a claim that is nobody's."""

# -- codes -------------------------------------------------------------------------------------------------------------

MAKE = sa.insert(challenge)
GET = sa.select(challenge).where(challenge.c.id == b("p_id"))
NEWEST_HERE = (
    sa.select(challenge)
    .where(challenge.c.conversation == b("p_conversation"))
    .order_by(challenge.c.created_at.desc(), challenge.c.id.desc())
    .limit(1)
)
NEWEST_OF = (
    sa.select(challenge)
    .where(challenge.c.who == b("p_who"))
    .order_by(challenge.c.created_at.desc(), challenge.c.id.desc())
    .limit(1)
)
# Without a session a code is given back where it was asked for: over HTTP, for the same customer.
NEWEST_WITHOUT_SESSION = (
    sa.select(challenge)
    .where(challenge.c.who == b("p_who"), challenge.c.conversation == "", challenge.c.origin == "http")
    .order_by(challenge.c.created_at.desc(), challenge.c.id.desc())
    .limit(1)
)
# To the account, whichever of its claims asked; of a claim that is no account's, by itself.
SENT_LATELY = sa.select(sa.func.count().label("n")).where(
    challenge.c.account == b("p_account"),
    sa.or_(challenge.c.account != "", challenge.c.who == b("p_who")),
    challenge.c.sent_at > b("p_after"),
)
_LIVE = challenge.c.state.in_(["queued", "open"])
REPLACE_HERE = (
    sa.update(challenge)
    .where(challenge.c.conversation == b("p_conversation"), challenge.c.conversation != "", _LIVE)
    .values(state="void", reason="replaced")
)
REPLACE_WITHOUT_SESSION = (
    sa.update(challenge)
    .where(challenge.c.who == b("p_who"), challenge.c.conversation == "", challenge.c.origin == "http", _LIVE)
    .values(state="void", reason="replaced")
)
OPEN = (
    sa.update(challenge)
    .where(challenge.c.id == b("p_id"), challenge.c.state == "queued")
    .values(state="open", sent_at=b("p_now"))
)
KEEP_BACK = (
    sa.update(challenge)
    .where(challenge.c.id == b("p_id"), challenge.c.state == "queued")
    .values(state="open", target="", reason=b("p_reason"))
)
VOID = sa.update(challenge).where(challenge.c.id == b("p_id"), _LIVE).values(state="void", reason=b("p_reason"))
SENT_BY = (
    sa.update(challenge)
    .where(challenge.c.id == b("p_id"))
    .values(way=b("p_way"), backend=b("p_backend"), target=b("p_target"), reason=b("p_reason"))
)
# Both hold only if nobody was faster: of two who try the same code at the same time one finds it as it was.
_AS_SEEN = (
    challenge.c.id == b("p_id"),
    challenge.c.state == b("p_state"),
    challenge.c.tries_left == b("p_tries"),
)
USE = sa.update(challenge).where(*_AS_SEEN).values(state="used")
MISS = (
    sa.update(challenge)
    .where(*_AS_SEEN)
    .values(
        tries_left=challenge.c.tries_left - 1,
        state=sa.case((challenge.c.tries_left <= 1, "locked"), else_=challenge.c.state),
    )
)
FORGET_OLD = sa.delete(challenge).where(challenge.c.created_at < b("p_before"))

# -- counts ------------------------------------------------------------------------------------------------------------

_counted = insert(count).values(key=b("key"), n=1, since=b("since", type_=sa.Double))
COUNT = _counted.on_conflict_do_update(
    index_elements=["tenant", "key"],
    set_={
        "n": sa.case((count.c.since < b("p_before", type_=sa.Double), 1), else_=count.c.n + 1),
        "since": sa.case(
            (count.c.since < b("p_before", type_=sa.Double), _counted.excluded.since), else_=count.c.since
        ),
    },
)
COUNTS = sa.select(count).where(count.c.key.in_(b("p_keys", expanding=True)))
CLEAR = sa.delete(count).where(count.c.key.in_(b("p_keys", expanding=True)))
FORGET_COUNTS = sa.delete(count).where(count.c.since < b("p_before"))

# -- addresses -----------------------------------------------------------------------------------------------------------

SEEN = sa.select(address).where(address.c.who == b("p_who"))
SEE = insert(address).on_conflict_do_nothing(index_elements=["tenant", "who", "target"])
FORGET_DECOYS = sa.delete(address).where(address.c.first == DECOY, address.c.seen_at < b("p_before"))
UNSEE = sa.delete(address).where(address.c.who == b("p_who"), address.c.target.in_(b("p_targets", expanding=True)))

# -- proofs --------------------------------------------------------------------------------------------------------------

PROOF = sa.select(proof).where(proof.c.conversation == b("p_conversation"))
PROOF_BY_TOKEN = sa.select(proof).where(proof.c.token == b("p_token"), proof.c.token != "")
_proved = insert(proof).values(
    conversation=b("conversation"),
    contact=b("contact"),
    channel=b("channel"),
    account=b("account"),
    method=b("method"),
    token=b("token"),
    proved_at=b("proved_at"),
    expires_at=b("expires_at"),
    spans=b("spans", type_=Json),
)
PROVE = _proved.on_conflict_do_update(
    index_elements=["tenant", "conversation"],
    set_={
        name: _proved.excluded[name]
        for name in ("contact", "channel", "account", "method", "token", "proved_at", "expires_at", "spans")
    },
)
END = (
    sa.update(proof)
    .where(proof.c.conversation == b("p_conversation"), proof.c.expires_at > b("p_now"))
    .values(expires_at=b("p_now"), token="")
)
OTHERS = (
    sa.select(proof.c.contact, sa.func.min(proof.c.proved_at).label("since"))
    .where(proof.c.account == b("p_account"), proof.c.contact != b("p_contact"), proof.c.contact != "")
    .group_by(proof.c.contact)
    .order_by(sa.func.min(proof.c.proved_at))
    .limit(2)
)
