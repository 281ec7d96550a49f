"""What writes speech down: the interface of all backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from hookline.errors import ServiceError

if TYPE_CHECKING:
    from .sound import Samples


class NotUnderstood(ServiceError):
    """Nothing can be written down, whoever is asked; `reason` is damaged, long, silent, kind or nothing."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Transcriber(Protocol):
    """Writes speech down; its errors are `ServiceError`."""

    name: str

    async def hear(self, samples: Samples, language: str) -> str:
        """What is said; `language` is a hint (a BCP 47 tag), "" where it is not known."""

    async def lacks(self) -> str:
        """What has to be put on this machine or into the config before it can hear; "" where nothing is missing."""

    async def state(self) -> Mapping[str, Any]:
        """Its part of the health: `status`, and `detail` that says what is missing and what to do."""

    async def close(self) -> None:
        """Close what is open."""
