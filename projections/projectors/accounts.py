"""The projector of accounts."""

from typing import Any, assert_never

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
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import Account
from projections.projectors.rows import known, stamped


@fold(Account, key=lambda event: event.account_id, version=2)
def accounts(row: Account | None, event: AccountEvent, record: Recorded[Any]) -> Account:
    """Each account with its balance, its held amount, and its restrictions."""
    match event:
        case AccountOpened():
            row = Account(
                account_id=event.account_id,
                customer_id=event.customer_id,
                label=event.label,
                currency=event.currency,
                timezone=event.timezone,
                opened_at=event.opened_at,
            )
        case AccountRenamed():
            row = known(row)
            row.label = event.label
        case MoneyDeposited() | MoneyWithdrawn() | TransferSent() | TransferReceived():
            row = known(row)
            row.balance = event.balance
        case EntryReversed() | BalanceAdjusted():
            row = known(row)
            row.balance = event.balance
        case HoldCaptured():
            row = known(row)
            row.balance, row.held = event.balance, event.held
        case HoldPlaced() | HoldReleased() | HoldExpired():
            row = known(row)
            row.held = event.held
        case OverdraftLimitSet() | LimitsSet() | AccountFrozen() | AccountUnfrozen() | AccountClosed():
            row = _restricted(known(row), event)
        case _:
            assert_never(event)
    return stamped(record, row)


def _restricted(
    row: Account, event: OverdraftLimitSet | LimitsSet | AccountFrozen | AccountUnfrozen | AccountClosed
) -> Account:
    match event:
        case OverdraftLimitSet():
            row.overdraft_limit = event.limit
        case LimitsSet():
            row.per_entry, row.daily_out = event.per_entry, event.daily_out
        case AccountFrozen():
            row.status, row.frozen_scope = Account.Status.FROZEN, event.scope
        case AccountUnfrozen():
            row.status, row.frozen_scope = Account.Status.OPEN, None
        case AccountClosed():
            row.status, row.overdraft_limit = Account.Status.CLOSED, 0
        case _:
            assert_never(event)
    return row
