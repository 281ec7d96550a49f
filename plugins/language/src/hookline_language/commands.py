"""What `hookline language` has a server do, or does itself where none runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .choice import Chooser

if TYPE_CHECKING:
    from hookline.plugin import Progress, Router
    from hookline.tenant import Tenant


def register(router: Router) -> None:
    """Add the command."""
    router.command("detect", detect)


async def detect(tenant: Tenant, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """The command `language.detect`: the language of a text, and the one that a new conversation would be held in."""
    chooser = Chooser(tenant.settings.language, tenant.settings.languages, tenant.config)
    text = str(arguments["text"])
    guess = await tenant.compute.run(chooser.detector.detect, text)
    chosen = chooser.choose(text, "", "", {})
    return {**attrs.asdict(guess), "language": chosen.language}
