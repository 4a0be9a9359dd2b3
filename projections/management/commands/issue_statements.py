"""`manage.py issue_statements`: issues the monthly statements that are due."""

import dataclasses
import json
import logging
import sys
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.db import close_old_connections
from tqdm import tqdm

from eventstore import service
from eventstore.personal import KeyedCommand
from projections.models import Account
from projections.statements.issuance import CannotIssue, Report, issue

WATCH_INTERVAL_SECONDS: Final = 900
FIRST_PAUSE_SECONDS: Final = 5  # after the first failure, doubled with each further one

logger = logging.getLogger(__name__)


class Command(KeyedCommand):
    help = (
        "Issue the monthly statements that are due: for each account every month that is over, in the account's own "
        "time zone, and has no statement yet. A month is issued ten minutes after its end, once every transaction that "
        "could still record something in it has ended. What is issued is never changed: the database refuses it. Fit "
        "for cron, at any interval: what is done is done once, even if two run at a time, or one is killed. Nobody "
        "waits for it longer than for a moment. Exits with 3 if the entries of an account contradict each other, or it "
        "can't be read: it is named, gets no statement, and the others get theirs; check_ledger says more. Exits with "
        "1 if read models wait to be built. With --watch it looks every quarter of an hour, until stopped (Ctrl-C or "
        "SIGTERM)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--json", action="store_true", help="tell it as JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        service.notice_restores()
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
        """Issues at intervals until stopped; errors are logged, and soon tried again."""
        with service.running() as stop:
            pause = FIRST_PAUSE_SECONDS
            while not stop.is_set():
                close_old_connections()  # if the database was away, it is connected to anew
                if self._issue(stop, as_json=as_json):
                    pause = FIRST_PAUSE_SECONDS
                    stop.wait(WATCH_INTERVAL_SECONDS)
                else:
                    stop.wait(min(pause, WATCH_INTERVAL_SECONDS))
                    pause *= 2

    def _issue(self, stop: service.Stop, *, as_json: bool) -> bool:
        """Issues what is due; whether it could."""
        try:
            report = issue(stop=stop)
        except Exception as error:
            service.log_error(logger, "Statements could not be issued; they are tried again.", error)
            return False
        if report.issued or report.broken:
            self._report(report, as_json=as_json)
        return True

    def _report(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(dataclasses.asdict(report)))
        else:
            self.stdout.write(f"{report.issued:,} statements of {report.accounts:,} accounts issued.")
            for line in report.named:
                self.stdout.write(self.style.ERROR(f"It got no statement, see check_ledger: {line}"))
        self.stdout.flush()
