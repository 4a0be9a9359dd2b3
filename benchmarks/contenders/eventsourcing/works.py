# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
"""The works, through the public calls of eventsourcing."""

import time
from itertools import cycle
from typing import Any

from eventsourcing.persistence import StoredEvent

from benchmarks.contenders.eventsourcing.purses import Purse, Purses
from benchmarks.contenders.worker import Work

STREAMS = 100


class WithApplication(Work):
    """Work on an application; the environment says where it keeps its events."""

    def prepare(self) -> None:
        """Its recorder makes the tables."""
        Purses()

    def begin(self) -> None:
        """Construct the application, which pools connections."""
        self.application = Purses()

    def end(self) -> None:
        """Close the connections."""
        self.application.close()


class Append(WithApplication):
    """Save `batch` new events of an aggregate that is at hand."""

    def begin(self) -> None:
        """Makes aggregates that only this writer saves."""
        super().begin()
        own = range(STREAMS * self.task.member, STREAMS * (self.task.member + 1))
        purses = [Purse(number) for number in own]
        self.application.save(*purses)
        self.turn = cycle(purses)
        self.batch: int = self.task.options["batch"]

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        purse = next(self.turn)
        for _ in range(self.batch):
            purse.fill_again()
        self.application.save(purse)
        return self.batch


class Record(Append):
    """The recorder alone: `batch` events that are encoded already."""

    def before(self) -> None:
        """Encode them."""
        purse = next(self.turn)
        for _ in range(self.batch):
            purse.fill_again()
        self.stored: list[StoredEvent] = [self.application.mapper.to_stored_event(e) for e in purse.collect_events()]

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        self.application.recorder.insert_events(self.stored)
        return self.batch


class Tail(WithApplication):
    """A reader that follows the notification log."""

    def begin(self) -> None:
        """Starts at the beginning of the log."""
        super().begin()
        self.last: int | None = None
        self.seen = 0

    def before(self) -> None:
        """Pauses, which leaves the processor to the writers."""
        time.sleep(0.02)

    def once(self) -> int:
        """Reads what is new; returns the number of events."""
        new = self.application.notification_log.select(self.last, limit=5000, inclusive_of_start=False)
        if new:
            self.last = new[-1].id
        self.seen += len(new)
        return len(new)

    def facts(self) -> dict[str, int]:
        """Reads to the end; `missed` counts the events that the reader never saw."""
        while self.once():
            pass
        log, there, last = self.application.notification_log, 0, None
        while page := log.select(last, limit=5000, inclusive_of_start=False):
            there, last = there + len(page), page[-1].id
        return {"missed": there - self.seen}


class Load(WithApplication):
    """Reconstruct an aggregate of `history` events; there are no snapshots."""

    def prepare(self) -> None:
        """Write the stream."""
        Purses().write_history(0, self.task.options["history"])

    def once(self) -> int:
        """Loads the stream once."""
        purse: Any = self.application.repository.get(Purse.create_id(0))
        assert purse.version == self.task.options["history"]
        return int(purse.version)


class Commands(WithApplication):
    """Load, decide, save. No key is claimed, no answer stored, no read model kept."""

    def prepare(self) -> None:
        """Write the history."""
        application = Purses()
        for number in range(self.task.options["streams"]):
            application.write_history(number, self.task.options["history"])

    def begin(self) -> None:
        """Takes all streams in turn."""
        super().begin()
        self.turn = cycle(Purse.create_id(number) for number in range(self.task.options["streams"]))

    def once(self) -> int:
        """Executes one command."""
        purse: Any = self.application.repository.get(next(self.turn))
        purse.fill_again()
        self.application.save(purse)
        return 1
