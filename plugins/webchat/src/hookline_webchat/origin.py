"""Which pages may call: those of the tenant itself, and those that `cors.allow_origins` names."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from hookline.settings import Settings


def may_call(request: web.Request, settings: Settings, origin: str) -> bool:
    """Whether a page of that origin may talk to the tenant by Socket.IO; no origin is no page."""
    if not origin or "*" in settings.cors.allow_origins or origin in settings.cors.allow_origins:
        return True
    netloc = urlsplit(origin).netloc.lower()
    own = urlsplit(settings.public_url).netloc.lower()
    return bool(netloc) and netloc in (request.headers.get(hdrs.HOST, "").lower(), own)
