"""The rules of a book: pure. No database, no clock, no settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from eventstore.decider import Decider, Refused, decides, register

from lending.commands import Buy, LapseReservation, Lend, Reserve, Return
from lending.events import BookBought, BookLent, BookReserved, BookReturned, ReservationLapsed
from lending.reader import Reader

LOAN = timedelta(days=28)
RESERVATION = timedelta(days=3)

Command = Buy | Return | Reserve | LapseReservation
Event = BookBought | BookLent | BookReturned | BookReserved | ReservationLapsed


@dataclass(frozen=True)
class Book:
    """Only what the next decision needs."""

    exists: bool = False
    reader_id: UUID | None = None
    reserved_by: UUID | None = None
    reserved_until: datetime | None = None


def decide(book: Book, command: Command) -> Iterator[Event]:
    """Yield the events that a command causes, or refuse it."""
    match command:
        case Buy(book_id, title, shelf):
            if book.exists:
                raise Refused("BOOK_IS_THERE", "This book is in the library already.", field="title")
            yield BookBought(book_id, title, shelf)
        case Return(book_id):
            if book.reader_id is None:
                raise Refused("BOOK_IS_IN", "Nobody has this book.")
            yield BookReturned(book_id)
        case Reserve(book_id, reader_id, now):
            if not book.exists:
                raise Refused("UNKNOWN_BOOK", "There is no such book.")
            if book.reserved_by is not None:
                raise Refused("BOOK_IS_RESERVED", "Another reader waits for this book.")
            yield BookReserved(book_id, reader_id, now + RESERVATION)
        case LapseReservation(book_id, now):
            if book.reserved_until is None or now < book.reserved_until:
                raise Refused("NOT_YET", "This reservation has not lapsed.")
            yield ReservationLapsed(book_id)
        case _:
            assert_never(command)


def lend(book: Book, reader: Reader, command: Lend) -> Iterator[BookLent]:
    """A command over two streams is decided on the states of both."""
    if not reader.has_joined:
        raise Refused("UNKNOWN_READER", "Only readers who have joined may borrow.", field="reader_id")
    if not book.exists or book.reader_id is not None:
        raise Refused("BOOK_IS_OUT", "This book is not on its shelf.")
    if book.reserved_by not in (None, command.reader_id):
        raise Refused("BOOK_IS_RESERVED", "Another reader waits for this book.")
    yield BookLent(command.book_id, command.reader_id, (command.now + LOAN).date())


def due_of(book: Book, reader: Reader, command: Lend) -> dict[str, Any]:
    """The answer to whoever borrows, on the states after the events; it is stored with the command."""
    return {"due": (command.now + LOAN).date().isoformat()}


def evolve(book: Book, event: Event) -> Book:
    """The book after an event. Never refuses."""
    match event:
        case BookBought():
            return replace(book, exists=True)
        case BookLent(reader_id=reader_id):
            return Book(exists=True, reader_id=reader_id)
        case BookReturned():
            return replace(book, reader_id=None)
        case BookReserved(reader_id=reader_id, until=until):
            return replace(book, reserved_by=reader_id, reserved_until=until)
        case ReservationLapsed():
            return replace(book, reserved_by=None, reserved_until=None)
        case _:
            assert_never(event)


BOOKS = Decider(category="book", initial=Book(), decide=decide, evolve=evolve, commands=Command)
register(BOOKS)
decides(Lend, decide=lend, answer=due_of)
