"""What has happened in the library. Past tense, never edited."""

from datetime import date, datetime
from uuid import UUID

from eventstore.messages import Personal, event


@event("book.bought", version=2)
class BookBought:
    """The library has a book more."""

    book_id: UUID  # the stream: category "book", and the id in the field book_id
    title: str
    shelf: str


@event("book.lent")
class BookLent:
    """A reader took a book home."""

    book_id: UUID
    reader_id: UUID
    due: date


@event("book.returned")
class BookReturned:
    """A book is back on its shelf."""

    book_id: UUID


@event("book.reserved")
class BookReserved:
    """A reader waits for a book, which nobody else may borrow meanwhile."""

    book_id: UUID
    reader_id: UUID
    until: datetime


@event("book.reservation_lapsed")
class ReservationLapsed:
    """A reader waited for a book, and did not come for it in time."""

    book_id: UUID


@event("reader.joined", subject="reader_id")
class ReaderJoined:
    """Somebody became a reader."""

    reader_id: UUID
    name: Personal  # encrypted with the reader's own key; None once the reader is erased


@event("card.sent")
class CardSent:
    """A reader was sent a library card."""

    card_id: UUID
    reader_id: UUID
