"""Look-up of ids for the write side, which finds this module by the settings."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min

from projections import queries
from projections.models import Account, Entry, Hold


def position_of_entry(entry_id: UUID) -> int | None:
    """The position of the event that made an entry."""
    return Entry.objects.filter(entry_id=entry_id).values_list("position", flat=True).first()


def account_of_hold(hold_id: UUID, *, customer_id: UUID | None = None) -> UUID | None:
    """The account of a hold, open or ended; if a customer is given, only one of their accounts."""
    found = queries.hold(hold_id, customer_id=customer_id)
    return found.account_id if found else None


def accounts_with_overdue_holds(now: datetime) -> list[tuple[UUID, datetime]]:
    """The accounts with open holds that have expired, each with the time at which its first one did."""
    overdue = Hold.objects.filter(status=Hold.Status.OPEN, expires_at__lte=now)
    return list(overdue.values("account_id").annotate(first=Min("expires_at")).values_list("account_id", "first"))


def accounts_of(customer_id: UUID) -> list[UUID]:
    """The ids of all accounts that a customer ever had."""
    return list(Account.objects.filter(customer_id=customer_id).values_list("account_id", flat=True))
