"""Links in mails that prove who reads them: whoever opens one gets the mail of the address that it is about.

A link is signed, expires, and names no address. It is compared with the user as things stand when it is opened, so it
works once, and dies with what it was made for.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.core import signing

from accounts.users.models import User
from eventstore.messages import canonical
from eventstore.personal import keyed_hash

LIFETIME: Final = timedelta(hours=24)
SALT: Final = "accounts.email_links"


class Purpose(StrEnum):
    """What a link is for."""

    OWN = "own"  # the address of a user who never confirmed it: it is confirmed, or given back
    CHANGE = "change"  # the address that a user asked for


class State(StrEnum):
    """What has become of a link."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class EmailLink:
    """A link that was opened: the user and the address that it is about."""

    purpose: Purpose
    user: User
    email: str
    state: State


def make_link(purpose: Purpose, user: User) -> str:
    """The secret of a link, as it stands in its address."""
    email = user.email if purpose is Purpose.OWN else user.new_email
    return signing.dumps([purpose, user.pk, _fingerprint(purpose, user, email)], salt=SALT)


def read_link(secret: str) -> EmailLink | None:
    """The link with a secret; None if it is forged, too old, or dead."""
    try:
        purpose, key, fingerprint = signing.loads(secret, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None:
        return None
    for email, state in _addresses(Purpose(purpose), user):
        if email and fingerprint == _fingerprint(Purpose(purpose), user, email):
            return EmailLink(Purpose(purpose), user, email, state)
    return None


def _addresses(purpose: Purpose, user: User) -> list[tuple[str, State]]:
    """The addresses that a link of a user may be about, and what that says of the link."""
    if purpose is Purpose.CHANGE:
        return [(user.new_email, State.OPEN), (user.email, State.CONFIRMED)]
    present = State.CONFIRMED if user.email_confirmed_at else State.OPEN
    return [(user.email, present), (user.released_email, State.RELEASED)]


def _fingerprint(purpose: Purpose, user: User, email: str) -> str:
    """A hash of what a link was made for.

    A change dies with the password and with the next change. To own an address depends on the address alone: nothing
    that the user does makes the link of its owner worthless.
    """
    about = [purpose, str(user.pk), email]
    if purpose is Purpose.CHANGE:
        about += [user.password, str(user.new_email_at)]
    return keyed_hash(canonical(about))[:16].hex()  # shorter links are broken less often
