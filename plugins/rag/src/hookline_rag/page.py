"""The page that shows a document with the cited passage marked: plain HTML, no script, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--text:#1d2126;--soft:#5b6470;--page:#fff;--mark:#ffe58a;--line:#dfe3e8}
@media (prefers-color-scheme:dark){:root{--text:#e8eaed;--soft:#a3abb5;--page:#15181c;--mark:#6b5600;--line:#31363d}}
body{margin:0;background:var(--page);color:var(--text);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Devanagari","Noto Sans Tamil",sans-serif}
main{max-width:44rem;margin:0 auto;padding:24px 16px 64px}
header{border-bottom:1px solid var(--line);margin-bottom:24px}
h1{font-size:1.5rem;margin:0 0 4px;overflow-wrap:anywhere}
p.about{color:var(--soft);margin:0 0 16px;font-size:.875rem;overflow-wrap:anywhere}
article>*{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 16px}
article h2{font-size:1.125rem}
pre{font-size:.875rem}
mark{background:var(--mark);color:inherit;padding:1px 0;border-radius:2px;scroll-margin-top:30vh}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors *"


def page(title: str, source: str, text: str, blocks: Sequence[Sequence[Any]], start: int, end: int) -> str:
    """The page's HTML; `start`..`end` is what is marked."""
    body = []
    marked = False
    for kind, a, b, *_ in blocks:
        tag = "h2" if kind == "heading" else "pre" if kind == "code" else "p"
        inner, marked = _inner(text, a, b, start, end, marked)
        body.append(f"<{tag}>{inner}</{tag}>")
    about = f'<p class="about">{escape(source)}</p>' if source and source != title else ""
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<header><h1>{escape(title)}</h1>{about}</header><article>{''.join(body)}</article></main></body></html>"
    )


def _inner(text: str, a: int, b: int, start: int, end: int, marked: bool) -> tuple[str, bool]:
    low, high = max(a, start), min(b, end)
    if low >= high:
        return escape(text[a:b]), marked
    anchor = "" if marked else ' id="passage" tabindex="-1"'
    return f"{escape(text[a:low])}<mark{anchor}>{escape(text[low:high])}</mark>{escape(text[high:b])}", True
