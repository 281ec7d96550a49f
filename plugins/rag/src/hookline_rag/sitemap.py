"""Sitemaps (sitemaps.org): the pages that a site names itself, also packed ones and maps of maps."""

from __future__ import annotations

import io
import zlib

import attrs
import lxml.etree

_MOST_BYTES = 50 * 2**20  # as the protocol allows
_MOST_ENTRIES = 50_000
_LONGEST = 2_000


@attrs.frozen
class Sitemap:
    """`pages` and further `maps` that it names, in its order."""

    pages: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()


def parse(data: bytes) -> Sitemap:
    """What a sitemap names: XML, its packed form, or a plain list of lines; nothing where it is none."""
    data = _unpacked(data)
    if not data.lstrip().startswith(b"<"):
        lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
        return Sitemap(tuple(line for line in lines if line.startswith(("http://", "https://")))[:_MOST_ENTRIES])
    pages: list[str] = []
    maps: list[str] = []
    try:
        found = lxml.etree.iterparse(
            io.BytesIO(data), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False,
        )  # fmt: skip
        for _, node in found:
            tag = lxml.etree.QName(node).localname if isinstance(node.tag, str) else ""
            if tag == "loc" and node.getparent() is not None and len(pages) + len(maps) < _MOST_ENTRIES:
                parent = lxml.etree.QName(node.getparent()).localname
                words = (node.text or "").strip()[:_LONGEST]
                if parent == "url":
                    pages.append(words)
                elif parent == "sitemap":
                    maps.append(words)
            elif tag in ("url", "sitemap"):
                node.clear()
    except (lxml.etree.LxmlError, ValueError):
        pass  # what came before the damage counts
    return Sitemap(tuple(filter(None, pages)), tuple(filter(None, maps)))


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""
