"""`[plugins.rag]` in tenant.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import attrs
import msgspec

from .loading import Loader
from .webconfig import Web

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[int, msgspec.Meta(gt=0)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


@attrs.frozen
class Config:
    """How documents are read, found and quoted.

    embedder         the name of the embedder (see the plugin embeddings); "" searches by words alone
    namespace        where documents are put, and looked for, unless told otherwise
    namespaces       what a question is looked for in that no route sends elsewhere; empty: `namespace` alone
    routes           by intent, the namespaces that it is looked for in, the most important first
    route_words      words and phrases by which a question belongs to a route where no intent says so
    tags             where given, only documents with one of them answer
    dense_weight     how much vectors count beside words, where the embedder reads the question's language
    spelling         whether words that no document holds are read as what they may mean: misspelt, in another script
    follow_ups       whether "and in Europe?" is understood from the question before it
    rewrite          the name of the model (see the plugin llm) that writes follow-ups out; "": rules do
    rewrite_seconds  how long the model may take; then rules do
    rerank           a second opinion on the order: "evidence", or the folder of a cross-encoder; "" is none
    rerank_depth     how many passages get the second opinion
    same_share       the share of common words (Jaccard) from which of two passages only the better is kept
    passages         how many passages a question gets at most
    context_chars    how many characters the passages of a question have at most, together
    context_tokens   how many tokens they have at most, estimated; 0: no such limit
    min_confidence   below it the bot says that it does not know
    remember_bytes   how much memory the results of the questions asked last may take; 0: none are remembered
    chunk_tokens     the longest chunk, in tokens
    max_file_bytes   the largest file
    parse_seconds    how long reading one file may take
    keep_versions    how many versions of a document are kept, to be read from old links and to be restored
    refresh_seconds  after how long a document is stale and is read again from where it came; 0: never by itself
    refresh_every    how often it is looked for stale documents
    folders          what `POST /rag/runs` and its like take in when they name nothing: paths in the tenant's folder
    wait_seconds     how long a request that brings documents waits until they are live
    link_seconds     how long the links of citations are good
    web              web pages, see `Web`
    loaders          files of a kind and their namespace, by name, see `Loader`; the first that takes a file counts
    metadata_schema  the file in the tenant's folder that says what metadata is required; "" none
    """

    embedder: str = "default"
    namespace: Name = "default"
    namespaces: tuple[Name, ...] = ()
    routes: Mapping[str, tuple[Name, ...]] = attrs.Factory(dict)
    route_words: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    tags: tuple[str, ...] = ()
    dense_weight: Share = 0.7
    spelling: bool = True
    follow_ups: bool = True
    rewrite: str = ""
    rewrite_seconds: Seconds = 2.0
    rerank: str = ""
    rerank_depth: Positive = 20
    same_share: Share = 0.9
    passages: Positive = 6
    context_chars: Positive = 2000
    context_tokens: Annotated[int, msgspec.Meta(ge=0)] = 0
    min_confidence: Share = 0.5
    remember_bytes: Annotated[int, msgspec.Meta(ge=0)] = 4 * 2**20
    chunk_tokens: Annotated[int, msgspec.Meta(ge=20, le=2000)] = 200
    max_file_bytes: Positive = 20 * 2**20
    parse_seconds: Seconds = 60.0
    keep_versions: Positive = 20
    refresh_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    refresh_every: Seconds = 600.0
    folders: tuple[str, ...] = ("knowledge",)
    wait_seconds: Seconds = 30.0
    link_seconds: Seconds = 30 * 86400.0
    web: Web = attrs.Factory(Web)
    loaders: Mapping[str, Loader] = attrs.Factory(dict)
    metadata_schema: str = ""

    def __attrs_post_init__(self) -> None:
        """Raise `ValueError` for a route that leads nowhere, or words for a route that is not there."""
        for name, namespaces in self.routes.items():
            if not namespaces:
                raise ValueError(f"routes.{name} has no namespace; name one, or leave the route out")
        unknown = [name for name in self.route_words if name not in self.routes]
        if unknown:
            raise ValueError(
                f"route_words names {', '.join(unknown)}, which is no route; routes are {', '.join(self.routes) or 'none'}"
            )

    @property
    def searched(self) -> tuple[str, ...]:
        """The namespaces of a question that no route sends elsewhere."""
        return self.namespaces or (self.namespace,)
