"""A small world for the tests of the rules: Ada, Bob, their accounts, and short ways to say what happens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from accounts.events import AccountOpened, CustomerRegistered, MoneyDeposited

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
