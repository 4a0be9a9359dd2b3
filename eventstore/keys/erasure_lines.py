"""The lines of the erasure list: an entry each, with a checksum, so that a torn or damaged one is known as such. Pure.

    1 2026-11-30T16:20:00.123456Z erased 0193…-subject 0192…-log/3 9f86d081884c7d65

The version of the format, the time, what happened, the subject's id, the log's id with its epoch, and the first 16
hexadecimal digits of the SHA-256 of all before them. Nothing personal. The order of fields never changes: it is stored.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

FORMAT: Final = "1"
CHECKSUM_DIGITS: Final = 16


class Word(StrEnum):
    """What happened. An intention stands before its transaction is committed, so a failure may leave it behind."""

    INTENDED = "intended"
    ERASED = "erased"
    UNDONE = "undone"  # the transaction of the intention was rolled back


class Entry(NamedTuple):
    """One line: what happened to whom, and the log that it happened in."""

    at: datetime
    word: Word
    subject: UUID
    log_id: UUID
    epoch: int


class Listing(NamedTuple):
    """A list as it is: who was erased, whose erasure was only intended, and how many lines can't be read."""

    erased: dict[UUID, Entry]
    intended: dict[UUID, Entry]
    damaged: int


def line_of(entry: Entry) -> str:
    """An entry as its line, without the end of the line."""
    moment = entry.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    text = f"{FORMAT} {moment} {entry.word} {entry.subject} {entry.log_id}/{entry.epoch}"
    return f"{text} {_checksum(text)}"


def entry_of(line: str) -> Entry | None:
    """The entry of a line; None for one that is torn or damaged."""
    text, _, checksum = line.rpartition(" ")
    if not text or checksum != _checksum(text):
        return None
    version, moment, word, subject, log = text.split(" ")
    if version != FORMAT:
        return None
    log_id, _, epoch = log.partition("/")
    return Entry(datetime.fromisoformat(moment), Word(word), UUID(subject), UUID(log_id), int(epoch))


def listing_of(text: str) -> Listing:
    """What a list says, its lines taken in their order: an erasure stands for ever, an intention until it is undone."""
    listing = Listing({}, {}, 0)
    damaged = 0
    for line in _lines(text):
        if entry := entry_of(line):
            _take(listing, entry)
        else:
            damaged += 1
    return listing._replace(damaged=damaged)


def is_list(text: str) -> bool:
    """Whether a text is a list: with a line that can be read, or nothing yet but a first one that a crash has torn."""
    begin = f"{FORMAT} "
    return text.startswith(begin) or begin.startswith(text) or any(map(entry_of, _lines(text)))


def _take(listing: Listing, entry: Entry) -> None:
    listing.intended.pop(entry.subject, None)
    if entry.word is Word.ERASED:
        listing.erased.setdefault(entry.subject, entry)
    elif entry.word is Word.INTENDED and entry.subject not in listing.erased:
        listing.intended[entry.subject] = entry


def _lines(text: str) -> Iterable[str]:
    return (line for line in text.split("\n") if line)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:CHECKSUM_DIGITS]
