"""Server-sent events as bytes, as WHATWG's HTML standard has them in "Server-sent events". Pure."""

from random import randint
from typing import Final

# Milliseconds until a client comes again, each after a time of its own: a restart sends all of them away at once.
RETRY: Final = (1_000, 4_000)
COME_SOON: Final = b"retry: 100\n\n"  # before a stream ends of which there is more


def event_frame(cursor: str, data: bytes) -> bytes:
    """An event, with the cursor that its receiver goes on from; `data` has no line feeds."""
    return b"id: %b\ndata: %b\n\n" % (cursor.encode(), data)


def place_frame(cursor: str) -> bytes:
    """The cursor alone, and a comment: browsers tell no script of it, but remember it, and proxies see some life."""
    return b":\nid: %b\n\n" % cursor.encode()


def opening_frame(cursor: str) -> bytes:
    """The first of a stream: when to come again, and from where."""
    return b"retry: %d\nid: %b\n\n" % (randint(*RETRY), cursor.encode())  # noqa: S311 - to part callers, no secret
