"""A book and two readers."""

from datetime import UTC, date, datetime
from uuid import UUID

from lending import reader
from lending.events import BookBought, BookLent, ReaderJoined

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DUE = date(2026, 5, 29)

BOOK = UUID(int=1)
ANN, BOB = reader.id_of("A 1"), reader.id_of("B 2")

BOUGHT = BookBought(BOOK, "Middlemarch", "E 4")
ANN_JOINED, BOB_JOINED = ReaderJoined(ANN, "Ann"), ReaderJoined(BOB, "Bob")
LENT_TO_ANN = BookLent(BOOK, ANN, DUE)
