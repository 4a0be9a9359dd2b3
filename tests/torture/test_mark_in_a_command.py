"""The tidemark may lie between two events of one transaction; all below it is there, and the rest comes next."""

from functools import partial

import pytest
from django.db import connection

from eventstore import feed
from tests.conformance.examples import ONE, TWO, event, write
from tests.conformance.sessions import other_session

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_mark_may_part_the_events_of_a_transaction() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite the mark is the end, and nothing is seen of a transaction before its commit")
    before, raiser = feed.advance(), feed.MarkRaiser()
    with other_session() as other:
        other.begin()
        written = other(partial(write, event(ONE)))
        assert not raiser.advance()  # it waits for the other transaction, which draws once more
        other(partial(write, event(TWO)))
        other.commit()
    assert raiser.advance()
    assert feed.mark().position == written.positions[-1]
    assert feed.advance().position == written.positions[-1] + 1 > before.position
