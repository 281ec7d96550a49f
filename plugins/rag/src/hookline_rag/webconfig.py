"""`[plugins.rag.web]` in tenant.toml."""

from __future__ import annotations

from typing import Annotated

import attrs
import msgspec

_Seconds = Annotated[float, msgspec.Meta(gt=0)]


@attrs.frozen
class Web:
    """How web pages are fetched, and which site is looked at for questions that no document answers.

    enabled        whether anything is fetched at all
    url            the tenant's own site: looked at when a question is in no document; "" never
    depth, pages   how far that goes from its first page, and how many pages it visits; `pages` also bounds other sites
    ttl_seconds    how long a fetched page is good; after that it is asked for again
    wait_seconds   how long a question waits for the site
    fetch_seconds  how long one page may take
    pause_seconds  the pause between two requests to a site; its robots.txt may ask for more
    allowed_hosts  hosts and networks that may be reached though they are not public: "intranet:8080", "10.1.0.0/16"
    """

    enabled: bool = True
    url: str = ""
    depth: Annotated[int, msgspec.Meta(ge=0, le=20)] = 1
    pages: Annotated[int, msgspec.Meta(gt=0, le=100_000)] = 100
    ttl_seconds: _Seconds = 3600.0
    wait_seconds: _Seconds = 8.0
    fetch_seconds: _Seconds = 20.0
    pause_seconds: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.5
    allowed_hosts: tuple[str, ...] = ()
