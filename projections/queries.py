"""Queries of pages and API, each on one read model. Lists are newest first.

Most take a `customer_id`: then they find only what belongs to that customer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from eventstore.http.paging import Page, newest_first
from eventstore.models import Event
from projections.models import Account, Approval, AuditLine, Customer, CustomerPart, Entry, Hold, JournalLeg, Volume
from projections.search import range_of
from projections.sums import sum_of, sum_parts

HISTORY_PAGE: Final = 500  # entries that are read together, where a whole history is read


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer between two accounts, with the entry on the side of the customer who asks."""

    transfer_id: UUID
    entry_id: UUID
    from_account: UUID
    to_account: UUID
    amount: int
    currency: str
    reference: str
    recorded_at: datetime
    reversed_by: UUID | None
    position: int


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """The sum of one account of the journal, in minor units; positive is what the house owes the account's owner."""

    currency: str
    account: str
    amount: int


def customer(customer_id: UUID) -> Customer | None:
    """A customer by id."""
    return Customer.objects.filter(customer_id=customer_id).first()


def customers(text: str = "", *, before: UUID | None = None, limit: int) -> Page[Customer, UUID]:
    """The customers that `find_customers` finds for a text; all for an empty one."""
    found = find_customers(Customer.objects.all(), text) if text else Customer.objects.all()
    return newest_first(found, "customer_id", before, limit)


def find_customers(customers: "QuerySet[Customer]", text: str) -> "QuerySet[Customer]":
    """Customers with a text in their name, or at the beginning of a word of their e-mail, or as their id.

    Case, width and composition of characters do not count.
    """
    if customer_id := _uuid(text):
        return customers.filter(customer_id=customer_id)
    first, end = range_of(text)
    parts = CustomerPart.objects.filter(text__gte=first, text__lt=end)
    return customers.filter(customer_id__in=parts.values("customer_id"))


def account(account_id: UUID, *, customer_id: UUID | None = None) -> Account | None:
    """An account by id; if a customer is given, `None` for another customer's."""
    return _accounts(customer_id).filter(account_id=account_id).first()


def owns_stream(customer_id: UUID, stream_id: UUID) -> bool:
    """Whether a stream is the customer's own, or that of an account of theirs."""
    return stream_id == customer_id or account(stream_id, customer_id=customer_id) is not None


def events_of(customer_id: UUID | None) -> "QuerySet[Event]":
    """The events of a customer's own streams; all events if there is no customer."""
    if customer_id is None:
        return Event.objects.all()
    accounts = Account.objects.filter(customer_id=customer_id).values("account_id")
    return Event.objects.filter(Q(stream_id=customer_id) | Q(stream_id__in=accounts))


def accounts_of(customer_id: UUID) -> list[Account]:
    """All accounts of a customer, oldest first."""
    return list(_accounts(customer_id).order_by("account_id"))


def accounts(*, customer_id: UUID | None = None, before: UUID | None = None, limit: int) -> Page[Account, UUID]:
    """Accounts; if a customer is given, only theirs."""
    return newest_first(_accounts(customer_id), "account_id", before, limit)


def entries(account_id: UUID, *, before: int | None = None, limit: int) -> Page[Entry, int]:
    """The entries of an account, each with the one that reverses it; pages go by position."""
    page = newest_first(Entry.objects.filter(account_id=account_id), "position", before, limit)
    attach_reversals(page.rows)
    return page


def newest_entries(account_id: UUID, limit: int) -> list[Entry]:
    """The last entries of an account, without the entries that reverse them."""
    return list(Entry.objects.filter(account_id=account_id).order_by("-position")[:limit])


def history(account_id: UUID) -> Iterator[list[Entry]]:
    """All entries of an account, page by page, each page read when it is asked for."""
    page = entries(account_id, limit=HISTORY_PAGE)
    yield page.rows
    while page.next is not None:
        page = entries(account_id, before=page.next, limit=HISTORY_PAGE)
        yield page.rows


