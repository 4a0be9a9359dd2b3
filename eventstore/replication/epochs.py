"""A new epoch in a read database: it is accepted once all that is here is compared with the primary, row by row."""

from collections.abc import Iterator
from typing import Any, Final, LiteralString, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import models
from eventstore.projecting.replay import Progress, no_progress
from eventstore.replication.errors import Differs, ReplicationError
from eventstore.replication.primary import Primary
from eventstore.replication.publication import rows

PAGE: Final = 50_000  # positions that are compared at a time

MARK: LiteralString = "SELECT position, number FROM eventstore_tidemark"


class Store(NamedTuple):
    """One of the two stores, and how it is compared: by pages up to the mark, above that row by row."""

    name: str
    page: LiteralString
    above: LiteralString
    known: LiteralString


EVENTS: Final = Store(
    "events",
    "SELECT count(*), md5(string_agg(position::text || digest::text, '' ORDER BY position)) "
    "FROM eventstore_event WHERE position > %s AND position <= %s",
    "SELECT position, digest FROM eventstore_event WHERE position > %s",
    "SELECT count(*) FROM eventstore_event "
    "JOIN unnest(%s::bigint[], %s::bytea[]) AS here (position, digest) USING (position, digest)",
)
COMMANDS: Final = Store(
    "commands",
    "SELECT count(*), md5(string_agg(number::text || digest::text, '' ORDER BY number)) "
    "FROM eventstore_command WHERE number > %s AND number <= %s",
    "SELECT number, digest FROM eventstore_command WHERE number > %s",
    "SELECT count(*) FROM eventstore_command "
    "JOIN unnest(%s::bigint[], %s::bytea[]) AS here (number, digest) USING (number, digest)",
)


def accept(connection: BaseDatabaseWrapper, primary: Primary, progress: Progress = no_progress) -> int:
    """Accept the log's present epoch if all that is here is on the primary, too; returns the epoch.

    Raises Differs with the first places that differ, and ReplicationError if the epoch has not arrived here yet.
    """
    identity = primary.identity()
    newest = models.Epoch.objects.using(connection.alias).order_by("-epoch").first()
    if newest is None or (newest.log_id, newest.epoch, newest.began_at) != identity:
        raise ReplicationError(
            f"The log is in epoch {identity[1]}, which has not arrived here. If it does not come within a minute, the "
            "slot on the primary is gone: copy the log anew, by --follow and --anew."
        )
    for store, mark in zip((EVENTS, COMMANDS), rows(connection, MARK)[0], strict=True):
        _compare(store, mark, connection, primary, progress)
    row = dict(zip(("log_id", "epoch", "began_at"), identity, strict=True))
    models.Follower.objects.using(connection.alias).update(**row)
    return newest.epoch


def _compare(store: Store, mark: int, connection: BaseDatabaseWrapper, primary: Primary, progress: Progress) -> None:
    for after, to in _pages(mark):
        if rows(connection, store.page, [after, to]) != primary.rows(store.page, [after, to]):
            raise Differs(f"{Differs.__doc__} The {store.name} after {after:,} up to {to:,} differ.")
        progress(to - after)
    above: list[Any] = rows(connection, store.above, [mark])
    ((known,),) = primary.rows(store.known, [[place for place, _ in above], [bytes(digest) for _, digest in above]])
    if known != len(above):
        raise Differs(f"{Differs.__doc__} Of the {store.name} after {mark:,} some are not on the primary.")


def _pages(end: int) -> Iterator[tuple[int, int]]:
    for after in range(0, end, PAGE):
        yield after, min(end, after + PAGE)
