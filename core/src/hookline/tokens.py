"""Access tokens: JSON Web Tokens (RFC 7519), HS256, each for one tenant, signed with a key that can be replaced.

The header's `kid` names the key.  The key is `auth.secret`, or a random one in the tenant's data folder; tokens of
`auth.previous_secrets` are still taken, so that a secret can be replaced without signing anybody out.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from .settings import SHORTEST_SECRET

ALGORITHM = "HS256"
ISSUER = "hookline"
_LONGEST = 4096
_CLAIMS = ["iss", "aud", "sub", "sid", "role", "ver", "iat", "exp"]


class InvalidToken(Exception):
    """The text is no access token of this tenant that holds now; it does not say why, as nobody should learn that."""


@attrs.frozen
class Claims:
    """What an access token says: whose it is, of which login, with which role, for which version of the account."""

    staff: str
    login: str
    role: str
    version: int
    issued_at: int
    expires_at: int


class Keyring:
    """The keys of one tenant, the newest first: it signs, all verify."""

    def __init__(self, tenant: str, keys: Sequence[bytes]) -> None:
        self.tenant = tenant
        self._keys = {key_id(key): key for key in keys}
        self._newest = key_id(keys[0])

    def sign(self, claims: Claims) -> str:
        """The token."""
        import jwt  # it takes long to import, and nobody may ever sign in

        payload = {
            "iss": ISSUER,
            "aud": self.tenant,
            "sub": claims.staff,
            "sid": claims.login,
            "role": claims.role,
            "ver": claims.version,
            "iat": claims.issued_at,
            "exp": claims.expires_at,
        }
        return jwt.encode(payload, self._keys[self._newest], ALGORITHM, headers={"kid": self._newest})

    def read(self, token: str, now: float) -> Claims:
        """What the token says; raises `InvalidToken` unless it is one of ours for this tenant, and holds now."""
        if len(token) > _LONGEST:
            raise InvalidToken
        import jwt

        try:
            key = self._keys[str(jwt.get_unverified_header(token)["kid"])]
            told: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self.tenant,
                issuer=ISSUER,
                # the clock is ours
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            claims = Claims(
                str(told["sub"]),
                str(told["sid"]),
                str(told["role"]),
                int(told["ver"]),
                int(told["iat"]),
                int(told["exp"]),
            )
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
            raise InvalidToken from error
        if not claims.issued_at - 60 <= now < claims.expires_at:
            raise InvalidToken
        return claims


def key_id(key: bytes) -> str:
    """How a token's header names the key; it tells nothing of a key with as many random bits as it should have."""
    return hashlib.sha256(b"hookline kid " + key).hexdigest()[:12]


def kept_key(path: Path) -> bytes:
    """The random key in the file, which is made if there is none; only its owner may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) < SHORTEST_SECRET:  # a crash while it was written: nothing can have been signed with it
            path.unlink()
            return kept_key(path)
        return key
    with os.fdopen(file, "wb") as out:
        key = secrets.token_bytes(SHORTEST_SECRET)
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    return key


def random_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is stored of a random token.  It has 256 random bits, so that a plain hash can't be guessed from."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
