"""`is_transient`: which errors may be retried, shown by errors that really happened."""

from collections.abc import Callable
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError, connection, transaction

from tests.conformance.examples import ONE, TWO, backend, command, event, opened, write
from tests.conformance.sessions import other_session, run_and_commit, several_writers
from tests.torture.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def error_of(work: Callable[[], object]) -> Error | None:
    try:
        run_and_commit(work)
    except Error as error:
        return error
    return None


def errors_of(*tasks: Callable[[], object]) -> list[Error]:
    """The errors of transactions that run at the same time."""
    return [error for error in at_once([partial(error_of, task) for task in tasks]) if error]


@several_writers
def test_a_deadlock_is_transient() -> None:
    """Two transactions lock each other's rows in a circle, and the database ends one of them."""
    write(event(ONE), event(TWO))
    both_hold = Barrier(2)

    def cross(first: UUID, second: UUID) -> None:
        opened(first)
        both_hold.wait(timeout=600)
        opened(second)

    (error,) = errors_of(partial(cross, ONE, TWO), partial(cross, TWO, ONE))
    assert backend.is_transient(error)


@several_writers
def test_two_who_begin_the_same_stream_lose_nothing_but_a_race() -> None:
    """Where there is no head to lock yet, the last guard is a unique key, and its error is transient."""
    both_looked = Barrier(2)

    def begin() -> None:
        assert not opened(ONE).heads
        both_looked.wait(timeout=600)
        write(event(ONE, 1))

    (error,) = errors_of(begin, begin)
    assert backend.is_transient(error)


@several_writers
def test_two_who_send_the_same_command_lose_nothing_but_a_race() -> None:
    """Neither found a twin; the second is retried, and finds the first."""
    row = command()
    both_looked = Barrier(2)

    def send() -> None:
        assert not opened(commands=(row.command_id,)).stored
        both_looked.wait(timeout=600)
        write(row)

    (error,) = errors_of(send, send)
    assert backend.is_transient(error)


def test_a_lock_that_is_not_had_in_time_is_transient() -> None:
    """A busy database is not a broken one."""
    with other_session() as other:
        with transaction.atomic():
            write(event(ONE))
            with pytest.raises(OperationalError) as busy:
                other.in_transaction(partial(backend.block_writers))
        assert backend.is_transient(busy.value)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


FAULTS = {
    "a table that is not there": "SELECT * FROM there_is_no_such_table",
    "a slip of the pen": "SELEKT 1",
    "another unique key": "INSERT INTO auth_group (id, name) VALUES (1, 'a'), (2, 'a')",
    "a NULL where none may be": "INSERT INTO auth_group (id, name) VALUES (1, NULL)",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_not_transient(fault: str) -> None:
    """To try again would only take longer."""
    error = error_of(partial(sql, fault))
    assert error
    assert not backend.is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("made up"),
        IntegrityError("made up"),
        DataError(),
        InterfaceError(),
        ValueError(),
        KeyError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_no_database_has_raised_is_not_transient(error: Exception) -> None:
    """There is nothing known about it that would speak for another attempt."""
    assert not backend.is_transient(error)
