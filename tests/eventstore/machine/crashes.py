"""Rules: sudden ends before and after each write, the commit, and what is told after it.

Before the commit nothing has happened, after it everything has, although the caller saw an error. Sent again with the
same key, a command has one effect either way.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import log
from eventstore.execute import Receipt
from eventstore.personal import SubjectErased
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild
from tests.conformance.boxes import Filled
from tests.crash_points import OF_A_COMMAND, OF_A_DELIVERY, OF_A_REBUILD, UNCOMMITTED, Crash, crashing
from tests.eventstore.machine import checks
from tests.eventstore.machine.base import BOX, Base, asks, events, filled, many, of, one, tallies, unheard
from tests.eventstore.machine.model import Ask

points, moments = st.sampled_from(OF_A_COMMAND), st.integers(1, 4)


class Crashing(Base):
    """The machine stops, or somebody is quicker."""

    @rule(batch=st.lists(asks, min_size=1, max_size=3), point=points, again=st.booleans())
    def crash_in_a_command(self, batch: list[Ask], point: str, again: bool) -> None:
        try:
            outcomes = self.model.outcomes(batch)
        except SubjectErased:
            return
        work = partial(many, batch) if len(batch) > 1 else partial(alone, batch[0])
        with crashing(point, crash) as fuse:
            receipts = unless_it_crashes(work)
        assert fuse.burnt == (receipts is None)
        if receipts is None and fuse.is_too_late:
            receipts = work()
            assert all(receipt.replayed for receipt in receipts if receipt.accepted)
        elif receipts is None and again:
            checks.everything_agrees(self.model)
            receipts = work()
        if receipts is not None:
            self.told(batch, outcomes, receipts)

    @rule(tally=tallies, told=st.lists(events, min_size=1, max_size=3), point=points)
    def crash_in_an_append(self, tally: UUID, told: list[Any], point: str) -> None:
        """Who appends without a command has to look what became of it."""
        told, before = [of(event, tally) for event in told], self.model.version(tally)
        with crashing(point, crash) as fuse:
            unless_it_crashes(partial(log.append, "tally", tally, told, expected_version=before, actor="ann"))
        records = list(log.read_stream(tally, after=before))
        assert bool(records) == (fuse.is_too_late or not fuse.burnt)
        self.keep(records, told if records else [])

    @rule(told=st.lists(filled, min_size=1, max_size=2), point=st.sampled_from(["before write_if", "after write_if"]))
    def crash_where_nobody_listens(self, told: list[Filled], point: str) -> None:
        """One statement that commits by itself: it has happened, or it has not."""
        before = self.model.version(BOX)
        with crashing(point, crash) as fuse, unheard():
            unless_it_crashes(partial(log.append, "box", BOX, told, expected_version=before, actor="ann"))
        records = list(log.read_stream(BOX, after=before))
        assert bool(records) == (fuse.is_too_late or not fuse.burnt)
        self.keep(records, told if records else [])

    @rule(ask=asks, point=st.sampled_from(UNCOMMITTED))
    def lose_a_race(self, ask: Ask, point: str) -> None:
        """What the database refuses for the moment is tried again, and nobody notices."""
        with crashing(point, lose_race):
            self.take([ask], lambda: [one(ask)])

    @rule(point=st.sampled_from(OF_A_DELIVERY), nth=moments)
    def crash_in_a_delivery(self, point: str, nth: int) -> None:
        """Rows and checkpoints are together wherever they are, as the invariants see."""
        with crashing(point, crash, nth) as fuse:
            done = unless_it_crashes(lambda: [self.catch_up()])  # type: ignore[func-returns-value]
        assert fuse.burnt == (done is None)

    @precondition(lambda self: not self.hidden)
    @rule(name=st.sampled_from(["standings", "asked", "grand"]), point=st.sampled_from(OF_A_REBUILD), nth=moments)
    def crash_in_a_rebuild(self, name: str, point: str, nth: int) -> None:
        """The live table is the old one or the new one; the next rebuild goes on, or begins."""
        with crashing(point, crash, nth) as fuse:
            done = unless_it_crashes(lambda: [rebuild([projections[name]])])
        assert fuse.burnt == (done is None)


def crash() -> None:
    """The machine stops."""
    raise Crash("The machine has stopped.")


def lose_race() -> None:
    """The database refuses, as it does when somebody was quicker."""
    raise Crash("Somebody was quicker.") from (busy() if connection.vendor == "sqlite" else lost())


def alone(ask: Ask) -> list[Receipt]:
    return [one(ask)]


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def lost() -> psycopg.errors.SerializationFailure:
    return psycopg.errors.SerializationFailure("could not serialize access")


def unless_it_crashes(work: Callable[[], list[Any]]) -> list[Any] | None:
    """What came of work, or None if it crashed."""
    try:
        return work()
    except Crash:
        return None
