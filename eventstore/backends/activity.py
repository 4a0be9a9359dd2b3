"""Transactions that others wait for, and the tidemark's state, as the watcher reports them."""

from datetime import datetime, timedelta
from typing import NamedTuple


class BlockingTransaction(NamedTuple):
    """A transaction that others wait for. A value that the role may not see, or that does not apply, is None."""

    pid: int | None  # a prepared transaction has none
    role: str | None
    program: str | None
    state: str | None
    open_for: float | None  # seconds
    query: str | None
    prepared: str | None  # the name under which it was prepared

    def is_older_than(self, seconds: float, *, otherwise: bool) -> bool:
        """Whether the transaction has been open for longer; `otherwise` where its age is unknown."""
        return otherwise if self.open_for is None else self.open_for > seconds


class HeldStreams(NamedTuple):
    """A transaction that holds the heads of streams; how many wait for it, and for which, where that is known."""

    blocker: BlockingTransaction
    waiting: int = 0
    streams: tuple[str, ...] = ()


class MarkState(NamedTuple):
    """The tidemark's position and number, and since when something committed lies above it."""

    position: int
    number: int
    raised_at: datetime
    now: datetime
    hidden_since: datetime | None  # recording time of the oldest event or command that is committed above the mark

    @property
    def held_for(self) -> timedelta:
        """The time, at least, for which the mark has been lower than what is committed."""
        if self.hidden_since is None:
            return timedelta(0)
        return self.now - max(self.hidden_since, self.raised_at)
