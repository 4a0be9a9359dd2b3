"""`manage.py archive`: writes both stores into a folder or into S3, while the site runs."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser

from eventstore.archive.places import must_have_pyarrow
from eventstore.errors import EventStoreError
from eventstore.management.log_command import LogCommand
from eventstore.management.steps import step_bars

if TYPE_CHECKING:
    from eventstore.archive.write import Archived

EXAMPLES = """\
examples:
  manage.py archive /srv/archive                             makes it, or brings it up to date
  manage.py archive /srv/archive --keys /mnt/safe/keys       the keys of persons lie elsewhere
  manage.py archive 's3://bucket/library?region=eu-central-1'
  manage.py restore --check /srv/archive                     is it sound?
  python -m eventstore.verifier /srv/archive                 the same, without Django and a database

exit codes:
  0  the archive is up to date
  1  it could not be done; the archive is as it was
"""


class Command(LogCommand):
    help = (
        "Bring the archive in a folder, or at an address in S3, up to the tidemark, while the site runs; make it if "
        "there is none. It holds events, commands, signed tree heads, the list of erasures, the keys of persons (as "
        "they are stored: encrypted) and the tables of the setting ARCHIVE_TABLES. Only what is new is written: run it "
        "every hour, or every minute. Killed at any point, the archive is as it was, and the next run goes on. One run "
        "at a time may write to a place. `restore` makes a site of it."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "archive",
            metavar="DIR",
            help="a folder, or s3://bucket/prefix; ?endpoint_override=HOST:PORT&scheme=http&region=R for another "
            "provider than Amazon. Keys for S3 come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument("--keys", metavar="DIR", help="write the keys of persons there, instead of into the archive")
        keys.add_argument(
            "--without-keys",
            action="store_true",
            help="write no keys: what is restored from this archive alone shows nothing about persons",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            must_have_pyarrow()
            from eventstore.archive.write import archive  # noqa: PLC0415 - an extra

            with step_bars(options) as progress:
                done = archive(
                    options["archive"],
                    keys=options["keys"],
                    without_keys=options["without_keys"],
                    progress=progress,
                )
        except KeyboardInterrupt:
            raise CommandError("Stopped. The archive is as it was; the next run goes on.", returncode=130) from None
        except (EventStoreError, ImproperlyConfigured, OSError) as error:
            raise CommandError(f"{error}") from error
        seconds = time.monotonic() - begun
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(done), "seconds": round(seconds, 3)}))
        else:
            self._tell(done, seconds)

    def _tell(self, done: "Archived", seconds: float) -> None:
        new = f"{done.new_events:,} events and {done.new_commands:,} commands are new ({done.new_bytes:,} bytes)"
        self.stdout.write(
            f"{done.address} has {done.events:,} events up to position {done.position} and {done.commands:,} commands "
            f"up to number {done.number} in {done.bytes:,} bytes. {new}. It took {seconds:.1f} s."
        )
        if not done.signed:
            self.stdout.write("The manifest is not signed, as this site has no seal key: manage.py seal --help")
