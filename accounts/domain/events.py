"""The events of customers, accounts, approvals and members of staff. Past tense, facts only, never edited.

Amounts and balances are integers of minor units: 1050 is 10.50 in a currency with two decimals. Each event that moves
money names the currency, the account's balance after it, and the `day` of its recording in the account's time zone: an
entry needs no other fact. Before version 2 of these events no day was kept.
"""

from datetime import date, datetime
from typing import Any, assert_never
from uuid import UUID

from accounts.domain.fields import CurrencyCode, Language, MinorUnits, ZoneName
from accounts.domain.money import signed
from eventstore.messages import Personal, event


@event("customer.registered", subject="customer_id")
class CustomerRegistered:
    """A customer registered."""

    customer_id: UUID
    name: Personal
    email: Personal
    locale: Language
    timezone: ZoneName


@event("customer.details_updated", subject="customer_id")
class CustomerDetailsUpdated:
    """A customer changed their details; a detail that is `None` is unchanged."""

    customer_id: UUID
    name: Personal = None
    email: Personal = None
    locale: Language | None = None
    timezone: ZoneName | None = None


@event("customer.email_released")
class CustomerEmailReleased:
    """A customer has no e-mail any more: its owner took it back. They may give another one."""

    customer_id: UUID


@event("customer.suspended")
class CustomerSuspended:
    """Staff suspended a customer, whose commands are refused from now on."""

    customer_id: UUID
    reason: str


@event("customer.reinstated")
class CustomerReinstated:
    """Staff reinstated a suspended customer."""

    customer_id: UUID
    reason: str


@event("customer.erased")
class CustomerErased:
    """The personal data of a customer were erased, for good."""

    customer_id: UUID
    reason: str


@event("account.opened")
class AccountOpened:
    """A customer opened an account, in one currency for ever."""

    account_id: UUID
    customer_id: UUID
    currency: CurrencyCode
    label: str
    timezone: ZoneName  # days and months of this account are those of this zone, for ever
    opened_at: datetime


@event("account.renamed")
class AccountRenamed:
    """The owner gave the account another label."""

    account_id: UUID
    label: str


@event("account.money_deposited", version=2)
class MoneyDeposited:
    """Money arrived from outside."""

    account_id: UUID
    entry_id: UUID
    amount: MinorUnits
    currency: CurrencyCode
    balance: MinorUnits
    reference: str
    day: date | None


@event("account.money_withdrawn", version=2)
class MoneyWithdrawn:
    """Money left for outside."""

    account_id: UUID
    entry_id: UUID
    amount: MinorUnits
    currency: CurrencyCode
    balance: MinorUnits
    reference: str
    day: date | None


@event("account.transfer_sent", version=2)
class TransferSent:
    """Money left for another account here; a TransferReceived with the same `transfer_id` records its arrival."""

    account_id: UUID
    entry_id: UUID
    transfer_id: UUID
    to_account: UUID
    amount: MinorUnits
    currency: CurrencyCode
    balance: MinorUnits
    reference: str
    day: date | None


@event("account.transfer_received", version=2)
class TransferReceived:
    """Money arrived from another account here."""

    account_id: UUID
    entry_id: UUID
    transfer_id: UUID
    from_account: UUID
    amount: MinorUnits
    currency: CurrencyCode
    balance: MinorUnits
    reference: str
    day: date | None


@event("account.hold_placed")
class HoldPlaced:
    """Money was set aside: it counts in the balance, but is not available."""

    account_id: UUID
    hold_id: UUID
    amount: MinorUnits
    currency: CurrencyCode
    held: MinorUnits  # by all open holds, after this event
    expires_at: datetime
    reference: str


@event("account.hold_captured")
class HoldCaptured:
    """Money of a hold left for outside; the rest of the hold is available again."""

    account_id: UUID
    hold_id: UUID
    entry_id: UUID
    amount: MinorUnits
    released: MinorUnits
    currency: CurrencyCode
    balance: MinorUnits
    held: MinorUnits
    reference: str
    day: date


@event("account.hold_released")
class HoldReleased:
    """The owner or staff released a hold: its money is available again."""

    account_id: UUID
    hold_id: UUID
    held: MinorUnits
    reason: str


@event("account.hold_expired")
class HoldExpired:
    """A hold was not captured in time: its money is available again."""

    account_id: UUID
    hold_id: UUID
    held: MinorUnits


