"""voice: speech written down and spoken, in voice notes and phone calls."""

from __future__ import annotations

from hookline.plugin import Plugin

from .callmodels import metadata  # which adds the tables of calls to those of `models`
from .callprogress import CHANNEL
from .config import Config
from .examine import examine
from .hooks import ProcessHooks, TenantHooks

plugin = Plugin(
    "voice",
    hooks=TenantHooks,
    config=Config,
    process=ProcessHooks,
    metadata=metadata,
    migrations="hookline_voice.migrations",
    channels=(CHANNEL,),
    in_process=True,
    examine=examine,
)
