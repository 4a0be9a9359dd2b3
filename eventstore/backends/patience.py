"""Patience: for how long a transaction waits for locks that others hold, before it gives up and says "try again later".

A request has little: it occupies a thread, and a site has few. Whoever locks one stream, and forgets to commit, would
else stop the whole site as soon as enough requests to that stream have come. So the first request that waits for a
stream has all of it, one that comes while another waits in the same process has half, the next one a third: the threads
come free one after the other, and the queue gets no longer.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, Final
from uuid import UUID

from django.core.signals import request_finished, request_started
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from eventstore.backends import BACKENDS, store
from eventstore.backends.configured import setting

REQUEST_SECONDS: Final = 5.0  # unless the setting EVENTSTORE_LOCK_TIMEOUT says otherwise
PROGRAM_SECONDS: Final = 30.0  # of commands of manage.py; EVENTSTORE_PROGRAM_LOCK_TIMEOUT
MIN_SECONDS: Final = 0.25  # even of one with many before it; less would refuse what is merely busy

_in_request: ContextVar[bool] = ContextVar("in_request", default=False)
_until: ContextVar[float | None] = ContextVar("until", default=None)
_waiting: dict[UUID, int] = {}
_passed: dict[UUID, int] = {}  # how many have got through to a stream since somebody began to wait for it
_counting = Lock()


def connect() -> None:
    """Connect to the signals that tell of requests, and of connections that are made in them."""
    request_started.connect(_begin_request, dispatch_uid="eventstore.begin_request")
    request_finished.connect(_end_request, dispatch_uid="eventstore.end_request")
    connection_created.connect(_limit, dispatch_uid="eventstore.limit_waits")


def _begin_request(**_: Any) -> None:
    _in_request.set(True)
    _limit_anew()


def _end_request(**_: Any) -> None:
    _in_request.set(False)
    _limit_anew()


def _limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Limit what goes past commands, too: sessions, pages, the admin. Programs may wait for a table as they like."""
    if _in_request.get() and connection.vendor in BACKENDS:
        store(connection).limit_waits(seconds())


def _limit_anew() -> None:
    """Where to limit costs nothing, and a connection serves requests and others in turn, as in tests."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and connection.vendor in BACKENDS:
            backend = store(connection)
            if not backend.writes_in_parallel:
                backend.limit_waits(seconds())


def seconds() -> float:
    """The time that whoever runs here waits for locks; infinite if the setting is 0."""
    if _in_request.get():
        given = setting("EVENTSTORE_LOCK_TIMEOUT", REQUEST_SECONDS)
    else:
        given = setting("EVENTSTORE_PROGRAM_LOCK_TIMEOUT", PROGRAM_SECONDS)
    return float(given) or float("inf")


@contextmanager
def limited() -> Iterator[None]:
    """Have all attempts of one transaction share the time until `is_over`."""
    if _until.get() is not None:
        yield  # within another's time, which may be over before this ends
        return
    token = _until.set(time.monotonic() + seconds())
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def queueing(streams: Sequence[UUID]) -> Iterator[float]:
    """Yield the seconds for which the transaction may wait for these streams, given those that wait already.

    In a request, a wait that has taken its share ends all attempts if nobody has got through meanwhile: to try again
    would be to queue again before a lock that does not move.
    """
    before, passed = _join(streams)
    begun, share = time.monotonic(), max(MIN_SECONDS, _left() / (1 + before))
    try:
        yield share
    except Error:
        has_waited = time.monotonic() - begun >= 0.9 * share  # the database counts in whole milliseconds
        is_stuck = has_waited and all(_passed.get(each, 0) == number for each, number in passed.items())
        if is_stuck and _in_request.get() and _until.get() is not None:
            _until.set(begun)
        raise
    else:
        with _counting:
            for stream in streams:
                _passed[stream] = _passed.get(stream, 0) + 1
    finally:
        _leave(streams)


def _join(streams: Sequence[UUID]) -> tuple[int, dict[UUID, int]]:
    """Count one more that waits: how many did so before at most, and how many have got through to each stream."""
    before = 0
    with _counting:
        for stream in streams:
            others = _waiting.get(stream, 0)
            before = max(before, others)
            _waiting[stream] = others + 1
        return before, {stream: _passed.get(stream, 0) for stream in streams}


def _leave(streams: Sequence[UUID]) -> None:
    with _counting:
        for stream in streams:
            _waiting[stream] -= 1
            if not _waiting[stream]:
                del _waiting[stream]
                _passed.pop(stream, None)


def is_over() -> bool:
    """Whether the transaction has waited for as long as it may."""
    return _left() <= 0


def _left() -> float:
    until = _until.get()
    return seconds() if until is None else until - time.monotonic()
