"""The questions that pages and API ask, each answered from one read model. Lists are newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db.models import BigIntegerField, F, Model, Q, QuerySet, Sum, Value

from eventstore import feed
from eventstore.projecting.declaration import projections
from eventstore.projecting.runner import position_of
from projections.models import Account, AuditLine, Customer, Entry, JournalLeg

Row = TypeVar("Row", bound=Model)
Key = TypeVar("Key", int, UUID)

HALF: Final = 2**32


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Key]):
    """Some rows, and the key to pass as `before` for those that follow; `None` if there are no more."""

    rows: list[Row]
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
    """The history of an account, by the position of each line."""
    return _page(Entry.objects.filter(account_id=account_id), "position", before, limit)


def transfer(transfer_id: UUID, *, customer_id: UUID | None = None) -> Transfer | None:
    """A transfer; if a customer is given, only if they sent or received it."""
    sides = Entry.objects.filter(transfer_id=transfer_id)
    if customer_id:
        sides = sides.filter(account_id__in=_accounts(customer_id).values("account_id"))
    side = sides.order_by("position").first()
    return _transfer(side) if side else None


def trial_balance() -> list[TrialBalanceRow]:
    """What stands on each account of the journal; the amounts of a currency sum to zero.

    A sum may outgrow the 64 bits that SQLite adds in, so the upper and the lower halves are added apart.
    """
    half = Value(HALF, BigIntegerField())
    sums = (
        JournalLeg.objects.values("currency", "account")
        .annotate(upper=Sum(F("amount") / half), lower=Sum(F("amount") % half))
        .order_by("currency", "account")
    )
    return [TrialBalanceRow(row["currency"], row["account"], row["upper"] * HALF + row["lower"]) for row in sums]


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
    return Transfer(
        transfer_id=side.transfer_id,
        entry_id=side.entry_id,
        from_account=source,
        to_account=target,
        amount=side.amount,
        currency=side.currency,
        reference=side.reference,
        recorded_at=side.recorded_at,
        position=side.position,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
