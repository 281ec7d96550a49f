"""URLs of web pages: one way to write each, and which of them belong to a site."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import attrs
from yarl import URL

_TRACKING = re.compile(
    r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_ga|_gl|igshid|yclid|dclid|sessionid|phpsessid|jsessionid", re.IGNORECASE
)
_LONGEST = 2_000
_PATH_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def canonical(address: str, base: str = "") -> str:
    """The URL in the one form by which its page is known, "" for what is no http(s) URL.

    Host in small letters, no default port, fragment, session or tracking parameter; the others sorted.
    """
    try:
        found = URL(address.strip())
        if base:
            found = URL(base).join(found)
        if found.scheme not in ("http", "https") or not found.host or found.user is not None:
            return ""
        query = sorted(
            (name, value)
            for name, value in parse_qsl(found.raw_query_string, keep_blank_values=True)
            if not _TRACKING.fullmatch(name)
        )
        path = _PATH_SESSION.sub("", found.raw_path) or "/"
        told = found.with_path(path, encoded=True).with_fragment(None)
        told = URL(f"{told.with_query(None)!s}?{urlencode(query)}", encoded=True) if query else told.with_query(None)
    except (ValueError, UnicodeError):
        return ""
    text = str(told)
    return text if len(text) <= _LONGEST else ""


@attrs.frozen
class Scope:
    """What belongs to a site: the same host and port (with or without "www."), below the folder of its first page."""

    host: str
    folder: str

    @classmethod
    def of(cls, address: str) -> Scope:
        """The site that begins at a page."""
        found = URL(address)
        return cls(_host(found), found.raw_path.rpartition("/")[0] + "/")

    def holds(self, address: str) -> bool:
        """Whether a page belongs to it."""
        found = URL(address)
        return _host(found) == self.host and (found.raw_path + "/").startswith(self.folder)

    def same_host(self, address: str) -> bool:
        """Whether a page is of the same host, wherever on it."""
        return _host(URL(address)) == self.host


def _host(address: URL) -> str:
    port = "" if address.is_default_port() else f":{address.port}"
    return (address.raw_host or "").lower().removeprefix("www.") + port
