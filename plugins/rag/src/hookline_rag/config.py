"""`[plugins.rag]` in tenant.toml."""

from __future__ import annotations

from typing import Annotated

import attrs
import msgspec

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[int, msgspec.Meta(gt=0)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


@attrs.frozen
class Config:
    """How documents are read, found and quoted.

    embedder         the name of the embedder (see the plugin embeddings); "" searches by words alone
    namespace        where documents are put, and looked for, unless told otherwise
    dense_weight     how much vectors count beside words, where the embedder reads the question's language
    passages         how many passages a question gets at most
    context_chars    how many characters the passages of a question have at most, together
    min_confidence   below it the bot says that it does not know
    chunk_tokens     the longest chunk, in tokens
    max_file_bytes   the largest file
    parse_seconds    how long reading one file may take
    wait_seconds     how long a request that brings documents waits until they are live
    link_seconds     how long the links of citations are good
    """

    embedder: str = "default"
    namespace: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = "default"
    dense_weight: Share = 0.6
    passages: Positive = 6
    context_chars: Positive = 2000
    min_confidence: Share = 0.5
    chunk_tokens: Annotated[int, msgspec.Meta(ge=20, le=2000)] = 200
    max_file_bytes: Positive = 20 * 2**20
    parse_seconds: Seconds = 60.0
    wait_seconds: Seconds = 30.0
    link_seconds: Seconds = 30 * 86400.0
