"""The live tail: rows of both stores after the end of the archive, as Arrow tables with the archive's columns."""

from typing import Any, Final

import pyarrow as pa

from eventstore.analysis.errors import NotArchived
from eventstore.archive import rows
from eventstore.archive.columns import SCHEMAS
from eventstore.errors import RangeDetached
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

PAGE: Final = 10_000
ENDS: Final[dict[str, tuple[Any, str]]] = {"events": (Event, "position"), "commands": (Command, "number")}


def tail(store: str, after: int, to: int, limit: int) -> pa.Table:
    """The rows after a position or number, up to another; raises NotArchived if they are too many, or not all here."""
    schema = SCHEMAS[store]
    tables = [schema.empty_table()]
    _must_be_few(store, after, to, limit)
    try:
        while after < to and (page := rows.read(store, after, to, PAGE)):
            tables.append(page.table().select(schema.names))
            after = page.last
    except RangeDetached as error:
        raise NotArchived(_elsewhere(error, after)) from error
    return pa.concat_tables(tables)


def _elsewhere(error: RangeDetached, after: int) -> str:
    named = f"the archive that was named ends at {after}" if after else "no archive was named"
    return (
        f"The {error.store} up to {error.last} were detached: they lie in an archive alone, and {named}. Name the one "
        f"that has them: --archive {error.archive or 'DIR (manage.py partitions tells it)'}"
    )


def _must_be_few(store: str, after: int, to: int, limit: int) -> None:
    model, field = ENDS[store]
    among = primary_rows(model).filter(**{f"{field}__gt": after, f"{field}__lte": to}).order_by()
    if among[: limit + 1].count() > limit:
        raise NotArchived(
            f"More than {limit:,} {store} are in no archive that was named, and so many are read from the database at "
            f"most. Archive them (manage.py archive DIR), and name the archive: --archive DIR."
        )
