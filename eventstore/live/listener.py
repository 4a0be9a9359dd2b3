"""A listener, and the response that brings one."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.http import StreamingHttpResponse

from eventstore.backends.rows import Identity
from eventstore.live.window import Filter
from eventstore.log.cursor_text import Cursor

if TYPE_CHECKING:
    from eventstore.live.tail import Tail

CONTENT_TYPE: Final = "text/event-stream; charset=utf-8"
# The second header is for nginx, and for those who have learnt it from there: each event is passed on as it comes.
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(eq=False)
class Listener:
    """Somebody who listens: what they want of which log, and the position up to which they have it.

    `sign_in` is what they were let in by, in the project's terms; `opening` is what is sent first.
    """

    tail: "Tail"
    identity: Identity
    position: int
    wanted: Filter
    sign_in: Hashable
    opening: bytes
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Future[None] | None" = None

    @property
    def cursor(self) -> str:
        """The cursor to go on from."""
        return Cursor(self.identity, self.position).text

    def end(self) -> None:
        """Send no more, and close the connection."""
        if self.task:
            self.task.cancel()


class LiveResponse(StreamingHttpResponse):
    """A stream of events. By itself it holds what is there, and ends; a server may take the listener and go on."""

    def __init__(self, listener: Listener) -> None:
        super().__init__([listener.opening], content_type=CONTENT_TYPE, headers=HEADERS)
        self.listener = listener
