"""What is measured, for Prometheus.  A process has one set; every figure carries its tenant, none a customer's data."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Timers(Collector):
    """A histogram of durations that costs little to add to; only the event loop's thread may.

    The library's own locks and walks through all buckets at each value, which a turn of a dozen stages would feel.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._found: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}
        REGISTRY.register(self)

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Add a duration."""
        found = self._found.get(labels)
        if found is None:
            found = self._found[labels] = ([0] * (len(_SECONDS) + 1), [0.0])
        counts, total = found
        counts[bisect_left(_SECONDS, seconds)] += 1
        total[0] += seconds

    def describe(self) -> Iterable[Metric]:
        """The figure without values, for the registry."""
        return [HistogramMetricFamily(self._name, self._text, labels=self._labels)]

    def collect(self) -> Iterable[Metric]:
        """The figure as it is now."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        bounds = [*(str(float(bound)) for bound in _SECONDS), "+Inf"]
        for labels, (counts, total) in self._found.items():
            family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total[0])
        return [family]


REQUESTS = Counter(
    "hookline_requests", "HTTP requests answered.", ("tenant", "method", "route", "status"), registry=REGISTRY
)
REQUEST_SECONDS = Timers("hookline_request_seconds", "Time to answer an HTTP request.", ("tenant", "method", "route"))
OPEN_SOCKETS = Gauge(
    "hookline_open_sockets", "WebSockets and event streams that are open now.", ("tenant",), registry=REGISTRY
)
RATE_LIMITED = Counter("hookline_rate_limited", "Requests refused by a rate limit.", ("tenant",), registry=REGISTRY)
TURN_SECONDS = Timers("hookline_turn_seconds", "Time from the start of a turn to its commit.", ("tenant", "outcome"))
STAGE_SECONDS = Timers("hookline_turn_stage_seconds", "Time in one stage of a turn.", ("tenant", "stage"))
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

    def count(self, tenant: str, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered; `route` is its pattern, not its path."""
        key = (tenant, method, route, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = REQUESTS.labels(tenant, method, route, status)
        counter.inc()
        REQUEST_SECONDS.observe((tenant, method, route), seconds)


def count_turn(tenant: str, outcome: str, seconds: float, stages: Sequence[tuple[str, float]]) -> None:
    """One turn was committed; `outcome` is answered, unanswered, refused, held or silent."""
    TURN_SECONDS.observe((tenant, outcome), seconds)
    for name, took in stages:
        STAGE_SECONDS.observe((tenant, name), took)
