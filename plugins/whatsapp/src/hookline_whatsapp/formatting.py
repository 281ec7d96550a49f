"""The core's Markdown as WhatsApp writes it: *bold*, _italic_, ~struck~, `code`, lists; links as text with their address."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_CITED = re.compile(r"[ \t]*\[(\d{1,3})\]")
_MARKS = {"strong": "*", "em": "_", "s": "~"}


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Indented lines are no code in a chat, nor is a line with === below a heading.
    parser = MarkdownIt("commonmark", {"html": False})
    return parser.enable(["table", "strikethrough"]).disable(
        ["code", "lheading", "reference", "html_block", "html_inline"]
    )


def whatsapp_text(text: str, citations: int = 0) -> str:
    """The text as it is shown on WhatsApp, without the marks of its citations, which lead nowhere there."""
    if citations:
        text = _CITED.sub(lambda found: "" if 1 <= int(found[1]) <= citations else found[0], text)
    if not any(mark in text for mark in "*_~`[#>|\\&-+") and "1." not in text:
        return text.strip()
    return _blocks(_parser().parse(text)).strip()


def _blocks(tokens: Sequence[Token]) -> str:
    """The blocks in their order, a blank line between them; a list keeps close to the line that it follows."""
    lines: list[str] = []
    numbers: list[int | None] = []  # of the lists that are open: the next number, None where there are bullets
    cells: list[str] = []
    mark, quoted, before, ended = "", 0, "", -1
    for token in tokens:
        if token.map and not numbers:
            if token.type.endswith("list_open") and token.map[0] == ended and lines and not lines[-1]:
                lines.pop()
            ended = token.map[1] if token.type in ("paragraph_open", "heading_open", "inline") else -1
        match token.type:
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
                lines += [] if numbers else [""]
            case "list_item_open":
                mark, numbers[-1] = _mark(numbers)
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "fence":
                lines += [f"```{token.content.strip()}```", ""]
            case "tr_open":
                cells = []
            case "tr_close":
                lines.append(" | ".join(cells))
            case "table_close":
                lines.append("")
            case "inline" if before in ("td_open", "th_open"):
                cells.append(_inline(token.children or []))
            case "inline":
                told = _inline(token.children or [])
                told = f"*{told}*" if before == "heading_open" and told and "*" not in told else told
                first, *more = told.split("\n")
                quote = "> " if quoted else ""
                lines += [f"{quote}{mark}{first}", *(f"{quote}{' ' * len(mark)}{line}" for line in more)]
                lines += [] if numbers else [""]
                mark = ""
        before = token.type
    return "\n".join(lines)


def _mark(numbers: Sequence[int | None]) -> tuple[str, int | None]:
    """What stands before an item of the innermost list, and the number after it."""
    indent, number = "  " * (len(numbers) - 1), numbers[-1]
    return (f"{indent}- ", None) if number is None else (f"{indent}{number}. ", number + 1)


def _inline(tokens: Sequence[Token]) -> str:
    told: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _MARKS:
            told.append(_MARKS[name])
        elif token.type in ("softbreak", "hardbreak"):
            told.append("\n")
        elif token.type == "code_inline":
            told.append(f"`{token.content}`")
        elif token.type == "link_open":
            links.append((str(token.attrs.get("href", "")), len(told)))
        elif token.type == "link_close":
            href, begun = links.pop()
            shown = "".join(told[begun:])
            told[begun:] = [shown if href.removeprefix("mailto:") in (shown, "") else f"{shown} ({href})"]
        elif token.type == "image":
            told.append(f"{token.content} ({token.attrs.get('src', '')})".strip())
        else:
            told.append(token.content)
    return "".join(told)
