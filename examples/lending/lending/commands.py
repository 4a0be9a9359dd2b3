"""What people want of the library."""

from datetime import datetime
from uuid import UUID

from eventstore.messages import Personal, command


@command("book.buy")
class Buy:
    book_id: UUID
    title: str
    shelf: str


@command("book.lend", streams={"book_id": "book", "reader_id": "reader"})
class Lend:
    book_id: UUID
    reader_id: UUID
    now: datetime  # when it is decided over; the engine sets it


@command("book.return")
class Return:
    book_id: UUID


@command("book.reserve")
class Reserve:
    book_id: UUID
    reader_id: UUID
    now: datetime


@command("book.lapse_reservation")
class LapseReservation:
    book_id: UUID
    now: datetime


@command("reader.join", subject="reader_id")
class Join:
    reader_id: UUID
    name: Personal


@command("card.send")
class SendCard:
    card_id: UUID
    reader_id: UUID
