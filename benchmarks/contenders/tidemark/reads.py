"""The read side at work: streams into state, the feed, delayed projections."""

import resource
import subprocess
import sys
import time
from uuid import uuid4

from django.db import connection

from benchmarks.contenders.tidemark.models import Balance
from benchmarks.contenders.tidemark.purses import FillPurse
from benchmarks.contenders.tidemark.sample import Sample, purse_ids
from benchmarks.contenders.worker import NOTE
from eventstore import feed, log
from eventstore.execute import execute
from eventstore.models import Checkpoint, Event
from eventstore.projecting import wait_for
from eventstore.projecting.runner import Runner

PAUSE = 0.02  # seconds between two looks of a tailing reader


class Tail(Sample):
    """A reader that follows the writers and remembers no more than the last position that it saw."""

    def begin(self) -> None:
        """Starts at the beginning of the log."""
        self.last = self.seen = 0

    def before(self) -> None:
        """Pauses, which leaves the processor to the writers."""
        time.sleep(PAUSE)

    def once(self) -> int:
        """Reads what is new; returns the number of events."""
        feed.advance(timeout=PAUSE)
        new = feed.read(self.last)
        if new:
            self.last = new[-1].position
        self.seen += len(new)
        return len(new)

    def facts(self) -> dict[str, int]:
        """Reads to the end; `missed` counts the events that the reader never saw."""
        feed.advance(timeout=10)
        while self.once():
            pass
        return {"missed": Event.objects.count() - self.seen}


class Load(Sample):
    """Fold a stream of `history` typed events into its state, without the help of its head."""

    def prepare(self) -> None:
        """Write the stream."""
        super().prepare()
        self.write_history(1, self.task.options["history"])

    def once(self) -> int:
        """Loads the stream once."""
        state, version = log.load("purse", purse_ids(1)[0])
        assert state.balance == 100 * version
        return int(version)


class CatchUp(Sample):
    """Bring a delayed projection up to date that has not read anything yet: `streams` keys, `history` events each."""

    def prepare(self) -> None:
        """Write the log."""
        super().prepare()
        self.write_history(self.task.options["streams"], self.task.options["history"])

    def before(self) -> None:
        """Resets the reader and its rows."""
        with connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{Balance._meta.db_table}"')
        Checkpoint.objects.update(position=0)

    def once(self) -> int:
        """Read the whole log."""
        Runner().catch_up()
        return int(self.task.options["streams"] * self.task.options["history"])

    def facts(self) -> dict[str, int]:
        """Every balance must be what was filled in."""
        right = Balance.objects.filter(balance=100 * self.task.options["history"]).count()
        return {"wrong rows": self.task.options["streams"] - right}


class Memory(Sample):
    """Rebuild from `streams` streams with `history` events each, in a process of its own, and see how much it held."""

    def prepare(self) -> None:
        """Write the log."""
        super().prepare()
        self.write_history(self.task.options["streams"], self.task.options["history"])

    def once(self) -> int:
        """From nothing to the exchange of the tables."""
        subprocess.run([sys.executable, "-m", "django", "rebuild_projections"], check=True, stdout=subprocess.DEVNULL)
        return int(self.task.options["streams"] * self.task.options["history"])

    def facts(self) -> dict[str, int]:
        """The most that a rebuild has held."""
        return {"peak MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}


class Visible(Sample):
    """Wait until a delayed read model shows a command that has just been committed; the runner is another process."""

    runner: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Start the runner."""
        self.runner = subprocess.Popen([sys.executable, "-m", "django", "run_projections"])

    def before(self) -> None:
        """Execute a command."""
        command = FillPurse(uuid4(), uuid4(), 100, NOTE)
        self.position = execute(command, uuid4(), actor="benchmark").position

    def once(self) -> int:
        """Waits until the read model shows it."""
        assert wait_for(self.position, "balances", timeout=10)
        return 1

    def end(self) -> None:
        """Stop the runner."""
        if self.runner:
            self.runner.terminate()
            self.runner.wait()
