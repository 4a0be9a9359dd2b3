"""Problems that the watcher reports, and the limits beyond which it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from eventstore.projecting.runner.heartbeat import ALIVE_FOR


class Code(StrEnum):
    """The kind of a problem, for programs; the names never change."""

    UNREADABLE = "unreadable"  # the database does not answer, or not in time
    MARK_BLOCKED = "mark_blocked"  # a transaction holds the tidemark where it is
    MARK_NOT_RAISED = "mark_not_raised"  # nobody raises it, though nothing holds it
    STREAM_BLOCKED = "stream_blocked"  # a transaction holds the heads of streams, so commands on them have to wait
    DISK_FULL = "disk_full"  # nothing can be written, or soon
    RUNNER_SILENT = "runner_silent"  # a runner has gone without a word
    NOT_SERVED = "not_served"  # delayed projections or reactions without a runner
    LAGGING = "lagging"  # too far behind, although a runner serves it
    NOT_INSTALLED = "not_installed"
    TO_BE_BUILT = "to_be_built"
    STALE = "stale"
    PARKED = "parked"  # streams that only a person brings on their way again
    FAULTY = "faulty"  # the log is not as it was written: `verify` has found faults

    EPOCH_NOTICED = "epoch_noticed"  # the log disagreed with what was seen of it; no person has confirmed a restore


# The others want a person, too, but meanwhile nothing stands still, or one stream of many.
STANDSTILL: Final = frozenset(
    set(Code) - {Code.RUNNER_SILENT, Code.STALE, Code.PARKED, Code.FAULTY, Code.EPOCH_NOTICED}
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits beyond which something is a problem; times in seconds."""

    held: float = 10.0  # the tidemark stands below what is committed, or a transaction that holds it or a head is open
    silent: float = ALIVE_FOR.total_seconds()  # a runner was not seen; one beats every five seconds
    lag: float = 60.0  # the age of the oldest event that a projection has not read
    events: int = 10_000  # how many it has not read
    free: int = 100  # MiB that are left where SQLite's file lies


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem of a projection, runner or process, with advice.

    `details` may quote what a process runs, and so personal data.
    """

    code: Code
    subject: str = ""
    sentence: str
    advice: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Code, str]:
        """Identifies the problem at the next look, when its sentence may hold other figures."""
        return self.code, self.subject

    @property
    def is_standstill(self) -> bool:
        """Whether it makes projections or commands stand still."""
        return self.code in STANDSTILL
