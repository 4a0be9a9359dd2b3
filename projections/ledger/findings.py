"""The result of a check of the books."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

MAX_SHOWN: Final = 20  # differences that are named, unless more are asked for; all of them are counted


class Difference(NamedTuple):
    """One thing that does not add up: the account, the name of the thing, the expected value and the one found."""

    account: str
    what: str
    expected: Any
    found: Any


@dataclass
class Findings:
    """The first differences, the number of each kind, and how much was compared."""

    limit: int = MAX_SHOWN
    position: int = 0  # of the last event that was compared
    accounts: int = 0
    events: int = 0
    entries: int = 0
    statements: int = 0
    unread: int = 0  # events that the journal had not read; the legs that they will give were added
    kinds: Counter[str] = field(default_factory=Counter)
    named: list[Difference] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """The number of all differences."""
        return self.kinds.total()

    def compare(self, account: object, kind: str, expected: Any, found: Any, *, at: object = "") -> None:
        """Records a difference, if the values differ; `at` says which one of its kind it is, such as a position."""
        if expected == found:
            return
        self.kinds[kind] += 1
        if len(self.named) < self.limit:
            self.named.append(Difference(str(account), f"{kind} {at}".strip(), expected, found))
