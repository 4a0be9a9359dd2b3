"""The library in action: what the guide shows, on a real database."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from eventstore import feed, log, personal
from eventstore.decider import Refused
from eventstore.errors import VersionConflict
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.projecting import as_of, projections, wait_for
from eventstore.testing import catch_up

from lending import reader
from lending.book import BOOKS
from lending.commands import Buy, Join, Lend, Return
from lending.events import BookBought, BookLent, BookReserved, CardSent
from lending.models import Lending, Loan, Member, RefusedRequest, Reservation
from lending.reader import READERS
from tests.examples import ANN, BOB, BOOK

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def library() -> None:
    """One book, two readers."""
    execute(Buy(BOOK, "Middlemarch", "E 4"), uuid4(), actor="desk")
    execute(Join(ANN, "Ann"), uuid4(), actor="desk")
    execute(Join(BOB, "Bob"), uuid4(), actor="desk")


def test_a_command_has_one_answer_for_ever() -> None:
    key = uuid4()
    receipt = execute(Lend(BOOK, ANN, timezone.now()), key, actor="desk", fingerprint=f"lend {BOOK} to {ANN}")
    assert receipt.accepted
    assert receipt.answer["due"] > f"{timezone.now():%Y-%m-%d}"

    again = execute(Lend(BOOK, ANN, timezone.now()), key, actor="desk", fingerprint=f"lend {BOOK} to {ANN}")
    assert (again.replayed, again.position, again.answer) == (True, receipt.position, receipt.answer)

    refused = execute(Lend(BOOK, BOB, timezone.now()), uuid4(), actor="desk")
    assert refused.refusal
    assert refused.refusal.code == "BOOK_IS_OUT"


def test_a_rehearsal_keeps_nothing() -> None:
    assert execute(Lend(BOOK, ANN, timezone.now()), uuid4(), actor="desk", dry_run=True).accepted
    assert not Loan.objects.exists()


def test_many_commands_share_a_transaction() -> None:
    lend = CommandRequest(command=Lend(BOOK, ANN, timezone.now()), key="1", actor="desk")
    give_back = CommandRequest(command=Return(BOOK), key="2", actor="desk")
    assert all(receipt.accepted for receipt in execute_many([lend, give_back], atomic=True))


def test_a_login_is_made_with_the_reader() -> None:
    def make_login() -> None:
        if User.objects.filter(username="cleo").exists():
            raise Refused("NAME_IS_TAKEN", "Another reader signs in by this name.", field="name")
        User.objects.create_user("cleo")

    cleo, twin = reader.id_of("C 3"), reader.id_of("C 4")
    assert execute(Join(cleo, "Cleo"), uuid4(), actor="desk", in_transaction=make_login).accepted
    assert not execute(Join(twin, "Cleo"), uuid4(), actor="desk", in_transaction=make_login).accepted
    assert not READERS.current(twin).has_joined  # her events were undone with it


def test_events_can_be_appended_without_a_command() -> None:
    old_book = uuid4()
    log.append("book", old_book, [BookBought(old_book, "Emma", "A 1")], expected_version=0, actor="import")
    with pytest.raises(VersionConflict):
        log.append("book", old_book, [BookBought(old_book, "Emma", "A 1")], expected_version=0, actor="import")


def test_nothing_is_recorded_in_closed_time() -> None:
    end = timezone.now() + timedelta(minutes=5)  # as after a clock that was set back
    log.close_until({BOOK: end})
    assert execute(Lend(BOOK, ANN, timezone.now()), uuid4(), actor="desk").recorded_at == end


def test_delayed_read_models_follow() -> None:
    receipt = execute(Lend(BOOK, ANN, timezone.now()), uuid4(), actor="desk")
    assert not wait_for(receipt.position, "lendings", timeout=0)  # no runner is at work

    catch_up()
    assert wait_for(receipt.position, "lendings", timeout=2)
    assert Lending.objects.get().book_id == BOOK


def test_refused_requests_are_listed() -> None:
    execute(Return(BOOK), uuid4(), actor="desk")
    assert RefusedRequest.objects.get().code == "BOOK_IS_IN"


def test_who_joins_is_sent_a_card() -> None:
    catch_up()
    sent = [record.event.reader_id for record in feed.read(0) if isinstance(record.event, CardSent)]
    assert sorted(sent) == sorted([ANN, BOB])


def test_a_reservation_lapses_by_itself() -> None:
    lapsed = BookReserved(BOOK, ANN, until=timezone.now() - timedelta(minutes=1))
    log.append("book", BOOK, [lapsed], actor="import")
    assert Reservation.objects.exists()
    call_command("run_due", stdout=StringIO())
    assert not Reservation.objects.exists()


def test_the_past_can_be_looked_at() -> None:
    receipt = execute(Lend(BOOK, ANN, timezone.now()), uuid4(), actor="desk")
    execute(Return(BOOK), uuid4(), actor="desk")
    book, version = BOOKS.load(BOOK, version=2)
    assert (book.reader_id, version) == (ANN, 2)
    assert BOOKS.current(BOOK).reader_id is None
    assert [type(record.event) for record in log.read_stream(BOOK)][1] is BookLent

    with as_of.table(projections["loans"], position=receipt.position) as loans:
        assert loans.get().reader_id == ANN
    assert as_of.row(projections["loans"], BOOK, stream_id=BOOK, at=timezone.now()) is None


def test_a_reader_is_forgotten() -> None:
    assert personal.erase(ANN)
    call_command("rebuild_projections", "members", stdout=StringIO())
    assert Member.objects.get(pk=ANN).name is None
