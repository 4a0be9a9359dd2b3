"""Subscribers: projections, reactions and deliveries, as runners see them. Each has a name, and reads in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args, get_type_hints

from eventstore import messages
from eventstore.errors import MessageError
from eventstore.feed import Mark
from eventstore.log.records import CommandRecord
from eventstore.messages.arguments import MAX_NAME

MAX_ATTEMPTS = 6  # at an event that fails, without a person, the first one included: the last after half a minute
MAX_PROJECTOR_VERSION = 2**31 - 1  # an integer of four bytes


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A projection, a reaction or a delivery.

    `types` are the stored names of the events that it reads; None for all of them, or if it reads commands. `delayed`:
    a runner serves it. `global_order`: the order matters across streams, so one runner at a time reads them all.
    `program` is the command of `manage.py` that serves it.
    """

    program: ClassVar[str] = "run_projections"
    max_attempts: ClassVar[int] = MAX_ATTEMPTS

    name: str
    function: Callable[..., Any]
    version: int
    delayed: bool
    global_order: bool
    types: frozenset[str] | None

    def __post_init__(self) -> None:
        if len(self.name) > MAX_NAME:
            raise MessageError(f"The name {self.name!r} is too long to be stored: {MAX_NAME} characters at most.")
        if type(self.version) is not int or not 1 <= self.version <= MAX_PROJECTOR_VERSION:
            raise MessageError(f"The version of {self.name} is {self.version!r}. Versions are integers from 1 on.")

    @property
    def mode(self) -> str:
        """The mode of the subscriber, in one word: delayed or real-time."""
        return "delayed" if self.delayed else "real-time"

    def is_served(self) -> bool:
        """Whether runners serve it in the present database, so that checkpoints tell how far it is."""
        return self.delayed

    def end_of(self, mark: Mark) -> int:
        """The place up to which it can read, if the log can be read up to a mark."""
        return mark.position

    def start_position(self, end: int) -> int:
        """The position after which a new subscriber begins to read, if the log ends at `end`."""
        return 0

    def batch_size(self, usual: int) -> int:
        """The number of events in one transaction of its own, where `usual` is the number for most."""
        return usual

    def reads(self, record: Any) -> bool:
        """Whether the subscriber reads a record, by the record's type."""
        return self.types is None or record.type in self.types

    def advance(self, records: Sequence[Any]) -> None:
        """Apply records in order, in the transaction that saves the checkpoint behind them."""
        raise NotImplementedError


def types_of(function: Callable[..., Any]) -> frozenset[str] | None:
    """The stored names of the events in a function's annotation; None if it reads commands.

    Raises MessageError if there is no annotation.
    """
    hints = get_type_hints(function)
    if hints.get("command") is CommandRecord:
        return None
    if "event" not in hints:
        raise MessageError(f"{function.__name__} must annotate its 'event': the engine reads there what it sees.")
    return frozenset(messages.type_of(cls).name for cls in get_args(hints["event"]) or (hints["event"],))
