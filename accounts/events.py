"""What has happened to customers and their accounts. Past tense, facts only, never edited.

Amounts and balances are integers of minor units: 1050 is 10.50 in a currency with two decimals. Each event
that moves money tells the currency and the account's balance after it: a line of history needs no other fact.
"""

from datetime import datetime
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


@event("account.money_deposited")
class MoneyDeposited:
    """Money came in from outside."""

    account_id: UUID
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    reference: str


@event("account.money_withdrawn")
class MoneyWithdrawn:
    """Money left for outside."""

    account_id: UUID
    entry_id: UUID
    amount: int
    currency: str
    balance: int
    reference: str


@event("account.transfer_sent")
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


@event("account.transfer_received")
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


CustomerEvent = CustomerRegistered | CustomerDetailsUpdated
MoneyEvent = MoneyDeposited | MoneyWithdrawn | TransferSent | TransferReceived
AccountEvent = AccountOpened | AccountRenamed | MoneyEvent
