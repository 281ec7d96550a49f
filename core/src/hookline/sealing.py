"""Encryption at rest of files that people send or are sent: what a plugin's `MediaFolder` seals them with."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .media import MediaMissing
from .tokens import kept_key

if TYPE_CHECKING:
    from .settings import Secret
    from .tenant import Tenant

_NONCE = 12


class FileSeal:
    """Encrypts files with AES-256-GCM; what a file is bound to is authenticated.

    `setting` is where the secret that the key came from is set, for the error where it is another one now.
    """

    def __init__(self, key: bytes, setting: str) -> None:
        self._cipher = AESGCM(key)
        self._setting = setting

    def seal(self, data: bytes, about: str) -> bytes:
        """As it is written: a nonce, then the sealed bytes."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, about.encode())

    def open(self, data: bytes, about: str) -> bytes:
        """As it was given to `seal`; raises `MediaMissing` where the key is another one."""
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], about.encode())
        except (InvalidTag, ValueError):
            raise MediaMissing(f"the file can't be decrypted: {self._setting} is not what it was") from None


async def derived_key(tenant: Tenant, given: Secret, purpose: str) -> bytes:
    """A key of 32 bytes of the calling plugin's for one purpose ("files", "links"), of the secret that is configured, or
    of the one that the plugin's data folder keeps."""
    master = given.value.encode() if given else await asyncio.to_thread(kept_key, tenant.data / "key")
    about = f"hookline {tenant.plugin} {purpose}\0{tenant.name}\0"
    return hashlib.sha256(about.encode() + master).digest()
