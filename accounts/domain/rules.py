"""The table of rules: which function decides over a command, and which one answers its sender.

Importing this module registers the rules with the engine. `decide(*states, command)` yields events or raises Refused;
`answer(*states_after, command)` returns JSON values. The states come in the order of the command's `streams`.
"""

from typing import Any, Final

from accounts.domain import (
    account,
    adjustments,
    approval,
    bulk,
    commands,
    customer,
    deposits,
    events,
    holds,
    lifecycle,
    restrictions,
    reversals,
    staff,
    transfers,
    upcasters,  # noqa: F401 - so that old events can be read
)
from eventstore.decider import Decider, decides, register

CUSTOMERS: Final[Decider[customer.Customer, Any, events.CustomerEvent]] = Decider(
    category="customer", initial=customer.Customer(), evolve=customer.evolve
)
ACCOUNTS: Final[Decider[account.Account, Any, events.AccountEvent]] = Decider(
    category="account", initial=account.Account(), evolve=account.evolve
)
APPROVALS: Final[Decider[approval.Approval, Any, events.ApprovalEvent]] = Decider(
    category="approval", initial=approval.Approval(), evolve=approval.evolve
)

STAFF: Final[Decider[staff.StaffRights, Any, events.StaffEvent]] = Decider(
    category="staff", initial=staff.StaffRights(), evolve=staff.evolve
)

for decider in (CUSTOMERS, ACCOUNTS, APPROVALS, STAFF):
    register(decider)

decides(commands.RegisterCustomer, decide=customer.register, answer=customer.details)
decides(commands.UpdateCustomerDetails, decide=customer.update_details, answer=customer.updated)
decides(commands.ChangeEmail, decide=customer.change_email, answer=customer.identity)
decides(commands.ReleaseEmail, decide=customer.release_email, answer=customer.identity)
decides(commands.SuspendCustomer, decide=customer.suspend, answer=customer.status)
decides(commands.ReinstateCustomer, decide=customer.reinstate, answer=customer.status)
decides(commands.EraseCustomer, decide=customer.erase, answer=customer.status)

decides(commands.OpenAccount, decide=lifecycle.open_account, answer=lifecycle.opened)
decides(commands.RenameAccount, decide=lifecycle.rename_account, answer=lifecycle.renamed)
decides(commands.CloseAccount, decide=lifecycle.close_account, answer=lifecycle.closed)

decides(commands.Deposit, decide=deposits.deposit, answer=deposits.moved)
decides(commands.Withdraw, decide=deposits.withdraw, answer=deposits.moved)
decides(commands.Transfer, decide=transfers.transfer, answer=transfers.sent)

decides(commands.PlaceHold, decide=holds.place, answer=holds.held)
decides(commands.CaptureHold, decide=holds.capture, answer=holds.captured)
decides(commands.ReleaseHold, decide=holds.release, answer=holds.held)
decides(commands.ExpireHolds, decide=holds.expire)

decides(commands.SetOverdraftLimit, decide=restrictions.set_overdraft_limit, answer=restrictions.restricted)
decides(commands.SetLimits, decide=restrictions.set_limits, answer=restrictions.restricted)
decides(commands.FreezeAccount, decide=restrictions.freeze, answer=restrictions.restricted)
decides(commands.UnfreezeAccount, decide=restrictions.unfreeze, answer=restrictions.restricted)

decides(commands.ReverseEntry, decide=reversals.reverse, answer=reversals.reversed_entry)
decides(commands.AdjustBalance, decide=adjustments.adjust_unapproved)

decides(commands.RequestApproval, decide=approval.request, answer=approval.status_with_accounts)
decides(commands.Approve, decide=approval.approve, answer=approval.status_with_accounts)
decides(commands.Refuse, decide=approval.refuse, answer=approval.status)
decides(commands.WithdrawRequest, decide=approval.withdraw, answer=approval.status)

decides(commands.SetStaffRights, decide=staff.set_rights, answer=staff.answered)

decides(commands.SendBulk, decide=bulk.send)
