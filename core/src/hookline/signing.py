"""Webhooks of our own, signed as standardwebhooks.com says: receivers check them with the libraries that are there.

What is signed is `id.timestamp.body`, with HMAC-SHA256.  A secret that begins with `whsec_` is base64 after it; any
other is taken as it stands.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from .problems import Problem

TOLERANCE = 300.0
"""Seconds by which a timestamp may be off, either way."""
_PREFIX = "whsec_"


def signed_headers(secret: str, ident: str, body: bytes, now: float) -> dict[str, str]:
    """The headers of a request with the body; `ident` is the same at each try, so that the receiver can tell a repeat."""
    timestamp = str(int(now))
    return {
        "webhook-id": ident,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_signature(secret, ident, timestamp, body)}",
    }


def check_signature(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The request's id if its signature is good and its timestamp near `now`.

    Raises `Problem`: 503 without a secret of ours, 401 for a request that is not signed, or not so.
    """
    if not secret:
        raise Problem(503, "no secret is configured to check this request by")
    ident, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (ident and timestamp and given):
        raise Problem(401, "the request is not signed: webhook-id, webhook-timestamp and webhook-signature are needed")
    expected = _signature(secret, ident, timestamp, body).encode()
    found = [one.partition(",")[2].encode() for one in given.split() if one.startswith("v1,")]
    if not any(hmac.compare_digest(expected, one) for one in found):
        raise Problem(401, "the signature does not fit the request")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE:
        raise Problem(401, f"webhook-timestamp is more than {TOLERANCE:g} seconds off")
    return ident


def _signature(secret: str, ident: str, timestamp: str, body: bytes) -> str:
    key = secret.encode()
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret[len(_PREFIX) :] + "==")
        except binascii.Error:
            key = secret.encode()
    told = f"{ident}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode()
