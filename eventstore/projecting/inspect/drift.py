"""The drift check: live rows are compared with a fresh replay of the log, column by column.

A whole check replays into temporary tables, inside one transaction on one snapshot of the database, so it needs no lock
on PostgreSQL; on a standby, which can have no such tables, it replays into memory. A sampled check replays some streams
in memory. Stream heads, which hold state, are checked likewise.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max, Min

from eventstore import feed, log
from eventstore.backends import log_transaction, store
from eventstore.decider import deciders
from eventstore.keys import unreadable
from eventstore.log.database import primary_rows
from eventstore.log.slots import SLOTS, slot_of
from eventstore.models import Checkpoint, Command, Event, Parked, Stream
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.parking import parking
from eventstore.projecting.replay import Progress, RecordFilter, Target, no_progress, replay
from eventstore.projecting.tables.comparison import MAX_DIFFERENCES, Difference, difference, differences, unequal_pairs
from eventstore.projecting.tables.fit import must_fit_model
from eventstore.projecting.tables.memory import MemoryTable
from eventstore.projecting.tables.table import Table


@dataclass(frozen=True)
class Drift:
    """The result of checking one projection, or the stream heads: how many rows differ, and the first of them.

    `parked` names parked streams, whose rows are compared as of the event before the one that failed. `outdated` counts
    heads with a state of earlier code, which is never used: each is folded anew with the next command.
    """

    name: str
    checked: int
    differing: int
    differences: Sequence[Difference]
    parked: Sequence[str] = ()
    outdated: int = 0

    @property
    def found(self) -> bool:
        """Whether any row differs."""
        return bool(self.differing)


def check(chosen: Sequence[Projection], progress: Progress = no_progress) -> list[Drift]:
    """Compare all live rows of projections with a fresh replay of the log, which is read once for all of them.

    Raises TableDoesNotFit for a live table that is not as its model.
    """
    backend = store()
    for projection in chosen:
        must_fit_model(projection.table)
    if backend.follows() and not backend.subscribes():
        return _check_in_memory(chosen, progress)
    with log_transaction():
        backend.use_one_snapshot()
        targets = [
            Target(projection, projection.table.beside("check"), reflected_by(projection)) for projection in chosen
        ]
        for target in targets:
            backend.create_temporary_like(target.projection.table.name, target.table.name)
        end = _end_of_snapshot() if backend.follows() else feed.Mark(*backend.last_drawn())
        replay(targets, end, progress)
        found = [_compared(target) for target in targets]
        for target in targets:
            backend.drop_table(target.table.name)
    return found


def _check_in_memory(chosen: Sequence[Projection], progress: Progress) -> list[Drift]:
    """As `check`, without a table of its own. The snapshot ends where its rows do, which may be after the mark."""
    with log_transaction():
        store().use_one_snapshot()
        targets = [Target(projection, MemoryTable(), reflected_by(projection)) for projection in chosen]
        replay(targets, _end_of_snapshot(), progress)
        return [_compared_in_memory(target) for target in targets]


def _end_of_snapshot() -> feed.Mark:
    position = primary_rows(Event).aggregate(last=Max("position"))["last"]
    number = primary_rows(Command).aggregate(last=Max("number"))["last"]
    return feed.Mark(position or 0, number or 0)


def _compared_in_memory(target: Target[MemoryTable]) -> Drift:
    projection, expected = target.projection, dict(target.table.rows)
    live = primary_rows(projection.model).order_by("pk").iterator(chunk_size=feed.PAGE)
    found = [d for row in live if (d := difference(row, expected.pop(row.pk, None)))]
    found += [d for row in expected.values() if (d := difference(None, row))]
    return Drift(projection.name, len(target.table.rows), len(found), found[:MAX_DIFFERENCES], _parked(projection))


def check_sample(projection: Projection, size: int, rng: random.Random | None = None) -> Drift:
    """Compare the rows that come from `size` streams, chosen at random, with a replay of these streams.

    Only a whole check finds rows that should not exist. Raises ValueError for a projection whose rows
    are made from several streams, or from commands.
    """
    if projection.global_order or projection.reads_commands:
        raise ValueError(f"{projection.name} is not made stream by stream, so it can only be checked whole.")
    with log_transaction():
        store().use_one_snapshot()
        table, reflected = MemoryTable(), reflected_by(projection)
        for stream_id in _some_streams(size, rng):
            Target(projection, table, reflected).read([r for r in log.read_stream(stream_id) if projection.reads(r)])
        live, parked = projection.table.read(list(table.rows)), _parked(projection)
    found = [d for key, row in table.rows.items() if (d := difference(live.get(key), row))]
    return Drift(projection.name, len(table.rows), len(found), found[:MAX_DIFFERENCES], parked)


def check_heads(size: int | None = None, rng: random.Random | None = None, progress: Progress = no_progress) -> Drift:
    """Compare the state in stream heads with a fold of their events: of all streams, or of `size` chosen at random."""
    named, differing, checked, outdated = list[Difference](), 0, 0, 0
    for stream_id in _some_streams(size, rng) if size else _all_streams():
        checked += 1
        progress(1)
        if found := head_difference(stream_id):
            differing += 1
            named += [found] if differing <= MAX_DIFFERENCES else []
        outdated += _is_outdated(stream_id)
    return Drift("stream heads", checked, differing, named, outdated=outdated)


def check_personal_data(to: int, to_number: int, progress: Progress = no_progress) -> Drift:
    """Decrypt what is personal in all events and commands up to the mark, and name what can't be decrypted."""
    found = [*unreadable.in_events(0, to, progress), *unreadable.in_commands(0, to_number)]
    named = [Difference(str(each), problem=each.field.fault) for each in found[:MAX_DIFFERENCES]]
    return Drift("personal data", to, len(found), named)


