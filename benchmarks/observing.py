"""What observing costs a command: CPU time of one process, in turns with nobody observing.

    PURSES=real-time DJANGO_SETTINGS_MODULE=benchmarks.contenders.tidemark.settings DATABASE_URL=… \
        python -m benchmarks.observing [rounds]

CPU time and not seconds, so that it says something on a busy machine as well. Spans are made, and queued for a
collector that takes them at once; what a collector's connection costs is a thread's matter, and is not in it.

The price of the hooks themselves, with nobody observing, is found by taking them out: each becomes the bare work.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the apps
from django.db import connection  # noqa: E402 - likewise
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402 - likewise
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult  # noqa: E402 - likewise
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, TraceIdRatioBased  # noqa: E402 - likewise

from benchmarks.contenders.tidemark.purses import FillPurse  # noqa: E402 - likewise
from benchmarks.contenders.worker import NOTE  # noqa: E402 - likewise
from eventstore.execute import execute  # noqa: E402 - likewise
from eventstore.telemetry import Observer, hooks, observe_by  # noqa: E402 - likewise
from eventstore.telemetry.counting import Counting  # noqa: E402 - likewise
from eventstore.telemetry.cursors import ObservedCursor, wrap  # noqa: E402 - likewise
from eventstore.telemetry.tracing import Tracing  # noqa: E402 - likewise

COMMANDS = 60  # in a round
STREAMS = [uuid4() for _ in range(20)]
HOOKS: dict[str, Callable[..., Any]] = {
    "command": lambda _given, work: work(),
    "about": lambda _given, work: work(),
    "statements": lambda _given, work: work(),
    "projected": lambda _names, _records, work: work(),
    "appended": lambda _records: None,
    "traceparent": lambda: None,
}


class Taking(SpanExporter):
    """A collector that takes all at once."""

    def export(self, spans: Any) -> SpanExportResult:
        """Take them."""
        return SpanExportResult.SUCCESS


def tracing(ratio: float) -> Tracing:
    """Spans of so many of all traces."""
    sampler = ParentBased(ALWAYS_ON if ratio == 1 else TraceIdRatioBased(ratio))
    provider = TracerProvider(sampler=sampler)
    provider.add_span_processor(BatchSpanProcessor(Taking()))
    return Tracing(provider)


@contextmanager
def bare() -> Iterator[None]:
    """Hooks that look for nobody: the bound below which a hook can't come."""
    kept = {name: getattr(hooks, name) for name in HOOKS}
    for name, plain in HOOKS.items():
        setattr(hooks, name, plain)
    yield
    for name, hook in kept.items():
        setattr(hooks, name, hook)


@contextmanager
def observed(*observers: Observer) -> Iterator[None]:
    """Work that is observed, statements included if it is traced."""
    observe_by(*observers)
    if any(isinstance(each, Tracing) for each in observers):
        wrap(connection)
    yield
    observe_by()
    connection.execute_wrappers[:] = [each for each in connection.execute_wrappers if type(each) is not ObservedCursor]


def seconds() -> float:
    """The CPU time of a command."""
    begun = time.process_time()
    for number in range(COMMANDS):
        execute(FillPurse(STREAMS[number % len(STREAMS)], uuid4(), 100, NOTE), uuid4(), actor="benchmark")
    return (time.process_time() - begun) / COMMANDS


def main() -> None:
    """Measure in turns, and print ratios to rounds with nobody observing."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    call_command("migrate", verbosity=0)
    call_command("migrate", "sample", run_syncdb=True, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        all_of_them, some, counting = tracing(1), tracing(0.1), Counting(folder)
        kinds: dict[str, Callable[[], Any]] = {
            "nobody": observed,
            "bare hooks": bare,
            "nobody again": observed,
            "traced": lambda: observed(all_of_them),
            "a tenth traced": lambda: observed(some),
            "counted": lambda: observed(counting),
            "traced and counted": lambda: observed(counting, all_of_them),
        }
        taken: dict[str, list[float]] = {name: [] for name in kinds}
        for number in range(rounds + 2):
            names = list(kinds) if number % 2 else list(reversed(kinds))
            for name in names:
                with kinds[name]():
                    found = seconds()
                if number >= 2:
                    taken[name].append(found)
    base = taken["nobody"]
    sys.stdout.write(f"{connection.vendor}, {rounds} rounds of {COMMANDS} commands, {os.cpu_count()} cores\n")
    for name, times in taken.items():
        ratio = median(one / other for one, other in zip(times, base, strict=True))
        sys.stdout.write(f"{name:<20} {median(times) * 1e6:8.0f} µs  {100 * (ratio - 1):+6.2f} %\n")


if __name__ == "__main__":
    main()
