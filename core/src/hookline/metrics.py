"""What is measured, for Prometheus.  A process has one set; every figure carries its tenant, none a customer's data."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

REQUESTS = Counter(
    "hookline_requests", "HTTP requests answered.", ("tenant", "method", "route", "status"), registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "hookline_request_seconds",
    "Time to answer an HTTP request.",
    ("tenant", "method", "route"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
OPEN_SOCKETS = Gauge(
    "hookline_open_sockets", "WebSockets and event streams that are open now.", ("tenant",), registry=REGISTRY
)
RATE_LIMITED = Counter("hookline_rate_limited", "Requests refused by a rate limit.", ("tenant",), registry=REGISTRY)
TURN_SECONDS = Histogram(
    "hookline_turn_seconds",
    "Time from the start of a turn to its commit.",
    ("tenant", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "hookline_turn_stage_seconds",
    "Time in one stage of a turn.",
    ("tenant", "stage"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
LLM_SECONDS = Histogram(
    "hookline_llm_seconds",
    "Time a language model took for an answer.",
    ("tenant", "model", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)


def render() -> bytes:
    """All figures in Prometheus's text format."""
    return generate_latest(REGISTRY)


@contextmanager
def open_socket(tenant: str) -> Generator[None, None, None]:
    """Count a socket as open while the body runs."""
    gauge = OPEN_SOCKETS.labels(tenant)
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


def open_sockets(tenant: str) -> int:
    """How many sockets of the tenant are open in this process."""
    return int(REGISTRY.get_sample_value("hookline_open_sockets", {"tenant": tenant}) or 0)


class RequestMeter:
    """Counts requests; keeps the labelled children, because finding one costs more than counting."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str, str], Histogram] = {}

    def count(self, tenant: str, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered; `route` is its pattern, not its path."""
        key = (tenant, method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = REQUESTS.labels(tenant, method, route, status)
        counter.inc()
        timer = self._timers.get(key[:3])
        if timer is None:
            timer = self._timers[key[:3]] = REQUEST_SECONDS.labels(tenant, method, route)
        timer.observe(seconds)


class TurnMeter:
    """Counts turns and their stages; keeps the labelled children, as `RequestMeter` does."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], Histogram] = {}
        self._stages: dict[tuple[str, str], Histogram] = {}

    def count(self, tenant: str, outcome: str, seconds: float, stages: Sequence[tuple[str, float]]) -> None:
        """One turn was committed; `outcome` is answered, unanswered, refused, held or silent."""
        key = (tenant, outcome)
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = TURN_SECONDS.labels(tenant, outcome)
        turn.observe(seconds)
        for name, took in stages:
            key = (tenant, name)
            stage = self._stages.get(key)
            if stage is None:
                stage = self._stages[key] = STAGE_SECONDS.labels(tenant, name)
            stage.observe(took)
