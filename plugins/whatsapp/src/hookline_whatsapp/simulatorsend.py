"""Sends to nobody: what would go to Meta is kept, for the simulator's page to show."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from . import metasend, simulatorfiles
from . import statements as sql
from .parts import Abilities, Part
from .simulator import changed

if TYPE_CHECKING:
    from hookline.fetch import Fetched
    from hookline.tenant import Tenant

    from .config import Number
    from .incoming import MediaRef

_ABILITIES = Abilities(relative=True)


def abilities(tenant: Tenant) -> Abilities:
    """Text, choices and files."""
    return _ABILITIES


async def ready(tenant: Tenant) -> None:
    """Nothing has to be loaded."""


def lacks(tenant: Tenant) -> tuple[str, ...]:
    """It needs nothing."""
    return ()


async def send(tenant: Tenant, number: Number, address: str, part: Part, tag: str) -> str:
    """Keep it; sent twice, it is there once."""
    ident = f"wamid.SIM{hashlib.sha256(tag.encode()).hexdigest()[:24]}"
    payload = {**metasend.payload(address, part), "biz_opaque_callback_data": tag}
    row = {
        "id": ident,
        "address": address,
        "number": number.id,
        "payload": payload,
        "at": tenant.clock.now(),
        "direction": "outbound",
        "name": "",
        "seen": False,
    }
    await tenant.db.write((sql.SIMULATE, row))
    changed(tenant, address)
    return ident


async def seen(tenant: Tenant, number: Number, message: str, *, typing: bool) -> None:
    """Show the blue ticks, and that an answer is being written."""
    (marked,) = await tenant.db.write((sql.SEEN, {"p_id": message}))
    for row in marked.rows:
        changed(tenant, row.address)
        if typing:
            changed(tenant, row.address, "typing", message=message)


async def fetch(tenant: Tenant, media: MediaRef) -> Fetched:
    """The file that was put on the phone."""
    return await simulatorfiles.fetch(tenant, media)