@event("account.entry_reversed")
class EntryReversed:
    """An earlier entry was reversed by a counter-entry."""

    account_id: UUID
    entry_id: UUID
    reverses: UUID  # the id of the reversed entry
    amount: MinorUnits
    direction: str  # of the counter-entry: "credit" or "debit"
    currency: CurrencyCode
    balance: MinorUnits
    reason: str
    transfer_id: UUID | None  # of the reversed transfer, if it was one
    counterparty: UUID | None  # the account of the other leg of that transfer
    day: date


@event("account.balance_adjusted")
class BalanceAdjusted:
    """Staff corrected a balance, on the request of one person and with the approval of a second one."""

    account_id: UUID
    entry_id: UUID
    amount: MinorUnits  # negative where money was taken away
    currency: CurrencyCode
    balance: MinorUnits
    reason: str
    approval_id: UUID
    day: date


@event("account.overdraft_limit_set")
class OverdraftLimitSet:
    """Staff set how far below zero the balance may go, in minor units."""

    account_id: UUID
    limit: MinorUnits
    reason: str


@event("account.limits_set")
class LimitsSet:
    """Staff set the limits of a single debit and of all debits of a day, in minor units; `None` is without limit."""

    account_id: UUID
    per_entry: MinorUnits | None
    daily_out: MinorUnits | None
    reason: str


@event("account.frozen")
class AccountFrozen:
    """Staff stopped debits (`debits`), or all movements of money (`all`)."""

    account_id: UUID
    scope: str
    reason: str


@event("account.unfrozen")
class AccountUnfrozen:
    """Staff let money move again."""

    account_id: UUID
    reason: str


@event("account.closed")
class AccountClosed:
    """The owner closed the account, with no money in it."""

    account_id: UUID
    reason: str


@event("approval.requested")
class ApprovalRequested:
    """A member of staff requested a command that takes the approval of a second person."""

    approval_id: UUID
    command: str  # the requested command, such as `AdjustBalance`
    payload: dict[str, Any]  # its fields as the requester gave them: amounts in major units
    order: dict[str, Any]  # all fields of the command that an approval executes
    account_id: UUID
    other_account: UUID | None  # the second account that the command concerns, if there is one
    reason: str
    requested_by: str


@event("approval.granted")
class ApprovalGranted:
    """A second person approved the request; the requested command was executed at once."""

    approval_id: UUID


@event("approval.refused")
class ApprovalRefused:
    """A second person refused the request."""

    approval_id: UUID
    reason: str


@event("approval.withdrawn")
class ApprovalWithdrawn:
    """The requester withdrew the request."""

    approval_id: UUID


@event("staff.rights_set")
class StaffRightsSet:
    """What a member of staff may do changed, and is this from now on."""

    staff_id: UUID
    user_id: int  # of the sign-in; the actor of the person's own commands is `staff:` and this
    roles: tuple[str, ...]
    superuser: bool
    permissions: tuple[str, ...]
    active: bool  # whether they may sign in


CustomerEvent = (
    CustomerRegistered
    | CustomerDetailsUpdated
    | CustomerEmailReleased
    | CustomerSuspended
    | CustomerReinstated
    | CustomerErased
)
MoneyEvent = (
    MoneyDeposited | MoneyWithdrawn | TransferSent | TransferReceived | HoldCaptured | EntryReversed | BalanceAdjusted
)
HoldEvent = HoldPlaced | HoldCaptured | HoldReleased | HoldExpired
ConditionEvent = OverdraftLimitSet | LimitsSet | AccountFrozen | AccountUnfrozen
AccountEvent = AccountOpened | AccountRenamed | AccountClosed | MoneyEvent | HoldEvent | ConditionEvent
ApprovalEvent = ApprovalRequested | ApprovalGranted | ApprovalRefused | ApprovalWithdrawn
StaffEvent = StaffRightsSet


def signed_amount(event: MoneyEvent) -> int:
    """The change of its account's balance by an event, in minor units: negative for a debit."""
    match event:
        case MoneyDeposited() | TransferReceived() | BalanceAdjusted():
            return event.amount
        case MoneyWithdrawn() | TransferSent() | HoldCaptured():
            return -event.amount
        case EntryReversed():
            return signed(event.amount, event.direction)
        case _:
            assert_never(event)
