"""`manage.py send_mail`: sends the mails that are queued."""

import dataclasses
import json
import logging
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import Error, close_old_connections

from accounts.services.mail import Report, ServerAway, send_due
from accounts.services.mail.sender import late_mails
from eventstore import service
from eventstore.personal import KeyedCommand

WATCH_INTERVAL_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0  # while the mail server, or the database, is away

logger = logging.getLogger(__name__)


class Command(KeyedCommand):
    help = (
        "Send the mails that are queued: links to choose a new password, notices of changes. They go where EMAIL_URL "
        "says; without it, they are printed on the console. Fit for cron, and for as many at a time as you like: a "
        "mail is sent once, or, if the sender is killed just after it, again. What could not be sent is kept and tried "
        "again, after pauses of up to a quarter of an hour; after a day (a link to choose a password: an hour) it is "
        "given up. Exits with 3 if a mail was given up, or has waited for a quarter of an hour, and with 1 if the mail "
        "server takes none, or a setting is missing. With --watch it looks every second, until stopped (Ctrl-C or "
        "SIGTERM)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            self._watch(as_json=options["json"])
            return
        if lack := what_is_missing():
            raise CommandError(lack)
        report = Report()
        try:
            send_due(report)
        except ServerAway as away:
            self._report(report, as_json=options["json"])
            raise CommandError(f"The mail server takes no mails; they are kept. {away}") from away
        late = late_mails()
        self._report(report, as_json=options["json"], late=late)
        if report.given_up or late:
            raise SystemExit(3)
        if report.failed:
            raise CommandError("Not all could be sent. The next run tries again.")

    def _watch(self, *, as_json: bool) -> None:
        """Sends at once what is queued, until stopped; while nothing can be sent, it looks less and less often."""
        with service.running() as stop:
            if lack := what_is_missing():
                logger.error("%s", lack)
                stop.wait()  # ending would only have it started again, with the same settings
            pause = WATCH_INTERVAL_SECONDS
            while not stop.is_set():
                close_old_connections()  # if the database was away, it is connected to anew
                is_well = self._send(stop, as_json=as_json)
                pause = WATCH_INTERVAL_SECONDS if is_well else min(2 * pause, LONGEST_PAUSE_SECONDS)
                stop.wait(pause)

    def _send(self, stop: service.Stop, *, as_json: bool) -> bool:
        """Sends what is due; whether mail server and database let it."""
        report = Report()
        try:
            send_due(report, stop)
        except ServerAway:
            return False  # which is logged already
        except Error as error:
            service.log_error(logger, "Mails could not be sent; they are tried again.", error)
            return False
        finally:
            if not report.is_empty:
                self._report(report, as_json=as_json)
        return True

    def _report(self, report: Report, *, as_json: bool, **more: int) -> None:
        counts = {**dataclasses.asdict(report), **more}
        if as_json:
            self.stdout.write(json.dumps(counts))
        else:
            said = [f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number]
            self.stdout.write(f"Mails: {', '.join(said) or 'nothing was due'}.")
        self.stdout.flush()


def what_is_missing() -> str:
    """Which settings are missing that mails need; empty if none is."""
    names = ", ".join(settings.MAIL_LACKS)
    return f"No mail is sent, as these are not set: {names}. See .env.example." if names else ""
