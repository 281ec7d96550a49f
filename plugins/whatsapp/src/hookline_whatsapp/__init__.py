"""whatsapp: the channel WhatsApp, by Meta's Cloud API, Twilio or Gupshup, with a simulator for a machine of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .incoming import CHANNEL
from .models import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookline.examination import Examination, Finding


def examine(about: Examination) -> AsyncIterator[Finding]:
    """The part of `hookline doctor`."""
    from .doctoring import examine as work

    return work(about)


plugin = Plugin(
    "whatsapp",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_whatsapp.migrations",
    channels=(CHANNEL,),
    examine=examine,
)
