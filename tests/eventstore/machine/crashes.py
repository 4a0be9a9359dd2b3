"""Rules: crashes before and after each write, the commit, and the `on_commit` callbacks.

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
from tests.crash_points import COMMAND_POINTS, DELIVERY_POINTS, REBUILD_POINTS, UNCOMMITTED_POINTS, Crash, crashing
from tests.eventstore.machine import checks
from tests.eventstore.machine.base import (
    BOX,
    EngineMachine,
    events,
    execute_batch,
    execute_one,
    filled,
    of,
    requests,
    tallies,
    without_receivers,
)
from tests.eventstore.machine.model import ModelRequest

points, moments = st.sampled_from(COMMAND_POINTS), st.integers(1, 4)


class CrashRules(EngineMachine):
    """Rules that crash: the machine stops, or another writer is quicker."""

    @rule(batch=st.lists(requests, min_size=1, max_size=3), point=points, again=st.booleans())
    def crash_in_a_command(self, batch: list[ModelRequest], point: str, again: bool) -> None:
        try:
            expectations = self.model.expect(batch)
        except SubjectErased:
            return
        work = partial(execute_batch, batch) if len(batch) > 1 else partial(execute_alone, batch[0])
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
            self.record_receipts(batch, expectations, receipts)

    @rule(tally=tallies, new_events=st.lists(events, min_size=1, max_size=3), point=points)
    def crash_in_an_append(self, tally: UUID, new_events: list[Any], point: str) -> None:
        """An append without a command has no receipt: the caller looks whether it was stored."""
        new_events, before = [of(event, tally) for event in new_events], self.model.version(tally)
        with crashing(point, crash) as fuse:
            unless_it_crashes(partial(log.append, "tally", tally, new_events, expected_version=before, actor="ann"))
        records = list(log.read_stream(tally, after=before))
        assert bool(records) == (fuse.is_too_late or not fuse.burnt)
        self.record_appended(records, new_events if records else [])

    @rule(
        new_events=st.lists(filled, min_size=1, max_size=2),
        point=st.sampled_from(["before write_if", "after write_if"]),
    )
    def crash_without_receivers(self, new_events: list[Filled], point: str) -> None:
        """A single statement commits by itself: it is stored whole, or not at all."""
        before = self.model.version(BOX)
        with crashing(point, crash) as fuse, without_receivers():
            unless_it_crashes(partial(log.append, "box", BOX, new_events, expected_version=before, actor="ann"))
        records = list(log.read_stream(BOX, after=before))
        assert bool(records) == (fuse.is_too_late or not fuse.burnt)
        self.record_appended(records, new_events if records else [])

    @rule(request=requests, point=st.sampled_from(UNCOMMITTED_POINTS))
    def lose_a_race(self, request: ModelRequest, point: str) -> None:
        """A transient error of the database is retried, without an error for the caller."""
        with crashing(point, lose_race):
            self.take([request], lambda: [execute_one(request)])

    @rule(point=st.sampled_from(DELIVERY_POINTS), nth=moments)
    def crash_in_a_delivery(self, point: str, nth: int) -> None:
        """Rows and checkpoints are together wherever they are, as the invariants see."""
        with crashing(point, crash, nth) as fuse:
            done = unless_it_crashes(lambda: [self.catch_up()])  # type: ignore[func-returns-value]
        assert fuse.burnt == (done is None)

    @precondition(lambda self: not self.hidden)
    @rule(name=st.sampled_from(["standings", "asked", "grand"]), point=st.sampled_from(REBUILD_POINTS), nth=moments)
    def crash_in_a_rebuild(self, name: str, point: str, nth: int) -> None:
        """The live table is the old one or the new one; the next rebuild resumes, or starts."""
        with crashing(point, crash, nth) as fuse:
            done = unless_it_crashes(lambda: [rebuild([projections[name]])])
        assert fuse.burnt == (done is None)


def crash() -> None:
    """The machine stops."""
    raise Crash("The machine has stopped.")


def lose_race() -> None:
    """The database refuses, as it does when another writer was quicker."""
    raise Crash("Somebody was quicker.") from (busy() if connection.vendor == "sqlite" else lost())


def execute_alone(request: ModelRequest) -> list[Receipt]:
    return [execute_one(request)]


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def lost() -> psycopg.errors.SerializationFailure:
    return psycopg.errors.SerializationFailure("could not serialize access")


def unless_it_crashes(work: Callable[[], list[Any]]) -> list[Any] | None:
    """The result of work, or None if it crashed."""
    try:
        return work()
    except Crash:
        return None
