"""The questions that pages and API ask, each answered from one read model. Lists are newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

from eventstore import feed
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner.runner import position_of
from projections.models import Account, Approval, AuditLine, Customer, Entry, Hold, JournalLeg, Volume
from projections.sums import halves, whole

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
Key = TypeVar("Key", int, UUID, str)

AT_ONCE: Final = 500  # lines, where a whole history is read


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Key]):
    """Some rows, and the key to pass as `before` for those that follow; `None` if there are no more."""

    rows: list[Item]
    next: Key | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money on its way between two accounts, with the asking side's entry."""

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
    """What stands on one account of the journal: positive is what the house owes its holder."""

    currency: str
    account: str
    amount: int


def reflected(projection: str) -> int:
    """The position up to which a read model reflects every event. Ask before reading: rows are only ever newer."""
    declared = projections[projection]
    return position_of(declared) if declared.delayed else feed.advance(timeout=0).position


def customer(customer_id: UUID) -> Customer | None:
    """Who somebody is."""
    return Customer.objects.filter(customer_id=customer_id).first()


def customers(text: str = "", *, before: UUID | None = None, limit: int) -> Page[Customer, UUID]:
    """Customers whose name or e-mail contains a text, or whose id it is."""
    matching = Q(name__icontains=text) | Q(email__icontains=text)
    if customer_id := _uuid(text):
        matching = Q(customer_id=customer_id)
    return _page(Customer.objects.filter(matching) if text else Customer.objects.all(), "customer_id", before, limit)


def account(account_id: UUID, *, customer_id: UUID | None = None) -> Account | None:
    """An account, of a customer if one is given: somebody else's is `None` then."""
    return _accounts(customer_id).filter(account_id=account_id).first()


def accounts_of(customer_id: UUID) -> list[Account]:
    """All accounts of a customer, in the order in which they were opened."""
    return list(_accounts(customer_id).order_by("account_id"))


def accounts(*, customer_id: UUID | None = None, before: UUID | None = None, limit: int) -> Page[Account, UUID]:
    """Accounts, of a customer if one is given."""
    return _page(_accounts(customer_id), "account_id", before, limit)


def entries(account_id: UUID, *, before: int | None = None, limit: int) -> Page[Entry, int]:
    """The history of an account, by the position of each line, each with the one that undoes it."""
    page = _page(Entry.objects.filter(account_id=account_id), "position", before, limit)
    tell_reversals(page.rows)
    return page


def newest(account_id: UUID, limit: int) -> list[Entry]:
    """The last lines of an account as they are, whether or not they were undone."""
    return list(Entry.objects.filter(account_id=account_id).order_by("-position")[:limit])


def history(account_id: UUID) -> Iterator[list[Entry]]:
    """All lines of an account, some at a time, each read when it is asked for."""
    page = entries(account_id, limit=AT_ONCE)
    yield page.rows
    while page.next is not None:
        page = entries(account_id, before=page.next, limit=AT_ONCE)
        yield page.rows


def tell_reversals(lines: Iterable[Entry]) -> None:
    """Say of each line which one undoes it, if one does; asked once for all of them."""
    undoing = Entry.objects.filter(reverses__in=[line.entry_id for line in lines])
    undone_by = dict(undoing.values_list("reverses", "entry_id"))
    for line in lines:
        line.reversed_by = undone_by.get(line.entry_id)


def transfer(transfer_id: UUID, *, customer_id: UUID | None = None) -> Transfer | None:
    """A transfer; if a customer is given, only if they sent or received it."""
    sides = Entry.objects.filter(transfer_id=transfer_id, kind=Entry.Kind.TRANSFER)
    if customer_id:
        sides = sides.filter(account_id__in=_accounts(customer_id).values("account_id"))
    side = sides.order_by("position").first()
    return _transfer(side) if side else None


def hold(hold_id: UUID, *, customer_id: UUID | None = None) -> Hold | None:
    """A hold; if a customer is given, only one in an account of theirs."""
    found = Hold.objects.filter(hold_id=hold_id)
    if customer_id:
        found = found.filter(account_id__in=_accounts(customer_id).values("account_id"))
    return found.first()


def holds(account_id: UUID, *, status: str = "", before: UUID | None = None, limit: int) -> Page[Hold, UUID]:
    """What is, or was, set aside in an account."""
    found = Hold.objects.filter(account_id=account_id)
    return _page(found.filter(status=status) if status else found, "hold_id", before, limit)


def approval(approval_id: UUID) -> Approval | None:
    """A request that takes a second person."""
    return Approval.objects.filter(approval_id=approval_id).first()


def approvals(status: str = "", *, before: UUID | None = None, limit: int) -> Page[Approval, UUID]:
    """Requests that take a second person, the queue among them."""
    found = Approval.objects.filter(status=status) if status else Approval.objects.all()
    return _page(found, "approval_id", before, limit)


def trial_balance() -> list[TrialBalanceRow]:
    """What stands on each account of the journal; the amounts of a currency sum to zero."""
    sums = JournalLeg.objects.values("currency", "account").annotate(**halves(F("amount")))
    return [
        TrialBalanceRow(row["currency"], row["account"], whole(row)) for row in sums.order_by("currency", "account")
    ]


def volumes(first: date, last: date, *, currency: str = "", before: str | None = None, limit: int) -> Page[Volume, str]:
    """How much money moved on each day from one to another, by currency and type of event."""
    found = Volume.objects.filter(day__range=(first, last))
    return _page(found.filter(currency=currency) if currency else found, "key", before, limit)


def audit(
    *, actor: str = "", about: UUID | None = None, code: str = "", before: int | None = None, limit: int
) -> Page[AuditLine, int]:
    """Who asked for what; if given, by one actor, about one stream, or refused with a code."""
    lines = AuditLine.objects.all()
    if actor:
        lines = lines.filter(actor=actor)
    if about:
        lines = lines.filter(stream_id=about)
    if code:
        lines = lines.filter(code=code, accepted=False)  # says what the index on refusals is about
    return _page(lines, "number", before, limit)


def _accounts(customer_id: UUID | None) -> "QuerySet[Account]":
    return Account.objects.filter(customer_id=customer_id) if customer_id else Account.objects.all()


def _page(rows: "QuerySet[Row]", key: str, before: Key | None, limit: int) -> Page[Row, Key]:
    """By key, not by offset: as fast on the last page as on the first, and new rows shift nothing."""
    older = rows if before is None else rows.filter(**{f"{key}__lt": before})
    found = list(older.order_by(f"-{key}")[: limit + 1])
    last: Any = getattr(found[limit - 1], key) if len(found) > limit else None
    return Page(found[:limit], last)


def _transfer(side: Entry) -> Transfer:
    assert side.transfer_id is not None
    assert side.counterparty is not None
    accounts = [side.account_id, side.counterparty]
    source, target = accounts if side.direction == Entry.Direction.DEBIT else reversed(accounts)
    tell_reversals([side])
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
