"""A channel whose provider speaks plain JSON over HTTP: what the crash tests drive and the benchmarks measure."""

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks

plugin = Plugin("postman", hooks=TenantHooks, process=ProcessHooks, config=Config, channels=("postman",))
