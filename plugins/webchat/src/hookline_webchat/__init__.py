"""webchat: the channel of the browser: widget and chat page, WebSocket, server-sent events and Socket.IO."""

from __future__ import annotations

from hookline.plugin import Plugin

from .config import Config
from .hooks import ProcessHooks, TenantHooks
from .service import CHANNEL

plugin = Plugin("webchat", hooks=TenantHooks, config=Config, process=ProcessHooks, channels=(CHANNEL,), in_process=True)
