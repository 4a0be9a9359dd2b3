"""`manage.py run_projections`: runs delayed projections and reactions; in a read database, all projections."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from eventstore import personal, service
from eventstore.backends import log_database, store
from eventstore.errors import EventStoreError
from eventstore.keys.command import KeyedCommand
from eventstore.log.database import primary_rows
from eventstore.management.log_command import LogCommand
from eventstore.models import Parked
from eventstore.projecting.inspect.selection import select_delayed
from eventstore.projecting.installation import install
from eventstore.projecting.runner.runner import Runner


class Command(LogCommand, KeyedCommand):
    help = (
        "Bring the delayed projections up to date, serve the reactions, and keep on until stopped (Ctrl-C or SIGTERM; "
        "the batch in hand is finished). Any number of runners may work at once, on any machine: they share the work, "
        "and keep the order within each stream. A stream with an event that fails is parked, and the others go on: see "
        "manage.py parked_events. With --once it stops when everything recorded by now is read; then it exits with 1 "
        "if it could not, and with 3 if something is parked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="what to serve; all that is delayed by default")
        parser.add_argument("--once", action="store_true", help="catch up and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        service.notice_restores()
        install(using=log_database())  # a new reaction comes without a migration, so `migrate` may not have run since
        self._erase_again()
        runner = Runner([subscriber.name for subscriber in select_delayed(options["names"])])
        if options["once"]:
            self._catch_up(runner)
        else:
            self._run(runner)

    def _erase_again(self) -> None:
        if store().subscribes():
            return  # erasures come with the log that is followed
        try:
            erased = personal.apply_missing()
        except EventStoreError as error:
            raise CommandError(f"Nothing is delivered before erasures are applied again. {error}") from error
        if erased:
            self.stdout.write(f"Erased again, as the list of erasures has them: {len(erased):,} persons.")

    def _run(self, runner: Runner) -> None:
        with service.running(runner.stop):
            self.stdout.write(f"Running {', '.join(runner.names)}. Stop with Ctrl-C.")
            runner.run()
        self.stdout.write("Stopped.")

    def _catch_up(self, runner: Runner) -> None:
        try:
            runner.catch_up()
        except Exception as error:
            raise CommandError(f"Could not catch up: {error!r}. Nothing of the last batch was written.") from error
        if parked := list(primary_rows(Parked).filter(projection_id__in=runner.names)):
            for row in parked:
                self.stderr.write(f"Parked: {row}.")
            raise SystemExit(3)
