"""Links to a document's text: good for one version of one document, for a while; a citation adds its span."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote

from .errors import BadLink


def sign(secret: str, tenant: str, document: str, version: int, until: int) -> str:
    """The signature over everything that a link names."""
    told = f"rag-link\n{tenant}\n{document}\n{version}\n{until}"
    return hmac.new(secret.encode(), told.encode(), hashlib.sha256).hexdigest()[:40]


def link(secret: str, tenant: str, document: str, version: int, until: int) -> str:
    """The path of the page that shows the document, relative to the server; `start` and `end` mark a span of it."""
    signature = sign(secret, tenant, document, version, until)
    path = f"/t/{quote(tenant)}/rag/documents/{quote(document)}/text"
    return f"{path}?version={version}&until={until}&signature={signature}"


def check(secret: str, tenant: str, document: str, version: int, until: int, signature: str, now: float) -> None:
    """Raise `BadLink` unless the link is ours and still good."""
    expected = sign(secret, tenant, document, version, until)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise BadLink("the link's signature does not fit it; ask again for a fresh one", "signature")
    if now > until:
        raise BadLink("the link is no longer good; ask again for a fresh one", "until")
