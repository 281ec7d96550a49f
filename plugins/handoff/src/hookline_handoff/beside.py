"""What the inbox and a thread show beside a handoff: what was promised, and the conversation's tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from .notes import tags_of
from .promises import Promises

if TYPE_CHECKING:
    from hookline.tenant import Tenant


@attrs.frozen
class Beside:
    """`sla` by handoff (a `SlaView`), `tags` by conversation; what there is nothing for is left out."""

    sla: Mapping[str, Mapping[str, Any]]
    tags: Mapping[str, Sequence[str]]


async def beside(tenant: Tenant, handoffs: Collection[str], conversations: Collection[str]) -> Beside:
    """The promises of these handoffs and the tags of these conversations."""
    views = await Promises(tenant).views(handoffs)
    sla = {ident: msgspec.to_builtins(view) for ident, view in views.items()}
    return Beside(sla, await tags_of(tenant, list(conversations)))
