# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
"""`python -m benchmarks.contenders.event_sourcery TASK`: the library event-sourcery, on Django, at work."""

from benchmarks.contenders.django_project import set_up
from benchmarks.contenders.worker import NOTE, Task, Work, serve

if __name__ == "__main__":
    set_up(Task.given(), ["event_sourcery_django"])

import time
from itertools import cycle
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.db import connection, transaction
from event_sourcery import StreamId
from event_sourcery.event import Event
from event_sourcery.event_sourcing import Aggregate, Repository
from event_sourcery_django import DjangoBackend

CREATE = "CREATE TABLE balance (purse_id uuid PRIMARY KEY, balance bigint NOT NULL)"
UPSERT = "INSERT INTO balance VALUES (%s, %s) ON CONFLICT (purse_id) DO UPDATE SET balance = excluded.balance"
STREAMS = 100
PAGE = 500


class Filled(Event):
    """The event that all contenders record."""

    purse_id: UUID
    entry_id: UUID
    amount: int
    balance: int
    note: str


class Purse(Aggregate):
    """A purse that is filled, and its balance."""

    category = "purse"

    def __init__(self, purse_id: UUID) -> None:
        self.purse_id = purse_id
        self.balance = 0

    def __apply__(self, event: Filled) -> None:
        self.balance = event.balance

    def fill(self) -> None:
        """Adds an amount."""
        self._emit(filled(self.purse_id, self.balance // 100))


def filled(purse_id: UUID, version: int) -> Filled:
    """The event that follows a version of the stream."""
    return Filled(purse_id=purse_id, entry_id=uuid4(), amount=100, balance=100 * (version + 1), note=NOTE)


def stream(number: int) -> StreamId:
    """Ids that are the same in every process, and as scattered as random ones."""
    return StreamId(uuid=uuid5(NAMESPACE_OID, f"purse {number}"), category="purse")


class WithStore(Work):
    """Work on the event store."""

    def __init__(self, task: Task) -> None:
        """Configure the store."""
        super().__init__(task)
        self.backend = DjangoBackend().configure()
        self.store = self.backend.event_store

    def append(self, stream_id: StreamId, version: int, count: int) -> None:
        """Append so many events in one transaction."""
        events = [filled(stream_id, version + number) for number in range(count)]
        with transaction.atomic():
            self.store.append(*events, stream_id=stream_id, expected_version=version)

    def write_history(self) -> None:
        """Write `streams` streams of `history` events each."""
        for number in range(self.task.options.get("streams", 1)):
            self.append(stream(number), 0, self.task.options["history"])


class Append(WithStore):
    """Append `batch` events."""

    def begin(self) -> None:
        """Makes streams that only this writer appends to."""
        first = STREAMS * self.task.member
        self.versions = {stream(number): 0 for number in range(first, first + STREAMS)}
        self.turn = cycle(self.versions)

    def once(self) -> int:
        """Commits one transaction; returns its number of events."""
        stream_id, batch = next(self.turn), self.task.options["batch"]
        self.append(stream_id, self.versions[stream_id], batch)
        self.versions[stream_id] += batch
        return int(batch)


class Tail(WithStore):
    """A reader that subscribes to all events."""

    def begin(self) -> None:
        """Starts at the beginning of the log."""
        self.batches = self.backend.subscriber.start_from(0).build_batch(size=1000, timelimit=0.1)
        self.seen = 0

    def before(self) -> None:
        """Pauses, which leaves the processor to the writers."""
        time.sleep(0.02)

    def once(self) -> int:
        """Reads what is new; returns the number of events."""
        new = next(self.batches)
        self.seen += len(new)
        return len(new)

    def facts(self) -> dict[str, int]:
        """Reads to the end; `missed` counts the events that the reader never saw."""
        while self.once():
            pass
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM event_sourcery_django_event")
            (there,) = cursor.fetchone()
        return {"missed": there - self.seen}


class Load(WithStore):
    """Load an aggregate of `history` events."""

    def prepare(self) -> None:
        """Write the stream."""
        self.write_history()

    def once(self) -> int:
        """Loads the stream once."""
        purse = Purse(stream(0))
        with Repository(self.store).aggregate(stream(0), purse) as wrapped:
            version = wrapped.stored_version
        assert purse.balance == 100 * version
        return int(version)


class Commands(WithStore):
    """Load, decide, save, and keep a read model in the same transaction. No key is claimed, no answer stored."""

    def prepare(self) -> None:
        """Write the history."""
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
        self.write_history()

    def begin(self) -> None:
        """Takes all streams in turn."""
        self.turn = cycle(stream(number) for number in range(self.task.options["streams"]))
        self.backend.in_transaction.register(put, to=Filled)

    def once(self) -> int:
        """Executes one command."""
        stream_id = next(self.turn)
        purse = Purse(stream_id)
        with transaction.atomic(), Repository(self.store).aggregate(stream_id, purse):
            purse.fill()
        return 1


class CatchUp(Commands):
    """Read the log by a subscription, in batches, each in one transaction; there is no runner."""

    def before(self) -> None:
        """Resets the reader and its rows."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE balance")

    def once(self) -> int:
        """Read the whole log. A last batch that is not full would wait for more."""
        todo = done = self.task.options["streams"] * self.task.options["history"]
        batches = self.backend.subscriber.start_from(0).build_batch(size=PAGE, timelimit=0.1)
        while todo > 0:
            with transaction.atomic():
                for record in (batch := next(batches)):
                    put(record.wrapped_event, record.stream_id)
            todo -= len(batch)
        return int(done)


def put(wrapped_event: Any, stream_id: StreamId, *_: Any) -> None:
    """Keep the read model, an event at a time, as listeners are called."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [stream_id, wrapped_event.event.balance])


if __name__ == "__main__":
    works = {"append": Append, "tail": Tail, "load": Load, "command": Commands, "catch-up": CatchUp}
    serve(Task.given(), works)
