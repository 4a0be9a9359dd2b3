"""Which rule decides over which command. Importing this makes them known to the engine."""

from accounts.domain import (
    account,
    adjustments,
    approval,
    bulk,
    closure,
    customer,
    deposits,
    holds,
    opening,
    restrictions,
    reversals,
    transfers,
    upcasters,  # noqa: F401 - so that old events can be read
)
from accounts.domain import commands as orders
from eventstore.decider import Decider, decides, register

CUSTOMERS = Decider(
    category="customer",
    initial=customer.Customer(),
    evolve=customer.evolve,
    decide=customer.decide,
    commands=orders.CustomerCommand,
    answer=customer.answer,
)
ACCOUNTS = Decider(
    category="account",
    initial=account.Account(),
    evolve=account.evolve,
    decide=restrictions.decide,
    commands=restrictions.Command,
    answer=restrictions.answer,
)
APPROVALS = Decider(
    category="approval",
    initial=approval.Approval(),
    evolve=approval.evolve,
    decide=approval.decide,
    commands=approval.Decision,
    answer=approval.answer,
)

for decider in (CUSTOMERS, ACCOUNTS, APPROVALS):
    register(decider)

decides(orders.OpenAccount, decide=opening.decide, answer=opening.answer)
decides(orders.RenameAccount, decide=deposits.decide, answer=deposits.answer)
decides(orders.Deposit, decide=deposits.decide, answer=deposits.answer)
decides(orders.Withdraw, decide=deposits.decide, answer=deposits.answer)
decides(orders.Transfer, decide=transfers.decide, answer=transfers.answer)
decides(orders.PlaceHold, decide=holds.decide, answer=holds.answer)
decides(orders.CaptureHold, decide=holds.decide, answer=holds.answer)
decides(orders.ReleaseHold, decide=holds.decide, answer=holds.answer)
decides(orders.ExpireHolds, decide=holds.expire)
decides(orders.ReverseEntry, decide=reversals.decide, answer=reversals.answer)
decides(orders.AdjustBalance, decide=adjustments.decide)
decides(orders.CloseAccount, decide=closure.decide, answer=closure.answer)
decides(orders.SendBulk, decide=bulk.decide)
decides(orders.RequestApproval, decide=approval.request, answer=approval.answer_with_accounts)
decides(orders.Approve, decide=approval.approve, answer=approval.answer_with_accounts)
