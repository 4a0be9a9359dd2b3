"""What has to be done when its time has come; `manage.py run_due` does it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.domain.commands import ExpireHolds
from accounts.services.id_lookup import id_lookup
from eventstore.due import Occasion, due


@due(every=timedelta(seconds=30))
def expire_holds(now: datetime) -> Iterator[Occasion]:
    """Release what nobody came for in time. The first hold that is over makes the occasion: there may be more."""
    for account_id, expired_at in id_lookup().accounts_with_overdue_holds(now):
        yield Occasion(f"{account_id} {expired_at.isoformat()}", ExpireHolds(account_id, now))
