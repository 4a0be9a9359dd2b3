"""Time travel: a read model as it was, replayed from the log.

**As of a position** counts every event up to and with it. Positions order the whole log, so the answer never changes.

**As of a time** counts every event that had been recorded at or before it, in the order of positions. Within a stream
times never run backwards, so `log.load(at=…)` folds the same events: read models and streams agree. Across streams
times may run backwards for as long as a command takes, so a time need not match a position of the log; and a command
that was under way at that time counts once it has committed. For an answer that never changes, take `position_at` of
the time, and go by that position.

Projections of commands go by the numbers of commands instead of positions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Min, QuerySet
from django.db.models.sql.datastructures import BaseTable

from eventstore import feed, log
from eventstore.backends import log_database, log_transaction, store
from eventstore.errors import EventStoreError
from eventstore.log.database import primary_rows
from eventstore.messages.arguments import asked_time, number_of
from eventstore.models import Event
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.replay import Progress, Target, no_progress, replay
from eventstore.projecting.tables.fit import must_fit_model
from eventstore.projecting.tables.memory import MemoryTable
from eventstore.projecting.tables.table import Table


class NotYet(EventStoreError):
    """The position is beyond the tidemark, so events before it may be missing still. Ask for an earlier one."""


@contextmanager
def table(
    projection: Projection,
    *,
    position: int | None = None,
    at: datetime | None = None,
    progress: Progress = no_progress,
) -> Iterator[QuerySet[Any]]:
    """The whole read model as it was, as a queryset on a temporary table that lasts as long as the block.

    Raises NotYet for a position beyond the tidemark, and TableDoesNotFit for a live table that is not as its model. On
    SQLite, commands wait until the block ends. On a standby the rows are kept in memory instead.
    """
    must_fit_model(projection.table)
    until = PointInTime(projection, position, at)
    past = projection.table.beside("as_of")
    if store().follows() and not store().subscribes():
        yield _rows_in_memory(until, past, progress)
        return
    with log_transaction():
        store().create_temporary_like(projection.table.name, past.name)
        replay([Target(projection, past, until.counts)], until.end(), progress)
        yield _rows_in(past)
        store().drop_table(past.name)


def row(
    projection: Projection, key: Any, *, stream_id: UUID, position: int | None = None, at: datetime | None = None
) -> Any:
    """One row as it was, or None, folded from the one stream that it is made from.

    Raises ValueError for a projection whose rows are made from several streams, or from commands: use `table` there.
    """
    if projection.global_order or projection.reads_commands:
        raise ValueError(f"The rows of {projection.name} are not made from one stream: ask for the whole table.")
    until, past = PointInTime(projection, position, at), MemoryTable()
    until.end()  # refuses a position beyond the tidemark
    history = takewhile(until.counts, log.read_stream(stream_id))
    projection.apply([record for record in history if projection.reads(record)], past)
    return past.rows.get(projection.table.key.to_python(key))


def _rows_in_memory(until: "PointInTime", past: Table, progress: Progress) -> "QuerySet[models.Model]":
    """As `_rows_in`, of rows that every query is given anew."""
    table = MemoryTable()
    replay([Target(until.projection, table, until.counts)], until.end(), progress)
    rows: QuerySet[models.Model] = past.model._default_manager.using(log_database()).all()
    rows.query.join(store().table_of(past.model, past.name, list(table.rows.values())))
    return rows


def position_at(at: datetime) -> int:
    """The position before the first event that was recorded after a time; the tidemark, if none was.

    No event up to it was recorded later, and no future event can change that. Reads the log once.
    """
    mark = feed.advance().position
    asked_time("at", at)
    later = primary_rows(Event).filter(position__lte=mark, recorded_at__gt=at).aggregate(first=Min("position"))
    return mark if later["first"] is None else later["first"] - 1


@dataclass(frozen=True)
class PointInTime:
    """A point in the past, given by a position (of commands: a number) or by a time."""

    projection: Projection
    place: int | None
    at: datetime | None

    def __post_init__(self) -> None:
        if (self.place is None) == (self.at is None):
            raise ValueError("The past is asked for by a position or by a time: give one of them.")
        if self.place is not None:
            number_of("position", self.place)
        if self.at is not None:
            asked_time("at", self.at)

    def counts(self, record: Any) -> bool:
        """Whether a record belongs to the past up to this point."""
        if self.at is not None:
            return bool(record.recorded_at <= self.at)
        return self.place is not None and self.projection.place_of(record) <= self.place

    def end(self) -> feed.Mark:
        """The mark to read up to. Raises NotYet if records before this point may be missing."""
        mark = feed.advance()
        if self.place is None:
            return mark
        if self.place > self.projection.end_of(mark):
            raise NotYet(f"{self.place} is after {self.projection.end_of(mark)}. {NotYet.__doc__}")
        return feed.Mark(self.place, self.place)


def _rows_in(past: Table) -> QuerySet[models.Model]:
    """A queryset of the model on another table: a query refers to its first table throughout."""
    rows: QuerySet[models.Model] = past.model._default_manager.using(log_database()).all()
    rows.query.join(BaseTable(past.name, None))
    return rows
