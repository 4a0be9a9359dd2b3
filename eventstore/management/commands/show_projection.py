"""`manage.py show_projection`: prints a read model as of a position or a time."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from eventstore import feed
from eventstore.errors import EventStoreError
from eventstore.keys.command import KeyedCommand
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.messages import parse_moment
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.inspect import as_of
from eventstore.projecting.inspect.selection import select
from eventstore.projecting.replay import count_records
from eventstore.signals import personal_data_printed

Rows = list[dict[str, Any]]


class Command(LogCommand, KeyedCommand):
    help = (
        "Show the rows of a projection as they were at a position or at a time, replayed from the log into a temporary "
        "table; as they should be now, if neither is given. As of a time counts what had been recorded at or before "
        "it. With --key and --stream nothing but that stream is read: quick on any log. Nothing is changed; on "
        "PostgreSQL nobody waits, on SQLite commands do. Exits with 1 for a position that is not reached yet, and with "
        "3 if there is no such row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="the projection")
        when = parser.add_mutually_exclusive_group()
        when.add_argument(
            "--at-position", type=int, metavar="N", help="a command's number, if it is made from commands"
        )
        when.add_argument("--at-time", type=_time, metavar="TIME", help="with its zone: 2026-11-23T12:00:00Z")
        parser.add_argument("--key", help="only the row with this primary key")
        parser.add_argument("--stream", type=UUID, metavar="ID", help="the stream that this row is made from")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="rows to show at most; 20")
        parser.add_argument("--json", action="store_true", help="print JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        (projection,) = select([options["name"]])
        if options["stream"] and not options["key"]:
            raise CommandError("--stream needs a --key.")
        try:
            rows = _one(projection, options) if options["stream"] else _several(projection, options)
        except (EventStoreError, ValueError) as error:
            raise CommandError(str(error)) from error
        if projection.personal:
            personal_data_printed.send(sender=type(self), name=projection.name, rows=len(rows))
        self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder, indent=2) if options["json"] else _as_text(rows))
        if not rows and options["key"]:
            raise SystemExit(3)


def _one(projection: Projection, options: dict[str, Any]) -> Rows:
    row = as_of.row(projection, options["key"], stream_id=options["stream"], **_when(projection, options))
    return [{field.attname: getattr(row, field.attname) for field in projection.table.fields}] if row else []


def _several(projection: Projection, options: dict[str, Any]) -> Rows:
    with (
        progress_bar(count_records([projection]), "records", options) as done,
        as_of.table(projection, **_when(projection, options), progress=done) as rows,
    ):
        found = rows.filter(pk=options["key"]) if options["key"] else rows.order_by("pk")
        return list(found.values()[: options["limit"]])


def _when(projection: Projection, options: dict[str, Any]) -> dict[str, Any]:
    if options["at_time"]:
        return {"at": options["at_time"]}
    place = options["at_position"]
    return {"position": projection.end_of(feed.advance()) if place is None else place}


def _time(text: str) -> datetime:
    moment = parse_moment(text)
    if moment is None:
        raise ValueError(text)
    return moment


def _as_text(rows: Rows) -> str:
    """A line for each row, below the names of the columns."""
    if not rows:
        return "No rows."
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
