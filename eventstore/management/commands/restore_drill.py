"""`manage.py restore_drill`: rehearses a restore, and holds the result against the live site."""

import argparse
import json
import logging
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from eventstore import service
from eventstore.backends import log_database
from eventstore.backends.configured import setting
from eventstore.drill.drill import Drilled, Step, drill, report_of
from eventstore.drill.errors import CannotDrill, DrillStopped
from eventstore.keys.command import KeyedCommand
from eventstore.management.log_command import LogCommand
from eventstore.management.steps import step_bars
from eventstore.models import Drill
from eventstore.service import Stop

logger = logging.getLogger(__name__)

LOOK_SECONDS = 600.0  # at the longest, between two looks whether a drill is due: another machine may have done it

EXAMPLES = """\
examples:
  manage.py restore_drill                           with a new archive, which is removed afterwards
  manage.py restore_drill --archive /srv/archive    is the archive good that is there?
  manage.py restore_drill --watch --every 7d        once a week, until stopped; `serve` runs it where
                                                    RESTORE_DRILL_EVERY is set

exit codes:
  0  all came back equal, and every check is content
  3  something differs, or a check has found something
  1  the drill could not be done, or was stopped
"""


class Command(LogCommand, KeyedCommand):
    help = (
        "Rehearse the worst day: archive the log while the site goes on (or take an archive that is there), restore it "
        "into a scratch database, build the read models, verify everything, run the project's own checks "
        "(RESTORE_DRILL_COMMANDS), and compare counts and roots of both stores with the live ones. Tells how long each "
        "step took, and leaves a row about it that the admin and `doctor` show. The scratch database is a file beside "
        "SQLite's, or a database that is created and dropped beside PostgreSQL's, for which the role needs CREATEDB; "
        "RESTORE_DRILL_DATABASE names another, which must be empty. It is removed in the end, and after Ctrl-C too."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--archive",
            metavar="DIR",
            default=setting("RESTORE_DRILL_ARCHIVE") or None,
            help="the archive to restore, in a folder or in S3; by default, RESTORE_DRILL_ARCHIVE, or a new one",
        )
        parser.add_argument("--keys", metavar="DIR", help="where the keys of persons are, if they were kept elsewhere")
        parser.add_argument(
            "--watch", action="store_true", help="go on until stopped, with a drill whenever one is due"
        )
        parser.add_argument(
            "--every",
            type=_interval,
            default=setting("RESTORE_DRILL_EVERY"),
            metavar="TIME",
            help="between two drills, with --watch: 7d, 12h; by default, RESTORE_DRILL_EVERY",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON, without progress")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"] and not options["every"]:
            raise CommandError("--watch needs an interval: --every 7d, or the setting RESTORE_DRILL_EVERY.")
        with service.running() as stop:
            if options["watch"]:
                self._watch(stop, options)
                return
            try:
                found = self._drill(stop, options)
            except (CannotDrill, DrillStopped) as error:
                raise CommandError(str(error)) from error
        self._tell(found, as_json=options["json"])
        if not found.is_well:
            raise SystemExit(3)

    def _watch(self, stop: Stop, options: dict[str, Any]) -> None:
        """Drill whenever the last one is long enough ago, whoever has done it."""
        while not stop.is_set():
            close_old_connections()  # if the database was away, it is connected to anew
            try:
                seconds = _seconds_left(options["every"])
                if not seconds:
                    self._tell(self._drill(stop, options), as_json=options["json"])
                    continue
            except (CannotDrill, DrillStopped) as error:
                self.stderr.write(str(error))
                continue
            except Error as error:
                service.log_error(logger, "Nothing is drilled until the database answers; it is asked again.", error)
                seconds = LOOK_SECONDS
            stop.wait(min(seconds, LOOK_SECONDS))

    def _drill(self, stop: Stop, options: dict[str, Any]) -> Drilled:
        is_quiet = options["json"] or options["watch"] or not sys.stderr.isatty()
        with step_bars({**options, "json": is_quiet}) as progress:
            return drill(
                options["archive"],
                keys=options["keys"],
                stop=stop,
                progress=progress,
                told=(lambda _: None) if options["json"] else self._tell_step,
                is_quiet=is_quiet,
            )

    def _tell_step(self, step: Step) -> None:
        mark = self.style.SUCCESS("ok  ") if step.is_well else self.style.ERROR("bad ")
        lines = step.says.splitlines()
        last = lines[-1] if lines and step.is_well else ""
        self.stdout.write(f"{mark}{step.name:<22}{step.seconds:>8.1f} s  {last}".rstrip())
        if not step.is_well:
            for line in lines:
                self.stdout.write(f"      {line}")
        self.stdout.flush()

    def _tell(self, found: Drilled, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report_of(found)))
            return
        says = f"up to position {found.position} and number {found.number}, in {found.seconds:.1f} s."
        if found.is_well:
            self.stdout.write(self.style.SUCCESS(f"All came back equal, {says}"))
        else:
            self.stdout.write(self.style.ERROR(f"NOT all came back equal, {says}"))


def _seconds_left(every: timedelta) -> float:
    """The time until a drill is due, by the last one that was not stopped: a restart is no reason to leave one out."""
    drills = Drill.objects.using(log_database()).order_by("-began_at")
    last = next((each for each in drills.iterator() if not each.report.get("stopped")), None)
    return 0.0 if last is None else max(0.0, (last.began_at + every - timezone.now()).total_seconds())


def _interval(text: str) -> timedelta:
    units = {"d": "days", "h": "hours", "m": "minutes"}
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in units or not int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no interval such as 7d, 12h or 30m")
    return timedelta(**{units[unit]: int(number)})
