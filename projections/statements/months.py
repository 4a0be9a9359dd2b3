"""The computation of statements: an account's entries, in the order of the log, give its months.

It takes one pass and bounded memory. The page of a month, its issuing, and the check of issued statements all use it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from accounts.domain.money import signed
from projections.models import Account, Statement
from projections.statements.calendar import Span

FORMAT: Final = "tidemark statement 1"  # the hashed text begins with this
STORED_FIELDS: Final = (  # of a month, in the table of issued statements
    *("account_id", "number", "period", "currency", "opening", "closing", "credits", "debits", "entries"),
    *("first_position", "last_position", "digest", "begins_at", "ends_at"),
)


class Line(NamedTuple):
    """The facts of an entry on a statement, in the order in which they are hashed; none of them ever changes."""

    entry_id: UUID
    kind: str
    direction: str
    amount: int
    balance: int
    reference: str
    counterparty: UUID | None
    transfer_id: UUID | None
    reverses: UUID | None
    recorded_at: datetime
    effective_at: datetime
    position: int

    @property
    def signed_amount(self) -> int:
        """The amount, negative where money left the account."""
        return signed(self.amount, self.direction)


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of an account's month; `issued_at` is set once it is issued.

    `digest` is a SHA-256 over everything that the statement states. `broken_at` is the position of the first entry
    whose balance does not follow from the one before it: such a month is never issued.
    """

    account_id: UUID
    number: int
    period: str
    currency: str
    opening: int
    closing: int
    credits: int
    debits: int
    entries: int
    first_position: int | None
    last_position: int | None
    digest: bytes
    begins_at: datetime
    ends_at: datetime
    issued_at: datetime | None = None
    earliest: datetime | None = None  # the earliest time that it states: its begin, or an effective date before it
    broken_at: int | None = None

    @classmethod
    def from_statement(cls, statement: Statement) -> "Month":
        """The month of an issued statement, as it was issued."""
        stored = {name: getattr(statement, name) for name in (*STORED_FIELDS, "issued_at")}
        return cls(**{**stored, "digest": bytes(stored["digest"])})

    @property
    def issued(self) -> bool:
        """Whether the month is issued."""
        return self.issued_at is not None

    @property
    def change(self) -> int:
        """The credits less the debits."""
        return self.credits - self.debits

    @property
    def first_day(self) -> date:
        """The first day, which templates format as a month."""
        return date.fromisoformat(f"{self.period}-01")

    def differences(self, other: "Month") -> dict[str, tuple[Any, Any]]:
        """The stored fields in which another version of the same month differs, each with this value and the other."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in STORED_FIELDS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def compute_months(
    account: Account, lines: Iterable[Line], spans: Iterable[Span], *, opening: int = 0
) -> Iterator[Month]:
    """Computes months of an account that follow each other, also those without entries, one after the other.

    `lines` are the entries from the first of these months on, `opening` is the balance before them. At most one line
    beyond the last month is taken from the iterator.
    """
    coming = iter(lines)
    line = next(coming, None)
    for span in spans:
        tally = Tally(account, span, opening)
        while line is not None and line.recorded_at < span.ends_at:
            tally.add(line)
            line = next(coming, None)
        yield tally.month()
        opening = tally.balance


class Tally:
    """Running totals of a month, to which its entries are added in the order of the log.

    The hash is taken over lines of JSON: the head, the entries, the sums.
    """

    def __init__(self, account: Account, span: Span, opening: int) -> None:
        self.account, self.span, self.opening = account, span, opening
        self.balance, self.earliest = opening, span.begins_at
        self.credits = self.debits = self.entries = 0
        self.first: int | None = None
        self.last: int | None = None
        self.broken: int | None = None
        self.hash = hashlib.sha256()
        self._hash(FORMAT, account.account_id, span.number, span.period, account.timezone, account.currency, opening)

    def add(self, line: Line) -> None:
        """Adds an entry."""
        signed = line.signed_amount
        if line.balance != self.balance + signed and self.broken is None:
            self.broken = line.position
        self.balance = line.balance
        self.earliest = min(self.earliest, line.effective_at)
        self.credits += max(signed, 0)
        self.debits -= min(signed, 0)
        self.entries += 1
        self.first, self.last = self.first or line.position, line.position
        self._hash(*line)

    @classmethod
    def again(cls, account: Account, month: Month) -> "Tally":
        """An empty tally of a month that was computed before, to see whether its entries are still the same."""
        return cls(account, Span(month.number, month.period, month.begins_at, month.ends_at), month.opening)

    def month(self) -> Month:
        """Closes the month and returns its figures."""
        self._hash(self.balance, str(self.credits), str(self.debits), self.entries)
        return Month(
            account_id=self.account.account_id,
            number=self.span.number,
            period=self.span.period,
            currency=self.account.currency,
            opening=self.opening,
            closing=self.balance,
            credits=self.credits,
            debits=self.debits,
            entries=self.entries,
            first_position=self.first,
            last_position=self.last,
            digest=self.hash.digest(),
            begins_at=self.span.begins_at,
            ends_at=self.span.ends_at,
            earliest=self.earliest,
            broken_at=self.broken,
        )

    def _hash(self, *values: object) -> None:
        self.hash.update(msgspec.json.encode(values))
        self.hash.update(b"\n")
