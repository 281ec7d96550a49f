"""Text as it is said: without the marks of Markdown, addresses, footnotes and pictures that a voice would spell out."""

from __future__ import annotations

import unicodedata

import regex

_LINK = regex.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_FOOTNOTE = regex.compile(r"\s?\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_ADDRESS = regex.compile(r"(?:https?://|www\.)([^\s/?#<>()]+)[^\s<>()]*")
_FENCE = regex.compile(r"```.*?(?:```|$)", regex.DOTALL)
_BULLET = regex.compile(r"^\s*(?:[-*+•]|#{1,6}|>+)\s+", regex.MULTILINE)
_RULE = regex.compile(r"^\s*(?:[-*_=]\s*){3,}$", regex.MULTILINE)
_TABLE = regex.compile(r"^\s*\|?[\s:|-]+\|[\s:|-]*$", regex.MULTILINE)
_EMPHASIS = regex.compile(r"(?<![\w*_~`])([*_~`]{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])", regex.DOTALL)
_PICTURES = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}--[0-9#*]]",
    regex.V1,
)
_ENDS = ".!?:;,…।॥"


def speakable(text: str) -> str:
    """The text for a voice: each line that ends without a stop gets one."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    for pattern, instead in (
        (_FENCE, " "), (_LINK, r"\1"), (_FOOTNOTE, ""), (_ADDRESS, r"\1"), (_RULE, ""), (_TABLE, ""), (_BULLET, ""),
        (_EMPHASIS, r"\2"), (_EMPHASIS, r"\2"), (_PICTURES, ""),
    ):  # fmt: skip
        text = pattern.sub(instead, text)
    lines = [" ".join(line.replace("|", ", ").split()).strip(" ,") for line in text.split("\n")]
    return " ".join(line if line[-1] in _ENDS else f"{line}." for line in lines if any(c.isalnum() for c in line))
