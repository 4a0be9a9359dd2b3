"""The commands on customers, accounts, approvals and rights of staff: orders, which may be refused.

`customer_id` is the customer who sends the command: another customer's account is not found, and a suspended customer
is refused. Where it is `None`, a member of staff sends it. New ids and the time travel in the command, because a
decision is pure; `now` is first the time of sending, and the engine sets it to the time of the decision. Amounts are
positive integers of minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET, UnsetType

from accounts.domain.fields import CurrencyCode, Language, MinorUnits, ZoneName
from eventstore.messages import Personal, command

# Streams of a command: the field with the id of the stream, and the category of the stream
BY_CUSTOMER: Final[Mapping[str, str]] = {"customer_id": "customer"}
OWN: Final[Mapping[str, str]] = {"account_id": "account", **BY_CUSTOMER}


@command("customer.register", subject="customer_id")
class RegisterCustomer:
    """Register a customer."""

    customer_id: UUID
    name: Personal
    email: Personal
    locale: Language
    timezone: ZoneName


@command("customer.update_details", subject="customer_id")
class UpdateCustomerDetails:
    """Change details of a customer; a detail that is `None` stays as it is."""

    customer_id: UUID
    name: Personal = None
    email: Personal = None  # a new one, which is asked for: it counts by ChangeEmail, once it is confirmed
    locale: Language | None = None
    timezone: ZoneName | None = None


@command("customer.change_email", subject="customer_id")
class ChangeEmail:
    """Let a customer have the e-mail that they asked for, and have proven to own."""

    customer_id: UUID
    email: Personal


@command("customer.release_email", subject="customer_id")
class ReleaseEmail:
    """Take an e-mail that was never confirmed from a customer, for whoever has proven to own it."""

    customer_id: UUID
    email: Personal


@command("customer.suspend")
class SuspendCustomer:
    """Refuse the commands of a customer from now on; money still arrives."""

    customer_id: UUID
    reason: str


@command("customer.reinstate")
class ReinstateCustomer:
    """Accept the commands of a suspended customer again."""

    customer_id: UUID
    reason: str


@command("customer.erase")
class EraseCustomer:
    """Erase the personal data of a customer without open accounts."""

    customer_id: UUID
    reason: str


@command("account.open", version=2, streams={"account_id": "account", "customer_id": "customer"})
class OpenAccount:
    """Open an account for a customer."""

    account_id: UUID
    customer_id: UUID  # the owner, also where a member of staff opens the account
    currency: CurrencyCode
    now: datetime
    label: str = ""
    timezone: ZoneName | None = None  # the customer's, unless given
    by_staff: bool = False


@command("account.rename", streams=OWN)
class RenameAccount:
    """Give an account another label."""

    account_id: UUID
    customer_id: UUID
    label: str


@command("account.deposit", streams=OWN)
class Deposit:
    """Credit an account with money from outside."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: MinorUnits
    now: datetime
    reference: str = ""
    effective_at: datetime | None = None  # now, unless given


@command("account.withdraw", streams=OWN)
class Withdraw:
    """Debit an account with money that leaves for outside."""

    account_id: UUID
    customer_id: UUID
    entry_id: UUID
    amount: MinorUnits
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
    amount: MinorUnits
    now: datetime
    reference: str = ""


@command("account.place_hold", streams=OWN)
class PlaceHold:
    """Set money aside until it is captured or released, or until the hold expires."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    amount: MinorUnits
    now: datetime
    expires_at: datetime
    reference: str = ""


@command("account.capture_hold", streams=OWN)
class CaptureHold:
    """Debit the account with a hold's money, all of it or a part; the rest of the hold is released."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    entry_id: UUID
    now: datetime
    amount: MinorUnits | None = None  # all of it, unless given


@command("account.release_hold", streams=OWN)
class ReleaseHold:
    """Make the money of a hold available again."""

    account_id: UUID
    customer_id: UUID | None
    hold_id: UUID
    now: datetime
    reason: str = ""


@command("account.expire_holds")
class ExpireHolds:
    """End all holds of an account that are past their time."""

    account_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry that is to be reversed."""

    account_id: UUID
    entry_id: UUID
    amount: MinorUnits  # negative for a debit
    undone_by: UUID  # the id of the counter-entry


@command("account.reverse_entry", streams={"account_id": "account", "other_account": "account"})
class ReverseEntry:
    """Reverse an entry; its facts are read from the log."""

    account_id: UUID  # the account of the named entry
    other_account: UUID | None  # the account of the other leg, if the entry is one of a transfer
    leg: Leg
    other_leg: Leg | None
    transfer_id: UUID | None
    event: str  # the stored name of the event that made the entry
    reason: str
    now: datetime


@command("account.adjust_balance")
class AdjustBalance:
    """Correct a balance; only an approval executes this command."""

    account_id: UUID
    entry_id: UUID
    amount: MinorUnits  # negative for a debit
    reason: str
    approval_id: UUID
    now: datetime


@command("account.set_overdraft_limit")
class SetOverdraftLimit:
    """Set how far below zero the balance of an account may go."""

    account_id: UUID
    limit: MinorUnits  # zero or more
    reason: str = ""


@command("account.set_limits")
class SetLimits:
    """Limit a single debit of an account, and all debits of a day."""

    account_id: UUID
    per_entry: MinorUnits | UnsetType | None = UNSET  # `None` is without limit; `UNSET` leaves the limit as it is
    daily_out: MinorUnits | UnsetType | None = UNSET
    reason: str = ""


@command("account.freeze")
class FreezeAccount:
    """Stop debits of an account (`debits`), or all movements of its money (`all`)."""

    account_id: UUID
    scope: str
    reason: str


@command("account.unfreeze")
class UnfreezeAccount:
    """End the freeze of an account."""

    account_id: UUID
    reason: str


@command("account.close", streams={"account_id": "account", "sweep_to": "account", **BY_CUSTOMER})
class CloseAccount:
    """Close an account; the rest of its money goes to another account of the owner, if one is named."""

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
    """Request a command that takes the approval of a second person."""

    approval_id: UUID
    account_id: UUID
    other_account: UUID | None
    command: str  # the requested command, such as `AdjustBalance`
    payload: dict[str, Any]  # its fields as the requester gave them: amounts in major units
    order: dict[str, Any]  # all fields of the requested command
    reason: str
    requested_by: str
    now: datetime


@command("approval.approve", streams={"approval_id": "approval", "account_id": "account", "other_account": "account"})
class Approve:
    """Approve another person's request, and execute the requested command at once."""

    approval_id: UUID
    account_id: UUID | None  # the accounts that the request names
    other_account: UUID | None
    approver: str
    now: datetime


@command("approval.refuse")
class Refuse:
    """Refuse another person's request."""

    approval_id: UUID
    approver: str
    reason: str


@command("approval.withdraw")
class WithdrawRequest:
    """Withdraw one's own request."""

    approval_id: UUID
    requested_by: str


@command("staff.set_rights")
class SetStaffRights:
    """Record what a member of staff may do from now on; all of it, not only what is new."""

    staff_id: UUID
    user_id: int
    roles: tuple[str, ...]
    superuser: bool
    permissions: tuple[str, ...]  # given to this person alone, as `app.codename`; our own commands give none
    active: bool


@command("bulk.send")
class SendBulk:
    """Record a bulk request, each item of which is a command of its own."""

    bulk_id: UUID
    mode: str  # "atomic" or "each"
    requests: int
