"""What has happened in the library. Past tense, never edited."""

from datetime import date, datetime
from uuid import UUID

from eventstore.messages import Personal, event


@event("book.bought", version=2)
class BookBought:
    book_id: UUID  # the stream: category "book", and the id in the field book_id
    title: str
    shelf: str


@event("book.lent")
class BookLent:
    book_id: UUID
    reader_id: UUID
    due: date


@event("book.returned")
class BookReturned:
    book_id: UUID


@event("book.reserved")
class BookReserved:
    book_id: UUID
    reader_id: UUID
    until: datetime


@event("book.reservation_lapsed")
class ReservationLapsed:
    book_id: UUID


@event("reader.joined", subject="reader_id")
class ReaderJoined:
    reader_id: UUID
    name: Personal  # encrypted with the reader's own key; None once the reader is erased


@event("card.sent")
class CardSent:
    card_id: UUID
    reader_id: UUID
