"""The tail of the log, for the listeners of a process: all of them live in its event loop, and share one window."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

from django.db import close_old_connections, connections

from eventstore.backends.configured import setting
from eventstore.backends.faults import log_error
from eventstore.errors import RangeDetached
from eventstore.feed import Mark
from eventstore.live.frames import COME_SOON, opening_frame, place_frame
from eventstore.live.listener import Listener
from eventstore.live.source import Page, Render, Source
from eventstore.live.watcher import News, Watcher
from eventstore.live.window import Filter, Window
from eventstore.log.cursor_text import Cursor

DEFAULT_LISTENERS: Final = 1_000  # of a process, at most
HEARTBEAT_SECONDS: Final = 15.0  # without an event, until a sign of life is sent
# Of one response: then the client comes again, for the rest. A server may keep all that is sent in memory until it is
# taken, and tell nobody (Granian does), so this bounds what somebody costs who takes nothing.
MAX_SENT_BYTES: Final = 524_288
RECHECK_SECONDS: Final = 30.0  # between two looks at who may still listen

T = TypeVar("T")
Send = Callable[[bytes], Awaitable[None]]

logger = logging.getLogger(__name__)


class TooManyListeners(Exception):
    """A process has as many listeners as it may have (EVENTSTORE_MAX_LISTENERS), or is about to stop."""


class Tail:
    """Sends new events to listeners, however many there are: one thread looks for events, another reads older ones.

    `render` writes an event as text of one line. `still_open` is asked every RECHECK_SECONDS which of some sign-ins
    still let their owners listen; both are called in threads.
    """

    def __init__(self, render: Render, still_open: Callable[[Collection[Hashable]], Collection[Hashable]]) -> None:
        self._source = Source(render)
        self._still_open = still_open
        self._listeners: set[Listener] = set()
        self._window: Window | None = None
        self._watcher: Watcher | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._rechecks: asyncio.Task[None] | None = None
        self._is_ended = False

    def listener(self, mark: Mark, after: int, wanted: Filter, sign_in: Hashable) -> Listener:
        """Somebody who has all events up to a position, with the first page of what they lack up to the mark.

        Raises RangeDetached where an archive alone has what they lack, and ValueError for a mark without identity.
        """
        if mark.identity is None:
            raise ValueError("This mark tells no identity of the log. Take one that `feed.mark` has read.")
        page = self._source.page_here(mark.identity, after, mark.position, wanted)
        opening = opening_frame(Cursor(mark.identity, after).text) + page.frames
        return Listener(self, mark.identity, page.end, wanted, sign_in, opening)

    async def serve(self, listener: Listener, begin: Callable[[], Send]) -> None:
        """Send all that comes, until the listener has gone, may listen no more, or the process stops.

        `begin` starts the response; it is not called if TooManyListeners is raised.
        """
        if self._is_ended or len(self._listeners) >= int(setting("EVENTSTORE_MAX_LISTENERS", DEFAULT_LISTENERS)):
            raise TooManyListeners
        listener.task = asyncio.ensure_future(self._send(listener, begin()))
        self._join(listener)
        try:
            await asyncio.wait([listener.task])
        finally:
            self._leave(listener)
            listener.end()
            # A task keeps its end with the frames that led there, and so the response: a server that closes it once
            # nobody has it any more should not wait for the garbage collector to find the circle.
            listener.task = None

    def end(self) -> None:
        """Send all listeners away, for good: they come again, to another process."""
        self._is_ended = True
        for listener in self._listeners:
            listener.end()

    def publish(self, news: News) -> None:
        """Wake who wants some of this; the others have now seen it."""
        window = self._window
        if window is None or window.identity != news.identity or window.end != news.start:
            window = self._window = Window(news.identity, news.start)
        before, now = window.end, asyncio.get_running_loop().time()
        window.add(news.entries, news.end, now)
        awaited: dict[Filter, bool] = {}
        for listener in self._listeners:
            wanted = listener.wanted
            if wanted not in awaited:
                awaited[wanted] = any(map(wanted.takes, news.entries))
            if awaited[wanted] or listener.position != before or listener.identity != news.identity:
                listener.news.set()
            else:
                listener.position = news.end

    async def _send(self, listener: Listener, send: Send) -> None:
        part: bytes | None = listener.opening
        left = MAX_SENT_BYTES
        with suppress(RuntimeError):  # as servers say that it has gone
            while part is not None:
                await send(part)
                left -= len(part)
                if left <= 0:
                    await send(COME_SOON)
                    return
                part = await self._next(listener)

    async def _next(self, listener: Listener) -> bytes | None:
        """What comes next, or a sign of life after a while; None where the stream ends."""
        until = asyncio.get_running_loop().time() + HEARTBEAT_SECONDS
        while True:
            listener.news.clear()
            try:
                part = await self._take(listener)
            except Exception as error:
                if not isinstance(error, RangeDetached):  # who comes again is told
                    log_error(logger, "A live listener could not be served.", error)
                return None
            if part != b"":
                return part
            try:
                async with asyncio.timeout_at(until):
                    await listener.news.wait()
            except TimeoutError:
                return place_frame(listener.cursor)

    async def _take(self, listener: Listener) -> bytes | None:
        """What a listener lacks, if there is anything; None if the log has become another one."""
        while self._window is not None:
            window = self._window
            if window.identity != listener.identity:
                return None
            if listener.position >= window.start:
                found = window.after(listener.position, listener.wanted)
                listener.position = max(listener.position, window.end)
                return Page(found, window.end).frames
            page = await self._in_thread(self._older, listener, window.start)
            listener.position = page.end
            if page.entries:
                return page.frames
        return b""

    def _older(self, listener: Listener, to: int) -> Page:
        return self._source.page(listener.identity, listener.position, to, listener.wanted)

    def _join(self, listener: Listener) -> None:
        self._listeners.add(listener)
        if self._watcher is None:
            loop = asyncio.get_running_loop()
            self._pool = ThreadPoolExecutor(1, "live-reader")
            self._rechecks = loop.create_task(self._recheck())
            self._watcher = Watcher(self._source, lambda news: _run_in(loop, self.publish, news))
            self._watcher.start()

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._watcher and self._pool and self._rechecks:
            self._watcher.stop.set()
            self._rechecks.cancel()
            self._pool.submit(connections.close_all)
            self._pool.shutdown(wait=False)
            self._watcher = self._window = None

    async def _recheck(self) -> None:
        """Send away whose session or token has ended, or who has lost the role, within RECHECK_SECONDS."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            await self.recheck()

    async def recheck(self) -> None:
        """Look now. A database that does not answer ends nobody: then nobody's access was ended there, either."""
        asked = {listener.sign_in for listener in self._listeners}
        try:
            still = set(await self._in_thread(self._still_open, asked))
        except Exception as error:
            log_error(logger, "It could not be seen who may still listen; this is tried again.", error)
            return
        for listener in self._listeners:
            if listener.sign_in in asked - still:
                listener.end()

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        assert self._pool
        return await asyncio.get_running_loop().run_in_executor(self._pool, _with_live_connections, work, *arguments)


def _with_live_connections(work: Callable[..., T], *arguments: Any) -> T:
    """What some work returns. Connections that were lost, or are too old, are closed before, as before a request."""
    close_old_connections()
    return work(*arguments)


def _run_in(loop: asyncio.AbstractEventLoop, work: Callable[[News], None], news: News) -> None:
    """Have the loop do something, and wait until it is done, so that the reader is never ahead; raises RuntimeError."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            work(news)
            done.set_result(None)
        except Exception as error:
            done.set_exception(error)

    loop.call_soon_threadsafe(run)
    done.result()
