"""The two stores that are partitioned, and the table that keeps the ids of all commands."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Store:
    """A store: its name, its table, and the column by which its rows are in order."""

    name: str
    table: str
    column: str
    hold: str  # the function of migration 0009 that takes the tidemark's lock

    @property
    def sequence(self) -> str:
        return f"{self.table}_{self.column}_seq"

    @property
    def default(self) -> str:
        """The partition that takes what lies beyond all others."""
        return f"{self.table}_default"

    @property
    def check(self) -> str:
        """The constraint that spares the first partition a scan while everybody waits; there only meanwhile."""
        return f"{self.table}_below"

    def partition(self, first: int) -> str:
        """The name of the partition that begins at a position or number."""
        return f"{self.table}_p{first}"


EVENTS: Final = Store("events", "eventstore_event", "position", "eventstore_hold_mark_for_events")
COMMANDS: Final = Store("commands", "eventstore_command", "number", "eventstore_hold_mark_for_commands")
STORES: Final = (EVENTS, COMMANDS)

CLAIMS: Final = "eventstore_claim"  # of the ids of all commands, those included that were detached
DETACHED: Final = "eventstore_detached"  # the ranges that lie in an archive alone
WITHOUT_MODEL: Final = (CLAIMS, DETACHED)
CLAIMS_FILLING: Final = "eventstore_claim_filling"  # its name until it has them all
