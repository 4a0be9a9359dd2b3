"""Lanes: the threads that serve requests, and the queues before them, which have an end.

What takes long has narrow lanes of its own: who waits there is in nobody else's way, however many they are. Within a
lane callers take turns, so that a crowd from one address delays the others by one request each time.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

WAITING: Final = 128  # requests before the threads of a lane; whoever comes then is asked to come again
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Hashing a password takes a core for a while. tests/wire/test_lanes.py finds an address that is missing here.
PASSWORDS: Final = re.compile(r"sign-|password|login|security/|/token$|/customers$")
LONG: Final = re.compile(r"/bulk$|^/admin/analysis/|\.csv$|\.pdf$|/statements/[^/]+/proof$|^/api/schema/$")

T = TypeVar("T")
Turn = asyncio.Future[None]


class Full(Exception):
    """So many requests wait already that another one would wait too long."""


class Lane:
    """Some threads, and a queue before them in which callers take turns, however many requests each of them has."""

    def __init__(self, name: str, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, name)
        self._idle = threads
        self._waiting: dict[str, deque[Turn]] = {}  # by their callers, of whom the first is next

    async def run(self, loop: asyncio.AbstractEventLoop, caller: str, work: Callable[[], T]) -> T:
        """What some work in a thread returns, once it is its turn; raises Full."""
        await self._turn(loop, caller)
        try:
            return await loop.run_in_executor(self._pool, work)
        finally:
            self._pass_on()

    def close(self) -> None:
        """Leave undone what waits."""
        for turns in self._waiting.values():
            for turn in turns:
                turn.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, loop: asyncio.AbstractEventLoop, caller: str) -> None:
        if self._idle:
            self._idle -= 1
            return
        if sum(map(len, self._waiting.values())) >= WAITING:
            self._make_room(caller)
        turn: Turn = loop.create_future()
        self._waiting.setdefault(caller, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had come at this very moment
                self._pass_on()
            raise

    def _make_room(self, caller: str) -> None:
        """Refuse the latest request of whoever has most; raise Full if that is the caller, or nobody has more."""
        busiest = max(self._waiting.values(), key=len)
        if len(busiest) <= 1 + len(self._waiting.get(caller, ())):
            raise Full
        latest = busiest.pop()
        if not latest.done():
            latest.set_exception(Full())

    def _pass_on(self) -> None:
        """Give a thread that has become idle to who is next."""
        while self._waiting:
            caller = next(iter(self._waiting))
            turns = self._waiting.pop(caller)
            turn = turns.popleft()
            if turns:
                self._waiting[caller] = turns  # behind all others
            if not turn.done():
                turn.set_result(None)
                return
        self._idle += 1


class Lanes:
    """The lanes of a process; a narrow one has a quarter of the threads of the usual one."""

    def __init__(self, threads: int) -> None:
        narrow = max(1, threads // 4)
        self.usual = Lane("request", threads)
        self.passwords = Lane("password-request", narrow)
        self.long = Lane("long-request", narrow)

    def lane_of(self, method: str, path: str) -> Lane:
        """The lane of a request."""
        if LONG.search(path):
            return self.long
        return self.passwords if method not in SAFE_METHODS and PASSWORDS.search(path) else self.usual

    def close(self) -> None:
        """Leave undone what waits."""
        for lane in (self.usual, self.passwords, self.long):
            lane.close()
