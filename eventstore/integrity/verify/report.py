"""What a run of `verify` is to look at, and what it found."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from eventstore import feed
from eventstore.integrity.tail import Tail
from eventstore.integrity.verify.faults import Faults


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What to look at: all of it, or what lies behind a position, or some streams and ranges taken at random."""

    since: int = 0
    sample: int = 0
    seals: Path | None = None  # the file of heads that are kept outside
    without_keys: bool = False  # the keys of persons were left behind on purpose, so they are not missed
    accepted: frozenset[int] = frozenset()  # epochs that may have lost sealed rows, besides those of ACCEPTED_EPOCHS

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.since and not self.sample

    @property
    def text(self) -> str:
        """The options that narrow it down, as the command has them; empty for a whole run."""
        if self.sample:
            return f"--sample {self.sample}"
        return f"--since {self.since}" if self.since else ""


@dataclass
class Report:
    """What a run looked at and found."""

    scope: Scope
    began_at: datetime
    mark: feed.Mark
    faults: Faults
    ended_at: datetime | None = None
    events: int = 0
    commands: int = 0
    streams: int = 0
    folded: int = 0  # events that were folded into states
    outdated: int = 0  # heads with states of earlier code
    heads: int = 0  # signed heads in the database
    heads_outside: int = 0
    heads_of_others: int = 0  # heads of other logs, in the file outside
    unsealed: dict[str, Tail] = field(default_factory=dict)  # by tree
    told: list[str] = field(default_factory=list)  # what is no fault, but worth knowing
    lost: list[str] = field(default_factory=list)  # what epochs have lost of sealed rows, with their reasons

    @property
    def unsealed_rows(self) -> int:
        """How many events and commands no head covers yet."""
        return sum(tail.rows for tail in self.unsealed.values())

    def as_json(self) -> dict[str, Any]:
        """The report, for programs."""
        first = self.faults.first
        return {
            "scope": self.scope.text,
            "position": self.mark.position,
            "number": self.mark.number,
            "events": self.events,
            "commands": self.commands,
            "streams": self.streams,
            "heads": self.heads,
            "heads_outside": self.heads_outside,
            "heads_of_others": self.heads_of_others,
            "unsealed": {tree: tail._asdict() for tree, tail in self.unsealed.items()},
            "told": self.told,
            "lost": self.lost,
            "faults": self.faults.total,
            "first_fault": first and first.as_json(),
            "named": [fault.as_json() for fault in self.faults.in_order()],
        }
