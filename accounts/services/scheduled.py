"""Due tasks of the product, which `manage.py run_due` runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from accounts.domain.commands import ExpireHolds
from accounts.services.id_lookup import id_lookup
from eventstore.due import Occasion, due


@due(every=timedelta(seconds=30))
def expire_holds(now: datetime) -> Iterator[Occasion]:
    """Ends the holds that are past their time, account by account.

    The earliest overdue hold of an account identifies the occasion; its command ends all that are overdue.
    """
    for account_id, expired_at in id_lookup().accounts_with_overdue_holds(now):
        yield Occasion(f"{account_id} {expired_at.isoformat()}", ExpireHolds(account_id, now))
