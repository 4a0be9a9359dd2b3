"""Reckoning: an account's entries, in the order of the log, become its months. One pass, in bounded memory.

The same function serves the page of a month, its issuing, and the check of what was issued.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from accounts.domain.money import signed
from projections.models import Account, Statement
from projections.statements.period import Period

FORMAT: Final = "tidemark statement 1"  # what the hash is taken over begins with this


class Line(NamedTuple):
    """What a statement says of an entry, in the order in which it is hashed: facts that never change."""

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
    """An account's month in figures; `issued_at` once it was issued.

    `digest` is a SHA-256 over all that the statement says. `broken_at` is the position of the first entry that does not
    follow from the one before it: such a month is never issued.
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
    issued_at: datetime | None = None
    broken_at: int | None = None

    @classmethod
    def of(cls, statement: Statement) -> "Month":
        """A month as it was issued."""
        kept = {name: getattr(statement, name) for name in (*KEPT, "issued_at")}
        return cls(**{**kept, "digest": bytes(kept["digest"])})

    @property
    def issued(self) -> bool:
        """Whether it is issued."""
        return self.issued_at is not None

    @property
    def change(self) -> int:
        """By how much the balance went up, or down."""
        return self.credits - self.debits

    @property
    def first_day(self) -> date:
        """Its first day, as pages write months."""
        return date.fromisoformat(f"{self.period}-01")

    def differences(self, other: "Month") -> dict[str, tuple[Any, Any]]:
        """In what it is not as another one, which tells of the same month: what is here, and what is there."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in KEPT}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


KEPT: Final = (
    *("account_id", "number", "period", "currency", "opening", "closing", "credits", "debits", "entries"),
    *("first_position", "last_position", "digest"),
)


def reckon(account: Account, lines: Iterable[Line], *, opening: int = 0, first: int = 1, last: int) -> Iterator[Month]:
    """An account's months with these numbers, one after the other, also those in which nothing happened.

    `lines` are its entries from the first of these months on; no more of them are taken than belong to the last one,
    and one.
    """
    zone = ZoneInfo(account.timezone)
    coming = iter(lines)
    line = next(coming, None)
    for number in range(first, last + 1):
        period = month_of(account, number)
        tally, end = _Tally(account, number, period, opening), period.ends_at(zone)
        while line is not None and line.recorded_at < end:
            tally.add(line)
            line = next(coming, None)
        yield tally.month()
        opening = tally.balance


def begun_in(account: Account) -> Period:
    """The month in which an account was opened."""
    return Period.of(account.opened_at, ZoneInfo(account.timezone))


def month_of(account: Account, number: int) -> Period:
    """The account's month with a number."""
    return begun_in(account).plus(number - 1)


class _Tally:
    """A month that is being added up. Its hash is taken over lines of JSON: the head, the entries, the sums."""

    def __init__(self, account: Account, number: int, period: Period, opening: int) -> None:
        self.account, self.number, self.period, self.opening = account, number, period, opening
        self.balance = opening
        self.credits = self.debits = self.entries = 0
        self.first: int | None = None
        self.last: int | None = None
        self.broken: int | None = None
        self.hash = hashlib.sha256()
        self._say(FORMAT, account.account_id, number, str(period), account.timezone, account.currency, opening)

    def add(self, line: Line) -> None:
        """Add an entry."""
        signed = line.signed_amount
        if line.balance != self.balance + signed and self.broken is None:
            self.broken = line.position
        self.balance = line.balance
        self.credits += max(signed, 0)
        self.debits -= min(signed, 0)
        self.entries += 1
        self.first, self.last = self.first or line.position, line.position
        self._say(*line)

    def month(self) -> Month:
        """What it has come to."""
        self._say(self.balance, str(self.credits), str(self.debits), self.entries)
        return Month(
            account_id=self.account.account_id,
            number=self.number,
            period=str(self.period),
            currency=self.account.currency,
            opening=self.opening,
            closing=self.balance,
            credits=self.credits,
            debits=self.debits,
            entries=self.entries,
            first_position=self.first,
            last_position=self.last,
            digest=self.hash.digest(),
            broken_at=self.broken,
        )

    def _say(self, *values: object) -> None:
        self.hash.update(msgspec.json.encode(values))
        self.hash.update(b"\n")