def _compared(target: Target[Table]) -> Drift:
    projection = target.projection
    named, count = differences(projection.table, target.table)
    return Drift(projection.name, target.table.count(), count, named, _parked(projection))


def reflected_by(projection: Projection) -> RecordFilter | None:
    """The filter that accepts the records that the live rows reflect; None if they reflect all of them.

    The rows of a delayed projection reflect what its runner has read, without parked streams.
    """
    if not projection.is_served():
        return None
    read = dict(primary_rows(Checkpoint).filter(projection_id=projection.name).values_list("slot", "position"))
    if projection.global_order:
        return lambda record: record.position <= read[0]
    if projection.reads_commands:
        return lambda record: record.number <= read[record.number % SLOTS]
    parked = parking.parked_positions(projection)

    def is_reflected(record: Any) -> bool:
        before = parked.get(record.stream_id)
        return record.position <= read[slot_of(record.stream_id)] and (before is None or record.position < before)

    return is_reflected


def _parked(projection: Projection) -> list[str]:
    found = primary_rows(Parked).filter(projection_id=projection.name).order_by("position")
    return [f"{parked.category}:{parked.stream_id}, from position {parked.position}" for parked in found]


def _all_streams() -> Iterable[UUID]:
    return primary_rows(Stream).order_by("stream_id").values_list("stream_id", flat=True).iterator(chunk_size=feed.PAGE)


def _some_streams(size: int, rng: random.Random | None) -> list[UUID]:
    """Streams at random positions, so that a large table need not be sorted at random."""
    ends = primary_rows(Event).aggregate(first=Min("position"), last=Max("position"))
    if ends["last"] is None:
        return []
    positions = (rng or random.SystemRandom()).choices(range(ends["first"], ends["last"] + 1), k=size)
    found = (_stream_at(position) for position in positions)
    return list(dict.fromkeys(found))


def _stream_at(position: int) -> Any:
    nearest = primary_rows(Event).filter(position__gte=position).order_by("position")
    return nearest.values_list("stream_id", flat=True).first()


def _is_outdated(stream_id: UUID) -> bool:
    """Whether a head's state was made by other code than the present."""
    head = primary_rows(Stream).filter(stream_id=stream_id).values_list("category", "fingerprint").first()
    kind = deciders.get(head[0]) if head else None
    return bool(head and kind and head[1] != kind.fingerprint)


def head_difference(stream_id: UUID) -> Difference | None:
    """How the head of a stream differs from a fold of its events; None if it does not."""
    follows = store().follows()
    with log_transaction():
        if follows:
            store().use_one_snapshot()  # nothing can be locked
        heads = primary_rows(Stream).filter(stream_id=stream_id)
        head = (heads if follows else heads.select_for_update()).first()
        if head is None:
            return Difference(str(stream_id), problem="has no head")
        if head.category not in deciders:
            return None
        state, version = log.load(head.category, stream_id)
        current = log.current(head.category, stream_id)
    unequal = unequal_pairs({"version": (head.version, version), "state": (current, state)})
    return Difference(str(head), unequal) if unequal else None
