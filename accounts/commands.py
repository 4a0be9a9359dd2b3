"""What can be asked of customers and their accounts. Orders, that may be refused.

`customer_id` is who asks: an account of somebody else is as good as none. Ids of what comes into being, and
the time, travel in the command, because a decision is pure. Amounts are positive integers of minor units.
"""

from datetime import datetime
from uuid import UUID

from eventstore.messages import Personal, command


@command("customer.register", subject="customer_id")
class RegisterCustomer:
    """Become a customer."""

    customer_id: UUID
    name: Personal
    email: Personal
    locale: str
    timezone: str


@command("customer.update_details", subject="customer_id")
class UpdateCustomerDetails:
    """Change what we know of a customer; what is `None` stays as it is."""

    customer_id: UUID
    name: Personal = None
    email: Personal = None
    locale: str | None = None
    timezone: str | None = None


@command("account.open", streams={"account_id": "account", "customer_id": "customer"})
class OpenAccount:
    """Open an account for a customer."""

    account_id: UUID
    customer_id: UUID  # the owner, whoever asks
    currency: str
    now: datetime
    label: str = ""
    timezone: str | None = None  # the customer's, unless given


@command("account.rename")
class RenameAccount:
    """Call an account something else."""

    account_id: UUID
    customer_id: UUID
    label: str


@command("account.deposit")
class Deposit:
    """Pay money in from outside."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""
    effective_at: datetime | None = None  # now, unless given


@command("account.withdraw")
class Withdraw:
    """Take money out."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""
    effective_at: datetime | None = None  # now, unless given


@command("account.transfer", streams={"from_account": "account", "to_account": "account"})
class Transfer:
    """Send money to another account in the same currency."""

    transfer_id: UUID
    customer_id: UUID  # the owner of from_account; the recipient may be anyone
    from_account: UUID
    to_account: UUID
    sent_entry_id: UUID
    received_entry_id: UUID
    amount: int
    reference: str = ""


CustomerCommand = RegisterCustomer | UpdateCustomerDetails
AccountCommand = RenameAccount | Deposit | Withdraw  # opening and transfers involve a second stream
