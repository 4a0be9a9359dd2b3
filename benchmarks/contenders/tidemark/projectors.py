"""How the sample's read model follows from its events."""

from typing import Any

from benchmarks.contenders.tidemark.models import Balance
from benchmarks.contenders.tidemark.purses import PurseFilled
from eventstore.log import Recorded
from eventstore.projecting import fold


def balances(row: Balance | None, event: PurseFilled, record: Recorded[Any]) -> Balance:
    """The balance of each purse."""
    row = row or Balance(purse_id=event.purse_id)
    row.balance, row.position = event.balance, record.position
    return row


def declare(*, delayed: bool) -> None:
    """Keep the balances inside the commands' transactions, or by a runner."""
    fold(Balance, key=lambda event: event.purse_id, delayed=delayed)(balances)
