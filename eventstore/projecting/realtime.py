"""Real-time projections: brought up to date inside the transaction that records the facts.

Its receivers are connected in `EventstoreConfig.ready()`.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from eventstore import models
from eventstore.backends import log_database
from eventstore.backends.targets import Lookup
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import projections
from eventstore.signals import commands_recorded, events_appended, events_appending
from eventstore.telemetry import hooks

_live: set[tuple[str, str]] = set()  # database and name of projections known to be live; none stops being live


def connect() -> None:
    """Connects the receivers to the signals of the log."""
    events_appending.connect(prefetch)
    events_appended.projections.connect(project_events)
    commands_recorded.projections.connect(project_commands)


def prefetch(events: Sequence[tuple[str, Any]], **_: Any) -> list[Lookup] | None:
    """Receives `events_appending`: the rows of live read models that these events will be folded into.

    None where no real-time projection reads events, so that an append needs no transaction for their sake.
    """
    readers = list(_realtime_projections(reads_commands=False))
    if not readers:
        return None
    database = log_database()
    return [
        lookup
        for projection in readers
        if (database, projection.name) in _live
        and (own := [event for name, event in events if name in (projection.types or ())])
        for lookup in projection.lookups(own)
    ]


def project_events(records: Sequence[Any], found: Mapping[str, Mapping[Any, Any]], **_: Any) -> None:
    """Receives `events_appended`: folds recorded events into live read models.

    `found` holds the rows that were looked up, or None, by table and key.
    """
    _project(records, found, reads_commands=False)


def project_commands(records: Sequence[Any], **_: Any) -> None:
    """Receives `commands_recorded`: folds recorded commands, refused ones too, into live read models."""
    _project(records, {}, reads_commands=True)


def forget_live() -> None:
    """Forget which projections are live: for tests, which empty the database under a running process."""
    _live.clear()


def _project(records: Sequence[Any], found: Mapping[str, Mapping[Any, Any]], *, reads_commands: bool) -> None:
    due = [
        (projection, wanted)
        for projection in _realtime_projections(reads_commands=reads_commands)
        if (wanted := [record for record in records if projection.reads(record)]) and is_live(projection)
    ]
    if due:
        names = [projection.name for projection, _ in due]
        hooks.projected(names, records, partial(_advance, due, found))


def _advance(due: Sequence[tuple[Projection, list[Any]]], found: Mapping[str, Mapping[Any, Any]]) -> None:
    for projection, wanted in due:
        projection.advance(wanted, found.get(projection.table.name))


def _realtime_projections(*, reads_commands: bool) -> Iterator[Projection]:
    """The declared real-time projections, live or not."""
    for projection in projections.values():
        if not projection.delayed and projection.reads_commands is reads_commands:
            yield projection


def is_live(projection: Projection) -> bool:
    """Whether the rows reflect the whole log. A new projection on an old log is not live before its first rebuild.

    Checked after the position has been drawn: a rebuild, which blocks drawing at its end, either sees these events or
    has made the projection live by now.
    """
    place = log_database(), projection.name
    if place not in _live and primary_rows(models.Projection).filter(name=projection.name, is_live=True).exists():
        _live.add(place)
    return place in _live
