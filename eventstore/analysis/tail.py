"""The live tail: rows of both stores after the end of the archive, as Arrow tables with the archive's columns."""

from typing import Any, Final

import pyarrow as pa

from eventstore.analysis.errors import CannotAnalyse
from eventstore.archive import rows
from eventstore.archive.columns import SCHEMAS
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

PAGE: Final = 10_000
ENDS: Final[dict[str, tuple[Any, str]]] = {"events": (Event, "position"), "commands": (Command, "number")}


def tail(store: str, after: int, to: int, limit: int) -> pa.Table:
    """The rows after a position or number, up to another; raises CannotAnalyse if they are more than the limit."""
    _must_be_few(store, after, to, limit)
    schema = SCHEMAS[store]
    tables = [schema.empty_table()]
    while page := rows.read(store, after, to, PAGE):
        tables.append(page.table().select(schema.names))
        after = page.last
    return pa.concat_tables(tables)


def _must_be_few(store: str, after: int, to: int, limit: int) -> None:
    model, field = ENDS[store]
    among = primary_rows(model).filter(**{f"{field}__gt": after, f"{field}__lte": to}).order_by()
    if among[: limit + 1].count() > limit:
        raise CannotAnalyse(
            f"More than {limit:,} {store} are in no archive that was named, and so many are read from the database at "
            f"most. Archive them (manage.py archive DIR), and name the archive: --archive DIR."
        )
