"""What people want of the library."""

from datetime import datetime
from uuid import UUID

from eventstore.messages import Personal, command


@command("book.buy")
class Buy:
    """Buy a book."""

    book_id: UUID
    title: str
    shelf: str


@command("book.lend", streams={"book_id": "book", "reader_id": "reader"})
class Lend:
    """Lend a book to a reader."""

    book_id: UUID
    reader_id: UUID
    now: datetime  # when it is decided over; the engine sets it


@command("book.return")
class Return:
    """Bring a book back."""

    book_id: UUID


@command("book.reserve")
class Reserve:
    """Keep a book for a reader."""

    book_id: UUID
    reader_id: UUID
    now: datetime


@command("book.lapse_reservation")
class LapseReservation:
    """End a reservation whose time is over."""

    book_id: UUID
    now: datetime


@command("reader.join", subject="reader_id")
class Join:
    """Become a reader."""

    reader_id: UUID
    name: Personal


@command("card.send")
class SendCard:
    """Send a library card to a reader."""

    card_id: UUID
    reader_id: UUID
