"""`manage.py partitions`: large logs on PostgreSQL, in partitions by position."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.archive.places import must_have_pyarrow
from eventstore.backends import store
from eventstore.errors import EventStoreError
from eventstore.management.log_command import LogCommand
from eventstore.management.steps import step_bars
from eventstore.partitions import adopt, make_ahead
from eventstore.partitions.adopt import AHEAD, SIZE
from eventstore.partitions.report import Line, report
from eventstore.partitions.stores import COMMANDS, EVENTS, Store

EXAMPLES = """\
examples:
  manage.py partitions                                       what there is
  manage.py partitions --adopt                               partition a log that is one table, while the site runs
  manage.py partitions --ahead 4 --size 10000000             make empty partitions: daily, as the owner of the tables
  manage.py partitions --detach-before 50000000 --archive /srv/archive
                                                             take the older ones out; they stay as tables beside the log
  manage.py partitions --attach-from 40000000                bring back what was detached, from there on

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
        what.add_argument(
            "--detach-before",
            type=_count,
            metavar="POSITION",
            help="detach the partitions that end there or before, for which a head in SEAL_FILE and the archive vouch",
        )
        what.add_argument(
            "--attach-from", type=_count, metavar="POSITION", help="bring back what was detached from there on"
        )
        parser.add_argument(
            "--commands", action="store_true", help="detach or attach commands by their numbers, instead of events"
        )
        parser.add_argument(
            "--archive", metavar="DIR", help="the archive, a folder or s3://…; to attach, where it lies now if it moved"
        )
        parser.add_argument(
            "--drop", action="store_true", help="delete detached partitions: from then on they are in the archive alone"
        )
        parser.add_argument("--yes", action="store_true", help="confirm --drop")
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
            elif options["detach_before"] is not None:
                self._detach(connection, options)
            elif options["attach_from"] is not None:
                must_have_pyarrow()
                from eventstore.partitions.attach import attach  # noqa: PLC0415 - an extra

                attach(connection, _store(options), options["attach_from"], options["archive"])
            lines = report(connection)
        except (EventStoreError, ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"partitions": [line._asdict() for line in lines]}))
        else:
            self._tell(lines)

    def _detach(self, connection: BaseDatabaseWrapper, options: dict[str, Any]) -> None:
        if not options["archive"]:
            raise CommandError("Name the archive that has them: --archive DIR")
        if options["drop"] and not options["yes"]:
            raise CommandError("--drop deletes them from the database. If that is meant, add --yes.")
        must_have_pyarrow()
        from eventstore.partitions.detach import detach  # noqa: PLC0415 - an extra

        before, size = options["detach_before"], options["size"]
        detach(connection, _store(options), before, options["archive"], size=size, drop=options["drop"])

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


def _store(options: dict[str, Any]) -> Store:
    return COMMANDS if options["commands"] else EVENTS


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number
