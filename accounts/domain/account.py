"""The state of an account, the checks on it, and its evolution by events. Pure: no database, no clock."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, assert_never
from uuid import UUID

from accounts.domain.events import (
    AccountClosed,
    AccountEvent,
    AccountFrozen,
    AccountOpened,
    AccountRenamed,
    AccountUnfrozen,
    BalanceAdjusted,
    EntryReversed,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldReleased,
    LimitsSet,
    MoneyDeposited,
    MoneyWithdrawn,
    OverdraftLimitSet,
    TransferReceived,
    TransferSent,
)
from accounts.domain.money import fits, out_of_range
from accounts.domain.zones import zone_of
from eventstore.decider import Refused
from eventstore.decider import phrase as _

# The scopes of a freeze
DEBITS: Final = "debits"  # money may not leave
ALL: Final = "all"  # money may not move at all


@dataclass(frozen=True, slots=True)
class Hold:
    """Money that is set aside."""

    hold_id: UUID
    amount: int
    expires_at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the next decision about an account needs. Sums are minor units."""

    account_id: UUID | None = None
    customer_id: UUID | None = None
    currency: str = ""
    label: str = ""
    timezone: str = "UTC"
    opened_at: datetime | None = None
    closed: bool = False
    frozen: str = ""  # the scope of the freeze; empty where there is none
    balance: int = 0
    overdraft_limit: int = 0
    holds: tuple[Hold, ...] = ()  # the open ones
    per_entry: int | None = None  # the limit of a single debit; None is without limit
    daily_out: int | None = None  # the limit of all debits of a day; None is without limit
    spent: int = 0  # the sum of the debits on `spent_on`
    spent_on: date | None = None
    reversed: frozenset[UUID] = frozenset()  # the ids of reversed entries

    @property
    def held(self) -> int:
        """The sum of the open holds."""
        return sum(hold.amount for hold in self.holds)

    @property
    def available(self) -> int:
        """The sum that the owner can spend or set aside: balance − held + overdraft limit."""
        return self.balance - self.held + self.overdraft_limit

    @property
    def status(self) -> str:
        """The status in one word: open, frozen or closed."""
        return "closed" if self.closed else "frozen" if self.frozen else "open"

    def day(self, now: datetime) -> date:
        """The calendar day of a moment in the account's time zone.

        It is never before the day of a debit, so that a zone whose rules change gives nobody a day's limit twice.
        """
        day = now.astimezone(zone_of(self.timezone)).date()
        return max(day, self.spent_on) if self.spent_on else day

    def must_be_new(self) -> None:
        """Refuses VERSION_CONFLICT for an account that was opened already."""
        if self.account_id is not None:
            raise Refused("VERSION_CONFLICT", _("This account is open already."), field="account_id")

    def must_exist(self, field: str = "account_id") -> None:
        """Refuses ACCOUNT_NOT_FOUND for an account that was never opened."""
        if self.account_id is None:
            raise not_found(field)

    def must_belong_to(self, customer_id: UUID | None, field: str = "account_id") -> None:
        """Refuses ACCOUNT_NOT_FOUND for another customer's account, as for one that does not exist."""
        if self.account_id is None or self.customer_id != customer_id:
            raise not_found(field)

    def must_be_open(self, field: str | None = None) -> None:
        """Refuses ACCOUNT_CLOSED for a closed account."""
        if self.closed:
            raise Refused("ACCOUNT_CLOSED", _("This account is closed."), field=field)

    def must_allow_credits(self, field: str | None = None) -> None:
        """Refuses a credit to an account that is closed or wholly frozen."""
        self.must_be_open(field)
        if self.frozen == ALL:
            raise _frozen(field)

    def must_allow_debits(self, field: str | None = None) -> None:
        """Refuses a debit from an account that is closed or frozen."""
        self.must_be_open(field)
        if self.frozen:
            raise _frozen(field)

    def must_allow_date(self, effective_at: datetime | None, now: datetime) -> None:
        """Refuses EFFECTIVE_DATE_INVALID for a date before the opening of the account, or in the future."""
        if effective_at is None or self.opened_at is None or self.opened_at <= effective_at <= now:
            return
        raise Refused(
            "EFFECTIVE_DATE_INVALID",
            _("The effective date must lie between the opening of the account and now."),
            field="effective_at",
        )

    def must_be_within_limits(self, amount: int, now: datetime) -> None:
        """Refuses LIMIT_EXCEEDED for a debit above the limit of a single debit, or of the day."""
        spent = self.spent if self.spent_on == self.day(now) else 0
        if self.per_entry is not None and amount > self.per_entry:
            raise Refused("LIMIT_EXCEEDED", _("This is more than may leave this account at once."), field="amount")
        if self.daily_out is not None and spent + amount > self.daily_out:
            raise Refused("LIMIT_EXCEEDED", _("This is more than may leave this account today."), field="amount")

    def must_afford(self, amount: int, field: str | None = "amount") -> None:
        """Refuses INSUFFICIENT_FUNDS for more than is available."""
        if amount > self.available:
            raise Refused("INSUFFICIENT_FUNDS", _("There is not enough money in this account."), field=field)

    def credited(self, amount: int) -> int:
        """The balance after a credit; refuses a sum that can't be stored."""
        must_be_an_amount(amount)
        return self.moved(amount)

    def debited(self, amount: int, now: datetime) -> int:
        """The balance after a debit by the owner; refuses more than is available, or than the limits allow."""
        must_be_an_amount(amount)
        self.must_be_within_limits(amount, now)
        self.must_afford(amount)
        return self.moved(-amount)

    def moved(self, amount: int, field: str = "amount") -> int:
        """The balance after a signed amount, negative for a debit; refuses a sum that can't be stored."""
        if not fits(self.balance + amount):
            raise out_of_range(field)
        return self.balance + amount


