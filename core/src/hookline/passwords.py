"""Passwords: which may be chosen, and how they are kept (argon2id), never on the event loop.

The rules are those of NIST SP 800-63B: length counts, what is known from lists of broken passwords is refused, no
rules about kinds of characters, and Unicode is normalised (NFKC) before it is hashed.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import unicodedata
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import BadRequest

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST, LONGEST = 12, 256
"""In characters, once normalised."""
_READ = 72  # what the strength estimate looks at: it takes long over long texts
_GUESSABLE = 3  # of 0 to 4; below it a password falls within 10^8 guesses


class UnfitPassword(BadRequest):
    """A password that may not be one; `why` is "short", "long" or "easy"."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(f"password: {message}", "password")
        self.why = why


class Passwords:
    """Hashes and verifies passwords in threads of its own, few at a time: each takes 64 MiB and a tenth of a second."""

    def __init__(self, hasher: PasswordHasher | None = None, threads: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = concurrent.futures.ThreadPoolExecutor(threads, "hookline-passwords")
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        return await self._run(self._hasher.hash, normalised(password))

    async def verify(self, stored: str, password: str) -> bool:
        """Whether it is the password; takes as long where nothing is stored ("")."""
        return await self._run(self._verify, stored, password)

    def outdated(self, stored: str) -> bool:
        """Whether it was hashed with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    async def check(self, password: str, about: Sequence[str] = ()) -> str:
        """The password, if it may be one; `about` are words that it must not be made of (name, address).

        Raises `UnfitPassword` that says what is wrong with it and never repeats it.
        """
        text = normalised(password)
        if len(text) < SHORTEST:
            raise UnfitPassword(
                f"has {len(text)} characters; at least {SHORTEST} are needed, e.g. four or five words", "short"
            )
        if len(text) > LONGEST:
            raise UnfitPassword(f"has {len(text)} characters or more; at most {LONGEST} are allowed", "long")
        why = await self._run(_weakness, text, [word for word in about if len(word) > 2])
        if why:
            raise UnfitPassword(f"too easy to guess; {why}", "easy")
        return password

    def close(self) -> None:
        """Drop what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        text = normalised(password)
        fits = len(text) <= LONGEST
        if not self._nobodys:
            self._nobodys = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(stored or self._nobodys, text if fits else "")
        except (VerificationError, InvalidHashError):
            return False
        return fits and bool(stored)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def normalised(password: str) -> str:
    """The password as it is compared: what looks the same on two keyboards is the same; too long a one is cut off."""
    return unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode("utf-8", "replace").decode()


def _weakness(text: str, about: list[str]) -> str:
    from zxcvbn import zxcvbn  # its lists take a tenth of a second to read

    found = zxcvbn(text[:_READ], user_inputs=about)
    if found["score"] >= _GUESSABLE:
        return ""
    told = found["feedback"]["warning"] or "it is on lists of known passwords, or one pattern over and over"
    return f"{told[0].lower()}{told[1:].rstrip('.')}"
