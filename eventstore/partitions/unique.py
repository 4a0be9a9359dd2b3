"""Where rows are kept unique in a partitioned store: in each partition, and command ids in a table of their own."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.catalogue import is_partitioned, partitions
from eventstore.partitions.stores import CLAIMS, COMMANDS, STORES


def each_partition(
    connection: BaseDatabaseWrapper, table: str, unique: list[list[str]]
) -> Iterator[tuple[str, list[list[str]]]]:
    """The tables that keep these columns of a table unique: the table itself, or what it consists of."""
    store = next((each for each in STORES if each.table == table), None)
    if store is None or not is_partitioned(connection, store):
        yield table, unique
        return
    for partition in partitions(connection, store):
        yield partition.name, unique
    if store == COMMANDS:
        yield CLAIMS, [["command_id"]]
