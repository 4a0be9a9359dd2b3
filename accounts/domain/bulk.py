"""The rule of bulk requests: the bulk itself is recorded as a command, and each of its items is decided on its own."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.commands import SendBulk


def send(_bulk: Any, _command: SendBulk) -> Iterator[Any]:
    """Accepts a bulk without an event."""
    return iter(())
