"""Metrics of processes, for Prometheus: each process counts in files of its own, which one exporter reads."""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import prometheus_client
from prometheus_client import values

from eventstore.errors import TargetUnavailable
from eventstore.telemetry import catalogue, count_files
from eventstore.telemetry.catalogue import Metric
from eventstore.telemetry.hooks import Answers, Observer
from eventstore.telemetry.outcomes import FAILED, outcome_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from eventstore.execution.requests import CommandRequest
    from eventstore.log.records import Receipt

T = TypeVar("T")

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"  # by which prometheus_client learns of the folder
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})


class Counting(Observer):
    """Counts commands, requests, what runners took in and what relays delivered."""

    def __init__(self, folder: str) -> None:
        """Raises OSError where there is no space for the files."""
        count_files.reserve(Path(folder))
        os.register_at_fork(after_in_child=partial(count_files.reserve, Path(folder)))
        os.environ[VARIABLE] = folder
        values.ValueClass = values.MultiProcessValue(count_files.own_name)
        registry = prometheus_client.CollectorRegistry()  # what is exported is read from the files
        made: dict[Metric, Any] = {
            metric: prometheus_client.Histogram(
                metric.name, metric.says, metric.labels, buckets=BUCKETS, registry=registry
            )
            if metric.kind == catalogue.HISTOGRAM
            else prometheus_client.Counter(metric.name, metric.says, metric.labels, registry=registry)
            for metric in catalogue.OF_PROCESSES
        }
        self._commands, self._command_seconds = made[catalogue.COMMANDS], made[catalogue.COMMAND_SECONDS]
        self._batch_seconds, self._retries = made[catalogue.BATCH_SECONDS], made[catalogue.RETRIES]
        self._requests, self._request_seconds = made[catalogue.REQUESTS], made[catalogue.REQUEST_SECONDS]
        self._projected, self._deliveries = made[catalogue.PROJECTED], made[catalogue.DELIVERIES]

    def request(self, request: "HttpRequest", work: Callable[[], "HttpResponseBase"]) -> "HttpResponseBase":
        """Count it, by method and status."""
        method = request.method if request.method in METHODS else "other"
        began, status = time.perf_counter(), 500
        try:
            response = work()
            status = response.status_code
            return response
        finally:
            self._request_seconds.labels(method).observe(time.perf_counter() - began)
            self._requests.labels(method, status).inc()

    def command(self, request: "CommandRequest", work: Callable[[], "Receipt"]) -> "Receipt":
        """Count it, by type and outcome."""
        kind, outcome, began = request.kind.name, FAILED, time.perf_counter()
        try:
            receipt = work()
            outcome = outcome_of(receipt)
            return receipt
        finally:
            self._command_seconds.labels(kind).observe(time.perf_counter() - began)
            self._commands.labels(kind, outcome).inc()

    def commands(self, requests: Sequence["CommandRequest"], work: Callable[[], list["Receipt"]]) -> list["Receipt"]:
        """Count each, and the time of all."""
        began, outcomes = time.perf_counter(), [FAILED] * len(requests)
        try:
            receipts = work()
            outcomes = [outcome_of(receipt) for receipt in receipts]
            return receipts
        finally:
            self._batch_seconds.observe(time.perf_counter() - began)
            counted = Counter(zip((request.kind.name for request in requests), outcomes, strict=True))
            for labels, number in counted.items():
                self._commands.labels(*labels).inc(number)

    def retried(self) -> None:
        """Count it."""
        self._retries.inc()

    def batch(self, name: str, records: Sequence[Any], work: Callable[[], T]) -> T:
        """Count the events that were taken in, or could not be."""
        outcome = FAILED
        try:
            result = work()
            outcome = "read"
            return result
        finally:
            self._projected.labels(name, outcome).inc(len(records))

    def delivery(self, target: str, records: Sequence[Any], work: Callable[[], Answers]) -> Answers:
        """Count what was acknowledged, and what was not."""
        answers = work()
        for outcome, number in Counter(map(_outcome_of, answers)).items():
            self._deliveries.labels(target, outcome).inc(number)
        return answers


def _outcome_of(answer: Exception | None) -> str:
    if answer is None:
        return "delivered"
    return "away" if isinstance(answer, TargetUnavailable) else "refused"
