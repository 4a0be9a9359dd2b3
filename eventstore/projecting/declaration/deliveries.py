"""Deliveries: events go out to another system, and count as read once it has acknowledged them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from eventstore.backends.rows import Identity
from eventstore.log.records import Recorded
from eventstore.projecting.declaration.subscribers import Subscriber

MAX_BATCH_EVENTS = 500  # whose checkpoints are locked until all are acknowledged


@dataclass(frozen=True, kw_only=True)
class Delivery(Subscriber):
    """A subscriber that hands events to another system; `manage.py relay` serves it.

    `at_once` is the number of events, each of another stream, that are handed over before the first of them is
    acknowledged. `since_beginning`: a new one begins with the first event of the log, and not at the present.
    """

    program: ClassVar[str] = "relay"
    max_attempts: ClassVar[int] = 16  # the last one nine hours after the first: another system may be ill for a night

    at_once: int = 1
    since_beginning: bool = True

    @property
    def mode(self) -> str:
        return "relay"

    @property
    def target(self) -> str:
        """The name by which people know the other system."""
        return self.name

    def start_position(self, end: int) -> int:
        """The beginning, or the present if so declared."""
        return 0 if self.since_beginning else end

    def batch_size(self, usual: int) -> int:
        """At most MAX_BATCH_EVENTS."""
        return min(usual, MAX_BATCH_EVENTS)

    def hand_over(self, records: Sequence[Recorded[Any]], of: Identity) -> Sequence[Exception | None]:
        """Hand over events, each of another stream, and wait: for each None once it is acknowledged, or the error.

        `of` is the identity of the log that they were read from.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of connections; the next event opens them again."""
