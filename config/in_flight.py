"""The requests that a worker has in hand: one that is stuck is told from one that has much to do."""

import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InFlight:
    """A WSGI application that knows for how long the oldest of its requests has been waiting for its answer."""

    def __init__(self, load: Callable[[], Application]) -> None:
        """Take the function that loads the application: loading it is the first thing that may get stuck."""
        self._began: dict[object, float] = {self: time.monotonic()}
        self._load = load

    def load(self) -> "InFlight":
        """Load the application."""
        self._application = self._load()
        del self._began[self]
        return self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; a body that is sent bit by bit no longer counts."""
        request = object()
        self._began[request] = time.monotonic()
        try:
            return self._application(environ, start_response)
        finally:
            del self._began[request]

    def busy_for(self) -> float:
        """The age of the oldest request in seconds; 0 without any."""
        return max((time.monotonic() - began for began in list(self._began.values())), default=0.0)
