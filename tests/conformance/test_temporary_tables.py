"""Temporary tables: what drift checks and views of the past replay into."""

from functools import partial

import pytest
from django.db import DatabaseError, transaction

from tests.conformance.examples import backend
from tests.conformance.sessions import other_session, run_and_roll_back
from tests.conformance.specimens import plain
from tests.conformance.tables import LIVE, NEW, exists, numbers, put, shape

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("specimen", "no_tables_beside")]


def test_a_temporary_table_is_empty_and_takes_rows_as_the_live_one_does() -> None:
    """Drift checks and views of the past replay into it."""
    put(LIVE, plain(1, big=1))
    with transaction.atomic():
        backend.create_temporary_like(LIVE, NEW)
        assert shape(NEW) == shape(LIVE)
        put(NEW, *(plain(number, big=number) for number in range(200)))
        put(NEW, plain(1, big=1_000), replacing=True)
        assert len(numbers(NEW)) == 200
        assert max(numbers(NEW)) == 1_000
        assert numbers(LIVE) == [1]
        backend.drop_table(NEW)


@pytest.mark.django_db(transaction=True)
def test_no_other_session_sees_a_temporary_table() -> None:
    """Several checks may run at once under the same names."""
    with other_session() as other:
        with transaction.atomic():
            backend.create_temporary_like(LIVE, NEW)
            put(NEW, plain(1))
            with pytest.raises(DatabaseError):
                other(partial(numbers, NEW))
            backend.drop_table(NEW)
        assert not exists(NEW)


@pytest.mark.django_db(transaction=True)
def test_a_temporary_table_is_gone_when_its_transaction_was_undone() -> None:
    """The next check makes it again."""
    for _ in range(2):
        run_and_roll_back(partial(backend.create_temporary_like, LIVE, NEW))
