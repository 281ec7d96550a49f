"""Requests of a provider's that are refused: answered with their status, logged, and counted by their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter

from hookline.metrics import REGISTRY
from hookline.problems import Problem

if TYPE_CHECKING:
    from hookline.tenant import Tenant

REFUSED = Counter(
    "hookline_voice_refused",
    "What came to the addresses of calls and was refused.",
    ("tenant", "reason"),
    registry=REGISTRY,
)


class Refused(Problem):
    """A request is refused; `reason` is what it is counted by."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(status, detail)
        self.reason = reason


def malformed(detail: str) -> Refused:
    """It is not what the provider sends."""
    return Refused(400, "malformed", detail)


def forged(detail: str) -> Refused:
    """It is not signed, or not by the provider."""
    return Refused(403, "forged", detail)


def noted(tenant: Tenant, refused: Refused) -> Refused:
    """Count and log it."""
    REFUSED.labels(tenant.name, refused.reason).inc()
    tenant.log.warning("a request about a call is refused", reason=refused.reason, detail=refused.detail)
    return refused
