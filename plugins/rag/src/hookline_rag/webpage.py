"""A fetched page to documents, links and the URL that it gives itself: pure, for the process pool."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import attrs
import lxml.etree
import lxml.html

from .encoding import declared, decode
from .errors import DocumentError
from .extract import FORMATS, format_of, try_extract
from .outline import Outline
from .weburl import canonical

_TYPES = {
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "txt", "text/markdown": "md", "text/csv": "csv",
    "application/json": "json", "application/pdf": "pdf", "message/rfc822": "eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip
TYPES = (*_TYPES, "application/octet-stream", "application/x-pdf", "text/x-markdown")
"""The content types that are taken in."""
_MOST_LINKS = 5_000


@attrs.frozen
class Read:
    """What was on a page: its documents or what is wrong with it, its links, and its own URL for itself ("": none)."""

    documents: list[Outline] | DocumentError
    links: tuple[str, ...] = ()
    canonical: str = ""


def read_page(url: str, data: bytes, told: str, charset: str, most: int, seconds: float) -> Read:
    """Read a page that came from `url` with the content type `told`."""
    path = unquote(urlsplit(url).path)
    kind = _TYPES.get(told, "") or format_of(path if "." in path.rsplit("/", 1)[-1] else "", data)
    if kind == "txt" and format_of(path) in FORMATS and told in ("text/plain", ""):
        kind = format_of(path)
    text = kind in ("html", "txt", "md", "csv", "json")
    documents = try_extract(url, data, most, seconds, kind=kind if text else "", charset=charset, main=kind == "html")
    if kind != "html":
        return Read(documents)
    links, own = _links(url, data, charset)
    return Read(documents, links, own)


def _links(url: str, data: bytes, charset: str) -> tuple[tuple[str, ...], str]:
    try:
        root = lxml.html.document_fromstring(
            decode(url, data, charset=charset or declared(data)).encode(), parser=_parser()
        )
    except (DocumentError, lxml.etree.LxmlError, ValueError):
        return (), ""
    base = next((canonical(one, url) for one in root.xpath("//base/@href")), "") or url
    own = next((canonical(one, url) for one in root.xpath("//link[@rel='canonical']/@href")), "")
    found: dict[str, None] = {}
    for node in root.iter("a", "area"):
        address = node.get("href")
        if address and "nofollow" not in (node.get("rel") or "").split():
            link = canonical(address, base)
            if link:
                found[link] = None
    return tuple(found)[:_MOST_LINKS], own


def _parser() -> lxml.html.HTMLParser:
    return lxml.html.HTMLParser(encoding="utf-8", no_network=True)
