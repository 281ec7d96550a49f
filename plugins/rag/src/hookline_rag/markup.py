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
from .grid import Grid, Span, write_grid
from .outline import Outline, Writer

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_FRONT_MATTER = regex.compile(r"\A---\n(.*?)\n---\n", flags=regex.DOTALL)
_FIELD = regex.compile(r"^([A-Za-z_]+):\s*(.+)$", flags=regex.MULTILINE)
_QUOTES = "\"'"
_DIALLED = regex.compile(r"[0-9]{2,3}|[0-9*#]*#[0-9*#]*")


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
    children = token.children or []
    for at, child in enumerate(children):
        if child.type in ("em_open", "em_close") and child.markup == "*":
            inner = children[at + 1 if child.type == "em_open" else at - 1]
            if _DIALLED.fullmatch(inner.content):  # "dial *104*" is no emphasis
                parts.append("*")
        elif child.type in ("text", "code_inline"):
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
    ["p", "div", "td", "th", "caption", "section", "article", "main", "header", "blockquote", "ul", "ol", "dl", "dt", "dd", "li", "table",
     "figure", "figcaption", "details", "summary", "address", "body", "html", "hr", "pre", "center", *_HEADINGS]
)  # fmt: skip


def read_html(name: str, text: str, *, main: bool = False) -> list[Outline]:
    """One document; scripts, navigation and forms are left out, with `main` all but what the page is about.

    Raises `BrokenDocument` where there is no HTML to read.
    """
    try:
        # The declaration's encoding is history: the text is decoded already.
        root = lxml.html.document_fromstring(regex.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (lxml.etree.ParserError, ValueError, lxml.etree.XMLSyntaxError) as error:
        raise BrokenDocument(
            name, f"can't be read as HTML ({error})", "open it in a browser and save it again"
        ) from None
    body = root.find(".//body")
    writer = (main_content(root, text) if main else None) or Writer()
    if not writer.blocks:
        _walk(body if body is not None else root, writer, "paragraph")
    titles = [*root.xpath("//head/title"), *root.xpath("//h1")]
    title = next((words for words in (node.text_content().strip() for node in titles) if words), "")
    meta: dict[str, Any] = {}
    language = root.get("lang")
    if language:
        meta["language"] = language
    return [writer.outline(title, meta)]


_SHORT = 1_000  # characters
_ENOUGH = 0.3  # of the page's text in paragraphs and rows that what was found of it must hold


def main_content(root: Any, text: str) -> Writer | None:
    """What a web page is about, without what stands on every page of its site; None where that can't be told.

    trafilatura finds it, made for articles; where it leaves out most of a page (a list of prices, of questions), the
    page is taken whole.
    """
    whole = Writer()
    body = root.find(".//body")
    _walk(body if body is not None else root, whole, "paragraph")
    if len(whole) < _SHORT:
        return whole  # too little to tell by
    import trafilatura

    found = trafilatura.extract(
        text, output_format="html", include_comments=False, include_tables=True, include_formatting=False,
        favor_recall=True, deduplicate=False,
    )  # fmt: skip
    if not found:
        return None
    writer = Writer()
    _walk_fragment(found, writer)
    long = sum(
        block.end - block.start for block in whole.blocks if block.kind != "heading" and block.end - block.start > 40
    )
    return writer if len(writer) >= _ENOUGH * long else None


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
            if tag == "table" and not _is_layout(node):
                _html_table(node, writer)
                continue
            if tag == "dl" and _definitions(node, writer):
                continue
            if tag == "details" and _details(node, writer):
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


def _definitions(node: Any, writer: Writer) -> bool:
    """A list of terms with what they mean, or of questions with answers; False where it is none."""
    pairs: list[tuple[str, list[str]]] = []
    for item in node.iter("dt", "dd"):
        words = "".join(_cell_text(item)).strip()
        if item.tag == "dt":
            pairs.append((" ".join(words.split()), []))
        elif pairs:
            pairs[-1][1].append(words)
    if not any(told for _, told in pairs) or node.xpath(".//table | .//dd//dl"):
        return False
    for term, told in pairs:
        if term.endswith(("?", "？", "؟")):
            writer.record(term, "\n".join(told))
        else:
            writer.row([term.rstrip(" :")], [" ".join(told)])
    return True


def _details(node: Any, writer: Writer) -> bool:
    """What a page unfolds under a question; False where it is more than an answer."""
    summary = node.find("summary")
    if summary is None or node.xpath(".//table | .//details | .//h1 | .//h2 | .//h3 | .//pre"):
        return False
    question = " ".join("".join(_cell_text(summary)).split())
    answer = "".join(_cell_text(node, summary)).strip()
    if not question or not answer or len(answer) > _LONGEST_ANSWER:
        return False
    writer.record(question, answer)
    return True


_LONGEST_ANSWER = 5_000
_MOST_SPAN = 1_000


def _is_layout(table: Any) -> bool:
    """Whether a table lays out a page instead of holding data: what is in its cells is then read as any other text."""
    if table.get("role") in ("presentation", "none"):
        return True
    return bool(
        table.xpath("boolean(.//table or .//td[count(.//p) > 1] or .//td//*[self::h1 or self::h2 or self::h3])")
    )


def _html_table(table: Any, writer: Writer) -> None:
    """A table of data row by row."""
    caption = table.find("caption")
    if caption is not None:
        writer.add("paragraph", caption.text_content())
    rows, spans, heads = _html_grid(table)
    if not rows:
        return
    header = True if heads and len(rows) > 1 else None
    if header is None and len(rows[0]) == 2 and all(one == 1 for one in _heads_left(table)):
        header = False  # each row is named by its first cell
    write_grid(writer, Grid(rows, spans), level=6, header=header)


def _heads_left(table: Any) -> list[int]:
    return [sum(cell.tag == "th" for cell in row) for row in table.iter("tr")] or [0]


def _html_grid(table: Any) -> tuple[list[list[str]], list[Span], bool]:
    """The cells by row and column, those over several ones as spans; whether the first row is a header."""
    rows: list[list[str]] = []
    spans: list[Span] = []
    taken: dict[tuple[int, int], str] = {}
    heads = False
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        at = len(rows)
        found: list[str] = []
        for cell in cells:
            while (at, len(found)) in taken:
                found.append(taken[at, len(found)])
            down, right = _int(cell.get("rowspan")), _int(cell.get("colspan"))
            words = " ".join("".join(_cell_text(cell)).split())
            for below in range(1, down):
                for beside in range(right):
                    taken[at + below, len(found) + beside] = "" if beside else words
            if right > 1:
                spans.append((at, len(found), at, len(found) + right - 1))
            found += [words, *[""] * (right - 1)]
        while (at, len(found)) in taken:
            found.append(taken[at, len(found)])
        if not rows:
            heads = bool(cells) and (all(cell.tag == "th" for cell in cells) or row.getparent().tag == "thead")
        if any(found) or not rows:
            rows.append(found)
    rows = rows if rows and any(rows[0]) else rows[1:]
    width = max((len(row) for row in rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows], spans, heads


def _int(told: str | None) -> int:
    return max(1, min(int(told), _MOST_SPAN)) if told is not None and told.isdecimal() else 1


def _cell_text(cell: Any, without: Any = None) -> Iterator[str]:
    """The words of an element, an end of a line where a block ends; scripts and styles are left out, and `without`."""
    out = 0
    for event, node in lxml.etree.iterwalk(cell, events=("start", "end", "comment", "pi")):
        skipped = node is without or node.tag in ("script", "style", "template")
        if event == "start":
            out += skipped
            if not out:
                yield "\n" if node.tag in _BLOCKS or node.tag == "br" else ""
                yield _SPACE.sub(" ", node.text or "")
            continue
        out -= skipped and event == "end"
        if node is not cell and not out:
            yield "\n" if node.tag in _BLOCKS else ""
            yield _SPACE.sub(" ", node.tail or "")


_SPACE = regex.compile(r"\s+")
