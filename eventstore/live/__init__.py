"""Live events: server-sent events up to the tidemark, for as many listeners as a process has connections.

A project makes one `Tail`, and a view that answers `LiveResponse(tail.listener(…))`. A server that knows of listeners
takes them from the response and has `Tail.serve` send them what comes, in its event loop, without a thread. Any other
server sends what is there, and the client comes again for more: that is how EventSource works.
"""

from eventstore.live.listener import Listener, LiveResponse
from eventstore.live.tail import DEFAULT_LISTENERS, RECHECK_SECONDS, Tail, TooManyListeners
from eventstore.live.window import Filter

__all__ = ["DEFAULT_LISTENERS", "RECHECK_SECONDS", "Filter", "Listener", "LiveResponse", "Tail", "TooManyListeners"]
