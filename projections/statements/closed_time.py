"""The check of closed time, for `manage.py verify`: each stream's against the account's statements, and the clock.

No event says until when a stream is closed, but what has closed it does: only the issuing of statements, each up to the
end of a month that is over. A moment before the end of the last statement would let an entry into an issued month;
one in the future would date the next commands there. What lies between these bounds changes nothing.
"""

from collections.abc import Iterator
from typing import Final

from django.db.models import F, OuterRef, Q, Subquery

from eventstore import log
from eventstore.integrity.checks import Finding, check_site
from eventstore.log import primary_rows
from eventstore.models import Stream
from projections.models import Statement

CATEGORIES: Final = ("account", "approval", "customer", "staff")  # of this project's streams


@check_site
def closed_time_as_issued() -> Iterator[Finding]:
    """Streams that are open in an issued month, and streams that are closed in the future."""
    statements = primary_rows(Statement).filter(account_id=OuterRef("stream_id")).order_by("-number")
    own = primary_rows(Stream).filter(category__in=CATEGORIES)
    heads = own.annotate(issued_until=Subquery(statements.values("ends_at")[:1])).order_by("stream_id")
    is_open = Q(closed_until=None) | Q(closed_until__lt=F("issued_until"))
    for stream_id in heads.filter(is_open, issued_until__isnull=False).values_list("stream_id", flat=True).iterator():
        yield Finding(f"account {stream_id}", "Its time is open before the end of its last statement.")
    for stream_id in heads.filter(closed_until__gt=log.now()).values_list("stream_id", flat=True).iterator():
        yield Finding(f"stream {stream_id}", "Its time is closed up to a moment that has not come yet.")
