"""`manage.py partitions`: large logs on PostgreSQL, in partitions by position."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore.backends import store
from eventstore.errors import EventStoreError
from eventstore.management.log_command import LogCommand
from eventstore.management.steps import step_bars
from eventstore.partitions import adopt, make_ahead
from eventstore.partitions.adopt import AHEAD, SIZE
from eventstore.partitions.report import Line, report

EXAMPLES = """\
examples:
  manage.py partitions                                       what there is
  manage.py partitions --adopt                               partition a log that is one table, while the site runs
  manage.py partitions --ahead 4 --size 10000000             make empty partitions: daily, as the owner of the tables

exit codes:
  0  it is done
  1  it could not be done; the sentence says why, and what to do
"""


class Command(LogCommand):
    help = (
        "Show, make and adopt the partitions of a large log: events by position, commands by number. Only on "
        "PostgreSQL, and only where somebody asks for it: a log of less than some ten million events has no need of "
        "it. Adopting rewrites nothing, and keeps commands waiting for milliseconds. Whatever step is killed, the site "
        "goes on, and the same command goes on from there."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--adopt", action="store_true", help="make today's tables the first partitions")
        what.add_argument("--ahead", type=_count, metavar="N", help="have so many empty partitions")
        parser.add_argument(
            "--size",
            type=_count,
            default=SIZE,
            metavar="ROWS",
            help=f"positions, or numbers, in each new partition (default: {SIZE:,})",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = store().connection
        try:
            if options["adopt"]:
                with step_bars(options) as progress:
                    adopt(connection, size=options["size"], ahead=AHEAD, progress=progress)
            elif options["ahead"] is not None:
                make_ahead(connection, ahead=options["ahead"], size=options["size"])
            lines = report(connection)
        except EventStoreError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"partitions": [line._asdict() for line in lines]}))
        else:
            self._tell(lines)

    def _tell(self, lines: list[Line]) -> None:
        if not lines:
            self.stdout.write("The stores are not partitioned. That is as it should be, unless they are very large.")
        for line in lines:
            bounds = "beyond all others" if line.end is None else f"{line.first:,} to {line.end - 1:,}"
            rows = "" if line.rows is None else f", {line.rows:,} rows"
            state = " and ".join(line.states)
            self.stdout.write(
                f"{line.store} {bounds}: {line.name}{rows}, {line.bytes:,} bytes" + (f", {state}" * bool(state))
            )


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number
