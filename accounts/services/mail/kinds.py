"""The kinds of mails: to whom each goes, and what it says.

    @mail_kind(_("Your password was changed"))
    def password_changed(mail: OutgoingMail) -> Letter | None:
        return Letter(mail.email, user_of(mail))

Its text is in `templates/mail/password_changed.txt`, its rows are queued by `queue_few("password_changed", …)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_supported_language_variant

from accounts.services.details import details_of
from accounts.users.emails import has_mailbox
from accounts.users.mail import OutgoingMail
from accounts.users.models import User

USEFUL_FOR: Final = timedelta(days=1)  # what could not be sent by then is given up
HEADERS: Final = {"Auto-Submitted": "auto-generated"}  # RFC 3834: nobody's holiday notice answers it


@dataclass(frozen=True)
class Letter:
    """Whom a mail goes to, whom it is about (it is in that user's language), and what its template is told."""

    to: str
    user: User | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


class UnknownKind(LookupError):
    """A mail was queued whose kind this process does not know."""


Write = Callable[[OutgoingMail], Letter | None]  # None: there is nothing to say any more, or nobody to say it to


@dataclass(frozen=True)
class MailKind:
    """A kind of mail; its `subject` is translated when it is sent."""

    name: str
    subject: Any
    write: Write
    useful_for: timedelta


kinds: Final[dict[str, MailKind]] = {}


def mail_kind(subject: Any, *, useful_for: timedelta = USEFUL_FOR) -> Callable[[Write], Write]:
    """Declare a kind of mail by the function that writes it; its name is that of the function, and of its template."""

    def register(write: Write) -> Write:
        kinds[write.__name__] = MailKind(write.__name__, subject, write, useful_for)
        return write

    return register


def compose(mail: OutgoingMail) -> EmailMessage | None:
    """The mail as it is sent, in the language of its reader; raises UnknownKind."""
    kind = kinds.get(mail.kind)
    if kind is None:
        raise UnknownKind(f"There is no kind of mail {mail.kind!r}. Is the sender of an older version?")
    letter = kind.write(mail)
    if letter is None or not has_mailbox(letter.to):
        return None
    with translation.override(_language_of(letter, mail)):
        text = render_to_string(f"mail/{kind.name}.txt", {"site_url": settings.SITE_URL, **letter.context})
        return EmailMessage(str(kind.subject), f"{text.strip()}\n", to=[letter.to], headers=HEADERS)


def link(name: str, **arguments: Any) -> str:
    """The address of a page for a mail: it begins with SITE_URL, for a request may lie about its host."""
    return f"{settings.SITE_URL}{reverse(name, kwargs=arguments)}"


def user_of(mail: OutgoingMail) -> User | None:
    """The user whom a mail is about, unless they may not sign in any more, or were erased."""
    return User.objects.filter(pk=mail.user_id, is_active=True).first() if mail.user_id else None


def _language_of(letter: Letter, mail: OutgoingMail) -> str:
    """The customer's language; for staff, strangers, and languages that we do not speak, the one of the request."""
    customer_id = letter.user and letter.user.customer_id
    wanted = [details_of(customer_id).get("locale", "") if customer_id else "", mail.language]
    for language in filter(None, wanted):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
