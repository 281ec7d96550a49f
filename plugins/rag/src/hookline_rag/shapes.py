"""The bodies of requests as the API page shows them; `bodies` reads them, and says what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence

import attrs


@attrs.frozen
class AboutBody:
    """What is said about a document: dates as 2026-12-31 or with a time, `refresh_seconds` as a number."""

    tags: Sequence[str] = ()
    owner: str = ""
    valid_from: str | None = None
    valid_until: str | None = None
    refresh_seconds: float | None = None


@attrs.frozen
class ChangeBody(AboutBody):
    """What is to be set on a document; what is left out stays."""

    namespace: str = ""


@attrs.frozen
class DocumentBody(AboutBody):
    """A document as text; the same `id`, or without one the same `title`, is the same document.

    Any other field becomes its metadata.
    """

    content: str = attrs.field(kw_only=True)
    title: str = ""
    id: str = ""
    category: str = ""


@attrs.frozen
class DocumentsBody:
    """Documents as text."""

    documents: Sequence[DocumentBody]
    namespace: str = ""


@attrs.frozen
class SearchBody:
    """A question for the index itself."""

    text: str
    language: str = ""
    namespace: str = ""


@attrs.frozen
class RestoreBody:
    """Which version comes back."""

    version: int


@attrs.frozen
class RunBody:
    """A web page with what it leads to, or without `url` the tenant's own folders."""

    url: str = ""
    depth: int = 0
    pages: int = 0
    namespace: str = ""


@attrs.frozen
class RefreshBody:
    """`force` reads all again that came from somewhere, also what is not stale."""

    force: bool = False


@attrs.frozen
class NamespaceBody:
    """Where documents go; "" is where the config says."""

    namespace: str = ""
