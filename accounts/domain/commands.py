"""What can be asked of customers and their accounts. Orders, that may be refused.

`customer_id` is who asks: an account of somebody else is as good as none, and one who is suspended is heard in vain.
Where it is `None`, a member of staff asks. Ids of what comes into being, and the time, travel in the command, because
a decision is pure; `now` is when it was asked, and by the time of the decision when it is decided. Amounts are positive
integers of minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, UnsetType

from eventstore.messages import Personal, command

BY_CUSTOMER: Final[Mapping[str, str]] = {"customer_id": "customer"}
OWN: Final[Mapping[str, str]] = {"account_id": "account", **BY_CUSTOMER}


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


@command("customer.suspend")
class SuspendCustomer:
    """Take no commands of a customer from now on; money still arrives."""

    customer_id: UUID
    reason: str


@command("customer.reinstate")
class ReinstateCustomer:
    """Listen to a suspended customer again."""

    customer_id: UUID
    reason: str


@command("customer.erase")
class EraseCustomer:
    """Forget what is personal about a customer without open accounts."""

    customer_id: UUID
    reason: str


@command("account.open", version=2, streams={"account_id": "account", "customer_id": "customer"})
class OpenAccount:
    """Open an account for a customer."""

    account_id: UUID
    customer_id: UUID  # the owner, whoever asks
    currency: str
    now: datetime
    label: str = ""
    timezone: str | None = None  # the customer's, unless given
    by_staff: bool = False


@command("account.rename", streams=OWN)
class RenameAccount:
    """Call an account something else."""

    account_id: UUID
    customer_id: UUID
    label: str


@command("account.deposit", streams=OWN)
class Deposit:
    """Pay money in from outside."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""
    effective_at: datetime | None = None  # now, unless given


@command("account.withdraw", streams=OWN)
class Withdraw:
    """Take money out."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""
    effective_at: datetime | None = None  # now, unless given


@command("account.transfer", version=2, streams={"from_account": "account", "to_account": "account", **BY_CUSTOMER})
class Transfer:
    """Send money to another account in the same currency."""

    transfer_id: UUID
    customer_id: UUID  # the owner of from_account; the recipient may be anyone
    from_account: UUID
    to_account: UUID
    sent_entry_id: UUID
    received_entry_id: UUID
    amount: int
    now: datetime
    reference: str = ""


@command("account.place_hold", streams=OWN)
class PlaceHold:
    """Set money aside until somebody comes for it, or until it expires."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    amount: int
    now: datetime
    expires_at: datetime
    reference: str = ""


@command("account.capture_hold", streams=OWN)
class CaptureHold:
    """Take money that was set aside, all of it or a part; the rest is released."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    entry_id: UUID
    now: datetime
    amount: int | None = None  # all of it, unless given


@command("account.release_hold", streams=OWN)
class ReleaseHold:
    """Make money that was set aside available again."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    now: datetime
    reason: str = ""


@command("account.expire_holds")
class ExpireHolds:
    """Release all holds of an account that nobody came for in time."""

    account_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """What a movement of money did to one account."""

    account_id: UUID
    entry_id: UUID
    amount: int  # negative where money left
    undone_by: UUID  # the entry that is to undo it


@command("account.reverse_entry", streams={"account_id": "account", "other_account": "account"})
class ReverseEntry:
    """Undo an earlier movement of money; what it was stands in the log."""

    account_id: UUID  # of the entry that was named
    other_account: UUID | None  # of the other leg, if it is one of a transfer
    leg: Leg
    other_leg: Leg | None
    transfer_id: UUID | None
    event: str  # the stored name of the event that made the entry
    reason: str
    now: datetime


@command("account.adjust_balance")
class AdjustBalance:
    """Correct a balance; it takes an approval."""

    account_id: UUID
    entry_id: UUID
    amount: int  # negative where money is taken away
    reason: str
    approval_id: UUID
    now: datetime


@command("account.set_overdraft_limit")
class SetOverdraftLimit:
    """Let an account go below zero, by no more than a limit."""

    account_id: UUID
    limit: int  # zero or more
    reason: str = ""


@command("account.set_limits")
class SetLimits:
    """Limit what may leave an account at once, and on one day."""

    account_id: UUID
    per_entry: int | UnsetType | None = UNSET  # `None` is without limit; what is not given stays as it is
    daily_out: int | UnsetType | None = UNSET
    reason: str = ""


@command("account.freeze")
class FreezeAccount:
    """Stop money from leaving an account (`debits`), or from moving at all (`all`)."""

    account_id: UUID
    scope: str
    reason: str


@command("account.unfreeze")
class UnfreezeAccount:
    """Let money move again."""

    account_id: UUID
    reason: str


@command("account.close", streams={"account_id": "account", "sweep_to": "account", **BY_CUSTOMER})
class CloseAccount:
    """End an account; what is in it goes to another one of the same owner, if one is named."""

    account_id: UUID
    customer_id: UUID
    transfer_id: UUID
    sent_entry_id: UUID
    received_entry_id: UUID
    now: datetime
    reason: str = ""
    sweep_to: UUID | None = None


@command("approval.request", streams={"approval_id": "approval", "account_id": "account", "other_account": "account"})
class RequestApproval:
    """Ask for something that takes a second person."""

    approval_id: UUID
    account_id: UUID
    other_account: UUID | None
    command: str  # what is asked for, such as `AdjustBalance`
    payload: dict[str, Any]  # as it was asked for: amounts in major units
    order: dict[str, Any]  # the command in full
    reason: str
    requested_by: str
    now: datetime


@command("approval.approve", streams={"approval_id": "approval", "account_id": "account", "other_account": "account"})
class Approve:
    """Agree to what somebody else has asked for, and do it at once."""

    approval_id: UUID
    account_id: UUID | None  # those that the request names
    other_account: UUID | None
    approver: str
    now: datetime


@command("approval.refuse")
class Refuse:
    """Disagree with what somebody else has asked for."""

    approval_id: UUID
    approver: str
    reason: str


@command("approval.withdraw")
class WithdrawRequest:
    """Think better of what one has asked for."""

    approval_id: UUID
    requested_by: str


@command("bulk.send")
class SendBulk:
    """Ask for many things at once, each of which is a command of its own."""

    bulk_id: UUID
    mode: str  # "atomic" or "each"
    requests: int


CustomerCommand = RegisterCustomer | UpdateCustomerDetails | SuspendCustomer | ReinstateCustomer | EraseCustomer
