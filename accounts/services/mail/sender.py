"""Sends the mails that are due, each at least once: only a sender that dies between sending and noting it sends twice.

Any number of senders may work at once. Whoever takes a mail puts it off first, for longer than sending can take, and
counts that as a failure: so nobody else takes it meanwhile, and nothing is lost with a sender that dies.
"""

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import Final

from django.core.mail import EmailMessage
from django.db import Error
from django.db.models import F
from django.utils import timezone

from accounts.services.mail.kinds import USEFUL_FOR, UnknownKind, compose, kinds
from accounts.users.mail import OutgoingMail
from eventstore import service

CLAIMED_FOR: Final = timedelta(minutes=5)  # longer than a mail server may take for a mail: see EMAIL_TIMEOUT
FIRST_PAUSE: Final = timedelta(seconds=10)  # after the first failure, doubled with each further one
LONGEST_PAUSE: Final = timedelta(minutes=15)
LATE_AFTER: Final = timedelta(minutes=15)  # a mail that waits for so long is worth a look

# Errors that are about one mail; others of the kind are about the server, and so about all mails.
ABOUT_ONE_MAIL: Final = (SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused)

logger = logging.getLogger(__name__)


@dataclass
class Report:
    """What became of the mails that were due. Those that failed are tried again; `void` had nothing to say any more."""

    sent: int = 0
    void: int = 0
    failed: int = 0
    given_up: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was due."""
        return not (self.sent or self.void or self.failed or self.given_up)


class ServerAway(Exception):
    """The mail server takes no mails at present; all are kept."""


def send_due(report: Report, stop: service.Stop | None = None) -> None:
    """Send what is due, and count it in the report; raises ServerAway if the mail server takes no mails."""
    while not (stop and stop.is_set()) and (mail := _claim()):
        _send(mail, report)


def late_mails() -> int:
    """How many mails have waited for long."""
    return OutgoingMail.objects.filter(queued_at__lt=timezone.now() - LATE_AFTER).count()


def _claim() -> OutgoingMail | None:
    """The mail that has been due for longest; of those who want it at once, only one changes it as it was seen."""
    while True:
        now = timezone.now()
        mail = OutgoingMail.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk").first()
        if mail is None:
            return None
        as_seen = OutgoingMail.objects.filter(pk=mail.pk, next_try_at=mail.next_try_at)
        if as_seen.update(next_try_at=now + CLAIMED_FOR, failures=F("failures") + 1):
            mail.failures += 1
            return mail


def _send(mail: OutgoingMail, report: Report) -> None:
    if _is_too_old(mail):
        _give_up(mail, "it has waited for too long", report)
        return
    try:
        message = compose(mail)
        if message:
            message.send()
    except Error:  # the database's: it is for whoever runs this to wait until that is over
        raise
    except Exception as error:  # whatever keeps one mail from being sent must not keep the others
        _note_failure(mail, error, report)
    else:
        _done(mail, message, report)


def _done(mail: OutgoingMail, message: EmailMessage | None, report: Report) -> None:
    mail.delete()
    if message:
        report.sent += 1
    else:
        report.void += 1


def _is_too_old(mail: OutgoingMail) -> bool:
    useful_for = kinds[mail.kind].useful_for if mail.kind in kinds else USEFUL_FOR
    return timezone.now() - mail.queued_at > useful_for


def _note_failure(mail: OutgoingMail, error: Exception, report: Report) -> None:
    """Put a mail off, or give it up if its address does not exist; raises ServerAway if others would fare alike."""
    cause = _cause(error)
    if isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values()):
        _give_up(mail, cause, report)
        return
    pause = min(FIRST_PAUSE * 2 ** (min(mail.failures, 20) - 1), LONGEST_PAUSE)
    OutgoingMail.objects.filter(pk=mail.pk).update(next_try_at=timezone.now() + pause)
    report.failed += 1
    logger.warning("A mail (%s) could not be sent, and is tried again in %.0f s: %s", mail.kind, pause.seconds, cause)
    if isinstance(error, OSError) and not isinstance(error, ABOUT_ONE_MAIL):
        raise ServerAway(cause) from error


def _give_up(mail: OutgoingMail, why: str, report: Report) -> None:
    mail.delete()
    report.given_up += 1
    logger.error(
        "A mail (%s, queued at %s) was given up: %s.", mail.kind, mail.queued_at.isoformat(" ", "seconds"), why
    )


def _cause(error: Exception) -> str:
    """What went wrong, in one line: never with the text of an error that may name the address."""
    name = type(error).__name__
    if isinstance(error, SMTPRecipientsRefused):
        return f"{name} {', '.join(str(code) for code, _ in error.recipients.values())}"
    if isinstance(error, SMTPResponseException):
        return f"{name} {error.smtp_code}"
    if isinstance(error, UnknownKind | OSError) and not isinstance(error, ABOUT_ONE_MAIL):
        return f"{name}: {str(error).partition(chr(10))[0]}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{name} in {place.filename}, line {place.lineno}"
