"""`manage.py demo_data`: a believable small world to try the site with."""

import sys
import time
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.utils import timezone
from tqdm import tqdm

from demo.importer import CannotImport, ImportTask, find_task, import_steps
from demo.parked_stream import park_one_stream
from demo.report import DemoReport
from demo.sign_ins import ensure_staff, grant_roles, set_passwords
from demo.world import CUSTOMERS, DAYS, EVENTS, FEWEST_EVENTS
from eventstore.models import Parked
from eventstore.personal import KeyedCommand
from eventstore.projecting.runner import Runner

HELP = f"""\
Make a demo world: customers of several countries, their accounts, {DAYS} days of history up to
yesterday; and a member of staff for each role. Everything comes about through commands, marked as
imported: money that comes, goes and is set aside, refusals, reversals, overdrafts and limits,
accounts that are frozen or closed, a customer who is suspended and one who is forgotten, requests
that wait for a second person. The sign-ins are printed at the end.

One stream is left parked in a delayed projection, for you to try again: what was in its way is
gone by then.

Run it again, and nothing changes: a world that is there is left alone, one that was interrupted
(Ctrl-C) is completed. A database with another history is refused, and so is a site without
DEMO_RAILS: there, people with a known password have no place.
"""

EXAMPLES = f"""\
examples:
  manage.py demo_data                                    {CUSTOMERS} customers, {EVENTS:,} events
  manage.py demo_data --customers 1000 --events 100000   a larger world, with progress
  manage.py demo_data --json                             for scripts

exit codes:
  0  the world is there, whether made now or before
  1  refused, with the reason; what was there before is left alone
  130  interrupted; the same command completes the world
"""

INTERRUPTED = 130  # as the shell says of a program that Ctrl-C ended


class Layout(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the line breaks of the help."""


class Command(KeyedCommand):
    """Makes the demo world, or completes it."""

    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser, which lays the help out as it is written."""
        return super().create_parser(prog_name, subcommand, epilog=EXAMPLES, formatter_class=Layout, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declares the size of the world and the form of the report."""
        parser.add_argument("--customers", type=positive, metavar="N", help=f"how many customers [{CUSTOMERS}]")
        parser.add_argument(
            "--events",
            type=positive,
            metavar="N",
            help=f"how many events, at least {FEWEST_EVENTS} for each customer [{EVENTS // CUSTOMERS} for each]",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without progress")

    def handle(self, *, customers: int | None, events: int | None, **options: Any) -> None:
        """Imports what is missing, then prints the report."""
        quiet = options["json"] or (not sys.stderr.isatty() and options["verbosity"] < 2)
        try:
            report = make(checked_task(customers, events), quiet=quiet)
        except CannotImport as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. The same command completes the world.", returncode=INTERRUPTED) from None
        self.stdout.write(report.as_json() if options["json"] else report.as_text())


def positive(text: str) -> int:
    """A whole number above zero, for argparse."""
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def checked_task(customers: int | None, events: int | None) -> ImportTask:
    """The task of this run; raises CommandError on a site that is no demo or for too few events, and CannotImport."""
    if not settings.DEMO_RAILS:
        raise CommandError(
            "This site does not say that it is a demonstration (DEMO_RAILS is off), so nobody with a known password is "
            "let in; nothing was written. If it is one, run the command with DEMO_RAILS=1 in the environment."
        )
    task = find_task(timezone.now(), customers, events)
    if task.world.events < FEWEST_EVENTS * task.world.customers:
        raise CommandError(
            f"{task.world.customers:,} customers need {FEWEST_EVENTS * task.world.customers:,} events at least."
        )
    return task


def make(task: ImportTask, *, quiet: bool) -> DemoReport:
    """Executes the missing steps, brings the read models up to date, and sets passwords."""
    begun = time.monotonic()
    there, steps = task.steps(ensure_staff())
    total = task.world.events
    with tqdm(total=total, initial=there, unit=" events", unit_scale=True, disable=quiet) as bar:
        commands = import_steps(steps, bar.update)
    seconds = time.monotonic() - begun
    grant_roles()
    park_one_stream(task.world)
    Runner().catch_up()
    return DemoReport(task, commands, seconds, set_passwords(), Parked.objects.count())
