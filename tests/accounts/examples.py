"""A small world for the tests of the rules: Ada, Bob, their accounts, and short ways to say what happens."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from accounts.domain.events import (
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    CustomerErased,
    CustomerRegistered,
    CustomerSuspended,
    HoldPlaced,
    LimitsSet,
    MoneyDeposited,
    MoneyWithdrawn,
    OverdraftLimitSet,
)

ADA, BOB = UUID(int=1), UUID(int=2)
ADAS, BOBS, YENS = UUID(int=11), UUID(int=12), UUID(int=13)
ENTRY, OTHER_ENTRY, TRANSFER = UUID(int=21), UUID(int=22), UUID(int=31)

OPENING = datetime(2026, 1, 1, tzinfo=UTC)
NOW = OPENING + timedelta(days=30)
TODAY = NOW.date()  # in the accounts' time zone, UTC

ADA_REGISTERED = CustomerRegistered(ADA, "Ada", "ada@example.org", "en", "Europe/London")


def opened(account_id: UUID, customer_id: UUID, currency: str = "EUR", label: str = "") -> AccountOpened:
    return AccountOpened(
        account_id=account_id,
        customer_id=customer_id,
        currency=currency,
        label=label,
        timezone="UTC",
        opened_at=OPENING,
    )


def deposited(account_id: UUID, amount: int, balance: int | None = None, currency: str = "EUR") -> MoneyDeposited:
    return MoneyDeposited(
        account_id=account_id,
        entry_id=ENTRY,
        amount=amount,
        currency=currency,
        balance=amount if balance is None else balance,
        reference="",
        day=OPENING.date(),
    )


ADAS_OPENED, BOBS_OPENED = opened(ADAS, ADA), opened(BOBS, BOB)
YENS_OPENED = opened(YENS, BOB, currency="JPY")

ADAS_OTHER = UUID(int=14)
HOLD, OTHER_HOLD, APPROVAL, UNDONE, OTHER_UNDONE = (UUID(int=number) for number in (41, 42, 51, 61, 62))

BOB_REGISTERED = CustomerRegistered(BOB, "Bob", "bob@example.org", "en", "UTC")
ADA_SUSPENDED = CustomerSuspended(ADA, "Complaint")
ADA_ERASED = CustomerErased(ADA, "Asked for it")
ADAS_OTHER_OPENED = opened(ADAS_OTHER, ADA)
ADAS_CLOSED, BOBS_CLOSED = AccountClosed(ADAS, "Moved away"), AccountClosed(BOBS, "Moved away")

IN_A_WEEK = NOW + timedelta(days=7)


def withdrawn(
    account_id: UUID, amount: int, balance: int, day: date | None = TODAY, entry_id: UUID = OTHER_ENTRY
) -> MoneyWithdrawn:
    return MoneyWithdrawn(
        account_id=account_id,
        entry_id=entry_id,
        amount=amount,
        currency="EUR",
        balance=balance,
        reference="",
        day=day,
    )


def held(
    account_id: UUID, amount: int, *, in_all: int | None = None, hold_id: UUID = HOLD, until: datetime = IN_A_WEEK
) -> HoldPlaced:
    return HoldPlaced(
        account_id=account_id,
        hold_id=hold_id,
        amount=amount,
        currency="EUR",
        held=amount if in_all is None else in_all,
        expires_at=until,
        reference="Hotel",
    )


def frozen(account_id: UUID, scope: str) -> AccountFrozen:
    return AccountFrozen(account_id, scope, "Court order")


def overdraft(account_id: UUID, limit: int) -> OverdraftLimitSet:
    return OverdraftLimitSet(account_id, limit, "")


def limits(account_id: UUID, *, per_entry: int | None = None, daily_out: int | None = None) -> LimitsSet:
    return LimitsSet(account_id, per_entry, daily_out, "")
