"""Time travel: a read model as it was, replayed from the log.

**As of a position** counts every event up to and with it. Positions order the whole log, so the answer never changes.

**As of a time** counts every event that had been recorded at or before it, in the order of positions. Within a stream
times never run backwards, so of each stream this is what `log.load(at=…)` folds: read models and streams agree. Across
streams they may run backwards for as long as a command takes, so it need not be a position of the log; and a command
that was under way at that time counts once it has committed. Whoever needs an answer that never changes takes
`position_at` of the time, and goes by the position.

Projections of commands go by the numbers of commands where others go by positions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Min, QuerySet
from django.db.models.sql.datastructures import BaseTable

from eventstore import feed, log
from eventstore.backends import log_database, store
from eventstore.errors import EventStoreError
from eventstore.models import Event
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.replay import Progress, Target, no_progress, replay
from eventstore.projecting.tables.memory import MemoryTable
from eventstore.projecting.tables.table import Table


class NotYet(EventStoreError):
    """That is beyond the tidemark: what comes before it is not all known yet. Ask for an earlier one."""


@contextmanager
def table(
    projection: Projection,
    *,
    position: int | None = None,
    at: datetime | None = None,
    progress: Progress = no_progress,
) -> Iterator[QuerySet[Any]]:
    """The whole read model as it was then, in a temporary table that lasts as long as the block; to be queried only.

    Raises NotYet for a position beyond the tidemark. On SQLite, commands wait until the block ends.
    """
    until = Until(projection, position, at)
    past = projection.table.beside("as_of")
    with transaction.atomic(using=log_database()):
        store().create_temporary_like(projection.table.name, past.name)
        replay([Target(projection, past, until.counts)], until.end(), progress)
        yield _rows_in(past)
        store().drop_table(past.name)


def row(
    projection: Projection, key: Any, *, stream_id: UUID, position: int | None = None, at: datetime | None = None
) -> Any:
    """One row as it was then, or None; nothing but the stream that it is made from is read.

    Raises ValueError for a projection whose rows are made from several streams, or from commands: ask for its `table`.
    """
    if projection.global_order or projection.reads_commands:
        raise ValueError(f"The rows of {projection.name} are not made from one stream: ask for the whole table.")
    until, past = Until(projection, position, at), MemoryTable()
    until.end()  # refuses what is not known yet
    history = takewhile(until.counts, log.read_stream(stream_id))
    projection.apply([record for record in history if projection.wants(record)], past)
    return past.rows.get(projection.table.key.to_python(key))


def position_at(at: datetime) -> int:
    """The position before the first event that was recorded after a time; the tidemark, if none was.

    Nothing up to it was recorded later, and no event that is still to come can change that. Reads the log once.
    """
    mark = feed.advance().position
    later = Event.objects.filter(position__lte=mark, recorded_at__gt=at).aggregate(first=Min("position"))
    return mark if later["first"] is None else later["first"] - 1


@dataclass(frozen=True)
class Until:
    """A point of the past, by a place in what a projection reads or by a time: exactly one of them."""

    projection: Projection
    place: int | None
    at: datetime | None

    def __post_init__(self) -> None:
        if (self.place is None) == (self.at is None):
            raise ValueError("The past is asked for by a position or by a time: give one of them.")

    def counts(self, record: Any) -> bool:
        """Whether this had happened by then."""
        if self.at is not None:
            return bool(record.recorded_at <= self.at)
        return self.place is not None and self.projection.place_of(record) <= self.place

    def end(self) -> feed.Mark:
        """How far there is to read. Raises NotYet if something before it may be missing."""
        mark = feed.advance()
        if self.place is None:
            return mark
        if self.place > self.projection.end_of(mark):
            raise NotYet(f"{self.place} is after {self.projection.end_of(mark)}. {NotYet.__doc__}")
        return feed.Mark(self.place, self.place)


def _rows_in(past: Table) -> QuerySet[models.Model]:
    """The model's rows, but those of another table: a query's first table is the one that all else refers to."""
    rows: QuerySet[models.Model] = past.model._default_manager.using(log_database()).all()
    rows.query.join(BaseTable(past.name, None))
    return rows
