"""When a command is decided over: its field `now` is the moment at which its events are recorded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.domain.commands import (
    CaptureHold,
    OpenAccount,
    PlaceHold,
    ReinstateCustomer,
    RenameAccount,
    SuspendCustomer,
)
from accounts.services.ids import new_id
from accounts.users.models import User
from eventstore import log
from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.log import Recorded
from eventstore.messages import type_of
from eventstore.models import Command
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def opening(owner: User) -> OpenAccount:
    """A command of which the sender says that it is of long ago."""
    assert owner.customer_id
    return OpenAccount(new_id(), owner.customer_id, "EUR", LONG_AGO)


def first_of(account_id: UUID) -> Recorded[Any]:
    return next(log.read_stream(account_id))


def test_a_message_without_such_a_field_stays_as_it_is() -> None:
    rename, suspend = RenameAccount(UUID(int=1), UUID(int=2), "Holidays"), SuspendCustomer(UUID(int=2), "Complaint")
    for command in (rename, suspend):
        assert type_of(command).at(command, LONG_AGO) is command


def test_a_message_with_one_is_as_of_the_moment() -> None:
    command = OpenAccount(UUID(int=1), UUID(int=2), "EUR", TOMORROW)
    assert type_of(command).at(command, LONG_AGO).now == LONG_AGO
    assert command.now == TOMORROW


@pytest.mark.django_db
class TestNow:
    """What the rules take for the present."""

    def test_is_the_moment_at_which_the_events_are_recorded_whatever_the_sender_says(self) -> None:
        command = opening(CustomerFactory.create())
        receipt = execute(command, "1", actor="ann")
        record = first_of(command.account_id)
        assert record.event.opened_at == record.recorded_at == receipt.recorded_at
        assert receipt.answer["opened_at"] == record.recorded_at.isoformat()

    def test_is_the_databases_clock(self) -> None:
        command = opening(CustomerFactory.create())
        before = database_time()
        execute(command, "1", actor="ann")
        assert before <= first_of(command.account_id).event.opened_at <= database_time()

    def test_is_the_given_time_of_imported_history(self) -> None:
        command = opening(CustomerFactory.create())
        execute(command, "1", actor="ann", recorded_at=TOMORROW)
        record = first_of(command.account_id)
        assert record.event.opened_at == record.recorded_at == TOMORROW

    def test_is_one_moment_for_all_of_a_batch(self) -> None:
        owner = CustomerFactory.create()
        commands = [opening(owner) for _ in range(3)]
        receipts = execute_many([CommandRequest(command=one, key=str(one.account_id), actor="ann") for one in commands])
        moments = {first_of(command.account_id).event.opened_at for command in commands}
        assert moments == {receipt.recorded_at for receipt in receipts}
        assert len(moments) == 1

    def test_does_not_run_back_in_a_stream_even_if_the_clock_does(self) -> None:
        """After a failover, say. What follows is recorded when the last event was, so it is decided then, too."""
        owner = CustomerFactory.create()
        assert owner.customer_id
        ahead, behind = opening(owner), opening(owner)
        execute(SuspendCustomer(owner.customer_id, "Complaint"), "1", actor="ann", recorded_at=TOMORROW)
        execute(ReinstateCustomer(owner.customer_id, "Settled"), "2", actor="ann")
        for key, command in {"3": ahead, "4": behind}.items():
            receipt = execute(command, key, actor="ann")
            record = first_of(command.account_id)
            assert record.event.opened_at == record.recorded_at == receipt.recorded_at == TOMORROW

    def test_what_was_asked_is_stored_as_it_was_asked(self) -> None:
        execute(opening(CustomerFactory.create()), "1", actor="ann")
        assert Command.objects.get(type="account.open").data["now"] == "2000-01-01T00:00:00Z"

    def test_is_told_to_a_rehearsal_too(self) -> None:
        receipt = execute(opening(CustomerFactory.create()), "1", actor="ann", dry_run=True)
        assert receipt.recorded_at
        assert receipt.answer["opened_at"] == receipt.recorded_at.isoformat()


def database_time() -> datetime:
    """Asked for past the engine, which may be wrong about it."""
    if connection.vendor == "sqlite":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


@pytest.mark.django_db(transaction=True)
class TestAfterAWait:
    """Somebody else has locked the account when money that is held there is asked for; then the hold is over."""

    @pytest.mark.postgresql
    def test_for_a_lock_a_command_is_decided_as_of_then(self) -> None:
        account = AccountFactory.create(balance=100)
        hold_id = new_id()
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(LOCK, [account.account_id, account.customer_id])
                waiting = pool.submit(capture, account, hold_id)
                while not somebody_waits_for_me(cursor):
                    assert not waiting.done()
                place_hold_that_is_over(account, hold_id)
            assert waiting.result() == "HOLD_NOT_OPEN"

    @pytest.mark.sqlite
    def test_for_the_only_writer_a_command_is_decided_as_of_then(self) -> None:
        account = AccountFactory.create(balance=100)
        hold_id, begins = new_id(), Signal()
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                waiting = pool.submit(told_before_it_begins, begins, lambda: capture(account, hold_id))
                begins.wait()
                place_hold_that_is_over(account, hold_id)
            assert waiting.result() == "HOLD_NOT_OPEN"


# Both streams, in the one order: otherwise the two would wait for each other.
LOCK = "SELECT FROM eventstore_stream WHERE stream_id IN (%s, %s) ORDER BY stream_id FOR UPDATE"


def capture(account: Account, hold_id: UUID) -> str | None:
    """Take what is held, on a connection of one's own; the code if it is refused."""
    try:
        command = CaptureHold(account.account_id, account.customer_id, hold_id, new_id(), LONG_AGO)
        receipt = execute(command, "capture", actor="ann")
        return receipt.refusal.code if receipt.refusal else None
    finally:
        connection.close()


def place_hold_that_is_over(account: Account, hold_id: UUID) -> None:
    """It was open until a moment ago: after the other one had begun to wait."""
    now = database_time()
    an_instant = timedelta(microseconds=1)
    command = PlaceHold(account.account_id, account.customer_id, hold_id, 100, now, now + an_instant)
    assert execute(command, "place", actor="ann", recorded_at=now).accepted


def somebody_waits_for_me(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    return cursor.fetchone() is not None


def told_before_it_begins(begins: Signal, work: Callable[[], str | None]) -> str | None:
    """Run with a signal as soon as a transaction is asked for."""

    def tell(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("BEGIN"):
            begins.set()
        return execute(sql, *rest)

    with connection.execute_wrapper(tell):
        return work()
