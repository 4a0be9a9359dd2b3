"""Queries that only pages ask."""

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nlargest
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from eventstore import log
from eventstore.models import Event
from projections import queries
from projections.models import Account, Entry

MAX_ACCOUNTS_READ: Final = 20  # for the entries on the overview


def totals(accounts: Iterable[Account]) -> Mapping[str, int]:
    """The sum of the balances in each currency. It is added here, as it may outgrow the database's integers."""
    sums: Counter[str] = Counter()
    for account in accounts:
        sums[account.currency] += account.balance
    return dict(sorted(sums.items()))


def recent_entries(accounts: Iterable[Account], limit: int) -> list[tuple[Account, Entry]]:
    """The newest entries of several accounts, each with its account.

    Each account is read by its index, so long histories cost nothing; and only the accounts that changed last are
    read, so many accounts cost little.
    """
    latest = nlargest(MAX_ACCOUNTS_READ, accounts, key=lambda account: account.position)
    entries = ((account, entry) for account in latest for entry in queries.newest_entries(account.account_id, limit))
    newest = nlargest(limit, entries, key=lambda pair: pair[1].position)
    queries.attach_reversals([entry for _, entry in newest])
    return newest


def own_entry(entry_id: UUID, customer_id: UUID) -> Entry | None:
    """An entry by id, if it is in one of the customer's accounts."""
    return _own(customer_id).filter(entry_id=entry_id).first()


def own_transfer_entry(transfer_id: UUID, customer_id: UUID) -> Entry | None:
    """The entry of a transfer in the customer's account; the sending one, if both accounts are theirs."""
    sides = _own(customer_id).filter(transfer_id=transfer_id, kind=Entry.Kind.TRANSFER)
    return sides.order_by("position").first()


def event_of(entry: Entry) -> Event:
    """The event that made an entry; raises RangeDetached if it lies in an archive alone."""
    found = Event.objects.filter(position=entry.position).first()
    if found is None:
        log.must_hold_event(entry.position)
        raise Event.DoesNotExist
    return found


def _own(customer_id: UUID) -> "QuerySet[Entry]":
    accounts = Account.objects.filter(customer_id=customer_id)
    return Entry.objects.filter(account_id__in=accounts.values("account_id"))
