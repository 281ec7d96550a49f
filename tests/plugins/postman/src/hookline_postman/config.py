"""Where the provider is."""

from __future__ import annotations

import attrs


@attrs.frozen
class Config:
    """`provider` is the URL that replies are POSTed to; `work`: each message also makes a job and a timer."""

    provider: str = ""
    work: bool = False
