"""`manage.py analyse`: questions in SQL about the whole log, answered by DuckDB."""

import json
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.core.serializers.json import DjangoJSONEncoder

from eventstore.analysis import CannotAnalyse, Result, Session, analysis, view_named, views
from eventstore.management.command import EngineCommand
from projections.spreadsheets import csv_lines

MAX_SHOWN: Final = 1_000  # rows that are shown, unless asked for more; a CSV has all of them

HELP = """\
Answer a question about the whole log, in SQL, by DuckDB.

There are two tables: `events` (position, event_id, category, stream_id, version, type,
schema_version, recorded_at, command_id, metadata, data) and `commands` (number, command_id, actor,
key, type, schema_version, accepted, recorded_at, metadata, data, response, positions). Times are
UTC. `data`, `metadata` and `response` are JSON, as they are stored: data ->> 'amount' is a text,
CAST(data ->> 'amount' AS BIGINT) a number. Personal data stay encrypted.

With --archive (or the setting ANALYSIS_ARCHIVE), what is in that archive is read from its Parquet
files, and only what came later from the database. Without, all is read from the database, which is
refused for a large log. Nothing can be changed: only SELECT is run, and it reaches no other file.
"""

EXAMPLES = """\
examples:
  manage.py analyse --list                                       the ready views
  manage.py analyse --view balances
  manage.py analyse --view flows --csv > flows.csv
  manage.py analyse --archive /srv/archive "SELECT type, count(*) FROM events GROUP BY 1"
  manage.py analyse --view activity --to-position 100000 --json

exit codes:
  0  it was answered
  1  it could not be: the query is wrong, the archive is not there, DuckDB is not installed
"""


class Layout(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the line breaks of the help."""


class Command(EngineCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=Layout, epilog=EXAMPLES, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("sql", metavar="SQL", nargs="?", help="one SELECT statement, in quotes")
        what.add_argument("--view", metavar="NAME", help="a ready view")
        what.add_argument("--list", action="store_true", help="the ready views, with what they tell")
        parser.add_argument(
            "--archive",
            metavar="DIR",
            default=settings.ANALYSIS_ARCHIVE or None,
            help="an archive of this log, in a folder or in S3; by default, ANALYSIS_ARCHIVE",
        )
        parser.add_argument(
            "--to-position", type=_count, metavar="N", help="leave out what came after this position; the tidemark"
        )
        parser.add_argument("--limit", type=_count, default=MAX_SHOWN, metavar="N", help="rows to show; %(default)s")
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help="print JSON, with the position that it reflects")
        shape.add_argument("--csv", action="store_true", help="print CSV, all rows of it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["list"]:
                self._list(as_json=options["json"])
                return
            sql = _sql(options)
            with analysis(options["archive"], to_position=options["to_position"]) as session:
                self._answer(session, session.run(sql), options)
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        except CannotAnalyse as error:
            raise CommandError(str(error)) from error

    def _list(self, *, as_json: bool) -> None:
        known = views().values()
        if as_json:
            self.stdout.write(json.dumps([{"name": view.name, "about": view.about} for view in known], indent=2))
            return
        for view in known:
            self.stdout.write(f"{view.name}: {view.about}")

    def _answer(self, session: Session, result: Result, options: dict[str, Any]) -> None:
        if options["csv"]:
            for line in csv_lines(_csv_rows(result)):
                self.stdout.write(line, ending="")
            return
        shown = list(islice(result.rows, options["limit"]))
        is_cut = next(result.rows, None) is not None
        if options["json"]:
            self.stdout.write(json.dumps(_report(session, result, shown, is_cut), cls=Encoder, indent=2))
            return
        self.stdout.write(_table(result, shown))
        if is_cut:
            self.stdout.write(f"There are more than {options['limit']:,} rows. --limit shows more, --csv all of them.")
        self.stdout.write(_reach(session))


class Encoder(DjangoJSONEncoder):
    """JSON of what DuckDB returns: bytes as hexadecimal digits."""

    def default(self, o: Any) -> Any:
        """Django's own, and bytes."""
        return bytes(o).hex() if isinstance(o, bytes | bytearray | memoryview) else super().default(o)


def _sql(options: dict[str, Any]) -> str:
    if options["view"]:
        return view_named(options["view"]).sql
    if not (options["sql"] or "").strip():
        raise CannotAnalyse("Ask something: one SELECT statement, or a view by --view NAME. --list shows the views.")
    return str(options["sql"])


def _report(session: Session, result: Result, shown: list[tuple[Any, ...]], is_cut: bool) -> dict[str, Any]:
    reach = session.reach
    return {
        "position": reach.position,
        "number": reach.number,
        "archived_position": reach.archived_position,
        "columns": result.columns,
        "rows": [dict(zip(result.columns, _decoded(result, row), strict=True)) for row in shown],
        "is_cut": is_cut,
    }


def _decoded(result: Result, row: tuple[Any, ...]) -> Iterator[Any]:
    """The cells of a row; those of JSON are read as such."""
    for kind, cell in zip(result.types, row, strict=True):
        yield json.loads(cell) if kind == "JSON" and cell is not None else cell


def _csv_rows(result: Result) -> Iterator[list[Any]]:
    yield list(result.columns)
    for row in result.rows:
        yield [cell if cell is None or isinstance(cell, int | float) else _text(cell) for cell in row]


def _table(result: Result, shown: list[tuple[Any, ...]]) -> str:
    """A line for each row, below the names of the columns; numbers at the right."""
    if not shown:
        return "No rows."
    right = [all(cell is None or _is_number(cell) for cell in column) for column in zip(*shown, strict=True)]
    lines = [result.columns, *([_printable(_text(cell)) for cell in row] for row in shown)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    sides = [str.rjust if is_right else str.ljust for is_right in right]
    return "\n".join(
        "  ".join(side(cell, width) for side, cell, width in zip(sides, line, widths, strict=True)).rstrip()
        for line in lines
    )


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return bytes(cell).hex() if isinstance(cell, bytes | bytearray | memoryview) else str(cell)


def _printable(text: str) -> str:
    """A text for a terminal: what somebody has typed into a reference commands none."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def _reach(session: Session) -> str:
    reach = session.reach
    if not reach.archived_position:
        return f"Up to position {reach.position:,}, all from the database."
    return f"Up to position {reach.position:,}: up to {reach.archived_position:,} from the archive, then the database."


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError(text)
    return count
