# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
"""Delayed projections by eventsourcing's runner, and a reader that takes whole batches and writes nothing."""

import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import count
from typing import Any

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.projection import ProjectionRunner
from eventsourcing.utils import Environment

from benchmarks.contenders.eventsourcing.projection import Balances, BalancesProjection
from benchmarks.contenders.eventsourcing.purses import Purse, Purses
from benchmarks.contenders.eventsourcing.works import Commands, WithApplication

PAGE = 5_000


def runner() -> Any:
    """The runner as documented: it begins to read at once, in threads of its own."""
    return ProjectionRunner(application_class=Purses, projection_class=BalancesProjection, view_class=Balances)


class CatchUp(Commands):
    """The runner reads a log that it has not seen yet."""

    def begin(self) -> None:
        """Look how long the log is."""
        super().begin()
        self.last = self.application.recorder.max_notification_id()
        self.running = ExitStack()

    def before(self) -> None:
        """Stop the runner, and forget everything."""
        self.running.close()
        with view().datastore.transaction(commit=True) as cursor:
            cursor.execute("TRUNCATE balance")
            cursor.execute("DELETE FROM balances_tracking WHERE application_name = %s", (Purses.name,))

    def once(self) -> int:
        """Read the whole log. The runner's own `wait` would sleep through the end of it."""
        running = self.running.enter_context(runner())
        while not running.view.has_tracking_id(Purses.name, self.last):
            time.sleep(0.005)
        return int(self.task.options["streams"] * self.task.options["history"])

    def end(self) -> None:
        """Stop the runner."""
        self.running.close()
        super().end()


class Read(Commands):
    """Select, decode, fold in memory, a page at a time."""

    def once(self) -> int:
        """Read the whole log."""
        balances, done, last = {}, 0, None
        while page := self.application.notification_log.select(last, limit=PAGE, inclusive_of_start=False):
            for notification in page:
                event = self.application.mapper.to_domain_event(notification)
                if isinstance(event, Purse.Filled):
                    balances[event.originator_id] = event.balance
            done, last = done + len(page), page[-1].id
        return done


class Visible(WithApplication):
    """Wait until the view shows what has just been saved; the runner is another process."""

    running: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Start the runner."""
        super().begin()
        self.view = view()
        self.numbers = count()
        self.running = subprocess.Popen([sys.executable, "-m", runner.__module__])

    def before(self) -> None:
        """Save an event."""
        purse = Purse(next(self.numbers))
        purse.fill_again()
        self.last = self.application.save(purse)[-1].notification.id

    def once(self) -> int:
        """Waits until the read model shows it."""
        self.view.wait(Purses.name, self.last, timeout=10)
        return 1

    def end(self) -> None:
        """Stop the runner."""
        if self.running:
            self.running.kill()
            self.running.wait()
        super().end()


def view() -> Any:
    """The materialised view, to ask."""
    environment = Environment(BalancesProjection.name, dict(Purses().env))
    return InfrastructureFactory.construct(env=environment).tracking_recorder(Balances)


if __name__ == "__main__":
    with runner() as forever:
        forever.run_forever()
