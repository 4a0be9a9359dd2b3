"""The proof that live rows are what the log says: they are compared with a fresh replay, column by column.

A whole check replays into a temporary table, inside one transaction that sees one moment of the database, so it needs
no lock on PostgreSQL. A sampled one replays some streams in memory. Heads, which hold state, are checked the same way.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models as django
from django.db import transaction
from django.db.models import Max, Min

from eventstore import feed, log
from eventstore.backends import backend_of, writing
from eventstore.decider import deciders
from eventstore.log import slot_of
from eventstore.models import Checkpoint, Event, Stream
from eventstore.projecting.declaration import Projection
from eventstore.projecting.table import Table

BATCH = 5_000  # records read at a time
SHOWN = 100  # differences that are named; the rest is only counted as "more"


@dataclass(frozen=True)
class Difference:
    """One row that is not what it should be: its key, and for each such column what is there and what should be."""

    key: str
    columns: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problem: str = "differs"


@dataclass(frozen=True)
class Drift:
    """What a check of one projection (or of the heads) found."""

    name: str
    checked: int
    differences: Sequence[Difference]
    more: bool = False

    @property
    def found(self) -> bool:
        """Whether there is any."""
        return bool(self.differences)


@dataclass
class MemoryTable:
    """The part of a table that a projector writes, kept in memory."""

    rows: dict[Any, django.Model] = field(default_factory=dict)

    def read(self, keys: Sequence[Any]) -> dict[Any, django.Model]:
        """As Table does."""
        return {key: self.rows[key] for key in keys if key in self.rows}

    def upsert(self, rows: Sequence[django.Model]) -> None:
        """As Table does."""
        self.rows.update((row.pk, row) for row in rows)

    insert = upsert

    def delete(self, keys: Sequence[Any]) -> None:
        """As Table does."""
        for key in keys:
            del self.rows[key]


def check(projection: Projection, progress: Callable[[int], object]) -> Drift:
    """Compare every live row with a fresh replay of the log."""
    connection, live = writing(), projection.table
    replayed = live.beside("check")
    with transaction.atomic(using=connection.alias):
        backend_of(connection).see_one_moment(connection)
        backend_of(connection).create_temporary_like(connection, live.name, replayed.name)
        for batch in _seen_by(projection):
            projection.apply([record for record in batch if projection.wants(record)], replayed)
            progress(len(batch))
        drift = _compare(projection, live, replayed)
        backend_of(connection).drop_table(connection, replayed.name)
    return drift


def check_sample(projection: Projection, size: int, chance: random.Random | None = None) -> Drift:
    """Compare the rows that come from `size` streams, chosen at random, with a replay of these.

    Rows that should not be there at all are found by a whole check only. Raises ValueError for a projection whose rows
    are made from several streams, or from commands.
    """
    if projection.across or projection.reads_commands:
        raise ValueError(f"{projection.name} is not made stream by stream, so it can only be checked whole.")
    table = MemoryTable()
    with transaction.atomic(using=writing().alias):
        backend_of(writing()).see_one_moment(writing())
        seen = _visible(projection)
        for stream_id in _some_streams(size, chance):
            records = [r for r in log.read_stream(stream_id) if projection.wants(r) and seen(r)]
            projection.apply(records, table)
        live = projection.table.read(list(table.rows))
    differences = [d for key, row in table.rows.items() if (d := _difference(projection, live.get(key), row))]
    return Drift(projection.name, len(table.rows), differences[:SHOWN], len(differences) > SHOWN)


def check_heads(size: int | None = None, chance: random.Random | None = None) -> Drift:
    """Compare the state in stream heads with a fold of their events: of all streams, or of `size` chosen at random."""
    differences, checked = [], 0
    for stream_id in _some_streams(size, chance) if size else _all_streams():
        checked += 1
        if difference := _head_difference(stream_id):
            differences.append(difference)
    return Drift("stream heads", checked, differences[:SHOWN], len(differences) > SHOWN)


def _seen_by(projection: Projection) -> Iterator[list[Any]]:
    """What the live rows reflect, in batches: all that is committed, or as far as its runner has read."""
    seen = _visible(projection)
    end = projection.end_of(feed.Mark(*backend_of(writing()).last_drawn(writing())))
    after = 0
    while batch := projection.records_between(after, end, limit=BATCH):
        yield [record for record in batch if seen(record)]
        after = projection.place_of(batch[-1])


def _visible(projection: Projection) -> Callable[[Any], bool]:
    if not projection.delayed:
        return lambda _: True
    read = dict(Checkpoint.objects.filter(projection_id=projection.name).values_list("slot", "position"))
    return lambda record: record.position <= read[0 if projection.across else slot_of(record.stream_id)]


def _compare(projection: Projection, live: Table, replayed: Table) -> Drift:
    unequal = [*live.rows_not_in(replayed, SHOWN + 1), *replayed.rows_not_in(live, SHOWN + 1)]
    keys = sorted({row.pk for row in unequal})
    # Both lists are cut, each where it likes: only the tables themselves tell what stands opposite a row.
    is_, ought = live.read(keys[:SHOWN]), replayed.read(keys[:SHOWN])
    found = [_difference(projection, is_.get(key), ought.get(key)) for key in keys[:SHOWN]]
    return Drift(projection.name, replayed.count(), [d for d in found if d], len(keys) > SHOWN)


def _difference(projection: Projection, live: django.Model | None, right: django.Model | None) -> Difference | None:
    if live is None or right is None:
        present = live or right
        assert present is not None
        return Difference(str(present.pk), problem="missing" if live is None else "should not be there")
    names = [column.attname for column in projection.table.fields]
    pairs = {name: (getattr(live, name), getattr(right, name)) for name in names}
    unequal = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return Difference(str(live.pk), unequal) if unequal else None


def _all_streams() -> Iterable[Any]:
    return Stream.objects.order_by("stream_id").values_list("stream_id", flat=True).iterator(chunk_size=BATCH)


def _some_streams(size: int, chance: random.Random | None) -> list[Any]:
    """Streams by a throw at the range of positions, so that a large table need not be sorted at random."""
    ends = Event.objects.aggregate(first=Min("position"), last=Max("position"))
    if ends["last"] is None:
        return []
    throws = (chance or random.SystemRandom()).choices(range(ends["first"], ends["last"] + 1), k=size)
    found = (_stream_at(position) for position in throws)
    return list(dict.fromkeys(found))


def _stream_at(position: int) -> Any:
    nearest = Event.objects.filter(position__gte=position).order_by("position")
    return nearest.values_list("stream_id", flat=True).first()


def _head_difference(stream_id: Any) -> Difference | None:
    with transaction.atomic(using=writing().alias):
        head = Stream.objects.select_for_update().get(stream_id=stream_id)
        if head.category not in deciders:
            return None
        state, version = log.load(head.category, stream_id)
        held = log.current(head.category, stream_id)
    columns = {"version": (head.version, version), "state": (held, state)}
    unequal = {name: pair for name, pair in columns.items() if pair[0] != pair[1]}
    return Difference(str(head), unequal) if unequal else None
