"""Cursors as text: URL-safe, versioned, and with a checksum, so that a damaged one is told from an old one. Pure.

The bytes below the base64url: the form (1: a position of the log, 2: a number of the command store), 16 of the log's
id, 4 of the time at which the epoch began, epoch and place as LEB128 has them, and a CRC-32 over all of it. Whoever
wants to can make one: a cursor is no secret and opens nothing.
"""

import base64
import binascii
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

from eventstore.backends.rows import Identity

__all__ = ["PATTERNS", "Cursor", "Store", "read_cursor"]

MAX_PLACE: Final = 2**63 - 1  # what a database's bigint holds
MAX_EPOCH: Final = 2**31 - 1
TAG_MASK: Final = 0xFFFF_FFFF  # the part of an epoch's time that a cursor carries
MAX_BYTES: Final = 45


class Store(IntEnum):
    """What a cursor is a place in; the value is the form of its bytes."""

    EVENTS = 1
    COMMANDS = 2


# What all cursors of a store look like: the first two characters hold the form, and the beginning of the log's id.
PATTERNS: Final = {Store.EVENTS: "^A[Q-Za-f][A-Za-z0-9_-]{34,50}$", Store.COMMANDS: "^A[g-v][A-Za-z0-9_-]{34,50}$"}


class Cursor(NamedTuple):
    """A place in one of the two stores, with the identity of the log in which it was told."""

    identity: Identity
    place: int
    store: Store = Store.EVENTS

    @property
    def text(self) -> str:
        """The text that leaves the house."""
        log_id, epoch, began = self.identity
        head = bytes([self.store]) + log_id.bytes + (began & TAG_MASK).to_bytes(4, "big")
        body = head + _shortest(epoch) + _shortest(self.place)
        return base64.urlsafe_b64encode(body + zlib.crc32(body).to_bytes(4, "big")).rstrip(b"=").decode()

    def is_of(self, identity: Identity) -> bool:
        """Whether it was told in this epoch of this log."""
        own = self.identity
        same_time = (own.began ^ identity.began) & TAG_MASK == 0
        return (own.log_id, own.epoch) == (identity.log_id, identity.epoch) and same_time


def read_cursor(text: str) -> Cursor | None:
    """The cursor in a text; None if it is none, or damaged."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not 27 <= len(data) <= MAX_BYTES or zlib.crc32(data[:-4]).to_bytes(4, "big") != data[-4:]:
        return None
    return _cursor(data, text)


def _cursor(data: bytes, text: str) -> Cursor | None:
    numbers = list(_numbers(data[21:-4]))
    if data[0] not in set(Store) or len(numbers) != 2:
        return None
    epoch, place = numbers
    if epoch > MAX_EPOCH or place > MAX_PLACE:
        return None
    identity = Identity(UUID(bytes=data[1:17]), epoch, int.from_bytes(data[17:21], "big"))
    found = Cursor(identity, place, Store(data[0]))
    return found if found.text == text else None  # one cursor has one text


def _shortest(number: int) -> bytes:
    """A number in base 128, lowest digit first, each but the last with its high bit set (LEB128)."""
    digits = bytearray()
    while number >= 0x80:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    digits.append(number)
    return bytes(digits)


def _numbers(data: bytes) -> Iterator[int]:
    """The numbers in bytes; the last one is left out if it does not end."""
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