def attach_reversals(entries: Iterable[Entry]) -> None:
    """Sets `reversed_by` of each entry to the entry that reverses it, if there is one, by one query."""
    reversals = Entry.objects.filter(reverses__in=[entry.entry_id for entry in entries])
    reversed_by = dict(reversals.values_list("reverses", "entry_id"))
    for entry in entries:
        entry.reversed_by = reversed_by.get(entry.entry_id)


def transfer(transfer_id: UUID, *, customer_id: UUID | None = None) -> Transfer | None:
    """A transfer by id; if a customer is given, only one that they sent or received."""
    sides = Entry.objects.filter(transfer_id=transfer_id, kind=Entry.Kind.TRANSFER)
    if customer_id:
        sides = sides.filter(account_id__in=_accounts(customer_id).values("account_id"))
    side = sides.order_by("position").first()
    return _transfer(side) if side else None


def hold(hold_id: UUID, *, customer_id: UUID | None = None) -> Hold | None:
    """A hold by id; if a customer is given, only one in an account of theirs."""
    found = Hold.objects.filter(hold_id=hold_id)
    if customer_id:
        found = found.filter(account_id__in=_accounts(customer_id).values("account_id"))
    return found.first()


def holds(account_id: UUID, *, status: str = "", before: UUID | None = None, limit: int) -> Page[Hold, UUID]:
    """The holds of an account, of one status if it is given."""
    found = Hold.objects.filter(account_id=account_id)
    return newest_first(found.filter(status=status) if status else found, "hold_id", before, limit)


def approval(approval_id: UUID) -> Approval | None:
    """A request for a second person's decision, by id."""
    return Approval.objects.filter(approval_id=approval_id).first()


def approvals(status: str = "", *, before: UUID | None = None, limit: int) -> Page[Approval, UUID]:
    """Requests for a second person's decision, of one status if it is given."""
    found = Approval.objects.filter(status=status) if status else Approval.objects.all()
    return newest_first(found, "approval_id", before, limit)


def trial_balance() -> list[TrialBalanceRow]:
    """The sum of each account of the journal; the amounts of a currency sum to zero."""
    sums = JournalLeg.objects.values("currency", "account").annotate(**sum_parts(F("amount")))
    rows = sums.order_by("currency", "account")
    return [TrialBalanceRow(row["currency"], row["account"], sum_of(row)) for row in rows]


def volumes(first: date, last: date, *, currency: str = "", before: str | None = None, limit: int) -> Page[Volume, str]:
    """The amounts that moved on each day from `first` to `last` (UTC), by currency and type of event."""
    found = Volume.objects.filter(day__range=(first, last))
    return newest_first(found.filter(currency=currency) if currency else found, "key", before, limit)


def audit(
    *, actor: str = "", about: UUID | None = None, code: str = "", before: int | None = None, limit: int
) -> Page[AuditLine, int]:
    """The audit trail; if given, of one actor, about one stream, or of commands refused with a code."""
    lines = AuditLine.objects.all()
    if actor:
        lines = lines.filter(actor=actor)
    if about:
        lines = lines.filter(stream_id=about)
    if code:
        lines = lines.filter(code=code, accepted=False)  # `accepted` selects the index on refusals
    return newest_first(lines, "number", before, limit)


def _accounts(customer_id: UUID | None) -> "QuerySet[Account]":
    return Account.objects.filter(customer_id=customer_id) if customer_id else Account.objects.all()


def _transfer(side: Entry) -> Transfer:
    assert side.transfer_id is not None
    assert side.counterparty is not None
    accounts = [side.account_id, side.counterparty]
    source, target = accounts if side.direction == Entry.Direction.DEBIT else reversed(accounts)
    attach_reversals([side])
    return Transfer(
        transfer_id=side.transfer_id,
        entry_id=side.entry_id,
        from_account=source,
        to_account=target,
        amount=side.amount,
        currency=side.currency,
        reference=side.reference,
        recorded_at=side.recorded_at,
        reversed_by=side.reversed_by,
        position=side.position,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
