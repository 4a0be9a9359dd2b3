"""The rules of a book, without a database."""

from datetime import timedelta

from eventstore.testing import given

from lending.book import RESERVATION
from lending.commands import LapseReservation, Lend, Reserve, Return
from lending.events import BookLent, BookReserved, BookReturned, ReservationLapsed
from tests.examples import ANN, ANN_JOINED, BOB, BOB_JOINED, BOOK, BOUGHT, DUE, LENT_TO_ANN, NOON


def test_a_book_is_lent_for_four_weeks() -> None:
    lent = given(BOUGHT, ANN_JOINED).when(Lend(BOOK, ANN, NOON))
    lent.then(LENT_TO_ANN).answers(due="2026-05-29")


def test_a_book_is_lent_once() -> None:
    given(BOUGHT, BOB_JOINED, LENT_TO_ANN).when(Lend(BOOK, BOB, NOON)).refused("BOOK_IS_OUT")


def test_a_returned_book_is_lent_again() -> None:
    history = given(BOUGHT, BOB_JOINED, LENT_TO_ANN, BookReturned(BOOK))
    history.when(Lend(BOOK, BOB, NOON)).then(BookLent(BOOK, BOB, DUE))


def test_only_readers_borrow() -> None:
    given(BOUGHT).when(Lend(BOOK, ANN, NOON)).refused("UNKNOWN_READER", field="reader_id")


def test_a_book_on_its_shelf_can_not_be_returned() -> None:
    given(BOUGHT).when(Return(BOOK)).refused("BOOK_IS_IN")


def test_a_reserved_book_waits_for_its_reader() -> None:
    reserved = given(BOUGHT, ANN_JOINED, BOB_JOINED, BookReserved(BOOK, ANN, NOON + RESERVATION))
    reserved.when(Lend(BOOK, BOB, NOON)).refused("BOOK_IS_RESERVED")
    reserved.when(Reserve(BOOK, BOB, NOON)).refused("BOOK_IS_RESERVED")
    reserved.when(Lend(BOOK, ANN, NOON)).then(LENT_TO_ANN)


def test_a_reservation_lapses_when_its_time_is_over() -> None:
    reserved = given(BOUGHT, BookReserved(BOOK, ANN, NOON))
    reserved.when(LapseReservation(BOOK, NOON - timedelta(seconds=1))).refused("NOT_YET")
    reserved.when(LapseReservation(BOOK, NOON)).then(ReservationLapsed(BOOK))
