"""What Twilio calls a language, and which voice speaks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookline import formats, languages

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .callsconfig import Calls

_REGIONS = {"en": ("US", "GB", "AU", "IN"), "fr": ("FR", "CA"), "es": ("ES", "MX", "US"), "pt": ("BR", "PT")}
_INDIAN = ("hi", "mr", "gu", "ta", "te", "kn", "bn", "ml", "pa")


def spoken_here(tenant: Tenant) -> tuple[str, ...]:
    """The languages that calls are held in; a language in another's letters, as Hinglish, is spoken as that other."""
    settings, given = tenant.settings, tenant.config.calls.languages
    listed = given or (settings.language, *settings.languages)
    return tuple(dict.fromkeys(tag for tag in listed if given or "-Latn" not in tag))


def nearest(tenant: Tenant, tag: str) -> str:
    """The language of calls that is nearest to the tag; "" where none is."""
    here = spoken_here(tenant)
    near = next((one for one in languages.lineage(tag) if one in here), "")
    return near or next((one for one in here if tag and languages.first(one) == languages.first(tag)), "")


def locale(tenant: Tenant, tag: str) -> str:
    """The language as Twilio names it: "hi-IN"."""
    config: Calls = tenant.config.calls
    first = languages.first(tag) or languages.first(tenant.settings.language)
    known = config.locales.get(tag) or config.locales.get(first)
    if known:
        return known
    if re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}", tag):
        return tag
    if first in _INDIAN:
        return f"{first}-IN"
    regions, here = _REGIONS.get(first, ()), formats.region(tenant.settings)
    if regions:
        return f"{first}-{here if here in regions else regions[0]}"
    return f"{first}-{first.upper()}"


def voice(tenant: Tenant, tag: str) -> str:
    """The voice of the language; "" for Twilio's own choice."""
    config: Calls = tenant.config.calls
    voices = config.voices
    return voices.get(tag) or voices.get(languages.first(tag), "")
