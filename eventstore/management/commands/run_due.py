"""`manage.py run_due`: executes the commands that due tasks find."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from eventstore import due, service
from eventstore.execution.scheduler import Report, run, watch
from eventstore.keys.command import KeyedCommand
from eventstore.log.identity import identity
from eventstore.management.log_command import LogCommand
from eventstore.messages import parse_moment


class Command(LogCommand, KeyedCommand):
    help = (
        "Do what is due: each task that is declared with @due finds it, and commands are executed for it, each in a "
        "transaction of its own. Fit for cron, at any interval: what is done is done once, even if two run at a time, "
        "or one is killed and started again. Tells for each task how many commands were executed, refused and failed, "
        "and exits with 1 if one failed; the others are done all the same. With --watch it runs each task at its own "
        "interval, until stopped (Ctrl-C or SIGTERM), and tells of those that had something to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="tasks to run; all by default")
        parser.add_argument("--now", type=_moment, metavar="ISO", help="as if it were this time: 2026-12-31T00:00Z")
        parser.add_argument("--dry-run", action="store_true", help="rehearse it, and store nothing")
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--json", action="store_true", help="print JSON; with --watch a line for each run")

    def handle(self, *args: Any, **options: Any) -> None:
        tasks = choose(options["names"])
        service.notice_restores()
        if options["watch"]:
            if options["now"] or options["dry_run"]:
                raise CommandError("--watch goes with the time and does things: leave --now and --dry-run out.")
            self._watch(tasks, as_json=options["json"])
            return
        identity()  # a database that is away, or not migrated, is no failure of a task
        now = options["now"] or timezone.now()
        reports = [run(task, now, dry_run=options["dry_run"]) for task in tasks]
        self._print(reports, as_json=options["json"], dry_run=options["dry_run"])
        if failed := [report.task for report in reports if report.failed]:
            raise CommandError(f"Something failed in {', '.join(failed)}; the rest is done. The next run tries again.")

    def _watch(self, tasks: Sequence[due.DueTask], *, as_json: bool) -> None:
        with service.running() as stop:
            if not as_json:
                self.stdout.write(f"Watching {_names(tasks)}. Stop with Ctrl-C.")
                self.stdout.flush()
            watch(tasks, stop, lambda report: self._print_run(report, as_json=as_json))
        if not as_json:
            self.stdout.write("Stopped.")

    def _print_run(self, report: Report, *, as_json: bool) -> None:
        if report.is_empty:
            return
        self.stdout.write(json.dumps(dataclasses.asdict(report)) if as_json else _line(report))
        self.stdout.flush()

    def _print(self, reports: Sequence[Report], *, as_json: bool, dry_run: bool) -> None:
        if as_json:
            summary = {"dry_run": dry_run, "tasks": [dataclasses.asdict(report) for report in reports]}
            self.stdout.write(json.dumps(summary, indent=2))
            return
        if dry_run:
            self.stdout.write("A rehearsal: nothing is stored.")
        for report in reports:
            self.stdout.write("\n  ".join([_line(report), *report.errors]))
        if not reports:
            self.stdout.write("No task is declared, so nothing is due.")


def choose(names: Sequence[str]) -> list[due.DueTask]:
    """The named tasks, or all of them; raises CommandError, which lists the tasks, for an unknown name."""
    if unknown := set(names) - set(due.tasks):
        raise CommandError(f"No task is called {min(unknown)!r}. There are: {_names(due.tasks.values())}.")
    return [due.tasks[name] for name in dict.fromkeys(names or sorted(due.tasks))]


def _names(tasks: Any) -> str:
    return ", ".join(sorted(task.name for task in tasks)) or "none"


def _line(report: Report) -> str:
    return f"{report.task}: {report.executed:,} executed, {report.refused:,} refused, {report.failed:,} failed"


def _moment(text: str) -> datetime:
    """Parse a time with its zone; raises CommandError for anything else."""
    moment = parse_moment(text)
    if moment is None:
        raise CommandError(f"{text!r} is no time with a zone, such as 2026-12-31T00:00Z, or too far away.")
    return moment
