"""The sums of an account's events, from their amounts alone: independent of rules and projectors."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.domain.events import HoldCaptured, HoldExpired, HoldPlaced, HoldReleased, MoneyEvent, signed_amount
from eventstore.log import Recorded
from projections.ledger.findings import Findings


class Movement(NamedTuple):
    """A movement of money as its event has it; the entry must say the same."""

    position: int
    entry_id: UUID
    amount: int  # negative where money left
    balance: int
    recorded_at: datetime


class Fold:
    """The running sums of one account, compared with those that its events state."""

    def __init__(self, account_id: UUID, findings: Findings) -> None:
        self.account_id, self.findings = account_id, findings
        self.balance = self.held = self.events = self.position = 0
        self.holds: dict[UUID, int] = {}

    def movements(self, records: Iterable[Recorded[Any]]) -> Iterator[Movement]:
        """The movements of money among the events of its stream, each added up when it is asked for."""
        for record in records:
            self.events += 1
            self.position = record.position
            event = record.event
            if isinstance(event, HoldPlaced | HoldCaptured | HoldReleased | HoldExpired):
                self._hold(event, record.position)
            if isinstance(event, MoneyEvent):
                yield self._move(event, record)

    def _move(self, event: MoneyEvent, record: Recorded[Any]) -> Movement:
        amount = signed_amount(event)
        self.balance += amount
        self.findings.compare(
            self.account_id, "balance in event", self.balance, event.balance, at=f"at position {record.position}"
        )
        return Movement(record.position, event.entry_id, amount, self.balance, record.recorded_at)

    def _hold(self, event: HoldPlaced | HoldCaptured | HoldReleased | HoldExpired, position: int) -> None:
        if isinstance(event, HoldPlaced):
            self.holds[event.hold_id] = event.amount
            self.held += event.amount
        else:
            self.held -= self.holds.pop(event.hold_id, 0)
        self.findings.compare(self.account_id, "held in event", self.held, event.held, at=f"at position {position}")