def not_found(field: str = "account_id") -> Refused:
    """The refusal of an account that does not exist, or that belongs to another customer."""
    return Refused("ACCOUNT_NOT_FOUND", _("There is no such account."), field=field)


def _frozen(field: str | None) -> Refused:
    return Refused("ACCOUNT_FROZEN", _("This account is frozen."), field=field)


def must_be_an_amount(amount: int) -> None:
    """Refuses INVALID_AMOUNT for zero or less, AMOUNT_OUT_OF_RANGE for more than can be stored."""
    if amount <= 0:
        raise Refused("INVALID_AMOUNT", _("An amount must be greater than zero."), field="amount")
    if not fits(amount):
        raise out_of_range()


def evolve(account: Account, event: AccountEvent) -> Account:
    """The state of the account after an event."""
    match event:
        case AccountOpened():
            return _opened(event)
        case AccountRenamed():
            return replace(account, label=event.label)
        case MoneyDeposited() | TransferReceived() | BalanceAdjusted():
            return replace(account, balance=event.balance)
        case MoneyWithdrawn() | TransferSent():
            return _debited(account, event)
        case HoldCaptured():
            return _without_hold(_debited(account, event), event.hold_id)
        case EntryReversed():
            return replace(account, balance=event.balance, reversed=account.reversed | {event.reverses})
        case HoldPlaced() | HoldReleased() | HoldExpired():
            return _with_hold_change(account, event)
        case OverdraftLimitSet() | LimitsSet() | AccountFrozen() | AccountUnfrozen() | AccountClosed():
            return _restricted(account, event)
        case _:
            assert_never(event)


def _opened(event: AccountOpened) -> Account:
    return Account(
        account_id=event.account_id,
        customer_id=event.customer_id,
        currency=event.currency,
        label=event.label,
        timezone=event.timezone,
        opened_at=event.opened_at,
    )


def _debited(account: Account, event: MoneyWithdrawn | TransferSent | HoldCaptured) -> Account:
    """Counts a debit for its day; events without a day are older than the daily limits."""
    before = account.spent if account.spent_on == event.day else 0
    return replace(account, balance=event.balance, spent=before + event.amount, spent_on=event.day)


def _with_hold_change(account: Account, event: HoldPlaced | HoldReleased | HoldExpired) -> Account:
    if isinstance(event, HoldPlaced):
        hold = Hold(event.hold_id, event.amount, event.expires_at, event.reference)
        return replace(account, holds=(*account.holds, hold))
    return _without_hold(account, event.hold_id)


def _restricted(
    account: Account, event: OverdraftLimitSet | LimitsSet | AccountFrozen | AccountUnfrozen | AccountClosed
) -> Account:
    match event:
        case OverdraftLimitSet():
            return replace(account, overdraft_limit=event.limit)
        case LimitsSet():
            return replace(account, per_entry=event.per_entry, daily_out=event.daily_out)
        case AccountFrozen():
            return replace(account, frozen=event.scope)
        case AccountUnfrozen():
            return replace(account, frozen="")
        case AccountClosed():
            return replace(account, closed=True, overdraft_limit=0)
        case _:
            assert_never(event)


def _without_hold(account: Account, hold_id: UUID) -> Account:
    return replace(account, holds=tuple([hold for hold in account.holds if hold.hold_id != hold_id]))


def entry_answer(account: Account, entry_id: UUID) -> dict[str, Any]:
    """An entry with the sums of its account after it, in minor units."""
    return {
        "entry_id": str(entry_id),
        "balance": account.balance,
        "available": account.available,
        "currency": account.currency,
    }
