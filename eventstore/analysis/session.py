"""A session: DuckDB with two tables, `events` and `commands`, that can read and do nothing else.

What is typed into it is not trusted. Once the tables are there, DuckDB opens no file but the archive's segments, and no
network; it loads no extension, and its settings are locked. A statement that is no SELECT is refused before it is run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from eventstore import feed
from eventstore.analysis.bounds import Bounds, Period, ended_in_time, too_long
from eventstore.analysis.errors import CannotAnalyse, NotInstalled
from eventstore.log import in_database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from eventstore.analysis.archived import Archive

NO_DUCKDB: Final = "Analysis runs on DuckDB and pyarrow. Type: pip install duckdb pyarrow"
PAGE: Final = 1_000
CONFIGURATION: Final[dict[str, Any]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,  # no variable of this program is a table
}
LOCKED: Final = ("SET TimeZone = 'UTC'", "SET enable_external_access = false", "SET lock_configuration = true")


@dataclass(frozen=True)
class Reach:
    """How far an analysis goes: a position and a number, of which the archive has those up to two others.

    `archived_at` is when the archive was last written; None without one.
    """

    position: int
    number: int
    archived_position: int
    archived_number: int
    archived_at: datetime | None = None


@dataclass
class Result:
    """What a query has found: names and DuckDB's types of the columns, and the rows, read as they are asked for."""

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]


class Session:
    """A connection on which SELECT statements can be run."""

    def __init__(self, connection: "DuckDBPyConnection", reach: Reach, must_have_time: Callable[[], None]) -> None:
        self.connection, self.reach, self.must_have_time = connection, reach, must_have_time

    def run(self, sql: str) -> Result:
        """Run one SELECT statement; raises CannotAnalyse for another one, and for one that DuckDB can't run."""
        self.must_have_time()
        with _told():
            _must_select(self.connection, sql)
            cursor = self.connection.execute(sql)
            described = cursor.description or []
        return Result([each[0] for each in described], [str(each[1]) for each in described], _rows(cursor))


@contextmanager
def analysis(
    address: str | None = None,
    *,
    to_position: int | None = None,
    period: Period = Period(),  # noqa: B008 - it never changes
    database: str | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008 - likewise
) -> Iterator[Session]:
    """A session on the archive at an address and on what the log has had since, up to the tidemark or a position.

    The tables have what was recorded in the period alone. Without an address all is read from the database. Raises
    CannotAnalyse, also where the bounds do not suffice.
    """
    must_have_duckdb()
    from duckdb import connect  # noqa: PLC0415 - an extra

    from eventstore.analysis.archived import Archive  # noqa: PLC0415

    with in_database(database), TemporaryDirectory(prefix="analysis-") as folder:
        archive = Archive(address) if address else None
        connection = connect(":memory:", config={**CONFIGURATION, **bounds.configuration(), "temp_directory": folder})
        try:
            with ended_in_time(connection, bounds.seconds) as must_have_time:
                with _told():
                    reach = _load(connection, archive, to_position, period, bounds)
                yield Session(connection, reach, must_have_time)
        finally:
            connection.close()


def must_have_duckdb() -> None:
    """Raise NotInstalled, with the remedy, where DuckDB or pyarrow is missing."""
    if find_spec("duckdb") is None or find_spec("pyarrow") is None:
        raise NotInstalled(NO_DUCKDB)


def _load(
    connection: "DuckDBPyConnection",
    archive: "Archive | None",
    to_position: int | None,
    period: Period,
    bounds: Bounds,
) -> Reach:
    """Make the tables, and lock all the rest."""
    from eventstore.analysis.tables import Tables  # noqa: PLC0415 - needs an extra

    mark = feed.advance()
    position = mark.position if to_position is None else to_position
    if position > mark.position:
        raise CannotAnalyse(f"Position {position} is not reached yet: the log goes up to {mark.position}.")
    cut = archive.manifest.mark if archive else feed.Mark(0, 0)
    is_all = position == mark.position
    last = mark.number if is_all or position > cut.position else cut.number
    tables = Tables(connection, archive, bounds.live_limit)
    tables.load("events", cut.position, position)
    tables.load("commands", cut.number, last)
    number = last if is_all else tables.number_at(position, last)
    tables.show(position, number, period)
    for statement in LOCKED:
        connection.execute(statement)
    written = archive.written_at if archive else None
    return Reach(position, number, min(cut.position, position), min(cut.number, number), written)


def _must_select(connection: "DuckDBPyConnection", sql: str) -> None:
    from duckdb import StatementType  # noqa: PLC0415 - an extra

    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != StatementType.SELECT:
        raise CannotAnalyse("Only one statement is run at a time, and only a SELECT: nothing can be changed here.")


def _rows(cursor: "DuckDBPyConnection") -> Iterator[tuple[Any, ...]]:
    while True:
        with _told():
            page = cursor.fetchmany(PAGE)
        if not page:
            return
        yield from page


@contextmanager
def _told() -> Iterator[None]:
    """Let what is wrong with a query be a sentence."""
    from duckdb import Error, InterruptException  # noqa: PLC0415 - an extra

    try:
        yield
    except InterruptException as error:
        raise too_long() from error
    except Error as error:
        raise CannotAnalyse(f"DuckDB can't do this. {error}") from error
