"""The rule of bulk requests: that one was sent is kept as a command, and what it holds decides for itself."""

from collections.abc import Iterator
from typing import Any

from accounts.domain.commands import SendBulk


def decide(_bulk: Any, _command: SendBulk) -> Iterator[Any]:
    """Yield nothing: it needs no event."""
    return iter(())
