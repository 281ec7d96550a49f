"""The statements on the plugin's tables."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from .models import chat, media, optout, sent, simulated

b = sa.bindparam

# -- chats ---------------------------------------------------------------------------------------------------------------

CHATS = sa.select(chat.c.number, chat.c.heard_at, chat.c.options).where(chat.c.address == b("p_address")).order_by(
    chat.c.heard_at.desc()
)  # fmt: skip
_heard = insert(chat)
_known = {name: _heard.excluded[name] for name in ("heard_at", "contact", "conversation")}
_later = chat.c.heard_at <= _heard.excluded.heard_at
_KEY = ["tenant", "address", "number"]
HEARD = _heard.on_conflict_do_update(index_elements=_KEY, set_={**_known, "options": []}, where=_later)
NOTICED = _heard.on_conflict_do_update(index_elements=_KEY, set_=_known, where=_later)
"""As `HEARD`, for a reaction and the like: the choices that were offered stand."""
SHUT = (
    sa.update(chat)
    .where(chat.c.address == b("p_address"), chat.c.number == b("p_number"), chat.c.heard_at <= b("p_at"))
    .values(heard_at=0.0)
)
"""The provider says that the window is shut at the time `p_at`; what the customer has written since opens it all the same."""
PASS = (
    sa.update(chat)
    .where(chat.c.address == b("p_address"))
    .values(heard_at=sa.case((chat.c.heard_at > b("p_seconds"), chat.c.heard_at - b("p_seconds")), else_=0.0))
)
OFFER = (
    sa.update(chat)
    .where(chat.c.address == b("p_address"), chat.c.number == b("p_number"))
    .values(options=b("p_options", type_=chat.c.options.type))
)

# -- opting out ------------------------------------------------------------------------------------------------------------

OPTED_OUT = sa.select(optout.c.at).where(optout.c.address == b("p_address"))
OPT_OUT = insert(optout).on_conflict_do_nothing(index_elements=["tenant", "address"])
OPT_IN = sa.delete(optout).where(optout.c.address == b("p_address"))

# -- what was sent ---------------------------------------------------------------------------------------------------------

PARTS = sa.select(sent.c.part, sent.c.provider_id, sent.c.state, sent.c.error).where(sent.c.message == b("p_message"))
_tagged = insert(sent)
TOOK = _tagged.on_conflict_do_update(
    index_elements=["tenant", "provider_id"],
    set_={
        "message": _tagged.excluded.message,
        "part": _tagged.excluded.part,
        "conversation": _tagged.excluded.conversation,
    },
).returning(sent.c.state, sent.c.error)
SAID = sa.select(sent.c.provider_id, sent.c.message, sent.c.part, sent.c.conversation, sent.c.rank).where(
    sent.c.provider_id.in_(b("p_ids", expanding=True))
)
_report = insert(sent)
REPORT = _report.on_conflict_do_update(
    index_elements=["tenant", "provider_id"],
    set_={
        "state": _report.excluded.state,
        "rank": _report.excluded.rank,
        "error": _report.excluded.error,
        "at": _report.excluded.at,
    },
    where=sent.c.rank < _report.excluded.rank,
)
FORGET_SENT = sa.delete(sent).where(sent.c.at < b("p_before"))

# -- files -----------------------------------------------------------------------------------------------------------------

FILE = sa.select(media).where(media.c.id == b("p_id"))
STORE = insert(media).on_conflict_do_nothing(index_elements=["tenant", "id"])
EXPIRED = sa.select(media.c.id, media.c.file).where(media.c.expires_at < b("p_now")).limit(500)
FORGET_FILES = sa.delete(media).where(media.c.id.in_(b("p_ids", expanding=True)))

# -- the simulator ---------------------------------------------------------------------------------------------------------

SIMULATE = insert(simulated).on_conflict_do_nothing(index_elements=["tenant", "id"])
SIMULATED = (
    sa.select(simulated)
    .where(
        simulated.c.address == b("p_address"), simulated.c.at > b("p_after"), simulated.c.direction == b("p_direction")
    )
    .order_by(simulated.c.at, simulated.c.id)
    .limit(200)
)
SENT_SIMULATED = sa.select(simulated).where(
    simulated.c.id.in_(b("p_ids", expanding=True)), simulated.c.direction == "outbound"
)
UNSAY = sa.delete(simulated).where(simulated.c.id == b("p_id"))
SEEN = sa.update(simulated).where(simulated.c.id == b("p_id")).values(seen=sa.true()).returning(simulated.c.address)
ON_PHONE = (
    sa.select(simulated)
    .where(simulated.c.address == b("p_address"), simulated.c.number == b("p_number"), simulated.c.at <= b("p_before"))
    .order_by(simulated.c.at.desc(), simulated.c.id.desc())
    .limit(b("p_most"))
)
STATES = sa.select(sent.c.provider_id, sent.c.state, sent.c.error).where(
    sent.c.provider_id.in_(b("p_ids", expanding=True))
)
PHONES = sa.select(simulated.c.address, simulated.c.number, sa.func.max(simulated.c.at).label("at")).group_by(
    simulated.c.address, simulated.c.number
).order_by(sa.func.max(simulated.c.at).desc()).limit(200)  # fmt: skip
NAMES = (
    sa.select(simulated.c.address, simulated.c.name)
    .where(simulated.c.direction == "inbound", simulated.c.name != "")
    .order_by(simulated.c.at.desc())
    .limit(2000)
)
CHAT = sa.select(chat).where(chat.c.address == b("p_address"), chat.c.number == b("p_number"))
