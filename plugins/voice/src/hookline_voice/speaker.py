"""What speaks: the interface of all backends, and what they return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs


@attrs.frozen
class Speech:
    """Sound as a backend makes it."""

    data: bytes
    media_type: str


class Speaker(Protocol):
    """Makes speech of text; its errors are `ServiceError`."""

    name: str

    async def speak(self, text: str, language: str) -> Speech:
        """The text as sound."""

    async def state(self) -> Mapping[str, Any]:
        """Its part of the health: `status`, and `detail` that says what is missing and what to do."""

    async def close(self) -> None:
        """Close what is open."""
