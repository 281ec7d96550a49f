"""A version's text to the rows of its chunks, each as long as the embedder can take with the heading before it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from .chunk import Chunk, Section, Sizes, chunks, cutting, heading, sections
from .outline import Block
from .script import language_of

if TYPE_CHECKING:
    from hookline.compute import Compute

_IN_PROCESS = 200_000  # characters from which finding the sentences of a text is worth another process
_AT_ONCE = 512  # texts that are counted in one call
_MARKS = 2  # tokens that a model puts at the start and the end of a text

Counter = Callable[[Sequence[str]], Awaitable[Sequence[int]]]


def cut(
    title: str, text: str, blocks: Sequence[Sequence[Any]], max_tokens: int, language: str = ""
) -> list[dict[str, Any]]:
    """A version's chunks as rows, without document and version, by the estimate.  Pure and slow."""
    found = chunks(text, [Block(*block) for block in blocks], max_tokens=max_tokens, title=title)
    return rows(title, text, found, language)


async def cut_counted(
    compute: Compute,
    count: Counter,
    title: str,
    text: str,
    blocks: Sequence[Sequence[Any]],
    *,
    max_tokens: int,
    window: int = 0,
    language: str = "",
) -> list[dict[str, Any]]:
    """As `cut`, with the sizes that `count` tells, in batches; `window` is how many tokens of a text the embedder
    takes, its marks at start and end included (0: any number)."""
    lane = compute.process if len(text) > _IN_PROCESS else compute.batch
    parts = await lane(_parts, text, blocks)
    work = cutting(text, parts, max_tokens=max_tokens, window=max(0, window - _MARKS), title=title)
    wanted, found = await compute.batch(_step, work, None)
    while found is None:
        sizes: list[int] = []
        for at in range(0, len(wanted), _AT_ONCE):
            sizes += await count(wanted[at : at + _AT_ONCE])
        wanted, found = await compute.batch(_step, work, sizes)
    return await compute.batch(rows, title, text, found, language)


def _parts(text: str, blocks: Sequence[Sequence[Any]]) -> list[Section]:
    return sections(text, [Block(*block) for block in blocks])


def _step(work: Sizes, sizes: Sequence[int] | None) -> tuple[list[str], list[Chunk] | None]:
    try:
        return (next(work) if sizes is None else work.send(sizes)), None
    except StopIteration as done:
        return [], done.value


def rows(title: str, text: str, found: Sequence[Chunk], language: str = "") -> list[dict[str, Any]]:
    """Chunks as the store takes them; `language` is that of the document where it is known."""
    own = language or language_of(text)
    told = []
    for one in found:
        body = text[one.start : one.end]
        head = one.head if one.kind == "record" else heading(title, one.head)
        quoted = text[one.answer : one.end]
        told.append(
            {
                "n": one.n, "kind": one.kind, "start": one.start, "end": one.end, "answer": one.answer, "head": head,
                "text": body, "language": language_of(body) or own, "hash": _digest(f"{head}\n{quoted}"),
            }
        )  # fmt: skip
    return told


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
