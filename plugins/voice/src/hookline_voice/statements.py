"""The statements on the plugin's table of sound."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from .models import sound

b = sa.bindparam

STORE = insert(sound).on_conflict_do_nothing(index_elements=["tenant", "id"])
ONE = sa.select(sound).where(sound.c.id == b("p_id"))
EXPIRED = sa.select(sound.c.id, sound.c.file).where(sound.c.expires_at < b("p_now")).limit(500)
NAMED = sa.select(sound.c.id).where(sound.c.id.in_(b("p_ids", expanding=True)))
FORGET = sa.delete(sound).where(sound.c.id.in_(b("p_ids", expanding=True)))
CLAIM = (
    sa.update(sound)
    .where(sound.c.id == b("p_id"), sound.c.message.in_(["", b("p_message")]))
    .values(contact=b("p_contact"), conversation=b("p_conversation"), message=b("p_message"), expires_at=b("p_expires"))
)
