"""Which rule decides over which command. Importing this makes them known to the engine."""

from accounts import (
    account,
    adjusting,
    approval,
    bulk,
    closing,
    conditions,
    customer,
    holds,
    moving,
    opening,
    reversal,
    transfer,
    upcasters,  # noqa: F401 - so that old events can be read
)
from accounts import commands as orders
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
    decide=conditions.decide,
    commands=conditions.Command,
    answer=conditions.answer,
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
decides(orders.RenameAccount, decide=moving.decide, answer=moving.answer)
decides(orders.Deposit, decide=moving.decide, answer=moving.answer)
decides(orders.Withdraw, decide=moving.decide, answer=moving.answer)
decides(orders.Transfer, decide=transfer.decide, answer=transfer.answer)
decides(orders.PlaceHold, decide=holds.decide, answer=holds.answer)
decides(orders.CaptureHold, decide=holds.decide, answer=holds.answer)
decides(orders.ReleaseHold, decide=holds.decide, answer=holds.answer)
decides(orders.ExpireHolds, decide=holds.expire)
decides(orders.ReverseEntry, decide=reversal.decide, answer=reversal.answer)
decides(orders.AdjustBalance, decide=adjusting.decide)
decides(orders.CloseAccount, decide=closing.decide, answer=closing.answer)
decides(orders.SendBulk, decide=bulk.decide)
decides(orders.RequestApproval, decide=approval.request, answer=approval.answer_with_accounts)
decides(orders.Approve, decide=approval.approve, answer=approval.answer_with_accounts)
