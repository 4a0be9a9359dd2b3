"""Reactions, also known as process managers: events come in, commands go out, each executed once.

A reaction is a pure function, as projectors are: it looks nothing up and decides nothing. Each command is decided by
its own decider, which may refuse it; the refusal is stored. A process that needs memory keeps it in a stream of its
own, by commands to a decider of its own.

The commands of a batch commit together with the checkpoint, in one transaction. Their ids derive from those of the
events: if an event is delivered again, because a checkpoint was set back, the stored receipts answer it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventstore.backends import store
from eventstore.deciding.registration import iterated
from eventstore.execute import CommandRequest, execute_many
from eventstore.log.records import Recorded
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.telemetry.traceparent import NAME, parsed

MAX_BATCH_EVENTS = 100  # events in one transaction: their commands lock streams that others write to


@dataclass(frozen=True, kw_only=True)
class Reaction(Subscriber):
    """A subscriber that executes commands."""

    since_beginning: bool

    @property
    def mode(self) -> str:
        return "reaction"

    @property
    def actor(self) -> str:
        """The actor of the reaction's commands."""
        return f"process:{self.name}"

    def is_served(self) -> bool:
        """Whether runners serve it: not in a read database, where nothing is executed."""
        return not store().subscribes()

    def start_position(self, end: int) -> int:
        """The present, or the beginning if so declared: nobody wants to welcome the members of ten years."""
        return 0 if self.since_beginning else end

    def batch_size(self, usual: int) -> int:
        """At most MAX_BATCH_EVENTS, as the streams stay locked until all commands are done."""
        return min(usual, MAX_BATCH_EVENTS)

    def advance(self, records: Sequence[Recorded[Any]]) -> None:
        """Execute the commands of all records in one transaction.

        All streams are locked before the first position is drawn, and in one order everywhere: a transaction that
        waited for a stream with positions drawn would hold the tidemark back, and could deadlock.
        """
        execute_many([request for record in records for request in self._requests(record)])

    def _requests(self, record: Recorded[Any]) -> Iterable[CommandRequest]:
        """The commands of one event, with keys, and so ids, that are the same each time it is delivered."""
        metadata = record.metadata
        correlation_id, traceparent = metadata.get("correlation_id"), parsed(metadata.get(NAME))
        given = iterated(self.function(record.event, record), self.function, "commands")
        for number, command in enumerate(given):
            yield CommandRequest(
                command=command,
                key=f"{record.event_id}:{number}",
                actor=self.actor,
                causation_id=record.event_id,
                correlation_id=UUID(correlation_id) if correlation_id else record.event_id,
                traceparent=str(traceparent) if traceparent else None,
            )
