"""System checks of mails: whether they can be sent, and whether they are."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as Caution
from django.db import Error, connections, router

from accounts.services.mail.sender import LATE_AFTER, late_mails
from accounts.users.mail import OutgoingMail
from eventstore.checks import check_reachable

THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def check_mail_settings(**_: Any) -> Iterator[CheckMessage]:
    """Reports settings that are missing as accounts.W001, and a server that is spoken to in clear as accounts.W003."""
    if settings.MAIL_LACKS:
        yield Caution(
            f"Not set: {', '.join(settings.MAIL_LACKS)}. So no mail is sent, and nobody can choose a new password.",
            hint="Set what .env.example says under Mail.",
            id="accounts.W001",
        )
    if _speaks_in_clear():
        yield Caution(
            "Mails go to another machine in clear: whoever listens can use the links in them.",
            hint="Write smtp+tls:// or smtp+ssl:// in EMAIL_URL.",
            id="accounts.W003",
        )


def _speaks_in_clear() -> bool:
    is_remote = settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and settings.EMAIL_HOST not in THIS_MACHINE
    return settings.HTTPS and is_remote and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)


def check_late_mails(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Reports mails that wait for too long as accounts.W002; others report a database that does not answer."""
    connection = connections[router.db_for_read(OutgoingMail)]
    if connection.alias not in (databases or ()) or check_reachable(connection):
        return []
    try:
        late = late_mails()
    except Error:  # it is not migrated yet
        return []
    if not late:
        return []
    minutes = LATE_AFTER.seconds // 60
    return [
        Caution(
            f"{late} mails have waited for more than {minutes} minutes.",
            hint="Start manage.py send_mail --watch; if it runs, read its log.",
            id="accounts.W002",
        )
    ]
