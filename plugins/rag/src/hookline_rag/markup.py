"""Markdown and HTML to outlines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.etree
import lxml.html
import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .errors import BrokenDocument
from .outline import Outline, Writer

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_FRONT_MATTER = regex.compile(r"\A---\n(.*?)\n---\n", flags=regex.DOTALL)
_FIELD = regex.compile(r"^([A-Za-z_]+):\s*(.+)$", flags=regex.MULTILINE)
_QUOTES = "\"'"


def read_markdown(name: str, text: str) -> list[Outline]:
    """One document; its title is the front matter's or the first heading."""
    meta: dict[str, Any] = {}
    front = _FRONT_MATTER.match(text)
    if front:
        meta = {key.lower(): value.strip().strip(_QUOTES) for key, value in _FIELD.findall(front.group(1))}
        text = text[front.end() :]
    writer = Writer()
    title = str(meta.pop("title", ""))
    tokens = _MARKDOWN.parse(text)
    at = 0
    depth = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "heading_open":
            line = _plain(tokens[at + 1])
            title = title or line
            writer.add("heading", line, level=int(token.tag[1]))
        elif token.type == "paragraph_open":
            words = _plain(tokens[at + 1])
            writer.add("list" if depth else "paragraph", f"- {words}" if depth else words)
        elif token.type in ("fence", "code_block"):
            writer.add("code", token.content)
        elif token.type == "html_block":
            _walk_fragment(token.content, writer)
        elif token.type == "table_open":
            at = _markdown_table(tokens, at, writer)
        at += 1
    return [writer.outline(title, meta)]


def _plain(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts)


def _markdown_table(tokens: list[Token], at: int, writer: Writer) -> int:
    header: list[str] = []
    row: list[str] = []
    while tokens[at].type != "table_close":
        kind = tokens[at].type
        if kind == "tr_open":
            row = []
        elif kind == "inline":
            row.append(_plain(tokens[at]))
        elif kind == "tr_close":
            if header:
                writer.row(header, row)
            else:
                header = row
        at += 1
    return at


_SKIP = frozenset(["script", "style", "noscript", "template", "nav", "footer", "aside", "form", "svg", "iframe", "head",
                   "button", "select", "option", "object", "video", "audio", "canvas"])  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    ["p", "div", "section", "article", "main", "header", "blockquote", "ul", "ol", "dl", "dt", "dd", "li", "table",
     "figure", "figcaption", "details", "summary", "address", "body", "html", "hr", "pre", "center", *_HEADINGS]
)  # fmt: skip


def read_html(name: str, text: str) -> list[Outline]:
    """One document; scripts, navigation and forms are left out.

    Raises `BrokenDocument` where there is no HTML to read.
    """
    try:
        # The declaration's encoding is history: the text is decoded already.
        root = lxml.html.document_fromstring(regex.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (lxml.etree.ParserError, ValueError, lxml.etree.XMLSyntaxError) as error:
        raise BrokenDocument(
            name, f"can't be read as HTML ({error})", "open it in a browser and save it again"
        ) from None
    writer = Writer()
    body = root.find(".//body")
    _walk(body if body is not None else root, writer, "paragraph")
    titles = [*root.xpath("//head/title"), *root.xpath("//h1")]
    title = next((words for words in (node.text_content().strip() for node in titles) if words), "")
    meta: dict[str, Any] = {}
    language = root.get("lang")
    if language:
        meta["language"] = language
    return [writer.outline(title, meta)]


def _walk_fragment(html: str, writer: Writer) -> None:
    try:
        nodes = lxml.html.fragments_fromstring(html, no_leading_text=False)
    except (lxml.etree.ParserError, ValueError):
        return
    for node in nodes:
        if isinstance(node, str):
            writer.add("paragraph", node)
        else:
            _walk(node, writer, "paragraph")


def _walk(root: Any, writer: Writer, kind: Any) -> None:
    """Write the blocks under an element.  An explicit stack: hostile HTML nests thousands deep."""
    line: list[str] = []

    def flush(kind: Any, level: int = 0) -> None:
        words = "".join(line)
        line.clear()
        if words.strip():
            writer.add(kind, f"- {words.strip()}" if kind == "list" else words, level=level)

    stack: list[tuple[str, Any, Any]] = [("open", root, kind)]
    while stack:
        step, node, kind = stack.pop()
        if step == "text":
            line.append(regex.sub(r"\s+", " ", node))
        elif step == "close":
            flush("heading" if node in _HEADINGS else kind, _HEADINGS.get(node, 0))
        elif isinstance(node.tag, str):
            tag = node.tag.lower()
            if tag in _SKIP or node.get("hidden") is not None or node.get("aria-hidden") == "true":
                continue
            if tag == "br":
                line.append("\n")
                continue
            if tag in _BLOCKS:
                flush(kind)
            if tag == "table":
                _html_table(node, writer)
                continue
            if tag == "pre":
                writer.add("code", node.text_content())
                continue
            inner = "list" if tag == "li" else kind
            if tag in _BLOCKS:
                stack.append(("close", tag, inner))
            stack.extend(reversed(list(_inside(node, inner))))
    flush(kind)


def _inside(node: Any, kind: Any) -> Iterator[tuple[str, Any, Any]]:
    if node.text:
        yield "text", node.text, kind
    for child in node:
        yield "open", child, kind
        if child.tail:
            yield "text", child.tail, kind


def _html_table(table: Any, writer: Writer) -> None:
    header: list[str] = []
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        values = [" ".join(cell.text_content().split()) for cell in cells]
        if not any(values):
            continue
        if not header and (all(cell.tag == "th" for cell in cells) or row.getparent().tag == "thead"):
            header = values
        elif header:
            writer.row(header, values)
        elif len(values) == 2:
            writer.row([values[0]], [values[1]])
        else:
            writer.add("row", "; ".join(value for value in values if value))
