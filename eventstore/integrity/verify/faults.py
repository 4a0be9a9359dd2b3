"""Faults that `verify` finds: each with its place, a code for programs and a sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

MAX_NAMED: Final = 50  # faults that are named; all are counted


class Place(StrEnum):
    """Where a fault lies; the names never change. Faults of an earlier place are named first."""

    EVENTS = "events"  # at a position
    COMMANDS = "commands"  # at a number
    STREAMS = "streams"
    TREES = "trees"  # at a position or number
    SEALS = "seals"  # in the file of heads that are kept outside, at a line
    EPOCHS = "epochs"
    KEYS = "keys"  # of persons
    DATABASE = "database"
    SITE = "site"


class Code(StrEnum):
    """The kind of a fault, for programs; the names never change."""

    UNREADABLE = "unreadable"  # a row can't be read, so it is not as the engine wrote it
    DIGEST = "digest"  # a row says something else than when it was written
    VERSION = "version"  # a stream's versions have a gap, or one twice
    TIME = "time"  # a stream's times run backwards
    SLOT = "slot"
    ORDER = "order"  # positions are not in the order in which they were drawn
    APPEARED = "appeared"  # below a mark that was reached before, there is more or less than there was
    COMMAND_ID = "command_id"  # not the one of actor and key
    METADATA = "metadata"  # an event's are not those of its command, or a command's not its own
    POSITIONS = "positions"  # a command names an event that is not its
    NO_COMMAND = "no_command"  # an event names a command that is not there
    ANSWER = "answer"  # a check of the project's own
    HEAD = "head"  # of a stream: not as its last event
    STATE = "state"  # of a stream: not as its events make it
    NO_HEAD = "no_head"
    NO_EVENTS = "no_events"
    LEAF = "leaf"  # a row is not the one that became a leaf of the tree
    ROOT = "root"  # the rows give another root than the one that was signed
    TILE = "tile"
    NOTE = "note"  # a head's note is not signed, or says something else than its row
    CUT_OFF = "cut_off"  # a head is larger than the log: the tail is gone
    GARBLED = "garbled"  # a line of the file outside
    NOT_KEPT = "not_kept"  # a head that is kept outside is missing here, or the other way round
    EPOCH = "epoch"
    LOST = "lost"  # by an epoch whose loss nobody has accepted
    KEY = "key"  # of a person: gone without an erasure, changed, or another person's
    GUARD = "guard"
    SEQUENCE = "sequence"
    MARK = "mark"
    CHECK = "check"  # a check of the project's own


@dataclass(frozen=True)
class Fault:
    """Something that is not as it should be; `position` is a position, a number or a line, where there is one."""

    place: Place
    code: Code
    position: int | None
    subject: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """The fault, for programs."""
        return {
            "place": str(self.place),
            "code": str(self.code),
            "position": self.position,
            "subject": self.subject,
            "sentence": self.sentence,
        }


@dataclass
class Faults:
    """The faults of a run: all are counted, the first are named."""

    total: int = 0
    named: list[Fault] = field(default_factory=list)
    first: Fault | None = None

    def add(self, place: Place, code: Code, sentence: str, *, position: int | None = None, subject: str = "") -> None:
        """Count a fault, and name it if there are few."""
        fault = Fault(place, code, position, subject, sentence)
        self.total += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(fault)
        if self.first is None or _rank(fault) < _rank(self.first):
            self.first = fault

    def in_order(self) -> Iterator[Fault]:
        """The named faults, the first bad position before all others."""
        yield from sorted(self.named, key=_rank)

    @contextmanager
    def caught(self, place: Place, code: Code, sentence: str, subject: str = "") -> Iterator[None]:
        """Make a fault of any error within the block: what was forged must not end the run."""
        try:
            yield
        except Exception as error:
            self.add(place, code, f"{sentence} ({type(error).__name__}: {error})", subject=subject)


def _rank(fault: Fault) -> tuple[int, int, int]:
    """The order of faults; a leaf of a tree lies where its row does."""
    own = list(Place).index(fault.place)
    is_leaf = fault.place == Place.TREES and fault.subject in (Place.EVENTS, Place.COMMANDS)
    row = Place(fault.subject) if is_leaf else fault.place
    if fault.position is None:
        return own, 2**63, 0
    return list(Place).index(row), fault.position, own
