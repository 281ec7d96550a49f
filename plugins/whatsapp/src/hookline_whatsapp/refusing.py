"""Requests that are refused: answered with their status, logged, and counted by their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter

from hookline.metrics import REGISTRY
from hookline.problems import Problem

if TYPE_CHECKING:
    from hookline.tenant import Tenant

REFUSED = Counter(
    "hookline_whatsapp_refused",
    "What came to the webhook of WhatsApp and was refused.",
    ("tenant", "reason"),
    registry=REGISTRY,
)


class Refused(Problem):
    """A request is refused; `reason` is what it is counted by, "" where that is done."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(status, detail)
        self.reason = reason


def malformed(detail: str) -> Refused:
    """It is not what the provider sends."""
    return Refused(400, "malformed", detail)


def forged(detail: str) -> Refused:
    """It is not signed, or not by the provider."""
    return Refused(403, "forged", detail)


def unconfigured(key: str) -> Refused:
    """There is no secret to check it by."""
    return Refused(503, "unconfigured", f"{key} is not set: nothing can be checked, so nothing is taken")


def count(tenant: Tenant, reason: str, n: int = 1) -> None:
    """Count something that was refused."""
    REFUSED.labels(tenant.name, reason).inc(n)
