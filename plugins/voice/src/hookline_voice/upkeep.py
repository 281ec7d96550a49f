"""Removing sound that is kept too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sounds import Sounds

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

UPKEEP = "upkeep"
LANE = "voice:upkeep"
_FIRST, _EVERY = 60.0, 3600.0


async def begin(tenant: Tenant) -> None:
    """Have it done soon."""
    await tenant.set_timer(UPKEEP, _FIRST, lane=LANE, key=UPKEEP)


async def ring(tenant: Tenant, turn: Turn) -> None:
    """Remove old sound, and come again."""
    turn.timer(UPKEEP, _EVERY, lane=LANE, key=UPKEEP)
    if removed := await Sounds(tenant).purge():
        tenant.log.info("sound removed whose time was up", sounds=removed)
