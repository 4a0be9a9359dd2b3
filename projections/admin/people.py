"""Members of staff, whom rows tell by number, by their e-mail."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.users.models import User
from eventstore.admin import show

STAFF: Final = "staff:"


def name_staff(rows: Iterable[Any], *fields: str) -> None:
    """Set `staff` of each row to the e-mails of all whom their fields name, found by one query at most."""
    actors = {getattr(row, field) for row in rows for field in fields}
    keys = [actor.removeprefix(STAFF) for actor in actors if actor and actor.startswith(STAFF)]
    found = {user.actor: user.email for user in User.objects.filter(pk__in=keys)} if keys else {}
    for row in rows:
        row.staff = found


def person(row: Any, field: str) -> SafeString | str:
    """Somebody whom a row names: by e-mail, if it is a member of staff who is still there."""
    actor: str | None = getattr(row, field)
    if not actor:
        return show.NOTHING
    return format_html('<span title="{}">{}</span>', actor, row.staff.get(actor, show.brief(actor)))
