"""The examination of partitions: that there are some ahead, and that no step was left half-way."""

from collections.abc import Iterator
from typing import Final

from eventstore.backends import store
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.partitions.adopt import begun
from eventstore.partitions.ahead import left
from eventstore.partitions.catalogue import is_empty, is_partitioned, last_drawn, partitions
from eventstore.partitions.stores import STORES, Store

SUBJECT: Final = "partitions"
AHEAD: Final = "As the owner of the tables: manage.py partitions --ahead 2"


def partitioned() -> Iterator[Finding]:
    """Examines the partitions of a large log; a log that is one table needs none."""
    if store().connection.vendor != "postgresql":
        return
    found = [finding for each in STORES for finding in _of(each)]
    yield from found
    if not found and is_partitioned(store().connection):
        spare = " and ".join(f"{left(store().connection, each):,} {each.name}" for each in STORES)
        yield fine(SUBJECT, f"There is space for {spare}.")


def _of(each: Store) -> Iterator[Finding]:
    connection = store().connection
    if (end := begun(connection, each)) is not None:
        says = f"An adoption of {each.name} has not ended: nothing can be stored at {each.column} {end:,} or beyond."
        yield act(SUBJECT, says, "manage.py partitions --adopt")
    if not is_partitioned(connection, each):
        return
    parts = partitions(connection, each)
    default = next((part for part in parts if part.is_default), None)
    if default is None:
        yield act(SUBJECT, f"Nothing takes {each.name} beyond the last partition: they would be refused.", AHEAD)
    elif not is_empty(connection, default.name):
        yield act(SUBJECT, f"The partitions of {each.name} were used up: the default one takes what comes.", AHEAD)
    if not any((part.first or 0) > last_drawn(connection, each) for part in parts):
        yield look(SUBJECT, f"No empty partition of {each.name} is ahead.", AHEAD)
    for part in parts:
        if part.is_being_detached:
            yield look(SUBJECT, f"{part.name} was not detached to the end.", "manage.py partitions --detach-before …")
