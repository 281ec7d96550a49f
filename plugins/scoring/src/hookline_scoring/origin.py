"""Where a customer came from: campaign parameters, the page, the page before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_KEYS = frozenset(
    "utm_source utm_medium utm_campaign utm_term utm_content gclid fbclid msclkid campaign ref referrer referral landing page".split()
)
_PAGES = ("landing", "page", "page_url", "url")
_LONGEST = 500
_UTM = re.compile(r"utm_\w{1,40}")


def origin_of(*told: Mapping[str, Any]) -> dict[str, str]:
    """What these say of it, the first that says something wins: a conversation's data, then a message's.

    Campaign parameters stand under their own names, below `utm`, or in the address of a page.
    """
    found: dict[str, str] = {}
    for data in told:
        for key, value in _flat(data):
            if (key in _KEYS or _UTM.fullmatch(key)) and isinstance(value, str | int | float) and str(value).strip():
                found.setdefault(key, str(value).strip()[:_LONGEST])
        for key in _PAGES:
            if isinstance(data.get(key), str):
                for name, value in _query(data[key]):
                    found.setdefault(name, value[:_LONGEST])
    return found


def _flat(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    pairs = [(str(key).lower(), value) for key, value in data.items()]
    for table in ("utm", "origin", "referral"):
        inner = data.get(table)
        if isinstance(inner, Mapping):
            for key, value in inner.items():
                name = str(key).lower()
                pairs.append((name if table != "utm" or name.startswith("utm_") else f"utm_{name}", value))
    return pairs


def _query(address: str) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(urlsplit(address).query, max_num_fields=100)
    except ValueError:
        return []
    return [(name.lower(), value) for name, value in pairs if name.lower() in _KEYS or _UTM.fullmatch(name.lower())]
