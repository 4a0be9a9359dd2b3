"""Reactions, also known as process managers: events come in, commands go out, each executed once.

A reaction is a pure function, as projectors are: it looks nothing up, and decides nothing. What it orders is decided by
the decider of each command, which may refuse; a "no" is an answer, and is stored. A process that has to remember
something keeps it in a stream of its own, by commands to a decider of its own.

The commands of a batch commit together with the checkpoint, in one transaction. Their ids derive from the events', so
that an event which is delivered again, because a checkpoint was set back, is answered by the stored receipts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventstore.execute import CommandRequest, execute_many
from eventstore.log.records import Recorded
from eventstore.projecting.declaration.subscribers import Subscriber

AT_ONCE = 100  # events in one transaction: their commands lock streams that others write to


@dataclass(frozen=True, kw_only=True)
class Reaction(Subscriber):
    """What the engine knows of a reaction."""

    since_beginning: bool

    @property
    def mode(self) -> str:
        return "reaction"

    @property
    def actor(self) -> str:
        """Who executes its commands."""
        return f"process:{self.name}"

    def begins_at(self, end: int) -> int:
        """At the present, unless it was declared for the whole of history: nobody welcomes the members of ten years."""
        return 0 if self.since_beginning else end

    def at_once(self, usual: int) -> int:
        """Few, as streams stay locked until all are done."""
        return min(usual, AT_ONCE)

    def advance(self, records: Sequence[Recorded[Any]]) -> None:
        """Execute what the function orders, in one go.

        All streams are locked before the first position is drawn, and in one order for everybody: a transaction that
        waited for a stream with positions drawn would hold the tidemark back, and could wait in a circle.
        """
        execute_many([request for record in records for request in self._requests(record)])

    def _requests(self, record: Recorded[Any]) -> Iterable[CommandRequest]:
        """The commands of one event: their keys, and so their ids, are the same whenever it is delivered."""
        begun = record.metadata.get("correlation_id")
        for number, command in enumerate(self.function(record.event, record)):
            yield CommandRequest(
                command=command,
                key=f"{record.event_id}:{number}",
                actor=self.actor,
                causation_id=record.event_id,
                correlation_id=UUID(begun) if begun else record.event_id,
            )
