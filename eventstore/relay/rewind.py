"""Sending events once more, from a position on."""

from eventstore.backends import log_transaction
from eventstore.errors import ArgumentRefused
from eventstore.log.database import primary_rows
from eventstore.messages.arguments import number_of
from eventstore.models import Checkpoint
from eventstore.relay.targets import Relay


def rewind(relay: Relay, position: int) -> None:
    """Let a target be sent all events after a position again; a relay at work finishes its batch first.

    Raises ArgumentRefused for a position that the target has not reached: what lies between would be left out.
    """
    number_of("position", position)
    with log_transaction():
        checkpoints = primary_rows(Checkpoint).select_for_update().filter(projection_id=relay.name)
        reached = min(checkpoints.values_list("position", flat=True), default=0)
        if position > reached:
            raise ArgumentRefused(
                f"{relay.options.name} has been sent events up to {reached:,}; from {position:,} on, those between "
                "would be left out. Give a lower position."
            )
        checkpoints.update(position=position)
