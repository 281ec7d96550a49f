"""Keyed hashes and seals: what the tables keep of codes and addresses tells nothing without a key that is not in the
database.

The key is `secret` of the config, or a random one in the tenant's data folder.  Hashes are HMAC-SHA-256, seals AES-256-GCM
with a random nonce; each purpose has a key of its own.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hookline.tenant import ResourceKey
from hookline.tokens import kept_key

if TYPE_CHECKING:
    from hookline.tenant import Tenant

_NONCE = 12


class Unsealable(ValueError):
    """The text was not sealed with this key, or for something else."""


class Keys:
    """The keys of one tenant."""

    def __init__(self, tenant: str, master: bytes) -> None:
        self._master = hmac.digest(master, b"hookline identity\0" + tenant.encode(), hashlib.sha256)
        self._seals = AESGCM(self._derived("seal"))

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._master, purpose.encode(), hashlib.sha256)

    def digest(self, purpose: str, *parts: str) -> str:
        """The keyed hash of the parts, for one purpose; 64 hex digits."""
        told = "\0".join(parts).encode(errors="surrogatepass")
        return hmac.digest(self._derived(purpose), told, hashlib.sha256).hex()

    def seal(self, text: str, about: str) -> str:
        """The text, readable only with the key and for `about`."""
        nonce = os.urandom(_NONCE)
        sealed = self._seals.encrypt(nonce, text.encode(), about.encode())
        return base64.b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str, about: str) -> str:
        """The text that was sealed; raises `Unsealable`."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._seals.decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
        except (ValueError, InvalidTag):
            raise Unsealable("what was sealed can't be read: the key is another one") from None


def new_code() -> str:
    """Six digits from the system's source of chance, each of the million as likely."""
    return f"{secrets.randbelow(1_000_000):06d}"


def same(one: str, other: str) -> bool:
    """Whether two hashes are the same; takes as long wherever they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


async def keys_of(tenant: Tenant) -> Keys:
    """The tenant's keys."""
    given: str = tenant.config.secret.value

    async def make() -> Keys:
        master = given.encode() if given else await asyncio.to_thread(kept_key, tenant.data / "key")
        return Keys(tenant.name, master)

    which = hashlib.sha256(given.encode()).hexdigest()[:12] if given else "kept"
    return await tenant.keep(ResourceKey[Keys](f"keys:{which}"), make)
