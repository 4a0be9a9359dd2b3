"""The hooks by which real-time projections take part in an append, before any signal is sent.

The log lies below the projections and imports none of them: `EventstoreConfig.ready()` installs them here. They come
first so that a receiver of a signal may execute a command of its own: its events are projected after those that
caused it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from eventstore.backends.targets import Lookup


class RealTimeProjections(Protocol):
    """The projections that are brought up to date inside the transaction that records the facts."""

    def reads_events(self) -> bool:
        """Whether any of them reads events; if none does, an append needs no transaction for their sake."""

    def lookups(self, events: Sequence[tuple[str, Any]]) -> list[Lookup]:
        """The rows that events, given with their stored names, will be folded into, as far as the keys are known."""

    def project_events(self, records: Sequence[Any], found: Mapping[str, Mapping[Any, Any]]) -> None:
        """Fold recorded events; `found` holds the rows that were looked up, or None, by table and key."""

    def reads_commands(self) -> bool:
        """Whether any of them reads commands."""

    def project_commands(self, records: Sequence[Any]) -> None:
        """Fold recorded commands, refused ones too."""


class NoProjections:
    """Nothing to bring up to date."""

    def reads_events(self) -> bool:
        return False

    def lookups(self, events: Sequence[tuple[str, Any]]) -> list[Lookup]:
        return []

    def project_events(self, records: Sequence[Any], found: Mapping[str, Mapping[Any, Any]]) -> None:
        pass

    def reads_commands(self) -> bool:
        return False

    def project_commands(self, records: Sequence[Any]) -> None:
        pass


real_time: RealTimeProjections = NoProjections()


def install(projections: RealTimeProjections) -> None:
    """Have these called by every append from now on, in place of those that were."""
    global real_time  # noqa: PLW0603 - one for the process, as Django's signals are
    real_time = projections
