"""Where the ids lead that come from outside: the write side asks this module, which the settings name."""

from datetime import datetime
from uuid import UUID

from django.db.models import Min

from projections import queries
from projections.models import Account, Entry, Hold


def position_of_entry(entry_id: UUID) -> int | None:
    """Where the event stands in the log that made an entry."""
    return Entry.objects.filter(entry_id=entry_id).values_list("position", flat=True).first()


def account_of_hold(hold_id: UUID, *, customer_id: UUID | None = None) -> UUID | None:
    """The account in which money is or was set aside; if a customer is given, only one of theirs."""
    found = queries.hold(hold_id, customer_id=customer_id)
    return found.account_id if found else None


def accounts_with_overdue_holds(now: datetime) -> list[tuple[UUID, datetime]]:
    """The accounts that have open holds whose time is over, each with the time of the first of them."""
    overdue = Hold.objects.filter(status=Hold.Status.OPEN, expires_at__lte=now)
    return list(overdue.values("account_id").annotate(first=Min("expires_at")).values_list("account_id", "first"))


def accounts_of(customer_id: UUID) -> list[UUID]:
    """All accounts that a customer ever had."""
    return list(Account.objects.filter(customer_id=customer_id).values_list("account_id", flat=True))
