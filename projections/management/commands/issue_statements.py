"""`manage.py issue_statements`: issues the monthly statements that are due."""

import dataclasses
import json
import logging
import signal
import sys
import threading
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from tqdm import tqdm

from projections.models import Account
from projections.statements.issuance import CannotIssue, Report, issue

WATCH_INTERVAL_SECONDS: Final = 900

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Issue the monthly statements that are due: for each account every month that is over, in the account's own "
        "time zone, and has no statement yet. A month is issued ten minutes after its end, once every transaction that "
        "could still record something in it has ended. What is issued is never changed: the database refuses it. Fit "
        "for cron, at any interval: what is done is done once, even if two run at a time, or one is killed. Nobody "
        "waits for it longer than for a moment. Exits with 3 if the entries of an account contradict each other: it "
        "is named, gets no statement, and the others get theirs; check_ledger says more. Exits with 1 if read models "
        "wait to be built. With --watch it looks every quarter of an hour, until stopped (Ctrl-C or SIGTERM)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--json", action="store_true", help="tell it as JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            self._watch(as_json=options["json"])
            return
        quiet = options["json"] or not (sys.stderr.isatty() or options["verbosity"] > 1)
        try:
            with tqdm(total=Account.objects.count(), unit=" accounts", unit_scale=True, disable=quiet) as bar:
                report = issue(progress=bar.update)
        except CannotIssue as error:
            raise CommandError(str(error)) from error
        self._report(report, as_json=options["json"])
        if report.broken:
            raise SystemExit(3)

    def _watch(self, *, as_json: bool) -> None:
        """Issues at intervals until stopped; errors are logged, and the next run tries again."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()  # if the database was away, it is connected to anew
            try:
                report = issue(stop=stop)
            except (CannotIssue, DatabaseError):
                logger.exception("Statements could not be issued; they are tried again.")
            else:
                if report.issued or report.broken:
                    self._report(report, as_json=as_json)
            stop.wait(WATCH_INTERVAL_SECONDS)

    def _report(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(dataclasses.asdict(report)))
        else:
            self.stdout.write(f"{report.issued:,} statements of {report.accounts:,} accounts issued.")
            for line in report.named:
                self.stdout.write(self.style.ERROR(f"The entries do not add up, so nothing was issued: {line}"))
        self.stdout.flush()
