"""What a check of the books found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

MAX_SHOWN: Final = 20  # differences that are named, unless more are asked for; all of them are counted


class Difference(NamedTuple):
    """Something that does not add up: where, what, what it should be, and what it is."""

    account: str
    what: str
    expected: Any
    found: Any


@dataclass
class Findings:
    """The first differences, and how many there are of each kind; and what was looked at."""

    limit: int = MAX_SHOWN
    position: int = 0  # of the last event that was compared
    accounts: int = 0
    events: int = 0
    entries: int = 0
    statements: int = 0
    unread: int = 0  # events that the journal had not read: what it will make of them was added
    kinds: Counter[str] = field(default_factory=Counter)
    named: list[Difference] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many there are."""
        return self.kinds.total()

    def compare(self, account: object, kind: str, expected: Any, found: Any, *, at: object = "") -> None:
        """Note a difference, if it is one; `at` tells which one of its kind it is."""
        if expected == found:
            return
        self.kinds[kind] += 1
        if len(self.named) < self.limit:
            self.named.append(Difference(str(account), f"{kind} {at}".strip(), expected, found))
