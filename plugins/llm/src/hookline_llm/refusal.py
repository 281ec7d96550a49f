"""What goes wrong at a provider, in words of ours.

A provider's own error text is never passed on: some repeat the customer's message or a part of the key.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping

from hookline.errors import ServiceUnavailable

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_CODE = re.compile(r"[a-z0-9_.-]{1,60}")
_MEANING = {
    401: "does not accept the key",
    403: "does not allow this key to use the model",
    408: "gave up waiting",
    429: "has had too many requests",
    500: "had an error of its own",
    503: "is overloaded or starting",
}


class ModelFailed(ServiceUnavailable):
    """A provider did not answer, or stopped in mid-answer.

    `again`: a second try may help; `wait`: seconds after which it asked to be tried; `blame`: whether it is the
    provider's fault, rather than that of this one prompt.
    """

    def __init__(
        self, provider: str, reason: str, *, again: bool = False, wait: float = 0.0, blame: bool = True
    ) -> None:
        super().__init__(f"model provider {provider!r} {reason}")
        self.provider = provider
        self.reason = reason
        self.again = again
        self.wait = wait
        self.blame = blame


def refused(provider: str, model: str, status: int, headers: Mapping[str, str], code: object = None) -> ModelFailed:
    """The failure that an HTTP status means."""
    if status == 404:
        said = f"has no model {model!r}"
    else:
        said = _MEANING.get(status, "refuses the request" if status < 500 else "is out of order")
    named = f", {code}" if isinstance(code, str) and _CODE.fullmatch(code) else ""
    wait = retry_after(headers.get("retry-after", ""))
    return ModelFailed(
        provider, f"{said} (HTTP {status}{named})", again=status in _AGAIN, wait=wait, blame=status != 400
    )


def retry_after(value: str) -> float:
    """The seconds that a Retry-After header means, as a number or a date (RFC 9110, 10.2.3); 0 for none."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return 0.0
    return min(max(seconds, 0.0), 86400.0) if math.isfinite(seconds) else 0.0
