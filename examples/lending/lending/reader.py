"""The rules of a reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from eventstore.decider import Decider, Refused, register

from lending.commands import Join
from lending.events import ReaderJoined


@dataclass(frozen=True)
class Reader:
    has_joined: bool = False


def id_of(card_number: str) -> UUID:
    """The id of the reader with a card number; made from it, so that no number can be given twice."""
    return uuid5(NAMESPACE_URL, f"https://library.example/cards/{card_number}")


def decide(reader: Reader, command: Join) -> Iterator[ReaderJoined]:
    """Yield the events that a command causes, or refuse it."""
    if reader.has_joined:
        raise Refused("CARD_IS_TAKEN", "This card belongs to another reader.", field="card_number")
    yield ReaderJoined(command.reader_id, command.name)


def evolve(reader: Reader, event: ReaderJoined) -> Reader:
    """The reader after an event."""
    return Reader(has_joined=True)


READERS = Decider(category="reader", initial=Reader(), decide=decide, evolve=evolve, commands=Join)
register(READERS)
