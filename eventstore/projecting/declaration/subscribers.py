"""What projections and reactions have in common: a name, the events that they read, and a place in the log.

The runner knows no more of them than this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from eventstore import messages
from eventstore.errors import MessageError
from eventstore.log.records import CommandRecord


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """Somebody who is given what is recorded, in order. `types` are the stored names that it reads; None for commands.

    `delayed` ones are served by the runner. `global_order`: the order matters across streams, so one runner at a time
    reads them all.
    """

    name: str
    function: Callable[..., Any]
    version: int
    delayed: bool
    global_order: bool
    types: frozenset[str] | None

    @property
    def mode(self) -> str:
        """When it is given what is recorded, in a word."""
        return "delayed" if self.delayed else "real-time"

    def begins_at(self, end: int) -> int:
        """The position after which it begins to read when it is new and the log ends at `end`."""
        return 0

    def at_once(self, usual: int) -> int:
        """How many events it takes in one transaction, where others take `usual`."""
        return usual

    def wants(self, record: Any) -> bool:
        """Whether it reads such a record."""
        return self.types is None or record.type in self.types

    def advance(self, records: Sequence[Any]) -> None:
        """Do what these records call for, in order, in the transaction that remembers that they are read."""
        raise NotImplementedError


def types_of(function: Callable[..., Any]) -> frozenset[str] | None:
    """The stored names of the events that a function's annotation names; None if it reads commands."""
    hints = get_type_hints(function)
    if hints.get("command") is CommandRecord:
        return None
    if "event" not in hints:
        raise MessageError(f"{function.__name__} must annotate its 'event': the engine reads there what it sees.")
    return frozenset(messages.type_of(cls).name for cls in get_args(hints["event"]) or (hints["event"],))
