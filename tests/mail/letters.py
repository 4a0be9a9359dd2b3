"""What a test reads in its mail."""

import re
from typing import Final

from django.conf import settings
from django.core import mail as outbox

from accounts.services.mail import Report, send_due
from accounts.users.models import User
from tests.factories import CustomerFactory

LINK: Final = re.compile(r"^https?://\S+/password-reset/\S+$", re.MULTILINE)
NEW_PASSWORD: Final = "the tide is high tonight"


def send_all() -> Report:
    """Send what is queued into Django's outbox."""
    report = Report()
    send_due(report)
    return report


def link_in(text: str) -> str:
    """The address in a mail by which to choose a password, without the site's own."""
    (link,) = LINK.findall(text)
    return str(link).removeprefix(settings.SITE_URL)


def mailed_link() -> str:
    """The same, in the mail that was sent last."""
    send_all()
    return link_in(str(outbox.outbox[-1].body))


def customer() -> User:
    """Ada."""
    user: User = CustomerFactory.create(email="ada@example.org")
    return user
