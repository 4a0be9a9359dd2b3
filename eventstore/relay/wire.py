"""What a target has to be able to do, whichever system it is."""

from collections.abc import Sequence
from typing import Protocol

from eventstore.relay.envelope import Message


class Wire(Protocol):
    """A way to another system."""

    at_once: int  # messages, each of another stream, that may be under way together

    def send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Send messages and wait until each is kept over there: None for one that is, else the error.

        TargetUnavailable says that the system is away; DeliveryRefused that it does not take this message.
        """

    def close(self) -> None:
        """Let go of connections; the next message opens them again."""
