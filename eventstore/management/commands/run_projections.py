"""`manage.py run_projections`: the runner of delayed projections."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from eventstore.projecting.choosing import choose
from eventstore.projecting.runner import Runner


class Command(BaseCommand):
    help = (
        "Bring the delayed projections up to date, and keep them so until stopped (Ctrl-C or SIGTERM). "
        "Any number of runners may work at once: they share the work, and keep the order within each stream. "
        "With --once it stops when everything recorded by now is read, and exits with 1 if a projection failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="projections to run; all delayed ones by default")
        parser.add_argument("--once", action="store_true", help="catch up and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = choose(options["names"], delayed=True)
        runner = Runner([projection.name for projection in chosen])
        if options["once"]:
            self._catch_up(runner)
        else:
            self._run(runner)

    def _run(self, runner: Runner) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stopper(runner.stop))
        self.stdout.write(f"Running {', '.join(runner.names)}. Stop with Ctrl-C.")
        runner.run()
        self.stdout.write("Stopped.")

    def _catch_up(self, runner: Runner) -> None:
        try:
            runner.catch_up()
        except Exception as error:
            raise CommandError(f"A projection failed: {error!r}. Nothing of its batch was written.") from error


def _stopper(stop: threading.Event) -> Any:
    """The batch in hand is finished, then the runner stops."""
    return lambda *_: stop.set()
