"""The questions that only pages ask."""

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nlargest
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from eventstore.models import Event
from projections import queries
from projections.models import Account, Entry

ACCOUNTS_LOOKED_AT: Final = 20


def totals(accounts: Iterable[Account]) -> Mapping[str, int]:
    """What somebody has in each currency. Added here, because a sum may outgrow the database's integers."""
    sums: Counter[str] = Counter()
    for account in accounts:
        sums[account.currency] += account.balance
    return dict(sorted(sums.items()))


def recent_entries(accounts: Iterable[Account], limit: int) -> list[tuple[Account, Entry]]:
    """The newest lines of several accounts, each with its account.

    Each account is asked by its index, so long histories cost nothing; and only those in which something happened
    last are asked, so that many accounts don't cost much either.
    """
    busiest = nlargest(ACCOUNTS_LOOKED_AT, accounts, key=lambda account: account.position)
    lines = ((account, entry) for account in busiest for entry in queries.newest(account.account_id, limit))
    newest = nlargest(limit, lines, key=lambda line: line[1].position)
    queries.tell_reversals([entry for _, entry in newest])
    return newest


def own_entry(entry_id: UUID, customer_id: UUID) -> Entry | None:
    """A line in the history of one of the customer's accounts."""
    return _own(customer_id).filter(entry_id=entry_id).first()


def own_side(transfer_id: UUID, customer_id: UUID) -> Entry | None:
    """A transfer as the customer's account saw it; the sending one, if both accounts are theirs."""
    sides = _own(customer_id).filter(transfer_id=transfer_id, kind=Entry.Kind.TRANSFER)
    return sides.order_by("position").first()


def proof(entry: Entry) -> Event:
    """The fact behind a line of history, as it stands in the log."""
    return Event.objects.get(position=entry.position)


def _own(customer_id: UUID) -> "QuerySet[Entry]":
    accounts = Account.objects.filter(customer_id=customer_id)
    return Entry.objects.filter(account_id__in=accounts.values("account_id"))
