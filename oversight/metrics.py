"""What is counted: requests, calls to the bookkeeping, outcomes of invoices, the worker's rounds.

Several processes on one machine share their counts through files in PROMETHEUS_MULTIPROC_DIR, which has to be set
before this module is imported and emptied at the start (`make run` does both). Without it each tells its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from typing import ParamSpec

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_OURS = CollectorRegistry()
_STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)

_requests = Counter("crafter_requests", "Requests by endpoint and status", ["endpoint", "status"], registry=_OURS)
_duration = Histogram("crafter_request_seconds", "How long requests took", ["endpoint"], buckets=_STEPS, registry=_OURS)
_calls = Counter(
    "crafter_bookkeeping_calls", "Calls to the bookkeeping by operation and outcome", ["operation", "outcome"],
    registry=_OURS,
)  # fmt: skip
_call_duration = Histogram(
    "crafter_bookkeeping_call_seconds", "How long calls to the bookkeeping took", ["operation"], buckets=_STEPS,
    registry=_OURS,
)  # fmt: skip
_outcomes = Counter("crafter_invoice_outcomes", "What came of sending an invoice", ["outcome"], registry=_OURS)
_resting = Gauge(
    "crafter_bookkeeping_rests_until_timestamp_seconds",
    "Until when the circuit is open (of the host, or the last of an administration); in the past: closed",
    ["circuit"], multiprocess_mode="max", registry=_OURS,
)  # fmt: skip
_rounds = Gauge(
    "crafter_round_done_timestamp_seconds", "When a round of the worker last came to its end", ["round"],
    multiprocess_mode="max", registry=_OURS,
)  # fmt: skip


P = ParamSpec("P")


def _never_in_the_way(count: Callable[P, None]) -> Callable[P, None]:
    """Counting may fail (a full disk); it may never cost what is counted, least of all the outcome of an invoice."""

    @wraps(count)
    def safe(*args: P.args, **kwargs: P.kwargs) -> None:
        with suppress(Exception):
            count(*args, **kwargs)

    return safe


@_never_in_the_way
def request_done(endpoint: str, status: int, seconds: float) -> None:
    """Count a request. `endpoint` is a name of ours, never what a visitor typed."""
    _requests.labels(endpoint, str(status)).inc()
    _duration.labels(endpoint).observe(seconds)


@_never_in_the_way
def call_done(operation: str, outcome: str, seconds: float) -> None:
    """Count a round trip to the bookkeeping: outcome is answered, refused (a code of theirs) or failed."""
    _calls.labels(operation, outcome).inc()
    _call_duration.labels(operation).observe(seconds)


@_never_in_the_way
def invoice_sent(outcome: str) -> None:
    """Count what came of one sending of an invoice."""
    _outcomes.labels(outcome).inc()


@_never_in_the_way
def circuit_opened(circuit: str, seconds: float) -> None:
    """Note that nothing is called for so many seconds; circuit is host or administration."""
    _resting.labels(circuit).set(time.time() + seconds)


@_never_in_the_way
def round_done(name: str) -> None:
    """Note that a round of the worker came to its end."""
    _rounds.labels(name).set_to_current_time()


class _Scraped(Collector):
    """Values that are read at the moment of asking: name → (what it is, label, value per label)."""

    def __init__(self, values: Mapping[str, tuple[str, str, Mapping[str, float]]]) -> None:
        self._values = values

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, (text, label, rows) in self._values.items():
            family = GaugeMetricFamily(name, text, labels=[label])
            for key, value in rows.items():
                family.add_metric([key], value)
            yield family


def page(values: Mapping[str, tuple[str, str, Mapping[str, float]]]) -> bytes:
    """Everything, in the text form of Prometheus."""
    counted = _OURS
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    scraped = CollectorRegistry()
    scraped.register(_Scraped(values))
    return generate_latest(counted) + generate_latest(scraped)
