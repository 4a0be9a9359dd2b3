"""Makes today's table the first partition of a partitioned one, without rewriting it, while the site runs.

Each step is a transaction of its own; killed between any two, the site goes on, and the next call goes on from there.
The only one for which everybody waits is the exchange of a table, which takes milliseconds, whatever its size: that no
row lies beyond the first partition was looked through before, and a constraint says so.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.postgresql.copies import NOT_COPIED
from eventstore.partitions import claims, first_positions, guards
from eventstore.partitions.ahead import create, make_ahead
from eventstore.partitions.catalogue import is_partitioned, last_drawn
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.patience import patiently
from eventstore.partitions.stores import COMMANDS, EVENTS, STORES, Store

SIZE: Final = 10_000_000  # positions or numbers in a partition, unless another size is asked for
AHEAD: Final = 2

OWNER: Final = """
SELECT quote_ident(pg_get_userbyid(relowner)), pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = %s::regclass
"""
CONSTRAINT: Final = """
SELECT convalidated, substring(pg_get_constraintdef(oid) FROM '< ''?(\\d+)')::bigint
FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s
"""
PUBLICATIONS: Final = """
SELECT quote_ident(pubname) FROM pg_publication_rel JOIN pg_publication ON pg_publication.oid = prpubid
WHERE prrelid = %s::regclass
"""
# Where the log lives is told by its table, too (`Backend.place`): it is another one now, but the same log.
SAME_PLACE: Final = """
UPDATE eventstore_cluster SET place = jsonb_set(place, '{table}', to_jsonb('eventstore_event'::regclass::oid::bigint))
WHERE place ? 'table'
"""

Report = Callable[[str, int, int], object]  # a step's name, how much of it is done, and how much there is


def adopt(
    connection: BaseDatabaseWrapper,
    *,
    size: int = SIZE,
    ahead: int = AHEAD,
    progress: Report = lambda *_: None,
) -> bool:
    """Partition both stores, and make partitions ahead; whether anything was still to be done.

    Raises CannotPartition, with the site as it was, on another database than PostgreSQL, for a role that does not own
    the tables, or when a lock can't be had.
    """
    _must_be_able(connection)
    is_new = not is_partitioned(connection)
    if is_new:
        first_positions.fill(connection)
        claims.fill(connection, lambda done, of: progress("claims", done, of))
    for store in STORES:
        if not is_partitioned(connection, store):
            _adopt(connection, store, size)
        progress(store.name, 1, 1)
    made = make_ahead(connection, ahead=ahead, size=size)  # also after a run that was killed before this
    return is_new or bool(made)


def begun(connection: BaseDatabaseWrapper, store: Store) -> int | None:
    """Where an adoption that has not ended wants the first partition to end: until then nothing is stored beyond."""
    found = _rows(connection, CONSTRAINT, store.table, store.check)
    return None if not found or is_partitioned(connection, store) else int(found[0][1])


def _must_be_able(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor != "postgresql":
        raise CannotPartition("Only PostgreSQL has partitions. A log that needs them has outgrown SQLite.")
    for store in STORES:
        ((owner, is_owner),) = _rows(connection, OWNER, store.table)
        if not is_owner:
            raise CannotPartition(f"Only their owner, {owner}, can partition the tables: run this as that role.")


def _adopt(connection: BaseDatabaseWrapper, store: Store, size: int) -> None:
    try:
        end = _constrain(connection, store, size)
        patiently(connection, lambda: _exchange(connection, store, end))
    except BaseException:
        with suppress(Error, CannotPartition):  # what is left keeps rows out from far ahead, so it must not stay
            patiently(connection, lambda: _run(connection, _drop_check(store)), attempts=20)
        raise


def _constrain(connection: BaseDatabaseWrapper, store: Store, size: int) -> int:
    """Have it looked through, while everybody goes on, that all rows lie before the first partition's end."""
    found = _rows(connection, CONSTRAINT, store.table, store.check)
    end = int(found[0][1]) if found else (last_drawn(connection, store) // size + 2) * size
    if not found:
        statement = f"ALTER TABLE {store.table} ADD CONSTRAINT {store.check} CHECK ({store.column} < {end}) NOT VALID"
        patiently(connection, lambda: _run(connection, statement))
    if not found or not found[0][0]:
        _run(connection, f"ALTER TABLE {store.table} VALIDATE CONSTRAINT {store.check}")  # readers and writers go on
    return end


def _exchange(connection: BaseDatabaseWrapper, store: Store, end: int) -> None:
    """The partitioned table takes the old one's place, which becomes its first partition."""
    _run(connection, f"LOCK TABLE {store.table} IN ACCESS EXCLUSIVE MODE")
    if is_partitioned(connection, store):
        return  # by another run
    ((owner, _),) = _rows(connection, OWNER, store.table)
    part = store.partition(1)
    for statement in _statements(store, part, owner, end):
        _run(connection, statement)
    create(connection, store, store.default, like=part, bound="DEFAULT")
    for (statement,) in _rows(connection, NOT_COPIED, {"table": part, "name": store.table}):
        _run(connection, statement)
    _move_publications(connection, store, part)
    if store == COMMANDS:
        claims.publish(connection)
    if store == EVENTS:
        _run(connection, SAME_PLACE)


def _statements(store: Store, part: str, owner: str, end: int) -> Iterator[str]:
    yield f"ALTER TABLE {store.table} RENAME TO {part}"
    yield f"ALTER INDEX {store.table}_pkey RENAME TO {part}_pkey"
    yield f"DROP TRIGGER refuse_choice ON {part}"  # the whole has it, and clones it into its partitions
    yield (
        f"CREATE TABLE {store.table} (LIKE {part} INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMMENTS, "
        f"PRIMARY KEY ({store.column})) PARTITION BY RANGE ({store.column})"
    )
    yield f"ALTER TABLE {store.table} OWNER TO {owner}"
    yield f"ALTER SEQUENCE {store.sequence} OWNED BY {store.table}.{store.column}"
    yield from guards.of_statements(store, store.table)
    yield guards.of_rows(store)
    yield f"ALTER TABLE {store.table} ATTACH PARTITION {part} FOR VALUES FROM (MINVALUE) TO ({end})"
    yield _drop_check(store, part)


def _drop_check(store: Store, table: str = "") -> str:
    return f"ALTER TABLE {table or store.table} DROP CONSTRAINT IF EXISTS {store.check}"


def _move_publications(connection: BaseDatabaseWrapper, store: Store, part: str) -> None:
    """What was published is published on, by the name of the whole, and so are all partitions to come."""
    for (publication,) in _rows(connection, PUBLICATIONS, part):
        _run(connection, f"ALTER PUBLICATION {publication} DROP TABLE {part}")
        _run(connection, f"ALTER PUBLICATION {publication} ADD TABLE {store.table}")
        _run(connection, f"ALTER PUBLICATION {publication} SET (publish_via_partition_root = true)")


def _run(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _rows(connection: BaseDatabaseWrapper, statement: str, *parameters: Any) -> list[Any]:
    given = parameters[0] if parameters and isinstance(parameters[0], dict) else parameters
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[Any] = cursor.fetchall()
    return rows
