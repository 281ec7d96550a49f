"""Who a browser is: a signed token that names a visitor of one tenant and the visitor's conversation.

The token is the visitor's only credential, so it is verified before anything in it is looked at.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

import attrs
import msgspec

from hookline.tenant import ResourceKey, Tenant
from hookline.tokens import kept_key

from .config import Config

_LONGEST = 2048
_KEY: ResourceKey[bytes] = ResourceKey("webchat.key")


@attrs.frozen
class Visitor:
    """A visitor as the token says.  `language` is "" where none was chosen; times are epoch seconds."""

    id: str
    conversation: str
    tenant: str
    issued_at: float
    expires_at: float
    language: str = ""


class BadToken(Exception):
    """The token is none of ours, of another tenant, or has expired; the text says which, and may be shown."""


class Signer:
    """Makes and reads the tokens of one tenant."""

    def __init__(self, tenant: str, key: bytes) -> None:
        self._tenant = tenant
        # Bound to the tenant and the purpose, also where tenants share a configured secret.
        self._key = hmac.digest(key, f"hookline webchat visitor {tenant}".encode(), hashlib.sha256)

    def sign(self, visitor: Visitor) -> str:
        """The visitor's token."""
        body = msgspec.json.encode(visitor)
        return f"{_encode(body)}.{_encode(self._mac(body))}"

    def read(self, token: str, now: float) -> Visitor:
        """Who the token names; raises `BadToken`."""
        text, _, signature = token.partition(".")
        try:
            if len(token) > _LONGEST:
                raise ValueError("too long")
            body, mac = _decode(text), _decode(signature)
        except (ValueError, binascii.Error):
            raise BadToken("this is no token; ask for a session again") from None
        if not hmac.compare_digest(mac, self._mac(body)):
            raise BadToken("the token was not made here; ask for a session again")
        visitor = msgspec.json.decode(body, type=Visitor)
        if visitor.tenant != self._tenant:
            raise BadToken("the token was not made here; ask for a session again")
        if visitor.expires_at <= now:
            raise BadToken("the token has expired; ask for a session again")
        return visitor

    def conversation(self, address: str, previous: str) -> str:
        """The id of the conversation that an address begins after that one ("": its first): nobody else can guess it."""
        return hmac.digest(self._key, f"conversation {address} {previous}".encode(), hashlib.sha256).hex()[:32]

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)


async def signer(tenant: Tenant) -> Signer:
    """The tenant's signer: with the configured secret, else with a random one that lies in the plugin's data folder."""
    config: Config = tenant.config
    if config.secret:
        return Signer(tenant.name, config.secret.value.encode())

    async def load() -> bytes:
        return await tenant.compute.run(kept_key, tenant.data / "visitor.key")

    return Signer(tenant.name, await tenant.keep(_KEY, load))


def new_visitor() -> str:
    """A visitor's id that nobody can guess."""
    return f"v_{secrets.token_hex(16)}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
