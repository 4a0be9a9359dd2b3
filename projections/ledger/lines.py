"""Comparison of an account's entries with the events that made them, and with each other."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from projections.ledger.findings import Findings
from projections.ledger.fold import Movement
from projections.statements.months import Line


class LineCheck:
    """One account's entries; `balance` and `count` are those of the entries compared so far."""

    def __init__(self, account_id: UUID, movements: Iterator[Movement], findings: Findings) -> None:
        self.account_id, self.movements, self.findings = account_id, movements, findings
        self.balance = self.count = 0

    def compared(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Passes the lines on, and records on the way which of them are missing, wrong or made by no event."""
        movement = next(self.movements, None)
        for line in lines:
            while movement and movement.position < line.position:
                self._missing(movement)
                movement = next(self.movements, None)
            if movement and movement.position == line.position:
                self._compare(movement, line)
                movement = next(self.movements, None)
            else:
                self._note("entry that no event made", None, str(line.entry_id), line.position)
            self._note("balance after entry", self.balance + line.signed_amount, line.balance, line.position)
            self.balance = line.balance
            self.count += 1
            yield line
        while movement:
            self._missing(movement)
            movement = next(self.movements, None)

    def _missing(self, movement: Movement) -> None:
        self._note("entry", str(movement.entry_id), None, movement.position)

    def _compare(self, movement: Movement, line: Line) -> None:
        self._note("id of entry", str(movement.entry_id), str(line.entry_id), line.position)
        self._note("amount of entry", movement.amount, line.signed_amount, line.position)
        self._note("balance of entry", movement.balance, line.balance, line.position)
        self._note("time of entry", str(movement.recorded_at), str(line.recorded_at), line.position)

    def _note(self, kind: str, expected: object, found: object, position: int) -> None:
        self.findings.compare(self.account_id, kind, expected, found, at=f"at position {position}")
