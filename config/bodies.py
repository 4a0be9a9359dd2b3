"""Bodies of requests, received before a thread is taken: each in its time, and all of them within bounds."""

import asyncio
from collections.abc import Sized
from contextlib import suppress
from typing import Any, Final

from django.conf import settings

MAX_DISCARDED_BYTES: Final = 33_554_432  # of a body that is read only to let its sender finish
SMALL_BYTES: Final = 65_536  # of each body, for which there is always room: the number of connections bounds their sum
LONG_BODIES_BYTES: Final = 67_108_864  # of all that goes beyond, in the memory of a process


class NoRoom(Exception):
    """There are so many long bodies in memory that another one can't be taken."""


class Bodies:
    """Receives bodies; the long ones share what room there is, so nobody fills the memory, or keeps out the small."""

    def __init__(self) -> None:
        self.kept = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MAX_DISCARDED_BYTES  # more is refused, so more is not kept
        self.room = LONG_BODIES_BYTES

    async def receive(self, proto: Any) -> bytearray:
        """A body as it arrived, and no more of it than the site would take; raises NoRoom.

        One that takes longer than BODY_SECONDS is cut there, and refused like any other that ends before its length.
        Its room is taken until it is released.
        """
        body = bytearray()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(settings.BODY_SECONDS):
                    await self._fill(body, proto)
        except BaseException:
            self.release(body)
            raise
        return body

    def release(self, body: Sized) -> None:
        """Give back the room of a body that was served."""
        self.room += _beyond(body)

    async def _fill(self, body: bytearray, proto: Any) -> None:
        size = 0
        async for part in proto:
            size += len(part)
            if len(body) <= self.kept:
                self._add(body, part)
            if size > MAX_DISCARDED_BYTES:
                return

    def _add(self, body: bytearray, part: bytes) -> None:
        before = _beyond(body)
        body += part
        self.room -= _beyond(body) - before
        if self.room < 0:
            raise NoRoom


def _beyond(body: Sized) -> int:
    return max(0, len(body) - SMALL_BYTES)
