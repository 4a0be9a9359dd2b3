"""E-mails of members of staff, by the names that the log has for them."""

from collections.abc import Iterable
from typing import Final

from accounts.users.models import User

STAFF: Final = "staff:"
LONGEST_KEY: Final = 18  # digits that fit into a primary key


def staff_emails(actors: Iterable[str | None]) -> dict[str, str]:
    """The e-mail of each actor who is a member of staff and still exists; one query, or none."""
    keys = {actor.removeprefix(STAFF) for actor in actors if actor and actor.startswith(STAFF)}
    known = [key for key in keys if key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY]
    return {user.actor: user.email for user in User.objects.filter(pk__in=known)} if known else {}
