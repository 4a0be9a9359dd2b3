"""Places to wait: a request that waits for a read model holds a thread, and a site has few of them.

The setting EVENTSTORE_MAX_WAITING says how many requests of a process may wait at a time. One caller has one place.

A server may have who finds no place wait without a thread: it gives each request `COMES_AGAIN: False` in its WSGI
environment, and runs one that has set it to True again after a pause, instead of sending its answer. With a server that
does not, who finds no place waits all the same: its answer would be no.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from django.http import HttpRequest

from eventstore.backends.configured import setting

__all__ = ["COMES_AGAIN", "DEFAULT_PLACES", "come_again", "place_to_wait"]

DEFAULT_PLACES: Final = 2
COMES_AGAIN: Final = "eventstore.comes_again"

_lock: Final = Lock()
_waiting: Final[set[object]] = set()


@contextmanager
def place_to_wait(caller: object) -> Iterator[bool]:
    """Yield whether a caller may wait: there is a place left, and the caller does not wait already."""
    has_place = _take(caller)
    try:
        yield has_place
    finally:
        if has_place:
            with _lock:
                _waiting.remove(caller)


def come_again(request: HttpRequest) -> bool:
    """Ask the server to run a request again in a moment; whether it is one that does so."""
    if does_so := COMES_AGAIN in request.META:
        request.META[COMES_AGAIN] = True
    return does_so


def _take(caller: object) -> bool:
    with _lock:
        if caller in _waiting or len(_waiting) >= int(setting("EVENTSTORE_MAX_WAITING", DEFAULT_PLACES)):
            return False
        _waiting.add(caller)
        return True
