"""How the log becomes read models: pure functions from events to rows."""

from collections.abc import Iterator
from typing import Any

from eventstore.log import CommandRecord, Recorded
from eventstore.projecting import fold, rows

from lending.events import BookBought, BookLent, BookReserved, BookReturned, ReaderJoined, ReservationLapsed
from lending.models import Lending, Loan, Member, RefusedRequest, Reservation, Title


@fold(Loan, key=lambda event: event.book_id)
def loans(row: Loan | None, event: BookLent | BookReturned, record: Recorded[Any]) -> Loan | None:
    """One row for each book that is out."""
    match event:
        case BookLent(book_id, reader_id, due):
            return Loan(book_id=book_id, reader_id=reader_id, due=due, since=record.recorded_at)
        case BookReturned():
            return None  # no row


@rows(Lending, delayed=True)
def lendings(event: BookLent, record: Recorded[Any]) -> Iterator[Lending]:
    """A line for each time that a book is lent."""
    yield Lending(position=record.position, book_id=event.book_id, at=record.recorded_at)


@rows(RefusedRequest)
def refused_requests(command: CommandRecord) -> Iterator[RefusedRequest]:
    """A line for each command that was refused."""
    if command.refusal_code:
        yield RefusedRequest(number=command.number, type=command.type, code=command.refusal_code)


@rows(Title)
def titles(event: BookBought, record: Recorded[Any]) -> Iterator[Title]:
    """The catalogue."""
    yield Title(book_id=event.book_id, title=event.title, shelf=event.shelf)


@rows(Member, personal=True)
def members(event: ReaderJoined, record: Recorded[Any]) -> Iterator[Member]:
    """The readers, by name."""
    yield Member(reader_id=event.reader_id, name=event.name)


@fold(Reservation, key=lambda event: event.book_id)
def reservations(
    row: Reservation | None, event: BookReserved | ReservationLapsed | BookLent, record: Recorded[Any]
) -> Reservation | None:
    """One row for each book that a reader waits for."""
    match event:
        case BookReserved(book_id, reader_id, until):
            return Reservation(book_id=book_id, reader_id=reader_id, until=until)
        case ReservationLapsed() | BookLent():
            return None
