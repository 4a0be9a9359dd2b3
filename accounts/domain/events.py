"""What has happened to customers and their accounts. Past tense, facts only, never edited.

Amounts and balances are integers of minor units: 1050 is 10.50 in a currency with two decimals. Each event
that moves money tells the currency, the account's balance after it, and on which `day` it was recorded in the
account's time zone: a line of history needs no other fact. Before version 2 of these events no day was kept.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from eventstore.messages import Personal, event


@event("customer.registered", subject="customer_id")
class CustomerRegistered:
    """Somebody became a customer."""

    customer_id: UUID
    name: Personal
    email: Personal
    locale: str
    timezone: str


@event("customer.details_updated", subject="customer_id")
class CustomerDetailsUpdated:
    """A customer changed what we know of them; what is `None` stays as it was."""

    customer_id: UUID
    name: Personal = None
    email: Personal = None
    locale: str | None = None
    timezone: str | None = None


@event("customer.suspended")
class CustomerSuspended:
    """Staff told us to take no commands of this customer."""

    customer_id: UUID
    reason: str


@event("customer.reinstated")
class CustomerReinstated:
    """A suspended customer may act again."""

    customer_id: UUID
    reason: str


@event("customer.erased")
class CustomerErased:
    """What is personal about a customer was forgotten, for good."""

    customer_id: UUID
    reason: str


@event("account.opened")
class AccountOpened:
    """A customer got an account, in one currency for ever."""

    account_id: UUID
    customer_id: UUID
    currency: str
    label: str
    timezone: str  # days and months of this account are those of this zone, for ever
    opened_at: datetime


@event("account.renamed")
class AccountRenamed:
    """The owner calls the account something else."""

    account_id: UUID
    label: str


@event("account.money_deposited", version=2)
class MoneyDeposited:
    """Money came in from outside."""

    account_id: UUID
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    reference: str
    day: date | None


@event("account.money_withdrawn", version=2)
class MoneyWithdrawn:
    """Money left for outside."""

    account_id: UUID
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    reference: str
    day: date | None


@event("account.transfer_sent", version=2)
class TransferSent:
    """Money left for another account here; its twin, with the same transfer, tells the arrival."""

    account_id: UUID
    entry_id: UUID
    transfer_id: UUID
    to_account: UUID
    amount: int
    currency: str
    balance: int
    reference: str
    day: date | None


@event("account.transfer_received", version=2)
class TransferReceived:
    """Money arrived from another account here."""

    account_id: UUID
    entry_id: UUID
    transfer_id: UUID
    from_account: UUID
    amount: int
    currency: str
    balance: int
    reference: str
    day: date | None


@event("account.hold_placed")
class HoldPlaced:
    """Money was set aside: it is still there, but not available."""

    account_id: UUID
    hold_id: UUID
    amount: int
    currency: str
    held: int  # by all open holds, after this event
    expires_at: datetime
    reference: str


@event("account.hold_captured")
class HoldCaptured:
    """Money that was set aside left for outside; what was not needed of it is available again."""

    account_id: UUID
    hold_id: UUID
    entry_id: UUID
    amount: int
    released: int
    currency: str
    balance: int
    held: int
    reference: str
    day: date


@event("account.hold_released")
class HoldReleased:
    """Money that was set aside is available again, because somebody said so."""

    account_id: UUID
    hold_id: UUID
    held: int
    reason: str


@event("account.hold_expired")
class HoldExpired:
    """Money that was set aside is available again, because nobody came for it in time."""

    account_id: UUID
    hold_id: UUID
    held: int


@event("account.entry_reversed")
class EntryReversed:
    """An earlier movement of money was undone, by one that goes the other way."""

    account_id: UUID
    entry_id: UUID
    reverses: UUID  # the entry that was undone
    amount: int
    direction: str  # of this movement: "credit" or "debit"
    currency: str
    balance: int
    reason: str
    transfer_id: UUID | None  # if it undoes a leg of one
    counterparty: UUID | None  # likewise: the account of the other leg
    day: date


@event("account.balance_adjusted")
class BalanceAdjusted:
    """The house corrected a balance; somebody asked for it, and somebody else agreed."""

    account_id: UUID
    entry_id: UUID
    amount: int  # negative where money was taken away
    currency: str
    balance: int
    reason: str
    approval_id: UUID
    day: date


@event("account.overdraft_limit_set")
class OverdraftLimitSet:
    """The account may go below zero, by no more than this."""

    account_id: UUID
    limit: int
    reason: str


@event("account.limits_set")
class LimitsSet:
    """What may leave the account at once, and on one day; `None` is without limit."""

    account_id: UUID
    per_entry: int | None
    daily_out: int | None
    reason: str


@event("account.frozen")
class AccountFrozen:
    """Staff stopped money from leaving (`debits`), or from moving at all (`all`)."""

    account_id: UUID
    scope: str
    reason: str


@event("account.unfrozen")
class AccountUnfrozen:
    """Money may move again."""

    account_id: UUID
    reason: str


@event("account.closed")
class AccountClosed:
    """The account came to its end, with nothing in it."""

    account_id: UUID
    reason: str


@event("approval.requested")
class ApprovalRequested:
    """A member of staff asked for something that takes a second person."""

    approval_id: UUID
    command: str  # what is asked for, such as `AdjustBalance`
    payload: dict[str, Any]  # as it was asked for: amounts in major units
    order: dict[str, Any]  # the command that a grant executes, in full
    account_id: UUID
    other_account: UUID | None  # the second one that it concerns, if there is one
    reason: str
    requested_by: str


@event("approval.granted")
class ApprovalGranted:
    """A second person agreed, and what was asked for was done at once."""

    approval_id: UUID


@event("approval.refused")
class ApprovalRefused:
    """A second person disagreed."""

    approval_id: UUID
    reason: str


@event("approval.withdrawn")
class ApprovalWithdrawn:
    """Who asked thinks better of it."""

    approval_id: UUID


CustomerEvent = CustomerRegistered | CustomerDetailsUpdated | CustomerSuspended | CustomerReinstated | CustomerErased
MoneyEvent = (
    MoneyDeposited | MoneyWithdrawn | TransferSent | TransferReceived | HoldCaptured | EntryReversed | BalanceAdjusted
)
HoldEvent = HoldPlaced | HoldCaptured | HoldReleased | HoldExpired
ConditionEvent = OverdraftLimitSet | LimitsSet | AccountFrozen | AccountUnfrozen
AccountEvent = AccountOpened | AccountRenamed | AccountClosed | MoneyEvent | HoldEvent | ConditionEvent
ApprovalEvent = ApprovalRequested | ApprovalGranted | ApprovalRefused | ApprovalWithdrawn
