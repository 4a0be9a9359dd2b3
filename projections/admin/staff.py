"""E-mails of members of staff in the admin; rows hold their numbers."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.users.models import User
from eventstore.admin import show

STAFF: Final = "staff:"


def attach_staff(rows: Iterable[Any], *fields: str) -> None:
    """Sets `staff` of each row to the e-mails of all actors in the fields of all rows, by one query at most."""
    actors = {getattr(row, field) for row in rows for field in fields}
    keys = [actor.removeprefix(STAFF) for actor in actors if actor and actor.startswith(STAFF)]
    found = {user.actor: user.email for user in User.objects.filter(pk__in=keys)} if keys else {}
    for row in rows:
        row.staff = found


def person(row: Any, field: str) -> SafeString | str:
    """The actor in a field, by e-mail if it is a member of staff who still exists."""
    actor: str | None = getattr(row, field)
    if not actor:
        return show.NOTHING
    return format_html('<span title="{}">{}</span>', actor, row.staff.get(actor, show.brief(actor)))
