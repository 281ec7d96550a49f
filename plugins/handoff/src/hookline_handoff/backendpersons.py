"""Who acts at the other desk: a member of our staff, where their account is known, else somebody of that desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .backendwork import WORKER
from .records import Actor

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_NAMES = ("full_name", "name", "friendly_name")


async def worker(tenant: Tenant, ident: str, name: str = "", attributes: str = "") -> Actor:
    """The actor behind a worker: by `staff` (an account's id) or `email` in their attributes, a JSON text."""
    about = _decoded(attributes)
    for account in await tenant.staff.list() if about.get("staff") or about.get("email") else ():
        if account.active and (
            account.id == about.get("staff") or account.email == str(about.get("email", "")).lower()
        ):
            return Actor(account.id, account.shown_name, account.role)
    shown = next((str(about[key]) for key in _NAMES if about.get(key)), "") or name or ident
    return Actor(f"{WORKER}{ident}", shown, "agent", "worker")


def _decoded(attributes: str) -> Mapping[str, Any]:
    try:
        found = json.loads(attributes or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
