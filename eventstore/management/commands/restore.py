"""`manage.py restore`: makes a site of an archive, in an empty database."""

import json
import time
from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import Error

from eventstore.archive.places import must_have_pyarrow
from eventstore.errors import EventStoreError
from eventstore.management.log_command import LogCommand
from eventstore.management.steps import step_bars

if TYPE_CHECKING:
    from eventstore.archive.restore import Restored

EXAMPLES = """\
examples:
  manage.py restore --check /srv/archive                       looks through it, and writes nothing
  manage.py migrate && manage.py restore /srv/archive          into the new database of DATABASE_URL
  manage.py restore /srv/archive --to-time 2026-03-01T12:00:00+01:00
  manage.py restore /srv/archive --keys /mnt/safe/keys

exit codes:
  0  restored (with --check: the archive is sound)
  3  restored, but `verify` found faults: manage.py verify names them
  1  it could not be done; what is written already is gone on with by the same command
"""


STOPPED = "Stopped. Start it again with the same options, and it goes on; nothing may serve the site before it ends."


class Command(LogCommand):
    help = (
        "Restore an archive, from a folder or an address in S3, into an empty database (after `migrate`), of either "
        "kind. Everything in the archive is looked through first: checksums, gaps, digests, roots, signatures; if "
        "anything is wrong, nothing is written. Then events and commands are stored under the positions and numbers "
        "that they had, all erasures are done again, a new epoch begins, and read models are built. Killed, it goes on "
        "when it is started again with the same options. Nothing may serve the site before it ends. On PostgreSQL, "
        "run it as the owner of the tables."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", metavar="DIR", help="a folder, or s3://bucket/prefix, as of `archive`")
        end = parser.add_mutually_exclusive_group()
        end.add_argument("--to-position", type=int, metavar="N", help="restore up to a position, or before the command "
                         "whose events lie on both sides of it")  # fmt: skip
        end.add_argument("--to-time", type=_time, metavar="T", help="restore what was recorded up to a time, as in "
                         "2026-03-01T12:00:00+01:00: all before the first event that was recorded later")  # fmt: skip
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument("--keys", metavar="DIR", help="where the keys of persons are, if they were kept elsewhere")
        keys.add_argument("--without-keys", action="store_true", help="restore no keys: persons stay unreadable")
        parser.add_argument("--check", action="store_true", help="only look through the archive; write nothing")
        parser.add_argument("--no-rebuild", action="store_true", help="leave read models to `rebuild_projections`")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without progress bars")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        kept = {"keys": options["keys"], "without_keys": options["without_keys"]}
        try:
            must_have_pyarrow()
            from eventstore.archive.restore import check, restore  # noqa: PLC0415 - an extra

            with step_bars(options) as progress:
                if options["check"]:
                    check(options["archive"], **kept, progress=progress)
                    self.stdout.write(json.dumps({"sound": True}) if options["json"] else "The archive is sound.")
                    return
                done = restore(
                    options["archive"],
                    to_position=options["to_position"],
                    to_time=options["to_time"],
                    rebuild=not options["no_rebuild"],
                    progress=progress,
                    **kept,
                )
        except KeyboardInterrupt:
            raise CommandError(STOPPED, returncode=130) from None
        except (EventStoreError, ImproperlyConfigured, OSError) as error:
            raise CommandError(f"{error}") from error
        except Error as error:
            raise CommandError(
                f"The database refused: {error}. Run it again, and it goes on; on PostgreSQL as the tables' owner."
            ) from error
        self._tell(done, time.monotonic() - begun, as_json=options["json"])
        if done.faults:
            raise SystemExit(3)

    def _tell(self, done: "Restored", seconds: float, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({**asdict(done), "seconds": round(seconds, 3)}))
            return
        self.stdout.write(
            f"Restored {done.events:,} events up to position {done.position}, and {done.commands:,} commands up to "
            f"number {done.number} in {seconds:.1f} s. {done.erasures:,} persons are erased. Epoch {done.epoch} of "
            f"the log {done.log_id} has begun."
        )
        for note in done.notes:
            self.stdout.write(note)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time; write it as 2026-03-01T12:00:00+01:00") from error
    if moment.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} lacks its offset from UTC; write it as 2026-03-01T12:00:00+01:00")
    return moment
