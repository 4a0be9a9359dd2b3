"""The contract of a backend: everything that the engine needs of a database. `tests/conformance` tests it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.datastructures import BaseTable

from eventstore.backends.activity import BlockingTransaction, HeldStreams, MarkState
from eventstore.backends.rows import (
    CommandRow,
    EventRow,
    HeadRow,
    MarkRow,
    StoredCommand,
    StoredEvent,
    StoredPayload,
    TransactionStart,
    Writer,
    Written,
)
from eventstore.backends.shapes import TableShape
from eventstore.backends.targets import Lookup, Target

# What a database tells of the place where it lives, by name: another value after a restore, a promotion, a recovery to
# a point in time, or a move; the same after a restart, a crash or a failed start. Empty where it knows nothing.
Place = Mapping[str, Any]


class StreamBounds(NamedTuple):
    """Where the events of a stream lie, and how many there are; the first position is at most 0 where it is unknown."""

    first: int
    last: int
    version: int


class CannotListen(Exception):
    """No connection can be listened on, so a runner has to look at the log by itself."""


class Listener(Protocol):
    """A connection of its own, on which the database announces that the tidemark was raised."""

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for a notification, which may have come earlier; whether there was one. Raises CannotListen."""

    def close(self) -> None:
        """Give the connection back."""


class Backend(Protocol):
    """A connection to one kind of database, as the engine uses it."""

    connection: BaseDatabaseWrapper
    writes_at_once: bool  # whether `write_if` is one statement, which needs no transaction around it
    writes_in_parallel: bool  # whether several connections can write at the same time
    needs_immediate: bool  # whether transactions must begin with a write lock, which the settings have to say
    has_roles: bool  # whether the database has roles, and so rights to grant
    skip_locked: str  # ends a SELECT that locks its rows, and leaves out those that others have locked

    @property
    def file(self) -> Path | None:
        """The database's file; None if it is in memory, or a server's."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Bind the backend to a connection. Cheap: a new backend is made wherever one is needed."""

    def prepare(self) -> None:
        """Prepare a connection that has just been made."""

    # The log and the command store.

    def open(
        self, command_ids: Sequence[UUID], streams: Sequence[UUID], *, lock_timeout_seconds: float = inf
    ) -> TransactionStart:
        """Begin a transaction: find stored commands with these ids, and lock stream heads in the order of their ids.

        From here on the transaction waits for no lock any longer than for `lock_timeout_seconds`; the error is then
        transient. A timeout that is set otherwise stands. A database with one writer waits before, when it begins.
        """

    def answering_within(self, seconds: float) -> AbstractContextManager[None]:
        """Within the block, each statement is answered within that time, or fails: a server may say nothing at all."""

    def limit_waits(self, seconds: float) -> None:
        """Let this connection wait no longer than this for any lock, if it is its own to say so; best effort."""

    def write(
        self,
        events: Sequence[EventRow],
        heads: Sequence[HeadRow],
        commands: Sequence[CommandRow],
        lookups: Sequence[Lookup] = (),
    ) -> Written:
        """Append events, move stream heads and store commands with their responses; then run the lookups."""

    def write_if(
        self, stream_id: UUID, digest: str, events: Sequence[EventRow], heads: Sequence[HeadRow]
    ) -> Written | None:
        """Append events to one stream if it ends with this digest, and they are not in its closed time.

        None, with nothing written, if it does not, or they are.
        """

    # Rows that have their positions and numbers from elsewhere, within `archive.guards.positions_chosen`. In bulk: no
    # more than some thousands of them are in memory at once.

    def append_given(self, events: Iterable[tuple[int, EventRow]]) -> None:
        """Store events under the positions that they come with; heads stay as they are."""

    def store_given(self, commands: Iterable[tuple[int, CommandRow, Sequence[int]]]) -> None:
        """Store commands under the numbers that they come with, each with the positions of its events."""

    def draw_after(self, position: int, number: int) -> None:
        """Let the next position and number be the ones after these."""

    def events(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredEvent]:
        """Events that meet a condition in SQL, which also names their order."""

    def payloads(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredPayload]:
        """Events that meet a condition in SQL, but only the columns that state is folded from."""

    def commands(self, where: str, parameters: Sequence[Any], limit: int | None = None) -> list[StoredCommand]:
        """Commands that meet a condition in SQL, which also names their order."""

    # Whole rows, as they are stored, for whoever verifies them: ids as text with hyphens, digests as bytes, JSON as
    # text or bytes. Nothing is decoded; a value that can't be read makes them raise a database error, or ValueError.

    def whole_events(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        """Events that meet a condition in SQL, which also names their order (columns: `integrity.verify.rows`)."""

    def whole_commands(self, where: str, parameters: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
        """Commands that meet a condition in SQL, which also names their order (columns: likewise)."""

    def events_before(self, streams: Sequence[str], versions: Sequence[int]) -> list[tuple[Any, ...]]:
        """For each stream, what its event before a version says: stream, version, digest, time, position."""

    def whole_heads(self, after: UUID, limit: int) -> list[tuple[Any, ...]]:
        """Heads of the streams after one, in order, each with its last event (columns: likewise)."""

    def facts_between(self, after: tuple[str, int], to: str, limit: int) -> list[tuple[Any, ...]]:
        """Events after a stream and version, up to a stream, in that order: stream, version, type, schema, data."""

    def first_without_head(self) -> int | None:
        """The position of the first event whose stream has no head; None if all have one."""

    def sequences(self) -> tuple[int, int]:
        """The last position and number that the database's counters have given out."""

    # A log whose cold parts may lie in an archive alone.

    def holds_from(self, store: str) -> str:
        """A condition in SQL that is true if "events", or "commands", are here from a position, or number, on.

        It takes that position as its parameter. Empty where the whole log is always here.
        """

    def must_hold(self, store: str, first: int) -> None:
        """Raise RangeDetached if events, or commands, from this position or number on lie in an archive alone."""

    def claimed_number(self, command_id: UUID) -> int | None:
        """The number of the command with an id, also where it lies in an archive alone; None in any other log."""

    def stream_bounds(self, stream_id: UUID) -> StreamBounds | None:
        """Where a stream lies in a partitioned log, so that a read leaves out all else; None in any other log."""

    # Transactions and time.

    def now(self) -> datetime:
        """The time by the database's clock, which events are recorded with."""

    def defer_statements(self) -> AbstractContextManager[None]:
        """Within the block, a write of `put` may be sent as late as the next query or `send_deferred`."""

    def send_deferred(self, *, commit: bool) -> None:
        """Send the deferred statements; if `commit`, the transaction may already be committed along with them."""

    def is_transient(self, error: Exception) -> bool:
        """Whether the same transaction may succeed when it is tried again."""

    def is_read_only(self, error: Exception) -> bool:
        """Whether an error says that nothing can be recorded in this database, as it follows another one."""

    def keeps_locks(self, error: Exception) -> bool:
        """Whether a transient error comes again within the same transaction, whose locks or snapshot are its cause."""

    def use_one_snapshot(self) -> None:
        """Give all queries of the present transaction one snapshot of the database; to be called first in it."""

    def read_snapshot(self) -> AbstractContextManager[None]:
        """Within the block, all queries read one snapshot of the database, and no writer waits for the reader."""

    def read_only(self, *, timeout_seconds: float) -> AbstractContextManager[None]:
        """Within the block, a statement fails if it writes or takes longer than the timeout.

        A database whose readers never wait may restrict nothing.
        """

    def overwrite_erased(self) -> bool:
        """Overwrite what deleted values have left in the database's own files, as far as a program can do that.

        To be called outside of a transaction. False if it is to be tried again later, as a reader still needs them.
        """

    # The tidemark.

    def follows(self) -> bool:
        """Whether the database follows another, or is kept from writing: its mark row is then all that it knows."""

    def last_drawn(self) -> tuple[int, int]:
        """The last position and the last command number given out, committed or not; the mark, where it follows."""

    def subscribes(self) -> bool:
        """Whether the log comes from another database by logical replication; asked once for each session.

        Then nothing is recorded here, and read models are built by runners alone. A standby is no such database.
        """

    def writers(self) -> frozenset[Writer]:
        """The other transactions that may hold a position which they have not committed yet."""

    def block_writers(self) -> None:
        """Wait for all writers, and let no new one draw a position until this transaction ends."""

    def read_mark(self) -> MarkRow:
        """The tidemark, the position and the command number up to which nothing is missing; and the log's identity."""

    def place(self) -> Place | None:
        """Where the database lives, as far as it can tell; None on a standby, where nobody begins an epoch."""

    def promoted_from(self) -> int | None:
        """The timeline from which this server was promoted with all that was acknowledged; None if nobody says so."""

    def raise_mark(self, position: int, number: int, *, notify: bool) -> bool:
        """Raise the tidemark, and notify listeners if asked to; whether it was lower before.

        A database that follows another raises nothing.
        """

    def listen(self) -> Listener | None:
        """A listener on the same database; None where the database has no notifications. Raises CannotListen."""

    def mark_state(self) -> MarkState | None:
        """The tidemark's state, without raising it; None where the end of the log is the mark."""

    def open_writers(self) -> list[BlockingTransaction]:
        """Transactions that hold the tidemark back, as they may hold a position which they have not committed."""

    def mark_blockers(self) -> list[BlockingTransaction]:
        """Transactions that keep the tidemark's row locked against an update that waits."""

    def mark_holders(self) -> list[BlockingTransaction]:
        """Transactions that have the tidemark's row or table locked, whether anybody waits or not."""

    def stream_blockers(self) -> list[HeldStreams]:
        """Transactions that hold the heads of streams; those that others wait for tell how many, and for which."""

    def checkpoint_blockers(self) -> list[BlockingTransaction]:
        """Transactions that may have checkpoints locked: runners at work, and any other."""

    # Read models.

    def find(self, target: Target, keys: Sequence[Any]) -> list[models.Model]:
        """The rows of a read model with these primary keys, given as their field prepares them."""

    def put(self, target: Target, rows: Sequence[models.Model]) -> None:
        """Write rows of a read model, of which there is at least one."""

    def any_of(self, column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
        """The condition in SQL that a column has one of these values, and its parameters."""

    # Tables beside the live one.

    def shape(self, table: str) -> TableShape:
        """What a table is like, in the catalog's words; without columns if there is no such table."""

    def bound_to(self, table: str) -> list[str]:
        """Foreign keys, views, triggers and the like, described in words, that would follow the table if it is renamed.

        `create_like` copies none of them.
        """

    def lock_table(self, table: str) -> None:
        """Keep all others from a table, until the transaction ends."""

    def create_like(self, table: str, name: str, *, with_keys: bool = True) -> None:
        """Make an empty table of the same shape, without the indexes that are not unique.

        Without keys as well for a table into which rows are only inserted: made from all rows at once, keys and indexes
        cost a fraction; see `complete_like`.
        """

    def complete_like(self, table: str, name: str) -> None:
        """Give a filled table the keys and indexes of another that it still lacks.

        Raises IntegrityError if two rows share a key that is unique.
        """

    def create_temporary_like(self, table: str, name: str) -> None:
        """Make an empty table of the same shape that only this connection sees."""

    def table_of(self, model: type[models.Model], name: str, rows: Sequence[models.Model]) -> BaseTable:
        """A table for a query of the model that consists of these rows, where none can be created."""

    def exchange_tables(self, table: str, new: str, old: str) -> None:
        """Rename `table` to `old`, and `new` to `table`; the names of indexes, and permissions, stay with `table`."""

    def rename_table(self, table: str, name: str) -> None:
        """Rename a table; its indexes keep their names."""

    def drop_table(self, table: str) -> None:
        """Drop a table, if it exists."""
